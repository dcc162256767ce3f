"""Records of the audit trail are found by their session: how it stands is compared when it is read."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("audit_records_by_session", "audit_records", ["session"])
