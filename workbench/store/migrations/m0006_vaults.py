"""What leads back from the tokens in masked sessions, sealed under keys of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NAME = sa.String(200)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "vaults",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("key_id", _NAME, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def _of_session() -> sa.ForeignKey:
    return sa.ForeignKey("sessions.session", ondelete="CASCADE")
