"""Voices and languages that change inside one reply of a live session, and what is heard when one can't."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import OPEN, bench
from patience import PATIENCE

from workbench.core.audio import Samples
from workbench.errors import EngineFailed, EngineMissing, NotSpoken
from workbench.prosody.contours import f0_contour
from workbench.protocol.packets import unpack
from workbench.speech.engines import Engines, load_scripted, with_stand_in
from workbench.speech.ports import Clause, Synthesizer, SynthesizerCapabilities
from workbench.speech.scripted import ScriptedSynthesizer

pytestmark = pytest.mark.anyio

RATE = 24_000
ASSISTANT = """\
name: guide
extends: english
voice: af_heart
greeting: |-
  GREETING
intents: {}
prompts:
  out_of_scope: Sorry.
"""
SWITCHING = (
    "Here is our colleague. "
    '<voice name="am_michael">Good morning, I am Michael.</voice> '
    '<lang xml:lang="es">Buenos días, señora García.</lang> '
    "And it is me again."
)


@dataclass
class Choosy:
    """A synthesiser that knows no voices but ``af_heart``, and breaks off where it is told to."""

    breaks_at: str = "nowhere"
    texts: list[str] = field(default_factory=list)
    scripted: ScriptedSynthesizer = field(default_factory=ScriptedSynthesizer)

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what it claims."""
        return replace(self.scripted.capabilities, instant=False)

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield tones."""
        self.texts.append(ssml)
        if "Joanna" in ssml:
            raise NotSpoken("voice 'Joanna' is not known", "voice", "Joanna")
        for clause in self.scripted.synthesize(ssml, voice=voice):
            if self.breaks_at in clause.text:
                raise EngineFailed("the line went dead")
            yield clause


async def heard(
    folder: Path, greeting: str, synthesizer: Synthesizer
) -> tuple[Samples, list[dict[str, Any]]]:
    """Return the greeting as a client hears it, and the session's events."""
    path = folder / "guide.yaml"
    path.write_text(ASSISTANT.replace("GREETING", greeting), encoding="utf-8")
    scripted = load_scripted(())
    engines = Engines(
        name="scripted",
        recognizer=scripted.recognizer,
        synthesizer=lambda: synthesizer,
        voice_activity=scripted.voice_activity,
    )
    opening = OPEN | {"assistant": "guide", "settings": {"greet": True}}
    async with bench(engines=engines, assistants=(path,), send_ahead=60.0) as made:
        client = await made.opened(opening)
        await client.until(lambda: [one for one in client.of("playback-control") if one["action"] == "end"])
        payload = b"".join(unpack(packet).payload for packet in client.audio)
        return np.frombuffer(payload, "<i2").astype(np.float32) / 32_768, client.got


def texts(events: list[dict[str, Any]]) -> list[str]:
    return [one["text"] for one in events if one["type"] == "synthesis-ready"]


def errors(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["code"], one["message"]) for one in events if one["type"] == "error"]


async def test_a_voice_that_an_engine_refuses_costs_a_reply_only_that_voice(tmp_path):
    """The caller would hear silence, or no pause, because of a voice that another engine has."""
    voice = Choosy()
    greeting = 'Hello.<break time="0.5s"/> <voice name="Joanna">I am Co &amp; Sons.</voice>'
    samples, events = await heard(tmp_path, greeting, voice)
    mended = '<speak>Hello.<break time="0.5s"/> I am Co &amp; Sons.</speak>'
    assert voice.texts == [f"<speak>{greeting}</speak>", mended]
    assert texts(events) == ["Hello.", "I am Co & Sons."]
    assert len(samples) == round(1.5 * RATE)
    told = "voice 'Joanna' is not known; the rest of the SSML is kept"
    assert errors(events) == [("synthesis-fell-back", told)]


