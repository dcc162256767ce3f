"""espeak-ng as a synthesiser: robotic, very fast, and in over a hundred languages."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape

import numpy as np

from workbench.errors import EngineMissing, NotSpoken, ParameterError
from workbench.speech.ports import Clause, SynthesizerCapabilities
from workbench.speech.synthesizers import clauses, shaping, timing
from workbench.speech.synthesizers.clauses import PlannedClause, Step, Unit
from workbench.speech.synthesizers.delivery import Delivery, delivery_of
from workbench.speech.synthesizers.espeak_process import Answer, EspeakProcess
from workbench.speech.voices import espeak_voice
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse

RATE = 24_000

SSML = frozenset(
    {
        *("speak", "p", "s", "sub", "mark", "emphasis", "voice@name", "lang@xml:lang", "say-as"),
        *("break@time", "break@strength", "prosody@rate", "prosody@pitch", "prosody@volume"),
        *("prosody@range", "prosody@contour"),
    }
)
"""What is honoured; the text inside ``phoneme`` is read as written."""

_F0_HZ = {
    **{"": 99.0, "f1": 177.0, "f2": 192.0, "f3": 207.0, "f4": 178.0, "f5": 203.0},
    **{"m1": 93.0, "m2": 99.0, "m3": 103.0, "m4": 92.0, "m5": 102.0, "m6": 100.0, "m7": 104.0, "m8": 84.0},
}
"""Usual f0 of its voices by variant, measured on a sentence in each of four languages."""
_UP, _DOWN = 0.58, 0.42
"""Share of a wanted change of f0 that espeak-ng 1.52 makes, upwards and downwards, measured."""


class EspeakSynthesizer:
    """Implements :class:`workbench.speech.ports.Synthesizer`; a voice is a tag like ``fr``, or ``fr+f2``.

    The library runs in a process of its own, started by :meth:`load`; call :meth:`close` when done.
    """

    def __init__(self, process: EspeakProcess) -> None:
        self._process = process
        self._voices = {voice.lower(): voice for voice in process.voices}

    @classmethod
    def load(cls) -> "EspeakSynthesizer":
        """Start the worker: about 0.2 s.

        Raises
        ------
        EngineMissing
            If the ``espeak`` extra is not installed.
        EngineFailed
            If the worker does not get ready.
        """
        try:
            import soxr  # noqa: F401
        except ImportError as error:
            raise EngineMissing("espeak", "soxr", "espeak") from error
        return cls(EspeakProcess.start())

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what this engine does."""
        return SynthesizerCapabilities(
            name="espeak",
            languages=tuple(self._voices.values()),
            rate=RATE,
            streaming=True,
            word_times=True,
            ssml=SSML,
        )

    def close(self) -> None:
        """End the worker."""
        self._process.close()

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses of ``ssml``; see :meth:`workbench.speech.ports.Synthesizer.synthesize`."""
        steps = self.plan(ssml, voice=voice)
        return (shaping.with_pause(self.speak(step.clause), step.pause) for step in steps)

    def plan(self, ssml: str, *, voice: str) -> tuple[Step, ...]:
        """Return the clauses ``ssml`` will be spoken in.

        Raises
        ------
        SsmlError
            If the text is not the SSML it claims to be.
        NotSpoken
            If it wants a voice or a language this engine lacks.
        ParameterError
            If ``voice`` is not known.
        """
        self._check(voice)
        steps = clauses.plan(flatten(parse(ssml)), voice=voice, language=_tag(voice))
        for step in steps:
            try:
                self._check(step.clause.voice)
            except ParameterError as error:
                raise NotSpoken(str(error), "voice", step.clause.voice) from None
            if self._voice_for(step.clause) is None:
                language = step.clause.language
                problem = f"espeak does not speak {language}: write a tag like fr or en-us"
                raise NotSpoken(problem, "language", language)
        return steps

    def speak(self, clause: PlannedClause) -> Clause:
        """Return ``clause`` as sound; blocks for a few ms.

        Raises
        ------
        EngineFailed
            If the worker died or did not answer in time.
        """
        import soxr

        units = clause.units
        deliveries = [delivery_of(unit.style, _F0_HZ[_variant(clause.voice)]) for unit in units]
        answer = Answer(np.zeros(0, dtype=np.float32), ())
        if any(unit.spoken.strip() for unit in units):
            document = _document(units, deliveries, clause.closing)
            answer = self._process.ask(document, voice=self._voice_for(clause) or clause.voice)
        first, end = shaping.speech_span(answer.samples, self._process.rate)
        starts = _starts(answer, len(units))
        gains = np.array([delivery.gain_db for delivery in deliveries], dtype=np.float32)
        weighted = answer.samples
        if len(weighted) and len(gains):
            weighted = shaping.with_gains(weighted, self._process.rate, gains, starts)
        samples = weighted[first:end]
        if len(samples):
            samples = np.asarray(soxr.resample(samples, self._process.rate, RATE), dtype=np.float32)
        factor = clauses.stretch(units[0].style) if units else 1.0
        factor *= self._left_over(clause, deliveries, end - first)
        samples = shaping.faded(shaping.stretched(samples, factor), RATE)
        length = len(samples) / RATE
        bounds = [(int(at) - first) / self._process.rate / factor for at in (*starts, end)]
        spans = {place: (bounds[place], bounds[place + 1]) for place in range(len(units))}
        return Clause(
            text=clause.text,
            samples=samples,
            rate=RATE,
            words=timing.words(units, spans, length),
            marks=timing.marks(clause.items, spans, length),
        )

    def _left_over(
        self,
        clause: PlannedClause,
        deliveries: Sequence[Delivery],
        made: int,
    ) -> float:
        """Return how much longer the speech became than its rates ask for: asked for 1.3, it makes 1.13.

        How long it should be is known from the same clause at its usual rate, which takes a few ms.
        """
        if not made or all(abs(delivery.rate - 1) <= 0.01 for delivery in deliveries):
            return 1.0
        usual = [replace(delivery, rate=1.0) for delivery in deliveries]
        document = _document(clause.units, usual, clause.closing)
        answer = self._process.ask(document, voice=self._voice_for(clause) or clause.voice)
        begin, stop = shaping.speech_span(answer.samples, self._process.rate)
        bounds = np.clip([*_starts(answer, len(deliveries)), stop], begin, stop)
        wanted = float(np.sum(np.diff(bounds) / [delivery.rate for delivery in deliveries]))
        return made / wanted if wanted > 0 else 1.0

    def _check(self, voice: str) -> None:
        espeak_voice(voice)  # raises, naming the variants
        if _tag(voice) not in self._voices:
            close = difflib.get_close_matches(_tag(voice), self._voices, n=3, cutoff=0.3) or ["en-us", "fr"]
            raise ParameterError(f"voice {voice!r} is not known to espeak, close ones are {', '.join(close)}")

    def _voice_for(self, clause: PlannedClause) -> str | None:
        """Return the voice that speaks the clause's language, of the same variant, or none."""
        wanted, own = clause.language.lower(), _tag(clause.voice)
        if wanted.split("-")[0] == own.split("-")[0]:
            found: str | None = self._voices[own]
        else:
            found = self._voices.get(wanted) or self._voices.get(wanted.split("-")[0])
        variant = _variant(clause.voice)
        return f"{found}+{variant}" if found and variant else found


