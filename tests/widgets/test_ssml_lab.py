"""The SSML lab's half in the kernel, without a browser: what a page is told while somebody types."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import comm
import numpy as np
import pytest
from patience import PATIENCE
from recording_comm import RecordingComm

from workbench.core.events import SpokenWord
from workbench.errors import EngineFailed, NotSpoken, ParameterError
from workbench.speech.ports import Clause, SynthesizerCapabilities
from workbench.speech.scripted import ScriptedSynthesizer
from workbench.speech.speakers import Speakers
from workbench.ssml.dialects import dialects
from workbench.ssml.downlevel import render_for
from workbench.ssml.flatten import Marked, Pause, Spoken, flatten
from workbench.ssml.parse import parse
from workbench.widgets.ssml_lab import EXAMPLE, SPOKEN_MAX, VOICES_MAX, SsmlLab
from workbench.widgets.ssml_told import CHARACTERS_MAX, told

RATE = 8_000
PAUSED = '<speak>One two.<break time="300ms"/> Three four.</speak>'


@dataclass
class Obedient:
    """Tones that keep breaks and tell marks; a gate, if there is one, is waited for before each clause."""

    gate: threading.Event | None = None
    begun: threading.Event = field(default_factory=threading.Event)
    said: list[str] = field(default_factory=list)
    fails: bool = False

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what it claims."""
        return replace(ScriptedSynthesizer().capabilities, rate=RATE)

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield a clause for each stretch of text and each pause."""
        if voice == "bm_george" or self.fails:
            raise EngineFailed("the line went dead")
        self.said.append(ssml)
        marks: tuple[SpokenWord, ...] = ()
        for piece in flatten(parse(ssml)):
            if isinstance(piece, Marked):
                marks = (*marks, SpokenWord(text=piece.name, start=0.0, end=0.0))
                continue
            self.begun.set()
            if self.gate is not None:
                assert self.gate.wait(PATIENCE)
            seconds = piece.seconds if isinstance(piece, Pause) else 0.25 * len(piece.text.split())
            tone = 0.2 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * RATE)) / RATE)
            samples = np.zeros_like(tone) if isinstance(piece, Pause) else tone
            told_now = marks if isinstance(piece, Spoken) and piece.text.strip() else ()
            marks = () if told_now else marks
            yield Clause(text="x", samples=samples.astype(np.float32), rate=RATE, marks=told_now)


@pytest.fixture(autouse=True)
def recording_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **kwargs: RecordingComm(**kwargs))


def lab_with(voice: Obedient, text: str = PAUSED, **settings: object) -> SsmlLab:
    return SsmlLab(text, speakers=Speakers({"kokoro": lambda: voice}), **settings)


def type_in(lab: SsmlLab, text: str, **changes: object) -> None:
    """Write a text as a page does."""
    lab.draft = {**lab.draft, "text": text, **changes, "revision": lab.draft["revision"] + 1}


def test_a_text_is_read_lost_said_and_measured() -> None:
    """A person would type and see nothing, or the figures of another text."""
    lab = lab_with(Obedient(), voices=["af_heart", "am_michael"]).wait(PATIENCE)
    assert lab.found["revision"] == 0
    assert lab.found["findings"] == []
    assert set(lab.found["targets"]) == set(dialects())
    for name, target in lab.found["targets"].items():
        assert target["sent"] == render_for(parse(PAUSED), name).text
    assert lab.found["targets"]["scripted"]["levels"]["break@time"] == "dropped"
    assert {voice: one["state"] for voice, one in lab.spoken.items()} == {
        "af_heart": "measured",
        "am_michael": "measured",
    }
    sounds = {content["voice"]: buffers for content, buffers in lab.comm.answers("sound")}
    assert {voice: len(held[0]) // 2 for voice, held in sounds.items()} == {
        "af_heart": round(1.3 * RATE),
        "am_michael": round(1.3 * RATE),
    }
    frame = lab.obedience()
    assert list(frame["asked"]) == ["300 ms"] * 2
    assert list(frame["measured"]) == ["300 ms"] * 2
    assert list(frame["done"]) == [True, True]
    lab.close()


@pytest.mark.parametrize(
    ("text", "kind", "place", "problem"),
    [
        ("<speak>\n  <brake/></speak>", "ssml", [2, 3], "<brake> is not known"),
        ("<speak>a & b</speak>", "ssml", [1, 11], "not well formed here"),
        ('wait [break:"ages"]', "shorthand", [1, 6], "a value here is not understood"),
        (
            '<!DOCTYPE x [<!ENTITY a "b">]><speak>&a;</speak>',
            "ssml",
            [1, 13],
            "a document type (<!DOCTYPE ...>)",
        ),
        ("x" * (CHARACTERS_MAX + 1), "ssml", None, f"the text has {CHARACTERS_MAX + 1} characters"),
        ("<speak>" + "<prosody>" * 2_000, "ssml", [1, 287], "elements are nested more than 32 deep"),
        ("\ud800 half", "ssml", None, ""),
    ],
)
def test_bad_input_is_a_finding_and_the_text_stays(text: str, kind: str, place: object, problem: str) -> None:
    """A traceback would stand where what to write instead should, or what was typed would be gone."""
    lab = lab_with(Obedient(), speak=False).wait()
    type_in(lab, text, kind=kind)
    began = time.process_time()
    lab.wait(PATIENCE)
    assert time.process_time() - began < 5
    assert lab.text == text
    if "half" not in text:
        (finding,) = lab.found["findings"]
        assert finding["wrong"]
        assert finding["problem"].startswith(problem)
        assert finding["advice"]
        assert finding["place"] == place or not problem
        assert not lab.found["read"]
    json.dumps(lab.found)
    lab.close()


def test_what_is_being_said_ends_when_the_text_changes() -> None:
    """Somebody who types would hear old texts, and wait for all of them."""
    voice = Obedient(gate=threading.Event())
    lab = lab_with(voice, voices=["af_heart"])
    assert voice.begun.wait(PATIENCE)
    type_in(lab, "<speak>Five.</speak>")
    voice.gate.set()
    lab.wait(PATIENCE)
    assert {one["revision"] for one in lab.spoken.values()} == {1}
    assert [content["revision"] for content, _ in lab.comm.answers("sound")] == [1]
    assert len(voice.said) == 2  # nothing was measured of the first
    lab.close()


def test_the_same_words_are_said_plainly_once() -> None:
    """Every change of a rate would cost the sound of the unchanged words again."""
    voice = Obedient()
    lab = lab_with(voice, voices=["af_heart"]).wait(PATIENCE)
    type_in(lab, PAUSED.replace("300ms", "700ms"))
    lab.wait(PATIENCE)
    assert len(voice.said) == 3
    assert list(lab.obedience()["measured"]) == ["700 ms"]
    lab.close()


def test_a_voice_that_fails_says_why_and_the_others_go_on() -> None:
    """One broken engine would silence the lab."""
    lab = lab_with(Obedient(), voices=["bm_george", "af_heart", "espeak:xx"]).wait(PATIENCE)
    assert lab.spoken["bm_george"]["problem"] == "the line went dead"
    assert lab.spoken["espeak:xx"]["problem"].startswith("engine 'espeak' is not known")
    assert lab.spoken["af_heart"]["state"] == "measured"
    lab.close()


def test_long_texts_are_looked_at_and_not_said() -> None:
    """A pasted book would keep the processor busy for an hour."""
    voice = Obedient()
    lab = lab_with(voice, "word " * SPOKEN_MAX, voices=["af_heart"]).wait(PATIENCE)
    assert voice.said == []
    length = len(("word " * SPOKEN_MAX).strip())
    assert lab.found["problem"] == (
        f"the text has {length} characters without its tags, at most {SPOKEN_MAX} are said here"
    )
    assert lab.found["read"]
    lab.close()


def test_what_a_page_should_not_send_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A page could end the lab."""
    lab = lab_with(Obedient(), speak=False).wait()
    before = lab.found
    lab.draft = {"text": "x"}
    lab.comm.ask(kind="nonsense")
    assert lab.found == before
    assert "something else than a text" in caplog.text
    lab.draft = {"text": "x", "kind": "poem", "voices": [], "speak": True, "revision": 5}
    lab.wait(PATIENCE)
    assert lab.found["problem"] == "kind of text is 'poem', expected one of ssml, shorthand"
    voices = ["nobody"]
    lab.draft = {"text": "x", "kind": "ssml", "voices": voices, "speak": True, "revision": 6}
    lab.wait(PATIENCE)
    assert lab.found["problem"].startswith("voice 'nobody' is not known")
    lab.close()


