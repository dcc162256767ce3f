"""Tables for what is sealed; what was stored readably waits in tables of its own until it is sealed too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NAME = sa.String(200)


def upgrade() -> None:
    """Put what is readable aside and make the tables for what is sealed."""
    op.rename_table("events", "plain_events")
    op.rename_table("snapshots", "plain_snapshots")
    op.add_column("sessions", sa.Column("head", sa.LargeBinary))
    op.create_table(
        "session_keys",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("key_id", _NAME, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "openings",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "snapshots",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def _of_session() -> sa.ForeignKey:
    return sa.ForeignKey("sessions.session", ondelete="CASCADE")
