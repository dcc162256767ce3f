"""Without the tables of what was stored readably: run once all is sealed (``store/sealing_plain.py``)."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop what is empty by now."""
    op.drop_table("plain_snapshots")
    op.drop_table("plain_events")
    op.drop_column("sessions", "wish")
