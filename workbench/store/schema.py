"""The tables of a store, as the newest migration leaves them."""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

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
    # How many there are, so also the seq of the next: who appends must find the number it expects.
    Column("events", Integer, nullable=False),
    Column("head", LargeBinary),
    Index("sessions_by_opened", "opened"),
)

# A row is small and rarely changes: what destroys a key for good has to write the whole table anew.
session_keys = Table(
    "session_keys",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("key_id", String(NAME_MAX), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

openings = Table(
    "openings",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# What leads back from the tokens in a masked session, under a key of its own.
vaults = Table(
    "vaults",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("key_id", String(NAME_MAX), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

KEY_TABLES = (session_keys.name, vaults.name)
"""Tables with wrapped keys: written anew to destroy one."""

# Which endpoint process has a session, until it has put it away: also of one that has died.
leases = Table(
    "leases",
    metadata,
    Column("session", String(NAME_MAX), _of_session(), primary_key=True),
    Column("process", String(NAME_MAX), nullable=False),
    Column("until", Double, nullable=False),
)

# What is still to be destroyed. No reference to sessions: a recording may be left of one that is gone.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("session", String(NAME_MAX), primary_key=True),
    Column("project", String(NAME_MAX), nullable=False),
    Column("client", String(NAME_MAX)),
    Column("level", String(NAME_MAX), nullable=False),
    Column("recordings", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("process", String(NAME_MAX), nullable=False),
    Column("until", Double, nullable=False),
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

HASH_MAX = 64
"""Characters of a hash or signature in hex; also the most of a key's or a chain's name."""

audit_records = Table(
    "audit_records",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("kind", String(NAME_MAX), nullable=False),
    Column("token_id", String(NAME_MAX)),
    Column("project", String(NAME_MAX)),
    Column("session", String(NAME_MAX)),
    Column("client", String(NAME_MAX)),
    Column("address", String(NAME_MAX)),
    Column("reason", String(NAME_MAX), nullable=False),
    Column("previous", String(HASH_MAX), nullable=False),
    Column("key_id", String(HASH_MAX), nullable=False),
    Column("digest", String(HASH_MAX), nullable=False),
    Column("mac", String(HASH_MAX), nullable=False),
    Index("audit_records_by_digest", "digest"),
    Index("audit_records_by_session", "session"),
)

# One row, replaced with every write.
audit_head = Table(
    "audit_head",
    metadata,
    Column("chain", String(HASH_MAX), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("digest", String(HASH_MAX), nullable=False),
    Column("live", Integer, nullable=False),
    Column("live_before", String(HASH_MAX), nullable=False),
    Column("kept", Integer, nullable=False),
    Column("kept_before", String(HASH_MAX), nullable=False),
    Column("key_id", String(HASH_MAX), nullable=False),
    Column("mac", String(HASH_MAX), nullable=False),
)

# What was written before there was a chain; empty once the first writer has taken it over.
audit_unchained = Table(
    "audit_unchained",
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

projects = Table(
    "projects",
    metadata,
    Column("name", String(NAME_MAX), primary_key=True),
    # JSON: what counts for it, as security.projects has it
    Column("facts", Text, nullable=False),
)

project_use = Table(
    "project_use",
    metadata,
    Column("project", String(NAME_MAX), primary_key=True),
    Column("day", String(NAME_MAX), primary_key=True),
    Column("seconds", Double, nullable=False),
)