def _variant(voice: str) -> str:
    return voice.partition("+")[2].lower()


def _tag(voice: str) -> str:
    """Return the tag of a voice, in lower case, without its variant."""
    return voice.partition("+")[0].lower()


def _starts(answer: Answer, units: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the first sample of each unit, never falling; one without a mark begins where the last did."""
    found = {name: sample for name, sample in answer.marks}
    starts = np.zeros(units, dtype=np.int64)
    last = 0
    for place in range(units):
        last = max(last, min(found.get(f"u{place}", last), len(answer.samples)))
        starts[place] = last
    return starts


def _document(units: Sequence[Unit], deliveries: Sequence[Delivery], closing: bool) -> str:
    """Return the clause in the SSML that espeak-ng honours, with a mark before each unit.

    Neighbours that are spoken alike stand in one element: a word alone in one would have a melody of its own.
    """
    parts: list[str] = []
    last = ""
    for place, (unit, delivery) in enumerate(zip(units, deliveries, strict=True)):
        changes = _changes(delivery)
        if place and changes != last and last:
            parts.append("</prosody>")
        space = " " if unit.spaced and place else ""
        opened = f"<prosody {changes}>" if changes and changes != last else ""
        parts.append(f'{space}{opened}<mark name="u{place}"/>{escape(unit.spoken)}')
        last = changes
    ending = "" if not closing or units[-1].spoken[-1:] in ".!?" else "."
    return f"<speak>{''.join(parts)}{'</prosody>' if last else ''}{ending}</speak>"


def _changes(delivery: Delivery) -> str:
    """Return the attributes of ``prosody`` that espeak-ng needs for a delivery; none for its usual way."""
    change = delivery.f0 - 1
    percent = 100 * change / (_UP if change > 0 else _DOWN)
    ranged = f' range="{delivery.range_percent:+.0f}%"' if delivery.range_percent else ""
    if abs(delivery.rate - 1) <= 0.01 and abs(percent) <= 0.5 and not ranged:
        return ""
    return f'rate="{delivery.rate * 100:.0f}%" pitch="{percent:+.0f}%"{ranged}'
