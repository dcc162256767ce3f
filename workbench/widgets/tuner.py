"""The tuner: thresholds drawn on recorded turns; move one and see what all turns would have come to."""

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import soxr
import traitlets

from workbench.analysis.outcomes import RATE, TurnRecord
from workbench.analysis.policies import Policy
from workbench.analysis.risk_choice import parse_budget
from workbench.analysis.sweep_space import policy_with, settings_of
from workbench.analysis.sweep_yaml import policy_yaml
from workbench.analysis.tuner import FIGURES, Tuner
from workbench.analysis.tuner_front import front_of
from workbench.analysis.tuner_reading import TunedOn, read_sessions
from workbench.analysis.tuner_trace import trace, turn_picture, waveform
from workbench.analysis.turn_events import by_turn
from workbench.conversation.tuning import TUNABLE
from workbench.core.audio import Samples
from workbench.errors import ParameterError, WorkbenchError
from workbench.store.recording import Recording
from workbench.widgets.esm import bundle, source
from workbench.widgets.tuner_live import LiveCheck, Tunable
from workbench.widgets.tuner_told import SLIDERS, alike_told, as_setting, figures_told, fit_told

BUDGET = "wrong=0.01,cut=0.05"
TURNS_MAX = 20_000
"""Turns shown in one tuner."""
SOUND_MAX = 60.0
"""Seconds of sound sent at once."""
KEPT = 4
"""Sessions kept loaded, to be heard and seen."""

_LOG = logging.getLogger(__name__)


