"""Sessions with their events and snapshots, used tokens, revocations, the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NAME = sa.String(200)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "sessions",
        sa.Column("session", _NAME, primary_key=True),
        sa.Column("project", _NAME, nullable=False),
        sa.Column("client", _NAME),
        sa.Column("assistant", _NAME, nullable=False),
        sa.Column("token_id", _NAME, nullable=False),
        sa.Column("phase", _NAME, nullable=False),
        sa.Column("opened", sa.Double, nullable=False),
        sa.Column("closed", sa.Double),
        sa.Column("reason", _NAME, nullable=False),
        sa.Column("handle", _NAME, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
    )
    op.create_index("sessions_by_opened", "sessions", ["opened"])
    op.create_table(
        "events",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "snapshots",
        sa.Column("session", _NAME, _of_session(), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "used_tokens",
        sa.Column("token_id", _NAME, primary_key=True),
        sa.Column("session", _NAME, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
    op.create_table(
        "revocations",
        sa.Column("kind", _NAME, primary_key=True),
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("until", sa.Double, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("token_id", _NAME),
        sa.Column("project", _NAME),
        sa.Column("session", _NAME),
        sa.Column("client", _NAME),
        sa.Column("address", _NAME),
        sa.Column("reason", _NAME, nullable=False),
        sqlite_autoincrement=True,
    )


def _of_session() -> sa.ForeignKey:
    return sa.ForeignKey("sessions.session", ondelete="CASCADE")
