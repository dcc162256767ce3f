"""The settings of turn taking that may change while a session goes on, by dotted name, within limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from workbench.conversation.early_synthesis import SILENCE_MAX, STARTS_MAX, EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.errors import ParameterError

Setting = bool | int | float

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a setting may be, both ends included."""

    least: float
    most: float
    kind: type = float


TUNABLE: Mapping[str, Limits] = MappingProxyType(
    {
        "early.enabled": Limits(0, 1, bool),
        "early.confidence": Limits(0, 1),
        "early.stability": Limits(0, 1),
        "early.end_of_turn": Limits(0, 1),
        "early.silence": Limits(0, SILENCE_MAX),
        "early.starts_max": Limits(0, STARTS_MAX, int),
        "endpointing.hangover_min": Limits(0.1, 10),
        "endpointing.hangover_max": Limits(0.1, 10),
        "endpointing.sure": Limits(0.01, 1),
        "endpointing.unknown": Limits(0, 1),
        "endpointing.pause_margin": Limits(0, 10),
        "endpointing.patience": Limits(0, 10),
        "endpointing.pace": Limits(0, 1),
        "endpointing.long": Limits(1, 4),
        "endpointing.yes_no": Limits(0.25, 4),
        "endpointing.choice": Limits(0.25, 4),
        "endpointing.date": Limits(0.25, 4),
        "endpointing.list": Limits(0.25, 4),
        "endpointing.turn_max": Limits(1, 600),
    }
)
"""By name; times in seconds, all else 0..1 or a count."""


@dataclass(frozen=True, slots=True)
class TurnTakingSettings:
    """What decides when a reply is prepared and when a turn is over."""

    early: EarlySynthesisSettings
    endpointing: EndpointingSettings

    def told(self) -> dict[str, object]:
        """Return the settings as a session's opening, or a later change, tells of them."""
        return {"early_synthesis": asdict(self.early), "endpointing": asdict(self.endpointing)}

    def with_changes(self, changes: Mapping[str, Setting]) -> "TurnTakingSettings":
        """Return the settings with some changed.

        Raises
        ------
        ParameterError
            If one may not change, or not to that value.
        """
        for name, value in changes.items():
            _check(name, value)
        parts = {"early": self.early, "endpointing": self.endpointing}
        for group, own in parts.items():
            held = {
                name.removeprefix(f"{group}."): _as(TUNABLE[name].kind, value)
                for name, value in changes.items()
                if name.startswith(f"{group}.")
            }
            parts[group] = replace(own, **held)  # type: ignore[type-var]
        return TurnTakingSettings(**parts)  # type: ignore[arg-type]


def settings_told(told: Mapping[str, object]) -> TurnTakingSettings:
    """Return what :meth:`TurnTakingSettings.told` told.

    Raises
    ------
    ParameterError
        If they are not those of this version.
    """
    return TurnTakingSettings(
        made_from(EarlySynthesisSettings, told.get("early_synthesis", {})),
        made_from(EndpointingSettings, told.get("endpointing", {})),
    )


def made_from(kind: type[S], held: Any) -> S:
    """Return the settings that were told as a mapping; raises ParameterError if they are others."""
    try:
        values = {name: tuple(one) if isinstance(one, list) else one for name, one in dict(held).items()}
        return kind(**values)
    except (TypeError, ValueError):
        raise ParameterError(f"the timeline's {kind.__name__} are not those this version knows") from None


def _check(name: str, value: Setting) -> None:
    limits = TUNABLE.get(name)
    if limits is None:
        raise ParameterError(f"a setting to change is unknown, expected one of {', '.join(TUNABLE)}")
    fits = isinstance(value, bool) if limits.kind is bool else _is_number(value, whole=limits.kind is int)
    if not fits or not limits.least <= value <= limits.most:
        wanted = "true or false" if limits.kind is bool else f"{limits.least:g} to {limits.most:g}"
        raise ParameterError(f"{name} is {value}, expected {wanted}")


def _is_number(value: Setting, *, whole: bool) -> bool:
    return not isinstance(value, bool) and (not whole or isinstance(value, int) or value.is_integer())


def _as(kind: type, value: Setting) -> Setting:
    made: Setting = kind(value)
    return made
