"""All that is held on one caller in one archive that a person can read: the answer to who asks for it."""

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.core.audit_chain import AuditRecord
from workbench.core.wire import event_to_json
from workbench.errors import ParameterError, WorkbenchError, system_reason
from workbench.security.store_keys import StoreKeys
from workbench.store.folders import content_of, open_folder
from workbench.store.recording import AGENT, CALLER, EVENTS, META
from workbench.store.rows import StoredSession

INDEX = "README.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held on a caller."""

    client: str
    sessions: Sequence[StoredSession]
    recordings: Sequence[Path]
    """Folders of recordings of those sessions."""
    transcripts: Mapping[str, str]
    """What both sides said, by session."""
    tokens: Mapping[str, str]
    """What is in the sessions' vaults, JSON, by session: of those that have one."""
    records: Sequence[AuditRecord]
    """Of the audit trail, those that name the caller or one of the sessions."""


def write_subject(held: Held, path: Path, *, at: float) -> None:
    """Write an archive (mode 0600): an index, transcripts, events, recordings, records of the audit trail.

    Parameters
    ----------
    held : what goes into it
    path : a file that is not there yet
    at : Unix seconds, for the index

    Raises
    ------
    ParameterError
        If the file is there already or can't be written.
    StoreError
        If a recording is damaged, or its master key is not at hand.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(INDEX, index_of(held, at=at))
            for stored in held.sessions:
                _add_session(archive, stored, held)
            for folder in held.recordings:
                opened = open_folder(folder, StoreKeys())
                for part in (EVENTS, CALLER, AGENT, META):
                    archive.writestr(f"sessions/{folder.name}/recording/{part}", content_of(opened, part))
            lines = (json.dumps({"seq": one.seq, **asdict(one.entry)}) for one in held.records)
            archive.writestr("audit.jsonl", "".join(f"{line}\n" for line in lines))
    except FileExistsError:
        raise ParameterError(f"{path} is there already, expected the name of a new file") from None
    except WorkbenchError:
        path.unlink(missing_ok=True)
        raise
    except OSError as error:
        path.unlink(missing_ok=True)
        problem = system_reason(error)
        raise ParameterError(f"{path}: can't write an archive: {problem}") from None


def index_of(held: Held, *, at: float) -> str:
    """Return what the archive holds, in sentences."""
    lines = [
        f"What is held on the caller {held.client}, as of {_moment(at)}.",
        "",
        f"{len(held.sessions)} conversations, {len(held.recordings)} recordings, "
        f"{len(held.records)} records of the audit trail.",
        "",
    ]
    for stored in held.sessions:
        row = stored.row
        ended = "not ended" if row.closed is None else f"ended {_moment(row.closed)}"
        lines += [
            f"sessions/{row.session}/",
            f"  with the assistant {row.assistant}, begun {_moment(row.opened)}, {ended}",
            "  transcript.txt: what was said",
            "  events.jsonl: everything that was noted while it went on, a JSON object a line",
            "  session.json: whose it is, when it was, what was remembered at its end",
        ]
        if row.session in held.tokens:
            lines.append("  tokens.json: what [PERSON_1] and the like stand for in all that")
        if any(folder.name == row.session for folder in held.recordings):
            lines.append("  recording/: the sound of both sides")
        lines.append("")
    lines += [
        "audit.jsonl: who made tokens for this caller, used them, or looked at these conversations.",
        "",
        "Log lines name sessions by keyed hashes that change every day; they are not in here.",
    ]
    return "\n".join(lines) + "\n"


def _add_session(archive: zipfile.ZipFile, stored: StoredSession, held: Held) -> None:
    facts, name = asdict(stored.row), stored.row.session
    del facts["handle"]
    place = f"sessions/{name}"
    archive.writestr(f"{place}/session.json", json.dumps(facts, indent=2) + "\n")
    archive.writestr(f"{place}/events.jsonl", "".join(event_to_json(one) + "\n" for one in stored.events))
    archive.writestr(f"{place}/transcript.txt", held.transcripts.get(name, ""))
    if name in held.tokens:
        archive.writestr(f"{place}/tokens.json", held.tokens[name] + "\n")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
