"""The synthesiser with its real weights: asked against measured."""

import numpy as np
import pytest

from workbench.errors import EngineMissing, ParameterError, SsmlError
from workbench.speech.cache import ClauseSynthesizer
from workbench.speech.synthesizers.kokoro import KokoroSynthesizer
from workbench.ssml.dialects import dialect
from workbench.ssml.downlevel import render_for
from workbench.ssml.parse import parse

pytestmark = pytest.mark.speech

SENTENCE = "We can meet you at the front door."
VOICE = "af_heart"


@pytest.fixture(scope="module")
def kokoro():
    try:
        return KokoroSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def flat(kokoro):
    (clause,) = kokoro.synthesize(SENTENCE, voice=VOICE)
    return clause


def one(kokoro, inside):
    (clause,) = kokoro.synthesize(f"<speak>{inside}</speak>", voice=VOICE)
    return clause


def f0_hz(clause, word=None):
    """Return the median f0."""
    return float(np.median(f0s_hz(clause, word)))


def f0s_hz(clause, word=None):
    """Return f0 of every voiced frame by autocorrelation, an estimate of its own."""
    samples, rate = clause.samples, clause.rate
    if word is not None:
        place = next(known for known in clause.words if known.text.strip(".,") == word)
        samples = samples[round(place.start * rate) : round(place.end * rate)]
    found = []
    for start in range(0, len(samples) - 960, 240):
        frame = samples[start : start + 960] - samples[start : start + 960].mean()
        if np.sqrt(np.mean(frame**2)) < 0.03:
            continue
        match = np.correlate(frame, frame, "full")[960 - 1 :]
        lag = 60 + np.argmax(match[60:300])  # 80..400 Hz
        if match[lag] > 0.5 * match[0]:
            found.append(rate / lag)
    return np.array(found)


def test_words_lie_where_they_are_heard(flat):
    """A barge-in would cut the reply at the wrong word."""
    assert [word.text for word in flat.words] == SENTENCE.split()
    times = [at for word in flat.words for at in (word.start, word.end)]
    assert times == sorted(times)
    assert flat.words[0].start < 0.15
    assert flat.words[-1].end == pytest.approx(len(flat.samples) / flat.rate, abs=0.1)
    # Between words there may be sound, but a word itself is never silent.
    for word in flat.words:
        inside = flat.samples[round(word.start * flat.rate) : round(word.end * flat.rate)]
        assert np.abs(inside).max() > 0.02


def test_no_silence_before_speech(flat):
    """The caller would wait for samples without sound."""
    audible = np.flatnonzero(np.abs(flat.samples) > 0.01)
    assert audible[0] / flat.rate < 0.06
    assert flat.rate == 24_000
    assert flat.samples.dtype == np.float32


@pytest.mark.parametrize("percent", [70, 125, 180])
def test_rate_is_obeyed(kokoro, flat, percent):
    """Prosody rate would be a promise only."""
    clause = one(kokoro, f'<prosody rate="{percent}%">{SENTENCE}</prosody>')
    assert len(flat.samples) / len(clause.samples) == pytest.approx(percent / 100, rel=0.06)


@pytest.mark.parametrize("semitones", [-4, 4])
def test_pitch_is_obeyed(kokoro, flat, semitones):
    """Prosody pitch would be a promise only."""
    clause = one(kokoro, f'<prosody pitch="{semitones:+}st">{SENTENCE}</prosody>')
    measured = 12 * np.log2(f0_hz(clause) / f0_hz(flat))
    assert measured == pytest.approx(semitones, abs=1.2)
    assert len(clause.samples) == pytest.approx(len(flat.samples), rel=0.03)


def test_volume_is_obeyed(kokoro, flat):
    """Prosody volume would be a promise only."""
    clause = one(kokoro, f'<prosody volume="-6dB">{SENTENCE}</prosody>')
    ratio = np.sqrt(np.mean(clause.samples**2)) / np.sqrt(np.mean(flat.samples**2))
    assert 20 * np.log10(ratio) == pytest.approx(-6, abs=0.5)


def test_prosody_of_one_word_changes_that_word(kokoro, flat):
    """Emphasis would change the sentence around the word."""
    clause = one(kokoro, SENTENCE.replace("front", '<prosody pitch="+6st">front</prosody>'))
    assert f0_hz(clause, "front") / f0_hz(flat, "front") == pytest.approx(2 ** (6 / 12), rel=0.12)
    assert f0_hz(clause, "meet") / f0_hz(flat, "meet") == pytest.approx(1, rel=0.06)


def test_a_contour_is_obeyed(kokoro, flat):
    """A melody would be a promise only."""
    clause = one(kokoro, f'<prosody contour="(0%,-3st) (100%,+3st)">{SENTENCE}</prosody>')
    thirds = [
        [12 * np.log2(np.median(third)) for third in np.array_split(f0s_hz(spoken), 3)]
        for spoken in (clause, flat)
    ]
    first, _, last = np.subtract(*thirds)
    assert first == pytest.approx(-2, abs=1.2)
    assert last == pytest.approx(2, abs=1.2)
    assert len(clause.samples) == pytest.approx(len(flat.samples), rel=0.03)


