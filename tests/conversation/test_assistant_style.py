"""How an assistant says all it says: what its file may ask for, and where a mistake stands."""

import pytest
from test_assistants import GOOD

from workbench.conversation.assistants import load_assistant
from workbench.errors import AssistantError
from workbench.ssml.presets import load_presets
from workbench.ssml.setting import PLAIN, Setting


def styled(tmp_path, style):
    path = tmp_path / "lamp.yaml"
    path.write_text(GOOD.replace("greeting:", f"{style}\ngreeting:"), encoding="utf-8")
    return path


def test_without_a_style_the_voice_is_left_as_it_is(tmp_path):
    """Every assistant would sound otherwise than it did."""
    assert load_assistant(styled(tmp_path, "")).style.setting == PLAIN


@pytest.mark.parametrize("style", ["style: calm", "style: {preset: calm}"])
def test_a_preset_is_named(tmp_path, style):
    """The assistant would not sound as its file says."""
    assert load_assistant(styled(tmp_path, style)).style.setting == load_presets().setting("calm")


def test_what_is_set_beside_a_preset_counts(tmp_path):
    """A calm assistant could not be made a little faster."""
    style = "style:\n  preset: calm\n  rate: 1.1\n  pause: 0.3"
    calm = load_presets().setting("calm")
    expected = Setting(
        name="calm", rate=1.1, pitch=calm.pitch, range=calm.range, volume=calm.volume, pause=0.3
    )
    assert load_assistant(styled(tmp_path, style)).style.setting == expected
    own = load_assistant(styled(tmp_path, "style: {rate: 0.9}")).style.setting
    assert own == Setting(name="own", rate=0.9)


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("style: clam", ":4: style.preset: 'clam' is not a preset, did you mean calm?"),
        (
            "style:\n  rate: 1.1\n  preset: gruff",
            ":6: style.preset: 'gruff' is not a preset, expected one of calm, warm, apologetic, urgent, ",
        ),
        ("style:\n  preset: calm\n  rat: 2", ":6: style.rat: is not a known key, did you mean rate?"),
        ("style:\n  rate: 7", ":5: style.rate: input should be less than or equal to 3"),
        ("style:\n  pause: long", ":5: style.pause: input should be a valid number"),
        ("style: [calm]", ":4: style: input should be a valid dictionary or instance of Style"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, style, told):
    """The writer of the file would look for it everywhere."""
    path = styled(tmp_path, style)
    with pytest.raises(AssistantError) as raised:
        load_assistant(path)
    assert str(raised.value).startswith(f"{path}{told}")
