"""Which endpoint process has a session, and which withdrawals are still to be carried out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NAME = sa.String(200)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "leases",
        sa.Column("session", _NAME, sa.ForeignKey("sessions.session", ondelete="CASCADE"), primary_key=True),
        sa.Column("process", _NAME, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
    op.create_table(
        "withdrawals",
        sa.Column("session", _NAME, primary_key=True),
        sa.Column("project", _NAME, nullable=False),
        sa.Column("client", _NAME),
        sa.Column("level", _NAME, nullable=False),
        sa.Column("recordings", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("process", _NAME, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
