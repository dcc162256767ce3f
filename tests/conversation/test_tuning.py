"""Changing the settings of turn taking while a session goes on."""

from dataclasses import fields

import pytest

from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.tuning import TUNABLE, TurnTakingSettings, settings_told
from workbench.errors import ParameterError

PLAIN = TurnTakingSettings(EarlySynthesisSettings(), EndpointingSettings())


def test_what_is_named_changes_and_nothing_else():
    """A caller would be answered by settings nobody chose."""
    changed = PLAIN.with_changes(
        {"early.confidence": 0.9, "endpointing.hangover_min": 1, "early.enabled": False}
    )
    assert changed.early == EarlySynthesisSettings(confidence=0.9, enabled=False)
    assert changed.endpointing == EndpointingSettings(hangover_min=1.0)
    assert isinstance(changed.endpointing.hangover_min, float)


def test_every_setting_that_may_change_is_one_that_there_is():
    """A setting would be accepted and fail inside the session."""
    known = {f"early.{one.name}" for one in fields(EarlySynthesisSettings)}
    known |= {f"endpointing.{one.name}" for one in fields(EndpointingSettings)}
    assert set(TUNABLE) <= known
    for name, limits in TUNABLE.items():
        both = {"endpointing.hangover_max": 10.0} if name == "endpointing.hangover_min" else {}
        low = {"endpointing.hangover_min": 0.1} if name == "endpointing.hangover_max" else {}
        for value in (limits.least, limits.most):
            PLAIN.with_changes({name: limits.kind(value)} | both | low)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"early.voice": 1}, "a setting to change is unknown, expected one of early.enabled, "),
        ({"early.confidence": 1.1}, "early.confidence is 1.1, expected 0 to 1"),
        ({"early.confidence": True}, "early.confidence is True, expected 0 to 1"),
        ({"early.enabled": 1}, "early.enabled is 1, expected true or false"),
        ({"early.starts_max": 1.5}, "early.starts_max is 1.5, expected 0 to 20"),
        ({"early.starts_max": 10**400}, "early.starts_max is 1000"),
        ({"endpointing.hangover_min": 3}, "hangover_min is 3.0 s and hangover_max 1.4 s, expected 0.1 <= "),
        ({"endpointing.turn_max": 1e9}, "endpointing.turn_max is 1000000000.0, expected 1 to 600"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(changes, problem):
    """A session would go on under settings that its deciders were never made for."""
    with pytest.raises(ParameterError) as refused:
        PLAIN.with_changes(changes)
    assert str(refused.value).startswith(problem)


def test_settings_come_back_from_what_is_told_of_them():
    """A replay would go on under other settings than the session did."""
    changed = PLAIN.with_changes({"early.silence": 0.2, "endpointing.sure": 0.6})
    assert settings_told(changed.told()) == changed
    with pytest.raises(ParameterError, match="EndpointingSettings are not those this version knows"):
        settings_told({"endpointing": {"mood": 1}})
