"""The tables of a store, as the newest migration leaves them."""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, MetaData, String, Table, Text

NAME_MAX = 200
"""Most characters of a name: a session, a client, a token."""

metadata = MetaData()


def _of_session() -> ForeignKey:
    return ForeignKey("sessions.session", ondelete="CASCADE")


sessions = Table(
    "sessions",
    metadata,
    Column("session", String(NAME_MAX), primary_key=True),
    Column("project", String(NAME_MAX), nullable=False),
    Column("client", String(NAME_MAX)),
    Column("assistant", String(NAME_MAX), nullable=False),
    Column("token_id", String(NAME_MAX), nullable=False),
    Column("phase", String(NAME_MAX), nullable=False),
    Column("opened", Double, nullable=False),
    Column("closed", Double),
    Column("reason", String(NAME_MAX), nullable=False),
    Column("handle", String(NAME_MAX), nullable=False),
    Column("wish", Text, nullable=False),
    # How many there are, so also the seq of the next: who appends must find the number it expects.
    Column("events", Integer, nullable=False),
    Index("sessions_by_opened", "opened"),
)

events = Table(
    "events",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("text", Text, nullable=False),
)

# No reference to sessions: a token stays used when its session is deleted.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("token_id", String(NAME_MAX), primary_key=True),
    Column("session", String(NAME_MAX), nullable=False),
    Column("until", Double, nullable=False),
)

revocations = Table(
    "revocations",
    metadata,
    Column("kind", String(NAME_MAX), primary_key=True),
    Column("name", String(NAME_MAX), primary_key=True),
    Column("until", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("kind", String(NAME_MAX), nullable=False),
    Column("token_id", String(NAME_MAX)),
    Column("project", String(NAME_MAX)),
    Column("session", String(NAME_MAX)),
    Column("client", String(NAME_MAX)),
    Column("address", String(NAME_MAX)),
    Column("reason", String(NAME_MAX), nullable=False),
    sqlite_autoincrement=True,
)
