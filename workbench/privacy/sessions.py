"""The events of a session without the personal data in them, and where it sounds.

Events keep their number, time and kind: whatever reads them, reads masked ones. Words that are hidden become
one word, the mask, with the times of them all.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from workbench.core.events import (
    ActionTaken,
    Backchannelled,
    Body,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    IntentRecognized,
    LookupDone,
    PartialTranscript,
    PlaybackStopped,
    ReplyChosen,
    SessionOpened,
    SlotConfirmed,
    SpokenWord,
    SynthesisReady,
    Understood,
    Word,
)
from workbench.privacy.finding import find
from workbench.privacy.hiding import Hiding
from workbench.privacy.masking import Token, Tokens
from workbench.privacy.number_words import folded
from workbench.privacy.spans import Pii, Span, is_mask, settled

W = TypeVar("W", Word, SpokenWord)
Heard = TypeVar("Heard", FinalTranscript, PartialTranscript)

MARGIN = 0.12
"""Seconds silenced before and after what is hidden: recognisers' word times are that exact, not more."""
_ANSWER = "answer"
_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTE = re.compile(r"""=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedSession:
    """A session's events without personal data."""

    events: tuple[Event, ...]
    caller: tuple[tuple[float, float], ...]
    """What to silence of the caller, seconds on the caller's stream, in order, apart."""
    agent: tuple[tuple[int, float, float], ...]
    """What to silence of the agent: reply, from and to in seconds of the reply's sound."""
    tokens: tuple[Token, ...]
    """What leads back to the values that got tokens."""


def mask_session(
    events: Sequence[Event], *, sensitive: Iterable[str] = (), known: Iterable[Token] = ()
) -> MaskedSession:
    """Return the events with masks for personal data, and where it sounds.

    Parameters
    ----------
    events : all events of a session, in order
    sensitive : slots whose values are hidden whatever they are, besides those that its opening names
    known : tokens given before, so that the same value has the same token
    """
    return _Masking(events, sensitive_slots(events).union(sensitive), Tokens(known=known)).masked()


def sensitive_slots(events: Iterable[Event]) -> frozenset[str]:
    """Return the slots that the assistant of a session declares to be sensitive."""
    for event in events:
        if isinstance(event.body, SessionOpened):
            named = event.body.settings.get("sensitive", ())
            return frozenset(map(str, named)) if isinstance(named, list | tuple) else frozenset()
    return frozenset()


class _Masking:
    def __init__(self, events: Sequence[Event], sensitive: frozenset[str], tokens: Tokens) -> None:
        self._events, self._sensitive, self._tokens = events, sensitive, tokens
        finals = [event.body for event in events if isinstance(event.body, FinalTranscript)]
        self._language = next((final.language for final in finals if final.language), "en")
        self._hiding = Hiding(tokens, self._language)
        self._slots = self._slots_by_turn()
        self._caller: list[tuple[float, float]] = []
        self._agent: list[tuple[int, float, float]] = []
        self._final = {
            (event.turn, event.body.utterance) for event in events if isinstance(event.body, FinalTranscript)
        }
        self._behind = 0.0
        """Seconds of the caller's stream that finals have told of."""
        self._learn()

    def masked(self) -> MaskedSession:
        events = tuple(replace(event, body=self._body(event)) for event in self._events)
        return MaskedSession(
            events=events,
            caller=_joined(self._caller),
            agent=tuple(sorted(self._agent)),
            tokens=self._tokens.given,
        )

    def _slots_by_turn(self) -> dict[int, dict[str, str]]:
        """Return the sensitive slots that finals filled, and those that were asked for, by turn."""
        found: dict[int, dict[str, str]] = {}
        for event in self._events:
            match event.body:
                case Understood(origin="final", slots=slots, expecting=expecting):
                    own = found.setdefault(event.turn, {})
                    own.update({name: value for name, value in slots.items() if name in self._sensitive})
                    if expecting in self._sensitive and expecting not in slots:
                        own[str(expecting)] = ""
                case IntentRecognized(origin="final", slots=slots):
                    own = found.setdefault(event.turn, {})
                    own.update({name: value for name, value in slots.items() if name in self._sensitive})
        return found

    def _learn(self) -> None:
        """Take up what finals hold, or the last partial of a turn that has none, and facts of the caller."""
        last: dict[int, PartialTranscript] = {}
        final = {event.turn for event in self._events if isinstance(event.body, FinalTranscript)}
        for event in self._events:
            match event.body:
                case FinalTranscript(text=text, language=language):
                    self._hiding.add_final(event.turn, text, self._final_spans(event.turn, text, language))
                case PartialTranscript() as body if event.turn not in final:
                    last[event.turn] = body
                case LookupDone(found=facts):
                    for name, value in facts.items():
                        if name != _ANSWER:
                            self._hiding.add_value(value, _whole(Pii.PERSON, value))
        for turn, partial_ in last.items():
            spans = self._final_spans(turn, partial_.text, partial_.language)
            self._hiding.add_final(turn, partial_.text, spans)

    def _final_spans(self, turn: int, text: str, language: str) -> tuple[Span, ...]:
        spans = list(find(text, language or self._language))
        for value in self._slots.get(turn, {}).values():
            places = _places(text, value)
            if not places and text.strip():  # said in other words: where, nobody knows
                places = [(0, len(text))]
            spans += [
                Span(type=Pii.SLOT, start=start, end=end, score=2.0, value=folded(text[start:end]))
                for start, end in places
            ]
        return settled(spans)

    def _body(self, event: Event) -> Body:
        match event.body:
            case FinalTranscript() as body:
                return self._transcript(body, event.turn)
            case PartialTranscript() as body:
                return self._transcript(body, event.turn)
            case Understood() as body:
                said = self._hiding.hidden(body.said, turn=event.turn)
                text, slots = self._hiding.hidden(body.text, turn=event.turn), self._values(body.slots)
                return replace(body, text=text, slots=slots, said=said, answer=self._markup(body.answer))
            case IntentRecognized() | EarlySynthesisStarted() as body:
                return replace(body, slots=self._values(body.slots))
            case Backchannelled() as body:
                return replace(body, text=self._hiding.hidden(body.text, turn=event.turn))
            case LookupDone() as body:
                return replace(
                    body, found={name: self._fact(name, value) for name, value in body.found.items()}
                )
            case body:
                return self._answer(body)

    def _answer(self, body: Body) -> Body:
        """Return what was done about it, and what was said to the caller."""
        match body:
            case ActionTaken():
                arguments = self._values(body.arguments)
                key = body.key if arguments == body.arguments else f"{body.key.rpartition(':')[0]}:masked"
                return replace(body, arguments=arguments, key=key)
            case SlotConfirmed():
                return replace(body, value=self._values({body.slot: body.value})[body.slot])
            case _:
                return self._reply(body)

    def _reply(self, body: Body) -> Body:
        """Return what was said to the caller."""
        hide = self._hiding.hidden
        match body:
            case ReplyChosen():
                return replace(body, text=hide(body.text), ssml=self._markup(body.ssml))
            case PlaybackStopped():
                return replace(body, text_heard=hide(body.text_heard))
            case SynthesisReady():
                spans = self._hiding.spans(body.text)
                if not spans:
                    return body
                spoken, silent = self._words(body.text, body.words, spans)
                whole = (0.0, body.samples / body.rate)
                self._agent += [(body.reply, *stretch) for stretch in silent or [whole]]
                return replace(body, text=hide(body.text), words=spoken)
            case _:
                return body

    def _transcript(self, body: Heard, turn: int) -> Heard:
        """Return what was heard of the caller; finals tell when it sounded."""
        hide = partial(self._hiding.hidden, turn=turn, language=body.language)
        if isinstance(body, FinalTranscript):
            self._behind = max(self._behind, body.audio_end)
        body = replace(body, alternatives=tuple(map(hide, body.alternatives)))
        spans = self._hiding.spans(body.text, turn=turn, language=body.language)
        if not spans:
            return body
        words, silent = self._words(body.text, body.words, spans)
        if isinstance(body, PartialTranscript):
            if (turn, body.utterance) not in self._final:  # nothing else will tell where it sounds
                self._caller += silent or [(self._behind, body.audio_end)]
            return replace(body, text=hide(body.text), words=words, stable=min(body.stable, len(words)))
        self._caller += silent or [(body.audio_start, body.audio_end)]
        return replace(body, text=hide(body.text), words=words)

    def _words(
        self, text: str, words: Sequence[W], spans: Sequence[Span]
    ) -> tuple[tuple[W, ...], list[tuple[float, float]]]:
        """Return ``words`` with one for those of each span, and when those sound.

        A word is looked for in the text from behind the one before it; if one is not there, none is kept.
        """
        kept: list[W] = []
        silent: list[tuple[float, float]] = []
        here, owner = 0, None
        for word in words:
            start = text.find(word.text, here)
            if start < 0:
                return (), [(words[0].start, words[-1].end)]
            end = here = start + len(word.text)
            span = next((one for one in spans if one.start < end and one.end > start), None)
            if span is None:
                kept.append(word)
            elif span is owner:
                kept[-1] = replace(
                    kept[-1],
                    end=max(kept[-1].end, word.end),
                    text=kept[-1].text + text[max(start, span.end) : end],
                )
                silent[-1] = (silent[-1][0], max(silent[-1][1], word.end))
            else:
                shown = (
                    text[start : max(start, span.start)]
                    + self._hiding.token(span)
                    + text[min(end, max(start, span.end)) : end]
                )
                kept.append(replace(word, text=shown))
                silent.append((word.start, word.end))
            owner = span
        return tuple(kept), silent

    def _values(self, slots: Mapping[str, str]) -> dict[str, str]:
        return {
            name: self._hiding.token(_whole(Pii.SLOT, value))
            if name in self._sensitive
            else self._hiding.hidden(value)
            for name, value in slots.items()
        }

    def _fact(self, name: str, value: str) -> str:
        if name == _ANSWER:
            return self._hiding.hidden(value)
        return value if is_mask(value) else self._hiding.token(_whole(Pii.PERSON, value))

    def _markup(self, ssml: str) -> str:
        """Return SSML without what is hidden: as plain text, if anything is."""
        plain = html.unescape(_TAG.sub("", ssml))
        hidden = self._hiding.hidden(plain)
        values = (
            html.unescape("".join(one)) for tag in _TAG.findall(ssml) for one in _ATTRIBUTE.findall(tag)
        )
        if hidden == plain and not any(
            self._hiding.spans(value) for value in values
        ):  # as in <sub alias="...">
            return ssml
        return html.escape(hidden, quote=False)


def _whole(kind: Pii, value: str) -> Span:
    return Span(type=kind, start=0, end=len(value), score=2.0, value=folded(value))


def _places(text: str, value: str) -> list[tuple[int, int]]:
    """Return where the words of ``value`` stand in ``text``, whatever their case and the marks between."""
    words = [re.escape(word) for word in re.findall(r"\w+", value)]
    if not words:
        return []
    pattern = re.compile(r"(?<!\w)" + r"\W+".join(words) + r"(?!\w)", re.IGNORECASE)
    return [found.span() for found in pattern.finditer(text)]


def _joined(silent: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return stretches with their margins, in order, joined where they meet."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted((max(0.0, start - MARGIN), end + MARGIN) for start, end in silent):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
