"""An ear that hears what was recorded, and a lookup that finds what was found."""

from collections.abc import Callable, Collection

from workbench.analysis.replay_memory import Memory, from_final, from_partial, joined
from workbench.analysis.replay_voice import Schedule
from workbench.conversation.enrichment import Enrichment, EnrichmentSettings, Outcome, Use
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.noticing import Noticing
from workbench.conversation.observations import Began, Heard, Observation, Pass, Tick
from workbench.core.events import FinalTranscript, LookupDone, PartialTranscript, TurnEnded

ALL = 1 << 60
"""A position after every recording's end."""


class ReplayEar:
    """Hears the caller of a recording.

    Parameters
    ----------
    memory : the recording
    windows : all windows of voice activity: where each begins, and its activity
    began : where each recorded utterance began; None for the re-run that finds them
    later, now : schedules something for a session time, and tells that
    tell : takes an observation that was not recorded
    """

    def __init__(
        self,
        memory: Memory,
        windows: list[tuple[int, int]],
        *,
        began: dict[int, int] | None,
        later: Schedule,
        now: Callable[[], float],
        tell: Callable[[Observation], None],
    ) -> None:
        self._memory = memory
        self._windows = windows
        self._known = began
        self._later = later
        self._now = now
        self._tell = tell
        self._noticing = Noticing()
        self._told: list[tuple[Observation, ...]] = []
        self._dealt_with = 0
        self._voiced = 0
        self._open: int | None = None
        self._finals: dict[int, int] = {}
        """Recorded utterances whose final is to come, and the utterance here that it is for."""
        self._early = False
        """Whether a recorded early final would have been asked for here."""
        self._under_way: tuple[int, int, float] | None = None
        """The last early final that was not recorded: its utterance, end of speech, and when it is due."""
        self._asked: int | None = None
        """When an early final was asked for here last."""
        self._ending: tuple[int, float] | None = None
        """The utterance whose final is to come, and when it ended."""
        self.began: dict[int, int] = {}
        """Where each utterance began."""

    @property
    def position(self) -> int:
        """Return how many samples were noticed: as many as then, where the same was decided."""
        end = self._memory.ends.get(self._dealt_with)
        return self._dealt_with + (end.ahead if end is not None else 0)

    def window(self, index: int) -> tuple[Observation, ...]:
        """Return what a window of the recording brings."""
        while len(self._told) <= index:
            self._notice()
        return self._told[index]

    def deals_with(self, observation: Observation) -> None:
        """Learn what turn taking is about to deal with."""
        if isinstance(observation, Tick):
            self._dealt_with, self._voiced = observation.position, observation.voiced_end
        elif isinstance(observation, Began) and not observation.resumed:
            self._open = observation.utterance
            self.began[observation.utterance] = observation.event.position

    def wanted(self, position: int) -> None:
        """Learn when the early final that comes next was asked for; it may not be asked for here."""
        self._early = self._asked == position

    def want(self, kind: Pass) -> None:
        """Ask for a pass: the recorded one if it was asked for at the same moment, else an estimate."""
        self._early, self._asked = self._dealt_with in self._memory.wanted, self._dealt_with
        if self._known is None or self._early or self._open is None:
            return
        number, position, ended = self._open, self._dealt_with, self._voiced
        due = self._now() + self._memory.careful_pass
        self._under_way = (number, ended, due)

        def heard() -> None:
            if self._open == number:
                self._tell(self._estimate(number, ended, position, Pass.EARLY_FINAL))

        self._later(due, heard)

    def end_utterance(self, *, final: bool) -> None:
        """Close the utterance: what was noticed by then was noticed as part of it."""
        position, number, end = self.position, self._open, self._memory.ends.get(self._dealt_with)
        while len(self._told) < len(self._windows) and self._windows[len(self._told)][0] < position:
            self._notice()
        self._noticing.close()
        self._open, self._ending = None, None
        if not final or number is None:
            return
        self._ending = number, self._now()
        known = self._memory.finals.get(end.utterance) if isinstance(end, TurnEnded) else None
        if isinstance(end, TurnEnded) and (known is None or self._as_then(known)):
            self._finals[end.utterance] = number
        elif self._known is not None:
            ended, now = self._voiced, self._now()
            taken = known.duration if known is not None else self._memory.careful_pass
            due = self._memory.free_at(now) + taken
            if self._under_way is not None and self._under_way[:2] == (number, ended):
                due = max(now, self._under_way[2])  # the early final under way serves as the final
            self._later(due, lambda: self._tell(self._estimate(number, ended, ALL, Pass.FINAL)))

    def _as_then(self, final: FinalTranscript) -> bool:
        """Return whether a recorded final would have come here as it did then."""
        begun_early = final.utterance in self._memory.begun_early
        return not final.early and (self._known is None or self._early or not begun_early)

    def partial(self, partial: PartialTranscript) -> Heard | None:
        """Return what a recorded partial is here."""
        early = partial.kind == "early-final"
        if early and not self._early:
            return None
        self._early = self._early and not early
        hypothesis, number = from_partial(partial), partial.utterance
        if self._known is not None:
            heard = self._open if self._open is not None else self._ended_under(partial)
            if heard is None:
                return None
            began, number = self.began[heard], heard
            if began != self._known.get(partial.utterance):
                before = self._memory.words(began, self._known.get(partial.utterance, began))
                hypothesis = joined(hypothesis, before, began)
        return Heard(
            utterance=number,
            kind=Pass.EARLY_FINAL if early else Pass.PARTIAL,
            hypothesis=hypothesis,
            position=partial.position,
            duration=partial.duration,
        )

    def _ended_under(self, partial: PartialTranscript) -> int | None:
        """Return the utterance that ended while this pass was under way."""
        if self._ending is None or partial.kind == "early-final":
            return None
        number, at = self._ending
        if self._finals.get(partial.utterance) == number:  # it ended just there then, too
            return number
        return number if self._now() - partial.duration <= at else None

    def final(self, final: FinalTranscript) -> Heard | None:
        """Return what a recorded final is here."""
        number = self._finals.pop(final.utterance, None)
        if number is None:
            return None
        if self._known is not None and self.began[number] != self._known.get(final.utterance):
            ended = round(final.audio_end * 16_000)
            return self._estimate(number, ended, ALL, Pass.FINAL)
        return Heard(
            utterance=number,
            kind=Pass.FINAL,
            hypothesis=from_final(final),
            position=ALL,
            duration=final.duration,
        )

    def _estimate(self, number: int, ended: int, position: int, kind: Pass) -> Heard:
        return Heard(
            utterance=number,
            kind=kind,
            hypothesis=self._memory.careful(self.began[number], ended),
            position=position,
            duration=self._memory.careful_pass,
        )

    def _notice(self) -> None:
        position, activity = self._windows[len(self._told)]
        self._told.append(self._noticing.window(position, activity))