class TurnTakingTuner(anywidget.AnyWidget):
    """Shows recorded turns with the thresholds on them, and what other settings would have come to.

    Parameters
    ----------
    sessions : session folders, folders of such, or recordings
    live : what the settings may be applied to: a panel, or an open session
    budget : the largest shares of turns that may go wrong, for the settings suggested
    price : of a thousand characters synthesised

    Raises
    ------
    ParameterError
        If there is nothing to tune on, or the budget makes no sense.
    """

    _esm = bundle("tuner.js")
    _css = source("tuner.css")

    info = traitlets.Dict().tag(sync=True)
    """Turns, sliders, settings as recorded, calibration."""
    settings = traitlets.Dict().tag(sync=True)
    """The settings that are looked at, by dotted name; a page changes them."""
    recorded = traitlets.Bytes().tag(sync=True)
    """Turn by turn what the recorded settings come to, as ``info["layout"]`` tells."""
    decided = traitlets.Bytes().tag(sync=True)
    """The same under ``settings``."""
    outcome = traitlets.Dict().tag(sync=True)
    """Figures with intervals, recorded and now; the settings as YAML; or a problem with them."""
    front = traitlets.Dict().tag(sync=True)
    """A grid of settings: what each comes to, which nothing beats, which is suggested."""
    selected = traitlets.Int(0).tag(sync=True)
    """The turn that is looked at."""
    turn = traitlets.Dict().tag(sync=True)
    """That turn, and what endpointing does in it."""
    wave = traitlets.Bytes().tag(sync=True)
    """Both waveforms of that turn."""
    live = traitlets.Dict().tag(sync=True)
    """What was applied to the live session, and how its turns compare with the prediction."""

    def __init__(
        self,
        sessions: TunedOn | Recording | Path | str | Sequence[Recording | Path | str],
        *,
        live: Tunable | None = None,
        budget: str = BUDGET,
        price: float = 0.0,
        **traits: Any,
    ) -> None:
        self._closed = threading.Event()
        self._check = LiveCheck(live, self._tell_live)
        self._read = sessions if isinstance(sessions, TunedOn) else read_sessions(_listed(sessions))
        if not 0 < len(self._read.turns) <= TURNS_MAX:
            raise ParameterError(
                f"the sessions have {len(self._read.turns)} turns, expected 1 to {TURNS_MAX}"
            )
        self._budget = parse_budget(budget)
        self._tuner = Tuner(self._read.turns, self._read.base, price=price)
        self._loaded: dict[str, Recording] = {}
        self._policy = self._read.base
        self._as_recorded = self._tuner.decide(self._policy)
        self._revision = 0
        own, packed = settings_of(self._policy), self._tuner.packed(self._as_recorded)
        super().__init__(
            info={**self._facts(price), "layout": packed.layout},
            settings={one["name"]: own[one["name"]] for one in SLIDERS},
            recorded=packed.data,
            live=self._check.told(),
            **traits,
        )
        self._decide(self._policy)
        self._show_turn()
        self.observe(self._moved, "settings")
        self.observe(self._chosen, "selected")
        self.on_msg(self._asked)
        self._worker = threading.Thread(target=self._find_front, daemon=True)
        self._worker.start()

    @property
    def policy(self) -> Policy:
        """Return the settings that are looked at."""
        return self._policy

    @property
    def yaml(self) -> str:
        """Return the settings that are looked at, as lines for an assistant's file."""
        return policy_yaml(self._policy)

    def wait(self, seconds: float = 120.0) -> "TurnTakingTuner":
        """Wait until the grid of settings is worked out, and return the tuner itself.

        Raises
        ------
        ParameterError
            If that takes longer than ``seconds``.
        """
        self._worker.join(seconds)
        if self._worker.is_alive():
            raise ParameterError(f"the front is not complete after {seconds:.0f} s")
        return self

    def apply(self) -> None:
        """Apply the settings to the live session; what its next turns come to is told beside the prediction.

        Raises
        ------
        ParameterError
            If there is no live session, it is over, or the settings that are looked at can't be.
        """
        if self.outcome["problem"]:
            raise ParameterError(f"nothing is applied: {self.outcome['problem']}")
        decided = self._tuner.decide(self._policy)
        own = settings_of(self._policy)
        changes = {name: own[name] for name in TUNABLE}
        self._check.apply(changes, decided, conversations=self._tuner.conversations)

    def close(self) -> None:
        """Close the tuner and let go of the live session."""
        self._closed.set()
        self._check.close()
        super().close()

    # --- what is told

    def _facts(self, price: float) -> dict[str, Any]:
        texts = self._read.texts or ("",) * len(self._read.turns)
        return {
            "turns": [
                {"session": Path(one.conversation).name, "turn": one.turn, "text": text}
                for one, text in zip(self._read.turns, texts, strict=True)
            ],
            "sessions": self._tuner.conversations,
            "note": alike_told(self._read.alike, len(self._read.sessions)),
            "sliders": [dict(one) for one in SLIDERS],
            "base": settings_of(self._read.base),
            "figures": dict(FIGURES),
            "price": price,
            "calibration": [fit_told(one) for one in self._read.fits],
            "tick": 512 / RATE,
        }

    def _decide(self, policy: Policy) -> None:
        decided = self._tuner.decide(policy)
        self._policy, self._revision = policy, self._revision + 1
        with self.hold_sync():
            self.decided = self._tuner.packed(decided).data
            self.outcome = {
                "revision": self._revision,
                "settings": dict(self.settings),
                "recorded": figures_told(self._as_recorded.figures),
                "now": figures_told(decided.figures),
                "yaml": policy_yaml(policy),
                "problem": "",
            }
            self._show_turn()

    def _moved(self, change: Mapping[str, Any]) -> None:
        try:
            known = {one["name"] for one in SLIDERS}
            changes = {name: value for name, value in change["new"].items() if name in known}
            own = settings_of(self._read.base)
            self._decide(policy_with(self._policy, {n: as_setting(own[n], v) for n, v in changes.items()}))
        except (ParameterError, TypeError, ValueError) as error:
            told = error if isinstance(error, WorkbenchError) else "these settings can't be"
            self._revision += 1
            same = {"settings": dict(self.settings), "problem": f"{told}"}
            self.outcome = {**self.outcome, "revision": self._revision, **same}

    # --- the turn that is looked at

    def _chosen(self, _: object) -> None:
        self._show_turn()

    def _show_turn(self) -> None:
        turns = self._read.turns
        place = min(max(0, self.selected), len(turns) - 1)
        turn = turns[place]
        before = [one for one in turns[:place] if one.conversation == turn.conversation]
        recording = self._recording(turn)
        found = trace(turn, before, self._policy)
        told = {
            "waits": [list(one) for one in found.waits],
            "cuts": list(found.cuts),
            "end": found.end,
            "starts": list(found.starts),
        }
        if self.turn.get("place") == place:
            self.turn = {**self.turn, "trace": told}
            return
        events = by_turn(recording.timeline.events).get(turn.turn, ()) if recording else ()
        answered = self._as_recorded.outcomes.response_time[0, place]
        drawn = turn_picture(turn, events, until=turn.voiced_end / RATE + answered + 0.5)
        wave = b"" if recording is None else waveform(recording, drawn["from"], drawn["to"])
        with self.hold_sync():
            self.wave = wave
            self.turn = {"place": place, **drawn, "trace": told, "sound": recording is not None}

    def _recording(self, turn: TurnRecord) -> Recording | None:
        name = turn.conversation
        if name not in self._loaded:
            found = self._read.recording(name)
            if found is None:
                return None
            while len(self._loaded) >= KEPT:
                del self._loaded[next(iter(self._loaded))]
            self._loaded[name] = found
        return self._loaded[name]

    # --- what a page asks for

    def _asked(self, _widget: object, content: Any, _buffers: object) -> None:
        try:
            if content["kind"] == "sound":
                self._sound(int(content["request"]), float(content["start"]), float(content["seconds"]))
            elif content["kind"] == "apply":
                self.apply()
        except ParameterError as error:
            self._check.problem(str(error))
        except (KeyError, TypeError, ValueError) as error:
            _LOG.warning("a page asked the tuner for something that is not there: %s", type(error).__name__)

    def _sound(self, request: int, start: float, seconds: float) -> None:
        """Send both sides of the turn's session as 16-bit samples in turns, caller first."""
        recording = self._recording(self._read.turns[self.turn["place"]])
        if recording is None or not (start >= 0 and 0 < seconds <= SOUND_MAX):
            raise ParameterError(f"sound from {start} s for {seconds} s lies in no session")
        rate = recording.agent_rate
        sides = [
            _resampled(_window(recording.caller, recording.caller_rate, start, seconds), recording, rate),
            _window(recording.agent, rate, start, seconds),
        ]
        both = np.zeros((max(map(len, sides)), 2), np.float32)
        for channel, samples in enumerate(sides):
            both[: len(samples), channel] = samples
        data = np.rint(np.clip(both, -1, 1) * 32_767).astype("<i2").tobytes()
        self.send({"kind": "sound", "request": request, "rate": rate}, buffers=[data])

    # --- the grid, and the live session

    def _find_front(self) -> None:
        def progress(done: int, total: int) -> None:
            if self._closed.is_set():
                raise _Closed
            self.front = {"done": done, "total": total}

        try:
            found = front_of(self._read.turns, self._read.base, self._budget, progress=progress)
        except _Closed:
            return
        except WorkbenchError as error:
            self.front = {"problem": str(error)}
            return
        self.front = {"points": found.points, "chosen": found.chosen, "promise": found.promise}

    def _tell_live(self, told: dict[str, Any]) -> None:
        self.live = told


class _Closed(Exception):
    """The tuner is closed, nobody waits for the front any more."""


def _listed(
    sessions: Recording | Path | str | Sequence[Recording | Path | str],
) -> Sequence[Recording | Path | str]:
    return [sessions] if isinstance(sessions, Recording | Path | str) else sessions


def _window(samples: Samples, rate: int, start: float, seconds: float) -> Samples:
    return samples[round(start * rate) : round((start + seconds) * rate)]


def _resampled(samples: Samples, recording: Recording, rate: int) -> Samples:
    if recording.caller_rate == rate or not len(samples):
        return samples
    result: Samples = soxr.resample(samples, recording.caller_rate, rate)
    return result
