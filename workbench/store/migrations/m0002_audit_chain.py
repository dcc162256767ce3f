"""The audit trail as a chain with a head; what was written before it waits to be taken over into it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAME = sa.String(200)
_HASH = sa.String(64)


def upgrade() -> None:
    """Make the tables of the chain."""
    op.create_table(
        "audit_records",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("token_id", _NAME),
        sa.Column("project", _NAME),
        sa.Column("session", _NAME),
        sa.Column("client", _NAME),
        sa.Column("address", _NAME),
        sa.Column("reason", _NAME, nullable=False),
        sa.Column("previous", _HASH, nullable=False),
        sa.Column("key_id", _HASH, nullable=False),
        sa.Column("digest", _HASH, nullable=False),
        sa.Column("mac", _HASH, nullable=False),
    )
    op.create_index("audit_records_by_digest", "audit_records", ["digest"])
    op.create_table(
        "audit_head",
        sa.Column("chain", _HASH, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("digest", _HASH, nullable=False),
        sa.Column("live", sa.Integer, nullable=False),
        sa.Column("live_before", _HASH, nullable=False),
        sa.Column("kept", sa.Integer, nullable=False),
        sa.Column("kept_before", _HASH, nullable=False),
        sa.Column("key_id", _HASH, nullable=False),
        sa.Column("mac", _HASH, nullable=False),
    )
    op.rename_table("audit", "audit_unchained")
