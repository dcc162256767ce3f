"""What one policy decides in recorded turns, found by driving the very deciders of the live pipeline.

Slow and literal: every tick of the voice activity is looked at. It is what ``policies`` is checked against.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from workbench.analysis.outcomes import (
    NO_REPLY,
    OFFER,
    RATE,
    RIGHT,
    SILENT,
    TICK,
    Decisions,
    StageColumns,
    TurnRecord,
    decided_at,
    heard_at,
)
from workbench.analysis.policies import Policy
from workbench.conversation.early_synthesis import Candidate, EarlyMove, EarlySynthesis
from workbench.conversation.endpointing import Endpointing, Evidence
from workbench.conversation.leading import CLAUSES_MAX, LeadMove, decide_lead
from workbench.conversation.speaker import Speaker

_KNOWN = 64.0  # seconds of speech, as if heard, that give a caller the turn's pace; a power of two: exact


def drive(turns: Sequence[TurnRecord], policy: Policy) -> Decisions:
    """Return what ``policy`` decides in each turn, shape (1, turns)."""
    rows, endpointing, before = [], Endpointing(policy.endpointing), None
    for turn in turns:
        if turn.conversation != before:
            known = Speaker(longest_pause=turn.longest_pause)
            endpointing, before = Endpointing(policy.endpointing, known), turn.conversation
        endpointing.speaker = at_pace(endpointing.speaker, turn.pace)
        rows.append(_Turn(turn, policy, endpointing).run())
    return Decisions(**{one.name: np.array([[row[one.name] for row in rows]]) for one in fields(Decisions)})


def early_starts(turn: TurnRecord, policy: Policy, endpointing: Endpointing) -> tuple[float, ...]:
    """Return when early replies are begun in one turn, seconds on the caller's stream.

    ``endpointing`` knows the caller as of the turn's beginning, and learns from the turn.
    """
    driven = _Turn(turn, policy, endpointing)
    driven.run()
    return tuple(at / RATE for at in driven.starts)


def at_pace(speaker: Speaker, pace: float) -> Speaker:
    """Return a caller known to speak at a pace, words a second; 0 for one whose pace is not known."""
    return replace(speaker, words=pace * _KNOWN, seconds=_KNOWN)


def _parts_of(reply: str, ahead: int, kept: int) -> tuple[str, ...]:
    """Return the parts of a reply, of which ``kept`` are the first of the right one; nothing if it is one."""
    own = [f"{RIGHT if place < kept else reply} {place}" for place in range(ahead)]
    return (*own, "rest") if ahead else ()


_RIGHT_PARTS = _parts_of(str(RIGHT), CLAUSES_MAX, CLAUSES_MAX)


@dataclass(slots=True)
class _Turn:
    record: TurnRecord
    policy: Policy
    endpointing: Endpointing
    early: EarlySynthesis = field(init=False)
    since: int = field(init=False)
    """Where what is said began since a turn was last ended."""
    evidence: Evidence = field(default_factory=Evidence)
    voiced_end: int | None = None
    """Last voiced sample while the caller is silent."""
    silence: float = 0.0
    """What the last tick said of it."""
    ended: int | None = None
    too_long: bool = False
    asked: int = NO_REPLY
    sure: float = -1.0
    """Confidence of what was last understood; negative if nothing was."""
    ahead: int = 0
    """How many parts stand before the last of the reply held."""
    kept: int = 0
    """How many of them, from the first on, are those of the right reply."""
    kept_seconds: float = 0.0
    """How long those last."""
    begun: int = 0
    starts: list[int] = field(default_factory=list)
    """When early replies were begun."""
    first_start: float = np.nan
    wasted: float = 0.0
    counted: Counter[str] = field(default_factory=Counter)

    def run(self) -> dict[str, float]:
        self.early = EarlySynthesis(self.policy.early)
        self.evidence = Evidence(expected=self.record.expected)
        self.since = self.record.began
        tick = -(-self.record.began // TICK) * TICK
        for step in range(len(self.record.kind)):
            at = int(self.record.position[step])
            while tick < at:
                self._tick(tick)
                tick += TICK
            self._step(step, at)
        while self.ended is None:
            self._tick(tick)
            tick += TICK
        return self._finish(self.ended)

    def _tick(self, at: int) -> None:
        silence = self.silence = 0.0 if self.voiced_end is None else (at - self.voiced_end) / RATE
        if self.ended is not None:
            return
        duration = 0.0 if self.too_long else (at - self.record.began) / RATE
        spoken = 0.0 if self.voiced_end is None else (self.voiced_end - self.since) / RATE
        end = self.endpointing.decide(self.evidence, silence=silence, duration=duration, spoken=spoken)
        if end is None:
            return
        self.too_long = self.too_long or end.reason == "too-long"
        if self.voiced_end is None:  # cut off in the middle of a word: what follows is heard as one more
            self.counted["cut_offs"] += 1
            self.since = at
            self._drop(at, self.early.finish(None, intent=None).move)
            self.early = EarlySynthesis(self.policy.early)
        else:
            self.ended = at

    def _step(self, step: int, at: int) -> None:
        record = self.record
        if record.kind[step] == SILENT:
            self.voiced_end = at
        elif record.kind[step] == OFFER:
            self._offer(step, at)
        else:
            self._resume(at)

    def _offer(self, step: int, at: int) -> None:
        record = self.record
        complete = int(record.complete[step])
        self.evidence = Evidence(
            end_of_sentence=float(record.end_of_sentence[step]),
            stability=float(record.stability[step]),
            complete=None if complete < 0 else complete == 1,
            words=1,
            expected=self.record.expected,
        )
        if not self._hears(int(record.begun[step])):
            return
        goes_on = self.ended is None
        self.asked = int(record.reply[step])
        if goes_on:
            self.sure = -1.0 if complete < 0 else float(record.confidence[step])
        ahead, kept = self._parts(step) if goes_on else (0, 0)
        candidate = Candidate(
            reply=str(self.asked),
            parts=_parts_of(str(self.asked), ahead, kept),
            intent=None if complete < 0 else str(self.asked),
            confidence=float(record.confidence[step]),
            stability=float(record.stability[step]),
            end_of_turn=self.endpointing.score(self.evidence),
            complete=complete == 1,
        )
        move = self.early.offer(candidate, silence=float(record.silence[step])).move
        if move is EarlyMove.DISCARD:
            self._drop(at, move)
            move = self.early.offer(candidate, silence=float(record.silence[step])).move
        if move is EarlyMove.START:
            self.counted["starts"] += 1
            self.starts.append(at)
            self.begun, self.ahead, self.kept = at, ahead, kept
            self.kept_seconds = float(record.kept_seconds[step]) if kept and self.policy.lead.clauses else 0.0
            self.first_start = at / RATE if np.isnan(self.first_start) else self.first_start

    def _parts(self, step: int) -> tuple[int, int]:
        """Return how many parts of a reply may be led, and how many of them are the right one's."""
        lead, record = self.policy.lead, self.record
        if lead.clauses:
            return min(lead.clauses, int(record.clauses[step])), min(lead.clauses, int(record.kept[step]))
        return (int(record.parted[step]), int(record.alike[step])) if lead.sentences else (0, 0)

    def _hears(self, begun: int) -> bool:
        """Return whether a pass that was begun then is heard of: it, or the turn, was not over."""
        if self.ended is None:
            return True
        answered = self.policy.early.enabled and self.record.stages.final_known <= self.ended / RATE
        return begun <= self.ended and not answered and bool(np.isnan(self._led(self.ended)[0]))

    def _resume(self, at: int) -> None:
        self.endpointing.paused(self.silence)
        self.voiced_end, self.silence = None, 0.0
        ended, self.ended = self.ended, None
        if ended is None:
            self._drop(at, self.early.speech_resumed().move)
            return
        self.counted["cut_offs"] += 1
        self.since = at
        held = self.early.held
        right = held is not None and held.reply == str(self.asked)
        sounds = self._heard_at(ended, self.begun / RATE if right else np.nan)
        led, parts = self._led(ended)
        heard = self.asked > NO_REPLY and sounds < at / RATE
        ahead = led + self.record.stages.playout < at / RATE
        wrong = self._sounds_wrong(led, parts, at / RATE)
        self.counted["cut_offs_heard"] += heard or ahead
        self.counted["wrong_heard"] += (heard and self.asked != RIGHT) or wrong
        self.sure = -1.0
        if heard:
            move = self.early.finish(str(self.asked), intent=str(self.asked)).move
            self.counted["commits"] += move is EarlyMove.COMMIT
        else:
            move = self.early.speech_resumed().move
        self._drop(ended, move)
        self.early = EarlySynthesis(self.policy.early)

    def _led(self, ended: int) -> tuple[float, int]:
        """Return from when something is led, NaN if nothing is; and how many parts of a reply are."""
        decision = decide_lead(
            self.policy.lead,
            intent="understood" if self.sure >= 0 else None,
            confidence=self.sure,
            parts=0 if self.early.held is None else self.ahead,
        )
        ready = max(ended / RATE, self.begun / RATE + self.record.stages.synthesis)
        at = {LeadMove.NOTHING: np.nan, LeadMove.PREFIX: ended / RATE, LeadMove.PARTS: ready}
        return at[decision.move], decision.parts

    def _sounds_wrong(self, led: float, parts: int, until: float) -> bool:
        """Return whether a part that is not the right reply's is led and heard before a moment, seconds."""
        heard = led + self.record.stages.playout + self.kept_seconds
        return parts > self.kept and heard < until

    def _heard_at(self, ended: int, early: float) -> float:
        stages = StageColumns.of([self.record])
        return float(heard_at(np.array([ended / RATE]), np.array([early]), stages, known=False)[0])

    def _drop(self, at: int, move: EarlyMove) -> None:
        if move is EarlyMove.DISCARD:
            self.counted["discards"] += 1
            self.wasted += min((at - self.begun) / RATE, self.record.stages.work)

    def _finish(self, ended: int) -> dict[str, float]:
        reply = str(RIGHT) if self.record.answered else None
        if reply is None:
            self.kept, self.kept_seconds = 0, 0.0
        led, parts = self._led(ended)
        stages, enabled = self.record.stages, self.policy.early.enabled
        if enabled and stages.final_known <= ended / RATE:
            led = np.nan
        move = self.early.finish(reply, intent=reply, parts=_RIGHT_PARTS).move
        committed = move is EarlyMove.COMMIT
        columns, end = StageColumns.of([self.record]), np.array([ended / RATE])
        decided = decided_at(end, np.array([not committed]), columns, known=enabled)[0]
        self.counted["wrong_heard"] += self._sounds_wrong(led, parts, decided)
        self._drop(ended, move)
        self.counted["commits"] += committed
        names = ("cut_offs", "cut_offs_heard", "wrong_heard", "starts", "commits", "discards")
        return {
            "end": ended,
            "first_start": self.first_start,
            "early": self.begun / RATE if committed else np.nan,
            "led": np.nan if reply is None or (parts and not self.kept) else led,
            "wasted": self.wasted,
            "early_final": self.policy.early.enabled,
            **{name: self.counted[name] for name in names},
        }
