"""How an assistant's style is heard: in every reply of a live session, as far as the engine does it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from in_process import OPEN, bench

from workbench.core.audio import Samples
from workbench.endpoint.warming import Warming
from workbench.errors import EngineMissing
from workbench.prosody.contours import f0_contour
from workbench.prosody.rhythm import rhythm
from workbench.protocol.packets import unpack
from workbench.speech.engines import Engines, load_scripted
from workbench.speech.ports import Clause, Synthesizer, SynthesizerCapabilities
from workbench.speech.scripted import ScriptedSynthesizer

pytestmark = pytest.mark.anyio

GREETING = "We will meet you at the station, at a quarter to nine."
ASSISTANT = f"""\
name: porter
extends: english
voice: af_heart
STYLE
greeting: "{GREETING}"
intents: {{}}
prompts:
  out_of_scope: <prosody rate="90%">Sorry</prosody>.
"""
RATE = 24_000


@dataclass
class Asked:
    """A synthesiser that notes what it is asked to say."""

    texts: list[str] = field(default_factory=list)
    scripted: ScriptedSynthesizer = field(default_factory=ScriptedSynthesizer)

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what it claims."""
        return self.scripted.capabilities

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield tones."""
        self.texts.append(ssml)
        return self.scripted.synthesize(ssml, voice=voice)


def written(folder: Path, style: str) -> tuple[Path]:
    path = folder / "porter.yaml"
    path.write_text(ASSISTANT.replace("STYLE", style), encoding="utf-8")
    return (path,)


def engines(synthesizer: Synthesizer, warmed: list[str] | None = None) -> Engines:
    """Return scripted ones that speak with ``synthesizer``."""
    scripted = load_scripted(())
    return Engines(
        name="scripted",
        recognizer=scripted.recognizer,
        synthesizer=lambda: synthesizer,
        voice_activity=scripted.voice_activity,
        warm=lambda text, voice: None if warmed is None else warmed.append(text),
    )


async def heard(folder: Path, style: str, synthesizer: Synthesizer) -> tuple[Samples, dict]:
    """Return the greeting as a client gets it, and what the session says of its style."""
    path = written(folder, style)
    async with bench(engines=engines(synthesizer), assistants=path, send_ahead=60.0) as made:
        client = await made.opened(OPEN | {"assistant": "porter", "settings": {"greet": True}})
        await client.until(lambda: [one for one in client.of("playback-control") if one["action"] == "end"])
        told = client.of("session-opened")[0]["settings"]["style"]
        (chosen,) = client.of("reply-text")
        assert chosen["ssml"] == f"<speak>{GREETING}</speak>"  # what the dialog decided, in every style
        payload = b"".join(unpack(packet).payload for packet in client.audio)
    return np.frombuffer(payload, "<i2").astype(np.float32) / 32_768, told


async def test_a_preset_is_asked_of_the_engine_and_told_on_the_timeline(tmp_path):
    """An assistant would sound as if its file had no style."""
    plain, calm = Asked(), Asked()
    await heard(tmp_path, "", plain)
    _, told = await heard(tmp_path, "style: {preset: calm, pause: 0.4}", calm)
    assert plain.texts == [f"<speak>{GREETING}</speak>"]
    first, rest = GREETING.split(" at a ")
    assert calm.texts == [
        '<speak><prosody rate="92%" pitch="-1st" range="-15%" volume="-2dB">'
        f'{first}<break time="0.4s"/> at a {rest}</prosody></speak>'
    ]
    assert (told["name"], told["rate"], told["pause"]) == ("calm", 0.92, 0.4)


async def test_prompts_are_kept_as_they_are_said(tmp_path):
    """The cache would hold prompts that nobody says, and the caller would wait for the others."""
    path = written(tmp_path, "style: {rate: 0.5}")
    texts: list[str] = []
    async with bench(engines=engines(Asked(), texts), assistants=path) as made:
        warming = Warming(made.host, [made.host.assistant("porter")])
        warming._idle = lambda: True
        warming._run()
    assert texts[0] == f'<speak><prosody rate="50%">{GREETING}</prosody></speak>'
    inner = '<prosody rate="90%">Sorry</prosody>.'
    assert f'<speak><prosody rate="50%">{inner}</prosody></speak>' in texts


@pytest.mark.speech
@pytest.mark.timeout(240)
async def test_kokoro_says_the_replies_as_asked(tmp_path):
    """What is asked for in the file would be lost on the way to the ear."""
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

    try:
        kokoro = KokoroSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    plain, _ = await heard(tmp_path, "", kokoro)
    asked = "style: {preset: apologetic, rate: 0.8, pitch: -3, pause: 0.6}"
    sorry, _ = await heard(tmp_path, asked, kokoro)
    spoken, usual = rhythm(sorry, RATE), rhythm(plain, RATE)
    articulating = (spoken.duration - spoken.pausing) / (usual.duration - usual.pausing)
    assert articulating == pytest.approx(1 / 0.8, rel=0.1)
    assert max(end - start for start, end in spoken.pauses) == pytest.approx(0.6, abs=0.15)
    f0 = [np.nanmedian(f0_contour(one, RATE, low=65, high=500).f0_hz) for one in (sorry, plain)]
    assert 12 * np.log2(f0[0] / f0[1]) == pytest.approx(-3, abs=0.75)
