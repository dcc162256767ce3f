from pathlib import Path

import pytest

from workbench.errors import ParameterError
from workbench.ssml.presets import load_presets
from workbench.ssml.setting import BOUNDS, Setting

NEUTRAL = Setting()


def test_every_shipped_preset_goes_the_way_its_sources_say() -> None:
    """A preset could be edited against what is cited for it, and nobody would notice."""
    shipped = load_presets()
    assert list(shipped.presets) == ["calm", "warm", "apologetic", "urgent", "celebratory"]
    for name, preset in shipped.presets.items():
        changed = {field for field in BOUNDS if getattr(preset.setting, field) != getattr(NEUTRAL, field)}
        assert changed == set(preset.directions), name
        for field, direction in preset.directions.items():
            moved = getattr(preset.setting, field) - getattr(NEUTRAL, field)
            assert moved * direction.sign > 0, (name, field)
            assert direction.sources
    assert set(shipped.sources) == {
        key for one in shipped.presets.values() for each in one.directions.values() for key in each.sources
    }


def test_a_preset_that_is_not_there_is_refused() -> None:
    """A typing error would be the plain voice."""
    with pytest.raises(ParameterError, match="preset 'clam' is not known, expected one of calm, warm"):
        load_presets().setting("clam")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ": holds NoneType, expected names with values"),
        ("presets: {a: 3}", ": a: holds int, expected names with values"),
        ("presets: {a: {setting: {rate: 8}}}", "rate of a is 8, expected 0.3 to 3"),
        ("presets: {a: {setting: {pitch: 1}, directions: {pitch: up}}}", "a: pitch: holds str"),
        (
            "presets: {a: {setting: {pitch: 1}, directions: {pitch: {toward: up}}}}",
            r"a: pitch lacks toward \(higher or lower\) and sources",
        ),
        (
            "presets: {a: {setting: {pitch: 1}, directions: {pitch: {toward: higher, sources: [x]}}}}",
            "a: source 'x' stands not under sources",
        ),
        ("presets: [", "can't be read: is no yaml"),
        ("#" * 100_001, "more than 100000 bytes, expected presets"),
    ],
)
def test_a_file_that_holds_no_presets_says_why(tmp_path: Path, text: str, problem: str) -> None:
    """Whoever edits it would get a traceback."""
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=problem):
        load_presets(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The shipped presets would stand in for one's own."""
    with pytest.raises(ParameterError, match="mine.yaml: can't be read: no such file or directory"):
        load_presets(tmp_path / "mine.yaml")
