"""How an assistant says all it says: a preset, and what is set beside it."""

import difflib
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.ssml.presets import load_presets
from workbench.ssml.setting import BOUNDS, Setting


def _within(name: str) -> Any:
    low, high = BOUNDS[name]
    return Field(default=None, ge=low, le=high)


class Style(BaseModel):
    """How it is said, against the voice's usual way; what is None is as the preset has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str | None = None
    """Name of a shipped preset."""
    rate: float | None = _within("rate")
    """Factor: 1.2 is a fifth faster."""
    pitch: float | None = _within("pitch")
    """Semitones."""
    range: float | None = _within("range")
    """Change of how far f0 moves, in percent."""
    volume: float | None = _within("volume")
    """Decibels."""
    pause: float | None = _within("pause")
    """Seconds of silence at punctuation inside a reply."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        """Let a name stand for a preset."""
        return {"preset": given} if isinstance(given, str) else given

    @field_validator("preset")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        known = load_presets().presets
        if name is not None and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f", did you mean {near[0]}?" if near else f", expected one of {', '.join(known)}"
            raise ValueError(f"{name!r} is not a preset{meant}")
        return name

    @property
    def setting(self) -> Setting:
        """Return it as one setting."""
        own = {name: value for name in BOUNDS if (value := getattr(self, name)) is not None}
        base = Setting() if self.preset is None else load_presets().setting(self.preset)
        values = {name: getattr(base, name) for name in BOUNDS}
        return Setting(name=self.preset or ("own" if own else base.name), **values | own)
