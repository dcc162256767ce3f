"""Projects, and how much of their quotas is used."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NAME = sa.String(200)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "projects",
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_table(
        "project_use",
        sa.Column("project", _NAME, primary_key=True),
        sa.Column("day", _NAME, primary_key=True),
        sa.Column("seconds", sa.Double, nullable=False),
    )
