"""The settings that turn taking is tuned by: one policy, and many of them as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.analysis.outcomes import Floats, Ints
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import LONG, EndpointingSettings
from workbench.conversation.expecting import Expected
from workbench.conversation.leading import LeadSettings
from workbench.conversation.speaker import FADE

Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings that turn taking is tuned by."""

    early: EarlySynthesisSettings = field(default_factory=EarlySynthesisSettings)
    lead: LeadSettings = field(default_factory=LeadSettings)
    endpointing: EndpointingSettings = field(default_factory=EndpointingSettings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyColumns:
    """The settings of the policies, one entry each."""

    enabled: Bools
    confidence: Floats
    stability: Floats
    end_of_turn: Floats
    silence: Floats
    starts_max: Ints
    low: Floats
    high: Floats
    long: Floats
    margin: Floats
    sure: Floats
    unknown: Floats
    patience_max: Floats
    turn_max: Floats
    policies: tuple[EndpointingSettings, ...]
    prefixed: Bools
    prefix_confidence: Floats
    sentences: Bools
    clauses: Ints
    lead_confidence: Floats
    further_confidence: Floats

    @classmethod
    def of(cls, policies: Sequence[Policy]) -> "PolicyColumns":
        """Return the settings of ``policies``, in their order."""
        early, ends = [one.early for one in policies], [one.endpointing for one in policies]
        lead = [one.lead for one in policies]
        return cls(
            enabled=np.array([one.enabled for one in early]),
            confidence=np.array([one.confidence for one in early]),
            stability=np.array([one.stability for one in early]),
            end_of_turn=np.array([one.end_of_turn for one in early]),
            silence=np.array([one.silence for one in early]),
            starts_max=np.array([one.starts_max for one in early]),
            low=np.array([one.hangover_min for one in ends]),
            high=np.array([one.hangover_max for one in ends]),
            long=np.array([one.long for one in ends]),
            margin=np.array([one.pause_margin for one in ends]),
            sure=np.array([one.sure for one in ends]),
            unknown=np.array([one.unknown for one in ends]),
            patience_max=np.array([one.patience_max for one in ends]),
            turn_max=np.array([one.turn_max for one in ends]),
            policies=tuple(ends),
            prefixed=np.array([bool(one.prefixes) for one in lead]),
            prefix_confidence=np.array([one.prefix_confidence for one in lead]),
            sentences=np.array([one.sentences for one in lead]),
            clauses=np.array([one.clauses for one in lead]),
            lead_confidence=np.array([one.confidence for one in lead]),
            further_confidence=np.array([one.further_confidence for one in lead]),
        )

    @property
    def longest(self) -> float:
        """Return the longest wait of any, before kind of answer and pace count."""
        return float(np.maximum(self.patience_max, self.high * self.long).max())

    def high_at(self, spoken: Floats) -> Floats:
        """Return the silence waited when nothing says that a turn of ``spoken`` seconds is complete."""
        return np.asarray(self.high * (1.0 + (self.long - 1.0) * np.minimum(1.0, spoken / LONG)))

    def learn(self, longest: Floats, pause: Floats | float) -> Floats:
        """Return the longest pause known after one of ``pause`` seconds."""
        return np.minimum(self.patience_max, np.maximum(pause, FADE * longest))

    def times(self, expected: Expected, pace: float) -> Floats:
        """Return how many times as long is waited in a turn, for what was asked and who speaks."""
        return np.array([one.times(expected) * one.times_at(pace) for one in self.policies])
