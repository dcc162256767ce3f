import os
import signal
import sys

import numpy as np
import pytest

from workbench.errors import EngineFailed, EngineMissing, ParameterError, SsmlError
from workbench.prosody.contours import f0_contour
from workbench.prosody.pitch import pitch_figures
from workbench.speech.synthesizers.espeak import RATE, EspeakSynthesizer
from workbench.speech.synthesizers.espeak_process import EspeakProcess
from workbench.speech.voice_choice import ESPEAK_TAGS
from workbench.speech.voices import named


@pytest.fixture(scope="module")
def espeak():
    try:
        synthesizer = EspeakSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    yield synthesizer
    synthesizer.close()


@pytest.fixture
def process():
    try:
        started = EspeakProcess.start()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    yield started
    started.close()


@pytest.mark.speech
@pytest.mark.parametrize(
    ("text", "voice"), [("Good morning.", "en-us"), ("Bonjour madame.", "fr"), ("Guten Tag.", "de")]
)
def test_languages_are_spoken(espeak, text, voice):
    """A language of the list would be silent."""
    (clause,) = espeak.synthesize(text, voice=voice)
    assert clause.rate == 24_000
    assert 0.5 < len(clause.samples) / clause.rate < 3
    assert np.sqrt(np.mean(clause.samples**2)) > 0.01
    assert [word.text for word in clause.words] == text.split()
    times = [at for word in clause.words for at in (word.start, word.end)]
    assert times == sorted(times)
    assert voice in espeak.capabilities.languages


@pytest.mark.speech
def test_variants_are_other_speakers_in_every_language(espeak):
    """A language would have one speaker; or a variant would be ignored, or lost in another language."""

    def median_hz(ssml, voice):
        (clause,) = espeak.synthesize(ssml, voice=voice)
        return pitch_figures(f0_contour(clause.samples, clause.rate, low=50.0, high=500.0)).median_hz

    text = "Good morning to you all."
    usual = median_hz(text, "fr")
    assert median_hz(text, "fr+f3") > 1.5 * usual > 1.5 * median_hz(text, "fr+M8")
    switched = f'<speak><lang xml:lang="de">{text}</lang></speak>'
    assert median_hz(switched, "fr+f3") > 1.5 * median_hz(switched, "fr")
    asked = f'<speak><prosody pitch="220Hz">{text}</prosody></speak>'
    assert median_hz(asked, "fr+f3") == pytest.approx(220, rel=0.1)
    assert named("espeak:fr+f3").gender == "female"
    with pytest.raises(ParameterError, match="variant 'x' is not known, expected one of f1, f2"):
        next(iter(espeak.synthesize(text, voice="fr+x")))


def seconds(espeak: EspeakSynthesizer, text: str, voice: str) -> float:
    return sum(len(clause.samples) for clause in espeak.synthesize(text, voice=voice)) / RATE


@pytest.mark.speech
def test_prosody_breaks_and_marks(espeak):
    """SSML that the capabilities promise would be ignored."""
    (flat,) = espeak.synthesize("We meet at the front door.", voice="en-us")
    (slow,) = espeak.synthesize(
        '<speak><prosody rate="70%" volume="-6dB">We meet at the <mark name="m"/>front door.</prosody>'
        "</speak>",
        voice="en-us",
    )
    assert len(slow.samples) / len(flat.samples) == pytest.approx(1 / 0.7, rel=0.05)
    (fast,) = espeak.synthesize(
        '<speak><prosody rate="120%">We meet at the front door.</prosody></speak>', voice="en-us"
    )
    assert len(fast.samples) / len(flat.samples) == pytest.approx(1 / 1.2, rel=0.05)
    ratio = np.sqrt(np.mean(slow.samples**2)) / np.sqrt(np.mean(flat.samples**2))
    assert 20 * np.log10(ratio) == pytest.approx(-6, abs=1)
    assert slow.marks[0].start == slow.words[4].start > 0.5
    first, _ = espeak.synthesize('<speak>Yes.<break time="1s"/>No.</speak>', voice="en-us")
    assert not np.any(first.samples[-22_700:])


@pytest.mark.speech
def test_a_voice_keeps_its_pace_whichever_spoke_before(espeak):
    """English after Ukrainian would be a quarter slower: a voice file may have a pace of its own."""
    text = "We meet at the front door."
    alone = seconds(espeak, text, "en-us")
    for before in ("uk", "be", "fr+f3"):
        seconds(espeak, "Radio 12.", before)
        assert seconds(espeak, text, "en-us") == pytest.approx(alone, rel=0.03)


@pytest.mark.speech
def test_unknown_voices_and_languages(espeak):
    """A slip in a language tag would be spoken in another language."""
    with pytest.raises(ParameterError, match="voice 'en-uss' is not known to espeak, close ones are en-us"):
        espeak.synthesize("Hi", voice="en-uss")
    with pytest.raises(SsmlError, match="espeak does not speak xx"):
        espeak.synthesize("<speak><lang xml:lang='xx'>Hi</lang></speak>", voice="en-us")


@pytest.mark.speech
def test_a_worker_that_dies_is_reported_and_replaced(process):
    """One crash of the library would silence the endpoint until its restart."""
    dead = process.pid
    os.kill(dead, signal.SIGSTOP)
    os.kill(dead, signal.SIGKILL)
    os.waitid(os.P_PID, dead, os.WEXITED | os.WNOWAIT)
    assert len(process.ask("<speak>Hello.</speak>", voice="en-us").samples) > 1000
    assert process.pid != dead


def test_a_worker_that_does_not_start_is_reported():
    """A broken installation would hang, or raise an error of the system."""
    pytest.importorskip("espeakng_loader")
    with pytest.raises(EngineFailed, match="the espeak worker died: exit code 3"):
        EspeakProcess.start((sys.executable, "-c", "import sys; sys.exit(3)"))
    with pytest.raises(EngineFailed, match="the espeak worker did not start"):
        EspeakProcess.start(("/nonexistent/python",))


def test_a_worker_that_dies_while_speaking_is_reported():
    """The caller of a dead worker would wait for ever."""
    pytest.importorskip("espeakng_loader")
    ready = (
        'import sys, struct; body = b\'{"rate": 22050, "voices": ["en-us"]}\';'
        "sys.stdout.buffer.write(struct.pack('>cI', b'R', len(body)) + body); sys.stdout.flush();"
        "sys.stdin.buffer.read(5); sys.exit(7)"
    )
    process = EspeakProcess.start((sys.executable, "-c", ready))
    with pytest.raises(EngineFailed, match="the espeak worker died: exit code 7"):
        process.ask("<speak>Hello.</speak>", voice="en-us")
    process.close()


def test_every_voice_of_the_catalogue_speaks(espeak):
    """A language would be promised that the program does not have."""
    for tag in ESPEAK_TAGS:
        sound = np.concatenate([clause.samples for clause in espeak.synthesize("Radio 12", voice=tag)])
        assert np.abs(sound).max() > 0.05, tag
        assert len(sound) > 0.3 * 24_000, tag
