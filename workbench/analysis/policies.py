"""What every policy would have decided in every recorded turn, all at once.

The rules are those of ``conversation.endpointing`` and ``conversation.early_synthesis``, applied to whole
columns: arrays of shape (turns, policies), one step of the turns after the other. That they are the same
rules is what ``policies_driven`` is there to prove: it drives the very deciders.

What a re-run can't know is taken as recorded: the words after a false cut-off are scored together with those
before it, their final asks for what the last partial before the cut-off asked for, and a turn that ends later
than it did is offered no partials that were never made.
"""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from workbench.analysis.outcomes import (
    COLUMNS,
    NO_REPLY,
    OFFER,
    PARTS,
    RATE,
    RESUMED,
    RIGHT,
    SILENT,
    TICK,
    Decisions,
    Floats,
    TurnRecord,
    decided_at,
    heard_at,
)
from workbench.analysis.policies_prepared import Indices, PreparedTurns, silence_before
from workbench.analysis.policy_columns import Bools, Policy as Policy, PolicyColumns
from workbench.errors import ParameterError

_CELLS = 60_000  # turns times policies looked at together: what fits the processor's cache
_NONE = -2  # no early reply is held
_NEVER = 2.0**52  # a position that is never reached
_COUNTED = ("cut_offs", "cut_offs_heard", "wrong_heard", "starts", "commits", "discards")