async def test_a_failure_in_mid_reply_is_not_said_over_again(tmp_path):
    """The caller would hear the beginning twice."""
    voice = Choosy(breaks_at="Two")
    _, events = await heard(tmp_path, "One. Two. Three.", voice)
    assert texts(events) == ["One."]
    assert errors(events) == [("synthesis-failed", "the line went dead")]
    assert len(voice.texts) == 1


def span_of(events: list[dict[str, Any]], samples: Samples, word: str) -> Samples:
    """Return the clause that a word is in."""
    at = 0
    for one in events:
        if one["type"] == "synthesis-ready":
            if word in one["text"]:
                return samples[at : at + one["samples"]]
            at += one["samples"]
    raise AssertionError(f"{word} was not said")


def f0_hz(samples: Samples) -> float:
    return float(np.nanmedian(f0_contour(samples, RATE, low=65, high=500).f0_hz))


@pytest.fixture(scope="module")
def kokoro():
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

    try:
        loaded = KokoroSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    yield loaded
    loaded.close()


@pytest.mark.speech
@pytest.mark.timeout(240)
async def test_voices_and_languages_change_inside_one_reply(tmp_path, kokoro):
    """A reply would be said in one voice, or Spanish read as English."""
    samples, events = await heard(tmp_path, SWITCHING, kokoro)
    assert errors(events) == []
    assert " ".join(texts(events)).split() == [
        "Here",
        "is",
        "our",
        "colleague.",
        "Good",
        "morning,",
        "I",
        "am",
        "Michael.",
        "Buenos",
        "días,",
        "señora",
        "García.",
        "And",
        "it",
        "is",
        "me",
        "again.",
    ]
    own, his, again = (f0_hz(span_of(events, samples, word)) for word in ("colleague", "Michael", "again"))
    assert 12 * np.log2(his / own) < -5
    assert abs(12 * np.log2(again / own)) < 3
    text = "Buenos días, señora García."
    as_spanish = np.concatenate(
        [
            one.samples
            for one in kokoro.synthesize(
                f'<speak><lang xml:lang="es">{text}</lang></speak>', voice="af_heart"
            )
        ]
    )
    as_english = np.concatenate([one.samples for one in kokoro.synthesize(text, voice="af_heart")])
    said = sum(one["samples"] for one in events if one["type"] == "synthesis-ready" and one["text"] in text)
    assert abs(said - len(as_spanish)) < 0.45 * RATE  # with the pause after the sentence
    assert abs(len(as_english) - len(as_spanish)) > 0.02 * RATE


@dataclass
class Breaking:
    """Kokoro until a word, then no more."""

    inner: Synthesizer
    word: str

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what it claims."""
        return self.inner.capabilities

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield clauses until the word would be said."""
        for clause in self.inner.synthesize(ssml, voice=voice):
            if self.word in clause.text:
                raise EngineFailed("the model ended")
            yield clause


@pytest.mark.speech
@pytest.mark.timeout(240)
async def test_espeak_takes_over_in_mid_reply_in_the_language_of_the_moment(tmp_path, kokoro, monkeypatch):
    """A reply would end in the middle, or go on in the wrong language."""
    pytest.importorskip("espeakng_loader")
    monkeypatch.setattr(
        "workbench.speech.engines.LOCAL_PATIENCE", PATIENCE
    )  # a busy machine is no reason to take over
    speaking = with_stand_in(Breaking(kokoro, "Buenos"))
    text = 'Here is our colleague. <lang xml:lang="es">Buenos días, señora García.</lang> And it is me again.'
    samples, events = await heard(tmp_path, text, speaking)
    close = getattr(speaking, "other", None)
    if close is not None:
        close.close()
    assert errors(events) == [("synthesis-fell-back", "the model ended")]
    said = " ".join(texts(events))
    for word in ("colleague.", "Buenos", "García.", "again."):
        assert word in said
    assert said.count("colleague") == 1
    for word in ("colleague", "García", "again"):
        assert np.abs(span_of(events, samples, word)).max() > 0.05
