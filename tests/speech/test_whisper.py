"""Whisper hears real speech, offers partials, and invents nothing for silence and noise."""

import csv
import json
import re
import threading

import numpy as np
import pytest

from workbench.audio.files import load_audio
from workbench.core.events import FinalTranscript, PartialTranscript
from workbench.errors import EngineMissing, ParameterError
from workbench.speech.recognizers.languages import WHISPER
from workbench.speech.recognizers.whisper import WhisperRecognizer
from workbench.speech.recognizers.whisper_hearing import FINAL_WINDOW, _spans

pytestmark = pytest.mark.speech

RATE = 16_000
DRINKS = ("americano", "iced mocha", "latte", "dark roast", "light roast", "triple shot", "twelve ounce")


@pytest.fixture(scope="module")
def whisper():
    """The recogniser, loaded once."""
    try:
        return WhisperRecognizer.load()
    except EngineMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def order(shared_data):
    """An order of nine words."""
    file = "25443b47-4927-4b18-8655-95e5970d9374.wav"
    return load_audio(shared_data / "speech_barista_intents" / file, rate=RATE)


@pytest.fixture(scope="module")
def jfk(shared_data):
    """Eleven seconds with pauses."""
    return load_audio(shared_data / "speech_english_misc" / "jfk.flac", rate=RATE)


def _final(whisper, samples, *, vocabulary=()):
    hearing = whisper.listen(language="en", vocabulary=vocabulary)
    hearing.add(np.asarray(samples, np.float32))
    return hearing.final()


@pytest.mark.shared_data
def test_final_is_punctuated_with_words_in_time(whisper, jfk):
    """The transcript, its confidences or its times would be wrong."""
    final = _final(whisper, jfk)
    assert re.sub(r"[^a-z ]", "", final.text.lower()) == (
        "and so my fellow americans ask not what your country can do for you "
        "ask what you can do for your country"
    )
    assert final.text[0].isupper()
    assert final.text[-1] == "."
    assert final.end_of_sentence > 0.5
    assert all(0.0 < word.confidence <= 1.0 for word in final.words)
    times = [time for word in final.words for time in (word.start, word.end)]
    assert times == sorted(times)
    # Said after a pause of a second: its start must not swallow it.
    first_ask = next(word for word in final.words if word.text.lower().startswith("ask"))
    assert 3.1 < first_ask.start < 3.6


@pytest.mark.shared_data
def test_partials_grow_and_settle(whisper, jfk):
    """Partials would be missing, late or never stable."""
    hearing = whisper.listen(language="en-US")
    seen = []
    for start in range(0, 8 * RATE, 8_000):
        hearing.add(jfk[start : start + 8_000])
        seen.append(hearing.partial())
    assert [partial.audio_end for partial in seen] == [0.5 * (step + 1) for step in range(16)]
    assert seen[-1].stable >= 12
    assert all(partial.stable <= len(partial.words) for partial in seen)
    assert all(0.0 <= partial.stability <= 1.0 for partial in seen)
    assert seen[-1].text.lower().startswith("and so my fellow americans")
    assert hearing.partial() is seen[-1]