def test_range_is_obeyed(kokoro, flat):
    """A lively voice and a monotonous one would sound alike."""
    spread = {}
    for change in ("-100%", "+0%", "+80%"):
        clause = one(kokoro, f'<prosody range="{change}">{SENTENCE}</prosody>')
        low, high = np.percentile(12 * np.log2(f0s_hz(clause)), (10, 90))
        spread[change] = high - low
    assert spread["-100%"] < 0.4 * spread["+0%"]
    assert spread["+80%"] > 1.3 * spread["+0%"]


def test_emphasis_makes_a_word_longer(kokoro, flat):
    """Emphasis would not be heard."""
    clause = one(kokoro, SENTENCE.replace("front", '<emphasis level="strong">front</emphasis>'))
    length = {word.text: word.end - word.start for word in clause.words}
    before = {word.text: word.end - word.start for word in flat.words}
    assert length["front"] > 1.15 * before["front"]


def test_breaks_marks_and_voices(kokoro):
    """A break would not last, a mark be lost, a voice be ignored."""
    clauses = list(
        kokoro.synthesize(
            '<speak>Yes.<break time="800ms"/> <voice name="bm_george">No <mark name="here"/>way.</voice>'
            "</speak>",
            voice=VOICE,
        )
    )
    assert [clause.text for clause in clauses] == ["Yes.", "No way."]
    assert not np.any(clauses[0].samples[-round(0.74 * 24_000) :])
    (mark,) = clauses[1].marks
    assert mark.text == "here"
    assert mark.start == mark.end == clauses[1].words[1].start > 0
    assert f0_hz(clauses[1]) < 0.85 * f0_hz(one(kokoro, "No way."))  # a man's voice against a woman's


def test_given_phonemes_are_spoken(kokoro):
    """A pronunciation would be ignored: these differ in length by design."""
    short = one(kokoro, 'I am <phoneme ph="hˈɪt">here</phoneme> now.')
    long = one(kokoro, 'I am <phoneme ph="ɪntəˈnæʃənəl kəmˈjunɪti">here</phoneme> now.')
    assert len(long.samples) > len(short.samples) + 0.5 * 24_000
    assert [word.text for word in long.words] == ["I", "am", "here", "now."]


def test_written_words_are_kept_for_numbers(kokoro):
    """The transcript would show another text than the reply."""
    (clause,) = kokoro.synthesize("It is $4.50 at 2:30 pm.", voice=VOICE)
    assert [word.text for word in clause.words] == ["It", "is", "$4.50", "at", "2:30 pm."]


@pytest.mark.parametrize("text", ["", "<speak/>", "<speak><break time='0s'/></speak>"])
def test_nothing_to_say(kokoro, text):
    """An empty reply would raise."""
    assert sum(len(clause.samples) for clause in kokoro.synthesize(text, voice=VOICE)) == 0


@pytest.mark.parametrize("text", ["…", "🙂", "— —", "日本"])
def test_what_can_not_be_spoken_is_passed_over(kokoro, text):
    """A smiley in a reply would end the call."""
    for clause in kokoro.synthesize(text, voice=VOICE):
        assert np.isfinite(clause.samples).all()


@pytest.mark.parametrize(
    ("text", "voice", "error", "says"),
    [
        ("Hi", "af_hart", ParameterError, "voice 'af_hart' is not known, close ones are af_heart"),
        ("<speak><voice name='x1'>Hi</voice></speak>", VOICE, ParameterError, "voice 'x1' is not known"),
        (
            "<speak><lang xml:lang='ja'>Hai</lang></speak>",
            VOICE,
            SsmlError,
            "kokoro does not speak ja: write one",
        ),
        ("<speak><phoneme ph='##'>a</phoneme></speak>", VOICE, SsmlError, "no sound that kokoro knows"),
        ("<speak>a & b</speak>", VOICE, SsmlError, "write &amp; for &"),
    ],
)
def test_faults_are_raised_before_the_first_clause(kokoro, text, voice, error, says):
    """A reply would begin and then break off."""
    with pytest.raises(error, match=says):
        kokoro.synthesize(text, voice=voice)


def test_what_is_lowered_for_it_is_spoken(kokoro):
    """The text for this engine would be refused by it, or say another language than its losses."""
    text = (
        '<speak xml:lang="ja"><p xml:lang="ko">One</p><audio src="a.wav">two</audio> '
        '<lang xml:lang="zh">three</lang> <phoneme alphabet="sapi" ph="x">four</phoneme>'
        '<prosody range="+20%" duration="2s"> five</prosody></speak>'
    )
    lowered = render_for(parse(text), "kokoro").text
    said = [step.clause.text for step in kokoro.plan(lowered, voice=VOICE)]
    assert " ".join(said) == "One two three four five"
    assert {language.split("-")[0] for language in kokoro.capabilities.languages} == set(
        dialect("kokoro").languages
    )


def test_it_can_be_kept_by_clause(kokoro):
    """The cache would keep whole texts only, and a fixed clause inside a reply would be made again."""
    assert isinstance(kokoro, ClauseSynthesizer)


def test_a_loud_voice_is_not_clipped(kokoro):
    """Its loudest syllables would be cut flat where samples become 16 bits."""
    loud = list(kokoro.synthesize('<speak xml:lang="es">Radio, taxi.</speak>', voice="if_sara"))
    peak = max(float(np.abs(clause.samples).max()) for clause in loud)
    assert 0.9 < peak <= 1
