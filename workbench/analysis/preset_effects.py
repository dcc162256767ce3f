"""Whether what a preset did in a voice goes the way its sources found in people."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.analysis.experiment_effects import ALL, Row
from workbench.ssml.presets import Presets

CHECKED = ("rate", "pitch", "range", "volume")
"""Measures that a preset asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One change that a preset made in one voice."""

    row: Row
    direction: int
    """1 higher, -1 lower in people; 0 where no source is named."""
    sources: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Return how it compares with the literature: as found (✓), the other way (✗), no clear change (○).

        Of too few sentences for an interval nothing is clear (?).
        """
        if not self.direction:
            return "no source"
        found = "higher" if self.direction > 0 else "lower"
        low, high = self.row.difference.low, self.row.difference.high
        if math.isnan(low):
            return f"{found} ?"
        if low <= 0 <= high:
            return f"{found} ○"
        return f"{found} {'✓' if low * self.direction > 0 else '✗'}"


def preset_effects(rows: Sequence[Row], presets: Presets) -> list[Done]:
    """Return what each preset (a level of the factor ``style``) changed in each voice, preset by preset."""
    found = []
    for name, preset in presets.presets.items():
        for row in rows:
            if row.factor != "style" or row.level != name or row.voice == ALL:
                continue
            if row.measure.name not in CHECKED:
                continue
            direction = preset.directions.get(row.measure.name)
            if direction is None and math.isnan(row.asked):
                continue
            found.append(
                Done(
                    row=row,
                    direction=0 if direction is None else direction.sign,
                    sources=() if direction is None else direction.sources,
                )
            )
    order = {name: place for place, name in enumerate(CHECKED)}
    keys = list(dict.fromkeys((one.row.voice, one.row.language) for one in found))
    level = {name: place for place, name in enumerate(presets.presets)}
    return sorted(
        found,
        key=lambda one: (
            level[one.row.level],
            keys.index((one.row.voice, one.row.language)),
            order[one.row.measure.name],
        ),
    )
