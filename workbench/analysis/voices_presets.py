"""Settings that make a voice sound calm, warm, apologetic, urgent or celebratory: a start, to be edited.

Only tempo, height and loudness, which every embedded engine honours. The directions are those that
listeners were found to hear as the emotion nearby (tenderness, sadness, fear, joy); the sizes are small ones
that keep a voice intelligible, and what they do in a voice is for ``workbench compare`` to measure.

Source of the directions: Juslin & Laukka (2003), Communication of emotions in vocal expression and music
performance, Psychological Bulletin 129, table 7; Banse & Scherer (1996) for joy and fear.
"""

from collections.abc import Mapping
from types import MappingProxyType

from workbench.analysis.voices_cell import Setting

EMPATHY: Mapping[str, Setting] = MappingProxyType(
    {
        one.name: one
        for one in (
            Setting(name="calm", rate=0.92, pitch=-1.0, volume=-2.0),
            Setting(name="warm", rate=0.95, pitch=-0.5, volume=-1.0),
            Setting(name="apologetic", rate=0.9, pitch=-1.5, volume=-3.0),
            Setting(name="urgent", rate=1.15, pitch=1.5, volume=3.0),
            Setting(name="celebratory", rate=1.08, pitch=2.0, volume=2.0),
        )
    }
)
"""By name: slower, lower, softer as tenderness and sadness are; faster, higher, louder as fear and joy."""