class ReplayLookups:
    """Finds what was found in the recording, by the decisions of the live session."""

    def __init__(
        self,
        settings: EnrichmentSettings,
        *,
        enabled: bool,
        owed: Callable[[], Collection[Question]],
    ) -> None:
        self._enrichment = Enrichment(settings)
        self._enabled = enabled
        self._owed = owed
        self._questions: list[Question] = []
        self._caller: dict[str, str] = {}

    def facts(self) -> Facts:
        """Return what is known now."""
        if not self._enabled:
            return NO_FACTS
        return Facts(
            caller=self._caller,
            lookups=frozenset({"knowledge"}),
            answers=self._enrichment.answers(),
        )

    def want(self, question: Question, *, turn: int) -> None:
        """Note what is looked up."""
        if self._enabled:
            decided = self._enrichment.want(question, turn=turn, owed=self._owed())
            if decided.start:
                self._questions.append(question)

    def use(self, *, floor_free: bool) -> Use:
        """Return what to do about the answers that are owed."""
        return self._enrichment.use(tuple(self._owed()), floor_free=floor_free)

    def done(self, done: LookupDone) -> bool:
        """Take in what came of a lookup; return whether turn taking is to be told."""
        if done.name == "customers":
            self._caller = dict(done.found)
            return False
        if done.number >= len(self._questions):
            return False
        question = self._questions[done.number]
        if done.status in (Outcome.FAILED.value, Outcome.TIMEOUT.value):
            return self._enrichment.fail(question, Outcome(done.status)) is not None
        return self._enrichment.finish(question, done.found.get("answer", ""), owed=self._owed()) is not None
