"""``workbench voices``: who speaks a language and who stands in, for people and for programs."""

import json
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.commands import voices as command
from workbench.speech.voice_choice import chain


def test_at_least_twelve_languages_have_a_voice_and_one_that_stands_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody would know whom a caller hears when a voice fails."""
    assert main(["voices", "--any-engine", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told) >= 12
    for language, chosen in told.items():
        assert [one["voice"] for one in chosen] == [one.voice.id for one in chain(language)]
        assert len(chosen) >= 2
        assert {one["engine"] for one in chosen} == {"kokoro", "espeak"}
        assert all(one["reason"] and one["licence"] for one in chosen)


def test_a_language_says_why_each_voice_is_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A person would wonder why Polish is spoken by an Italian."""
    assert main(["voices", "pl", "gl-ES", "--any-engine"]) == 0
    told = capsys.readouterr().out
    assert "pl:\n  1. if_sara    speaks pl with an accent\n  2. espeak:pl  speaks pl\n" in told
    assert "gl-ES has no voice, pt is close to it" in told


def test_a_voice_that_does_not_speak_what_it_was_made_for_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Japanese text would be given to a voice that reads it as English."""
    assert main(["voices", "ja", "--any-engine"]) == 0
    told = capsys.readouterr().out
    assert "1. espeak:ja  speaks ja\n" in told
    wanted = "made for ja-JP, which kokoro does not read: speaks en-US; ja-JP is spoken by espeak:ja"
    assert f"–  jf_alpha   {wanted}" in told
    monkeypatch.setattr(command, "installed", lambda: ("kokoro",))
    assert main(["voices", "ja"]) == 0
    assert "speaks en-US; nothing here speaks ja-JP" in capsys.readouterr().out
    assert main(["voices", "en"]) == 0
    assert "jf_alpha" not in capsys.readouterr().out


def test_what_is_not_installed_is_not_promised(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """French would be promised where nothing pronounces it."""
    monkeypatch.setattr(command, "installed", lambda: ("kokoro",))
    monkeypatch.setattr(
        command, "_is_pronounced", lambda choice, language, teller: choice.voice.id != "ff_siwis"
    )
    assert main(["voices", "fr"]) == 0
    told = capsys.readouterr().out
    assert "ff_siwis" not in told
    assert "1. af_heart  nothing else speaks fr: read as en-US" in told
    assert told.rstrip().endswith("the espeak extra brings its voices, and more languages for Kokoro's")


def test_the_table_is_read_by_people_and_by_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    """The documents would show another table than the command."""
    assert main(["voices", "--any-engine", "--all"]) == 0
    told = capsys.readouterr().out
    assert "Hungarian" in told
    assert "espeak:sw" in told
    assert main(["voices", "--any-engine", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| tag | language | spoken by | then, in this order |"
    assert "| pl | Polish | if_sara, with an accent | espeak:pl, af_heart |" in lines
    documented = (Path(__file__).parents[2] / "docs" / "voices.md").read_text(encoding="utf-8")
    assert documented.partition("<!-- voices -->")[2].partition("<!-- end -->")[0].split("\n")[2:-2] == lines


def test_what_is_no_language_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing mistake would end in a traceback."""
    assert main(["voices", "polish!"]) == 2
    assert capsys.readouterr().err == "workbench: language is 'polish!', expected a tag such as en-GB or fr\n"