def test_a_second_page_gets_the_sounds_there_are() -> None:
    """Players of a page opened later would be empty."""
    lab = lab_with(Obedient(), voices=["af_heart"]).wait(PATIENCE)
    lab.comm.ask(kind="sounds")
    first, second = lab.comm.answers("sound")
    assert first[0] == second[0]
    assert bytes(first[1][0]) == bytes(second[1][0])
    lab.close()


def test_a_lab_is_made_of_known_voices_only() -> None:
    """A misspelled voice would show only in the page."""
    with pytest.raises(ParameterError, match="voice 'af_hart' is not known"):
        SsmlLab(voices=["af_hart"])
    with pytest.raises(ParameterError, match=f"7 voices shall say the text, expected at most {VOICES_MAX}"):
        SsmlLab(voices=[f"espeak:{tag}" for tag in ("de", "en-us", "fr-fr", "it", "es", "nl", "pl")])
    with pytest.raises(
        ParameterError, match=r"voices are 'af_heart', expected a list of ids, as \['af_heart'\]"
    ):
        SsmlLab(voices="af_heart")
    with pytest.raises(ParameterError, match="the text is a NoneType, expected a str"):
        SsmlLab(None)
    with pytest.raises(ParameterError, match="kind of text is 'xml'"):
        SsmlLab(kind="xml")


