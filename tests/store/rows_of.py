"""Sessions and events to store."""

from dataclasses import replace

from workbench.core.events import ErrorRaised, Event, FinalTranscript, SessionOpened, Source
from workbench.store.rows import Append, SessionRow, Write


def session_row(session: str = "a1", **changes: object) -> SessionRow:
    row = SessionRow(
        session=session,
        project="default",
        client="phone",
        assistant="coffee",
        token_id="t-1",
        phase="live",
        opened=1_750_000_000.25,
        handle="ab" * 32,
        wish='{"type": "open"}',
    )
    return replace(row, **changes)


def event(seq: int, text: str = "I want a latté ☕") -> Event:
    bodies = [
        SessionOpened(
            session="a1",
            assistant="coffee",
            input_encoding="pcm16",
            input_rate=16_000,
            output_encoding="pcm16",
            output_rate=24_000,
        ),
        FinalTranscript(text=text, words=(), confidence=0.5, language="en", audio_start=0.0, audio_end=1.0),
        ErrorRaised(code="bad-message", message=text),
    ]
    return Event(
        seq=seq, at=seq * 0.25, turn=seq // 3, source=Source.ENDPOINT, body=bodies[min(seq, 1 + seq % 2)]
    )


def appends(session: str, first: int, count: int) -> list[Write]:
    return [Append(session, event(seq)) for seq in range(first, first + count)]