@pytest.mark.shared_data
def test_final_may_be_asked_again(whisper, order):
    """Speech after a false end of turn would be lost, or the same audio paid for twice."""
    hearing = whisper.listen(language="en")
    hearing.add(order[: len(order) // 2])
    first = hearing.final()
    assert hearing.final() is first
    hearing.add(order[len(order) // 2 :])
    assert hearing.final().audio_end == pytest.approx(len(order) / RATE)
    assert "latte" in hearing.final().text


@pytest.mark.shared_data
def test_vocabulary_recovers_what_the_caller_ordered(whisper, shared_data):
    """Without its vocabulary an assistant hears "Americana" and "dark rose"."""
    folder = shared_data / "speech_barista_intents"
    with (folder / "labels.csv").open() as opened:
        slots = {row["file"]: json.loads(row["slots"]) for row in csv.DictReader(opened)}
    chosen = [
        file for file, slot in slots.items() if file.startswith(("4b0250", "25312a", "c1f43c", "cd4f04"))
    ]
    assert len(chosen) == 4
    for file in chosen:
        samples = load_audio(folder / file, rate=RATE)
        text = _final(whisper, samples, vocabulary=DRINKS).text.lower().replace("-", " ")
        assert slots[file]["coffeeDrink"] in text
        assert slots[file].get("roast", "") in text


@pytest.mark.shared_data
def test_vocabulary_is_not_put_into_other_speech(whisper, jfk):
    """An order would be heard where none was made."""
    text = _final(whisper, jfk[: 5 * RATE], vocabulary=DRINKS).text.lower()
    assert not any(drink in text for drink in DRINKS)


@pytest.mark.parametrize("vocabulary", [(), DRINKS])
@pytest.mark.parametrize("sound", ["silence", "noise", "loud noise", "hum", "tone", "clicks"])
def test_nothing_is_invented(whisper, rng, sound, vocabulary):
    """Whisper says "you" or worse for silence and noise; a caller's silence would become a turn."""
    time = np.arange(2 * RATE) / RATE
    sounds = {
        "silence": np.zeros(2 * RATE),
        "noise": rng.normal(0.0, 0.005, 2 * RATE),
        "loud noise": rng.normal(0.0, 0.2, 2 * RATE),
        "hum": sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 8)) * 0.05,
        "tone": 0.2 * np.sin(2 * np.pi * 440 * time),
        "clicks": np.where(np.arange(2 * RATE) % 8000 < 40, 0.5, 0.0),
    }
    final = _final(whisper, sounds[sound], vocabulary=vocabulary)
    assert (final.words, final.text, final.alternatives, final.confidence) == ((), "", (), 0.0)


@pytest.mark.shared_data
def test_no_words_in_real_backgrounds(whisper, shared_data):
    """An open microphone in an office would start turns."""
    for name in ("noise2.wav", "dtmf-9.wav", "rir1.wav"):
        samples = load_audio(shared_data / "noise_backgrounds" / name, rate=RATE)[: 4 * RATE]
        assert _final(whisper, samples, vocabulary=DRINKS).words == ()


def test_nothing_heard_yet_is_an_empty_hypothesis(whisper):
    """Asking early would raise."""
    hearing = whisper.listen(language="en")
    assert hearing.partial().words == ()
    assert hearing.final().words == ()
    hearing.add(np.zeros(10, np.float32))
    assert hearing.final().audio_end == 10 / RATE


@pytest.mark.shared_data
def test_long_utterance_is_read_to_its_end(whisper, shared_data):
    """Beyond Whisper's 30 s the text would stop, or cost more with each partial."""
    samples = load_audio(shared_data / "speech_english_misc" / "libri-1088-134315-0000.wav", rate=RATE)
    hearing = whisper.listen(language="en")
    for start in range(0, len(samples), 2 * RATE):
        hearing.add(samples[start : start + 2 * RATE])
        partial = hearing.partial()
    assert len(samples) / RATE > 15
    assert partial.text.startswith("As you know")
    assert "in person" in partial.text
    assert 48 <= len(partial.words) <= 56


def test_final_spans_stay_when_the_utterance_grows(rng):
    """Each final of a long utterance would read everything anew, and cut it elsewhere."""
    samples = rng.normal(0.0, 0.1, 70 * RATE).astype(np.float32)
    samples[20 * RATE : 21 * RATE] = 0.0
    spans = list(_spans(samples))
    assert spans[0][1] == pytest.approx(20.5 * RATE, abs=0.5 * RATE)
    assert list(_spans(samples[: 60 * RATE]))[:-1] == spans[: len(list(_spans(samples[: 60 * RATE]))) - 1]
    assert [span[0] for span in spans[1:]] == [span[1] for span in spans[:-1]]
    assert spans[-1][1] == len(samples)
    assert all(end - start <= FINAL_WINDOW * RATE for start, end in spans)


@pytest.mark.shared_data
def test_another_language_is_read_by_base(whisper, shared_data):
    """German would be read as English."""
    samples = load_audio(shared_data / "speech_multilingual" / "leopard_de.wav", rate=RATE)[: 6 * RATE]
    hearing = whisper.listen(language="de-DE")
    hearing.add(samples)
    text = hearing.partial().text.lower()
    assert any(f" {word} " in f" {text} " for word in ("der", "die", "das", "und", "ist", "den", "ein"))
    assert hearing.final().language == "de-DE"


def test_its_languages_are_known_without_it(whisper):
    """A project could be set to a language that is not recognised, or not to one that is."""
    assert whisper.capabilities.languages == WHISPER
    assert whisper.listen(language="nb-NO").final().words == ()


def test_unknown_language_is_refused_at_once(whisper):
    """The caller would wait for an answer that can't come."""
    with pytest.raises(ParameterError, match="language is tlh, expected one of whisper's 99"):
        whisper.listen(language="tlh")


@pytest.mark.shared_data
def test_two_threads_may_share_the_models(whisper, order, jfk):
    """Two sessions at once would mix their words, or crash."""
    alone = [_final(whisper, samples).text for samples in (order, jfk)]
    found: dict[int, str] = {}

    def listen(place, samples):
        found[place] = _final(whisper, samples).text

    threads = [threading.Thread(target=listen, args=(i, s)) for i, s in enumerate((order, jfk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[0], found[1]] == alone


@pytest.mark.shared_data
def test_recording_becomes_partials_and_finals(whisper, jfk):
    """The listen command and the benchmark would show nothing, or times of another clock."""
    from workbench.audio.voice_activity import SileroVoiceActivity
    from workbench.speech.recognizers.stream import Listening, transcripts

    found = list(transcripts(jfk, whisper, SileroVoiceActivity(), Listening(hangover=2.0, interval=1.0)))
    finals = [item for item in found if isinstance(item, FinalTranscript)]
    partials = [item for item in found if isinstance(item, PartialTranscript)]
    assert len(finals) == 1
    assert finals[0].text.lower().endswith("your country.")
    assert len(partials) >= 6
    assert 10.0 < finals[0].words[-1].end < 11.0
    assert [item.audio_end for item in found] == sorted(item.audio_end for item in found)
