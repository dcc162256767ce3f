"""A conversation on the terminal while it happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from workbench.core.events import (
    ActionTaken,
    BargedIn,
    ClarificationAsked,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    ErrorRaised,
    Event,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    PlaybackStarted,
    ReplyChosen,
    TurnEnded,
)


class TranscriptView:
    """Shows events: partials in place (unstable words dim), everything decided on a line of its own.

    Where the output is no terminal, partials are left out.

    Parameters
    ----------
    console : where to write
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._replies: dict[int, str] = {}

    def __enter__(self) -> "TranscriptView":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Show that something takes a while."""
        if self._console.is_terminal:
            with self._console.status(f"{what} ..."):
                yield
        else:
            self._console.print(f"{what} ...")
            yield

    def take(self, event: Event) -> None:
        """Show ``event``, if it is worth a line."""
        body = event.body
        if isinstance(body, PartialTranscript):
            if self._console.is_terminal:
                self._live.update(_line(event, "caller", _partial(body)), refresh=True)
            return
        if isinstance(body, ReplyChosen):
            self._replies[body.reply] = body.text
            return
        shown = self._shown(event)
        if shown is not None:
            if self._console.is_terminal:
                self._live.update(Text(), refresh=True)
            self._console.print(shown, soft_wrap=True)

    def _shown(self, event: Event) -> Text | None:  # noqa: PLR0911  a table, one line a kind
        match event.body:
            case FinalTranscript(text=text, confidence=confidence) if text:
                return _line(event, "caller", Text(text, "bold").append(f"  {confidence:.0%} sure", "dim"))
            case IntentRecognized(origin="final") as intent:
                slots = ", ".join(f"{name}: {value}" for name, value in intent.slots.items())
                meant = f"{intent.intent or 'out of scope'} ({intent.confidence:.0%})  {slots}".rstrip()
                return _line(event, "", Text(meant, "cyan"))
            case TurnEnded() as end:
                why = f"turn ended ({end.reason}) after {end.hangover * 1000:.0f} ms of silence"
                return _line(event, "", Text(why, "dim"))
            case EarlySynthesisStarted(confidence=confidence):
                return _line(event, "", Text(f"early synthesis started at {confidence:.0%}", "yellow"))
            case EarlySynthesisDiscarded(reason=reason):
                return _line(event, "", Text(f"early synthesis discarded: {reason}", "yellow"))
            case EarlySynthesisCommitted():
                return _line(event, "", Text("early synthesis committed", "green"))
            case PlaybackStarted(reply=reply):
                return _line(event, "agent", Text(self._replies.get(reply, ""), "bold green"))
            case BargedIn():
                return _line(event, "", Text("barge-in: the reply stops", "magenta"))
            case ClarificationAsked(slot=slot, reason=reason):
                return _line(event, "", Text(f"asks back: {slot or 'the whole request'}, {reason}", "dim"))
            case ActionTaken(action=action):
                return _line(event, "", Text(f"action taken: {action}", "magenta"))
            case ErrorRaised(code=code, message=message):
                return _line(event, "error", Text(f"{message} ({code})", "red"))
            case _:
                return None


def _line(event: Event, who: str, text: Text) -> Text:
    return Text.assemble((f"{event.at:7.2f} s  ", "dim"), (f"{who:7}", "bold blue"), text)


def _partial(body: PartialTranscript) -> Text:
    stable = " ".join(word.text for word in body.words[: body.stable])
    unstable = " ".join(word.text for word in body.words[body.stable :])
    return Text.assemble((stable, "bold"), " " if stable else "", (unstable, "dim italic"))