def test_every_target_is_told_of_what_stands_in_the_text_only() -> None:
    """A target would be praised for what nobody asks of it, or what it drops would not be seen."""
    found = told('<speak>a<break time="1s"/> <prosody contour="(0%,+1st)">b</prosody></speak>', "ssml")
    assert found["features"] == ["break@time", "prosody@contour", "voice@name"]
    levels = {name: target["levels"] for name, target in found["targets"].items()}
    assert {name: one["voice@name"] for name, one in levels.items() if one["voice@name"]} == {
        "azure": "degraded"
    }
    for name, table in dialects().items():
        for feature in ("break@time", "prosody@contour"):
            assert levels[name][feature] == table.entry(feature).level.value, (name, feature)


def test_the_example_is_good_ssml() -> None:
    """A beginner would copy a mistake."""
    assert told(EXAMPLE, "ssml")["findings"] == []


def test_a_target_that_reads_nothing_is_sent_words_in_the_language_of_the_text() -> None:
    """A German date would be sent as digits, though the command renders it in words."""
    text = '<speak xml:lang="de">Der <say-as interpret-as="date">3/4/2026</say-as></speak>'
    assert (
        told(text, "ssml")["targets"]["elevenlabs"]["sent"] == "Der dritter April zweitausendsechsundzwanzig"
    )


def test_a_text_is_as_long_as_the_page_says_it_is() -> None:
    """A text of emoji that the page let through would be refused here, or the other way round."""
    assert told("🙂" * CHARACTERS_MAX, "ssml")["read"]
    assert not told("🙂" * (CHARACTERS_MAX + 1), "ssml")["read"]


def test_what_a_voice_refuses_is_left_out_and_told_as_in_a_session() -> None:
    """A voice of another engine would silence the whole text here, though callers hear all but that."""

    class Choosy(Obedient):
        def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
            if "Joanna" in ssml:
                raise NotSpoken("voice 'Joanna' is not known", "voice", "Joanna")
            return super().synthesize(ssml, voice=voice)

    text = PAUSED.replace("Three", '<voice name="Joanna">Three</voice>')
    lab = lab_with(Choosy(), text, voices=["af_heart"]).wait(PATIENCE)
    spoken = lab.spoken["af_heart"]
    assert spoken["state"] == "measured"
    assert spoken["left_out"] == "voice 'Joanna' is not known; the rest of the SSML is kept"
    assert list(lab.obedience()["measured"]) == ["300 ms"]
    refused = {name: target["refused"] for name, target in lab.found["targets"].items()}
    for engine in ("kokoro", "espeak"):
        assert [one["problem"] for one in refused[engine]] == [
            f"{dialects()[engine].title} has no voice of this name"
        ]
    assert refused["alexa"] == refused["scripted"] == []
    lab.close()


def test_what_was_heard_of_another_text_goes_when_a_new_one_is_not_said() -> None:
    """A text too long to be said would seem to sound like the one before."""
    lab = lab_with(Obedient(), voices=["af_heart"]).wait(PATIENCE)
    assert lab.spoken
    type_in(lab, "x" * (SPOKEN_MAX + 1))
    lab.wait(PATIENCE)
    assert "are said here" in lab.found["problem"]
    assert lab.spoken == {}
    lab.close()