def decide(turns: Sequence[TurnRecord] | PreparedTurns, policies: Sequence[Policy]) -> Decisions:
    """Return what each policy decides in each turn, shape (policies, turns).

    Turns of a conversation stand together and in order: what was learnt of the caller's pauses goes on.
    """
    if not policies:
        raise ParameterError("there are no policies to decide by, expected at least one")
    prepared = turns if isinstance(turns, PreparedTurns) else PreparedTurns.of(turns)
    size = len(prepared.order)
    parts = []
    width = max(1, min(len(policies), _CELLS // min(size, 64)))
    height = max(1, _CELLS // width)
    for left in range(0, len(policies), width):
        columns = PolicyColumns.of(policies[left : left + width])
        learnt = _learnt(prepared, columns)[prepared.order]
        rows = [
            _Batch(prepared, slice(top, top + height), columns, learnt[top : top + height]).run()
            for top in range(0, size, height)
        ]
        parts.append(_stack(rows, axis=0))
    whole = _stack(parts, axis=1)
    back = np.argsort(prepared.order, kind="stable")
    return Decisions(**{one.name: getattr(whole, one.name)[back].T for one in fields(Decisions)})


def _stack(parts: Sequence[Decisions], axis: int) -> Decisions:
    return Decisions(
        **{
            one.name: np.concatenate([getattr(part, one.name) for part in parts], axis=axis)
            for one in fields(Decisions)
        }
    )


def _learnt(turns: PreparedTurns, columns: PolicyColumns) -> Floats:
    """Return the longest pause known when each turn began, in the order given, shape (turns, policies)."""
    learnt = np.zeros((len(turns.pauses), len(columns.high)))
    longest = np.zeros(len(columns.high))
    for row, pauses in enumerate(turns.pauses):
        known = turns.known[row]
        if known is not None:
            longest = np.full(len(columns.high), known)
        learnt[row] = longest
        for pause in pauses:
            longest = columns.learn(longest, pause)
    return learnt


class _Batch:
    """Turns, those with most steps first, against policies; arrays have one row a turn."""

    def __init__(self, turns: PreparedTurns, part: slice, columns: PolicyColumns, longest: Floats) -> None:
        self._count = turns.count[part]
        rows, shape = len(self._count), (len(self._count), len(columns.high))
        self._columns, self._longest = columns, longest.copy()
        kinds = np.array([columns.times(*one) for one in turns.kinds])
        self._times = kinds[turns.kind[part]]
        self._stages = turns.stages.part(part)
        self._work, self._answered = turns.work[part], turns.answered[part]
        self._steps = {name: values[part] for name, values in turns.steps.items()}
        self._before = turns.began[part].copy()
        self._since = np.broadcast_to(self._before, shape).copy()
        self._silent, self._voiced_end = np.zeros((rows, 1), np.bool_), np.zeros((rows, 1))
        self._score, self._unknown = np.zeros((rows, 1)), np.ones((rows, 1), np.bool_)
        self._sure = np.zeros(shape)
        self._ahead, self._kept, self._kept_seconds = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._end, self._hangover = np.full(shape, _NEVER), np.zeros(shape)
        self._held, self._asked = np.full(shape, _NONE), np.full(shape, float(NO_REPLY))
        self._begun, self._used = np.zeros(shape), np.zeros(shape)
        self._counted = {name: np.zeros(shape) for name in _COUNTED}
        self._wasted, self._first = np.zeros(shape), np.full(shape, np.nan)
        self._too_long = _first_tick(self._before, columns.turn_max)
        longest_wait = columns.longest * self._times.max()
        ends = self._steps["position"][np.arange(rows), self._count - 1, None]
        last = ends + RATE * longest_wait
        self._lasts = bool(np.any(self._too_long <= last))
        self._grows = bool(np.any(columns.long != 1.0))

    def run(self) -> Decisions:
        """Take the steps one after the other and return what was decided."""
        self._wait(slice(None))
        for step in range(int(self._count[0])):
            rows = slice(int(np.searchsorted(-self._count, -step)))  # turns that have such a step
            at = self._steps["position"][rows, step, None]
            kind = self._steps["kind"][rows, step, None]
            self._look(rows, at)
            if np.any(kind == OFFER):
                self._offer(rows, at, kind == OFFER, step)
            if np.any(kind == RESUMED):
                self._resume(np.flatnonzero(kind == RESUMED), at)
            self._voiced_end[rows] = np.where(kind == SILENT, at, self._voiced_end[rows])
            if self._grows and np.any(kind == SILENT):
                self._wait(rows)
            self._silent[rows] = (self._silent[rows] | (kind == SILENT)) & (kind != RESUMED)
            self._before[rows] = at
        self._look(slice(None), np.full_like(self._before, _NEVER))
        return self._finished()

    def _wait(self, rows: slice | Indices) -> None:
        """Work out the silence to wait for."""
        columns, longest = self._columns, self._longest[rows]
        at_most = columns.high
        if self._grows:
            spoken = np.maximum(0.0, self._voiced_end[rows] - self._since[rows]) / RATE
            at_most = columns.high_at(spoken)
        own = longest + columns.margin
        stretched = np.maximum(at_most, np.minimum(columns.patience_max, own))
        high = np.where(longest > 0, stretched, at_most)
        low = np.where(longest > 0, np.minimum(high, np.maximum(columns.low, own)), columns.low)
        score = self._score[rows] * np.where(self._unknown[rows], columns.unknown, 1.0)
        wait = high - (high - low) * np.minimum(1.0, score / columns.sure)
        self._hangover[rows] = wait * self._times[rows]

    def _look(self, rows: slice, until: Floats) -> None:
        """Look at the silence at each tick before ``until``."""
        silent, voiced_end = self._silent[rows], self._voiced_end[rows]
        if not (self._lasts or np.any(silent)):
            return
        first = np.ceil(self._before[rows] / TICK) * TICK
        at = np.maximum(first, _first_tick(voiced_end, self._hangover[rows]))
        at[~silent[:, 0]] = _NEVER
        if self._lasts:
            too_long = np.maximum(first, self._too_long[rows])
            cut = ~silent & (too_long < until)
            self._drop(rows, cut & (self._held[rows] > _NONE), too_long)
            self._since[rows] = np.where(cut, too_long, self._since[rows])
            self._counted["cut_offs"][rows] += cut
            self._used[rows] *= ~cut
            over = silent & (self._end[rows] == _NEVER) & (too_long < np.minimum(at, until))
            at = np.where(over, too_long, at)
            self._too_long[rows] = np.where(cut | over, _NEVER, self._too_long[rows])
        ended = (self._end[rows] == _NEVER) & (at < until)
        self._end[rows] = np.where(ended, at, self._end[rows])

    def _offer(self, rows: slice, at: Floats, offered: Bools, step: int) -> None:
        """Offer a partial to early synthesis: hold, drop or begin a reply."""
        columns = self._columns
        confidence, stability, silence, sentence, complete, reply = (
            self._steps[name][rows, step, None] for name in COLUMNS[2:]
        )
        goes_on = self._end[rows] == _NEVER
        listens = offered & (goes_on | self._still_hears(rows, self._steps["begun"][rows, step, None]))
        request = np.where(complete < 0, sentence, complete)
        score = (0.6 * sentence + 0.4 * request) * (0.6 + 0.4 * stability)
        held = self._held[rows]
        self._drop(rows, listens & (held > _NONE) & (held != reply), at)
        begins = (
            listens
            & (self._held[rows] == _NONE)
            & (complete == 1)
            & columns.enabled
            & (confidence >= columns.confidence)
            & (stability >= columns.stability)
            & (score >= columns.end_of_turn)
            & (silence >= columns.silence)
            & (self._used[rows] < columns.starts_max)
        )
        self._held[rows] = np.where(begins, reply, self._held[rows])
        self._begun[rows] = np.where(begins, at, self._begun[rows])
        ahead, kept, seconds = self._parts(rows, step)
        self._ahead[rows] = np.where(begins, ahead * goes_on, self._ahead[rows])
        self._kept[rows] = np.where(begins, kept * goes_on, self._kept[rows])
        self._kept_seconds[rows] = np.where(begins, seconds * goes_on, self._kept_seconds[rows])
        sure = np.where(complete < 0, -1.0, confidence)
        self._sure[rows] = np.where(listens & goes_on, sure, self._sure[rows])
        first = self._first[rows]
        self._first[rows] = np.where(begins & np.isnan(first), at / RATE, first)
        self._used[rows] += begins
        self._counted["starts"][rows] += begins
        self._asked[rows] = np.where(listens, reply, self._asked[rows])
        self._score[rows] = np.where(offered, score, self._score[rows])
        self._unknown[rows] = np.where(offered, complete < 0, self._unknown[rows])
        self._wait(rows)

    def _parts(self, rows: slice, step: int) -> tuple[Floats, Floats, Floats]:
        """Return how many parts of the reply offered may be led, how many are right, how long these last."""
        parted, alike, clauses, kept, seconds = (self._steps[name][rows, step, None] for name in PARTS)
        most, sentences = self._columns.clauses, self._columns.sentences
        ahead = np.where(most > 0, np.minimum(clauses, most), parted * sentences)
        right = np.where(most > 0, np.minimum(kept, most), alike * sentences)
        return ahead, right, np.where(most > 0, seconds, 0.0)

    def _still_hears(self, rows: slice, begun: Floats) -> Bools:
        """Return which turns ended while the pass was under way, and neither know their final nor led."""
        end = self._end[rows]
        known = self._columns.enabled & (self._stages.rows(rows).final_known <= end / RATE)
        return np.asarray((begun <= end) & (end < _NEVER) & ~known & np.isnan(self._led(rows)[0]))

    def _resume(self, rows: Indices, at: Floats) -> None:
        """Let the caller go on: whatever was ended was cut off."""
        at = at[rows]
        cut = self._end[rows] < _NEVER
        held, asked = self._held[rows], self._asked[rows]
        right = (held > _NONE) & (held == asked)
        early = np.where(right, self._begun[rows] / RATE, np.nan)
        sounds = heard_at(self._end[rows] / RATE, early, self._stages.rows(rows), known=False)
        heard = cut & (asked > NO_REPLY) & (sounds < at / RATE)
        led, parts = self._led(rows)
        ahead = cut & (led + self._stages.rows(rows).playout < at / RATE)
        wrong = (heard & (asked != RIGHT)) | (cut & self._sounds_wrong(rows, led, parts, at / RATE))
        self._counted["cut_offs"][rows] += cut
        self._counted["cut_offs_heard"][rows] += heard | ahead
        self._counted["wrong_heard"][rows] += wrong
        self._counted["commits"][rows] += heard & right
        self._drop(rows, (held > _NONE) & ~(heard & right), np.where(cut, self._end[rows], at))
        self._held[rows] = _NONE
        self._sure[rows] = np.where(cut, -1.0, self._sure[rows])
        self._used[rows] = np.where(cut, 0, self._used[rows])
        self._end[rows] = _NEVER
        self._since[rows] = np.where(cut, at, self._since[rows])
        pause = silence_before(self._voiced_end[rows], at)
        self._longest[rows] = self._columns.learn(self._longest[rows], pause)
        self._wait(rows)

    def _drop(self, rows: slice | Indices, dropped: Bools, at: Floats) -> None:
        """Discard the early replies held."""
        spent = np.minimum((at - self._begun[rows]) / RATE, self._work[rows])
        self._wasted[rows] += np.where(dropped, spent, 0.0)
        self._counted["discards"][rows] += dropped
        self._held[rows] = np.where(dropped, _NONE, self._held[rows])

    def _led(self, rows: slice | Indices) -> tuple[Floats, Floats]:
        """Return from when something is led, NaN if nothing is; and how many parts of a reply are."""
        columns, sure, held = self._columns, self._sure[rows], self._held[rows]
        end, understood = self._end[rows] / RATE, sure >= 0
        ahead = self._ahead[rows] * ((held > _NONE) & understood & (sure >= columns.lead_confidence))
        parts = np.where(sure >= columns.further_confidence, ahead, np.minimum(1, ahead))
        prefix = columns.prefixed & understood & (sure >= columns.prefix_confidence)
        ready = np.maximum(end, self._begun[rows] / RATE + self._stages.rows(rows).synthesis)
        return np.where(parts > 0, ready, np.where(prefix, end, np.nan)), parts

    def _sounds_wrong(self, rows: slice | Indices, led: Floats, parts: Floats, until: Floats) -> Bools:
        """Return where a part that is not the right reply's is led and heard before a moment, seconds."""
        heard = led + self._stages.rows(rows).playout + self._kept_seconds[rows]
        return np.asarray((parts > self._kept[rows]) & (heard < until))

    def _finished(self) -> Decisions:
        rows, answered = slice(None), self._answered
        self._kept *= answered
        self._kept_seconds *= answered
        right = (self._held > _NONE) & ((self._held == RIGHT) | (self._kept > 0)) & answered
        stages, end = self._stages.rows(rows), self._end / RATE
        led, parts = self._led(rows)
        led = np.where(self._columns.enabled & (stages.final_known <= end), np.nan, led)
        decided = decided_at(end, ~right, stages, known=self._columns.enabled)
        self._counted["wrong_heard"] += self._sounds_wrong(rows, led, parts, decided)
        led = np.where(((parts > 0) & (self._kept == 0)) | ~answered, np.nan, led)
        self._counted["commits"] += right
        early = np.where(right, self._begun / RATE, np.nan)
        self._drop(rows, (self._held > _NONE) & ~right, self._end)
        counted = {name: values.astype(np.int64) for name, values in self._counted.items()}
        return Decisions(
            end=self._end.astype(np.int64),
            first_start=self._first,
            early=early,
            led=led,
            wasted=self._wasted,
            early_final=np.broadcast_to(self._columns.enabled, self._end.shape),
            **counted,
        )


def _first_tick(since: Floats, seconds: Floats) -> Floats:
    """Return the first tick at which the deciders count at least ``seconds`` since a position."""
    near = np.ceil((since + seconds * RATE) / TICK) * TICK  # a tick off where seconds are not quite samples
    early = (near - TICK - since) / RATE >= seconds
    late = (near - since) / RATE < seconds
    return np.asarray(near + TICK * (late.astype(np.float64) - early))
