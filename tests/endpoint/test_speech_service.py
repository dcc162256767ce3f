"""Speech from a second endpoint process: the same sound, refusals, and what happens when it goes away."""

import json
import os
import signal
from functools import partial

import anyio
import httpx
import numpy as np
import pytest

from workbench.client.caller import call
from workbench.core.events import ErrorRaised, PlaybackStopped, SynthesisReady
from workbench.endpoint.speech_service import _refusal as _told_asker
from workbench.errors import EngineFailed, NotSpoken, ParameterError
from workbench.security.keys import new_key
from workbench.security.tokens import Scope, mint_token
from workbench.speech.scripted import ScriptedSynthesizer
from workbench.speech.synthesizers.preferring import PreferringSynthesizer
from workbench.speech.synthesizers.remote import RemoteSynthesizer

ORDER = "I want a large latte with soy milk"
LONG = " ".join(f"This is sentence {number}." for number in range(220))
"""880 words: 10 MB of sound, more than any socket buffers."""


def url_of(endpoint):
    return endpoint.url.replace("ws://", "http://")


def token_for(endpoint, scope=Scope.SPEAK):
    return partial(mint_token, endpoint.key, scopes=(scope,))


def remote_of(endpoint, **settings):
    return RemoteSynthesizer(url_of(endpoint), token_for(endpoint), **settings)


def post(endpoint, body, *, token=None):
    headers = {"Authorization": f"Bearer {token or token_for(endpoint)()}"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(url_of(endpoint) + "/v1/speech", content=content, headers=headers, trust_env=False)


def tone(seconds):
    return (0.2 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * 16_000)) / 16_000)).astype(np.float32)


def test_remote_speech_is_the_local_speech(speaker):
    """Whoever synthesises, the caller must hear the same, and word times must fit."""
    text = "<speak>One large <emphasis>latte</emphasis>. Coming right up.</speak>"
    there = list(remote_of(speaker).synthesize(text, voice="af_heart"))
    here = list(ScriptedSynthesizer().synthesize(text, voice="af_heart"))
    assert [clause.text for clause in there] == [clause.text for clause in here]
    for got, wanted in zip(there, here, strict=True):
        assert (got.rate, got.words) == (wanted.rate, wanted.words)
        np.testing.assert_allclose(got.samples, wanted.samples, atol=1 / 32_768)


def test_remote_speech_comes_at_the_rate_asked_for(speaker):
    """A session's own rate is settled before the first clause is there."""
    (clause,) = remote_of(speaker, rate=16_000).synthesize("One latte.", voice="af_heart")
    assert clause.rate == 16_000
    assert len(clause.samples) == pytest.approx(0.5 * 16_000, abs=2)


@pytest.mark.parametrize("scope", [Scope.TRANSCRIBE, Scope.OBSERVE, Scope.ADMIN])
def test_token_of_another_scope_gets_no_speech(speaker, scope):
    """Synthesis costs; only who may speak gets it."""
    assert post(speaker, {"text": "hi", "voice": "af"}, token=token_for(speaker, scope)()).status_code == 403


def test_wrong_key_is_an_engine_failure_that_names_no_token(speaker):
    """The endpoint that asks must know why it got nothing."""
    remote = RemoteSynthesizer(url_of(speaker), partial(mint_token, new_key(), scopes=(Scope.SPEAK,)))
    with pytest.raises(EngineFailed, match=r"^the remote synthesiser refused with 401: .+") as caught:
        list(remote.synthesize("hi", voice="af"))
    assert "ey" + "J" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "a" * 5_001, "voice": "af"}, 422),
        ({"ssml": "a" * 5_001, "voice": "af"}, 422),
        ({"text": "a" * 70_000, "voice": "af"}, 413),
        ({"text": "a", "ssml": "b", "voice": "af"}, 422),
        ({"text": " ", "voice": "af"}, 422),
        ({"text": "a"}, 422),
        ({"text": "a", "voice": "af", "more": 1}, 422),
        (b"\xff\xfe", 422),
        (b"", 422),
    ],
)
def test_what_cannot_be_spoken_is_refused(speaker, body, status):
    """No text is too large for the check, and no answer repeats what was sent."""
    answer = post(speaker, body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status
    assert "aaa" not in answer.text


def test_refused_text_is_the_askers_error(speaker):
    """A text that is too long will not get shorter by asking again."""
    with pytest.raises(ParameterError, match="does not take it: ssml: "):
        list(RemoteSynthesizer(url_of(speaker), token_for(speaker)).synthesize("a" * 5_001, voice="af"))


def test_what_a_voice_elsewhere_lacks_is_known_here(monkeypatch):
    """A reply with one word in a language that is not spoken there would lose all of its SSML."""
    told = _told_asker(422, "unspeakable", "ja is not spoken", ("language", "ja")).body
    answer = httpx.MockTransport(lambda _: httpx.Response(422, content=told))
    remote = RemoteSynthesizer("http://there", lambda: "token")
    monkeypatch.setattr(remote, "_client", httpx.Client(transport=answer))
    with pytest.raises(NotSpoken, match="does not take it: ja is not spoken") as caught:
        list(remote.synthesize("<speak>a</speak>", voice="af_heart"))
    assert (caught.value.feature, caught.value.value) == ("language", "ja")


def test_further_texts_are_refused_and_one_who_leaves_gives_the_place_back(start_endpoint):
    """A client that is gone must not be spoken to, nor keep others from being."""
    with start_endpoint(speech_requests_max="1") as endpoint:
        clauses = remote_of(endpoint).synthesize(LONG, voice="af_heart")
        next(clauses)
        with pytest.raises(EngineFailed, match="refused with 503: 1 texts are being spoken"):
            list(remote_of(endpoint).synthesize("hi", voice="af_heart"))
        clauses.close()
        assert _spoken_within(5.0, endpoint)


def _spoken_within(seconds, endpoint):
    """Return whether a text is spoken before the time is over, trying again while the place is taken."""
    for _ in range(round(seconds / 0.1)):
        answer = post(endpoint, {"text": "hi", "voice": "af_heart"})
        if answer.status_code == 200:
            return True
        assert answer.status_code == 503
        anyio.run(anyio.sleep, 0.1)
    return False


def test_reply_goes_on_when_the_remote_is_killed(start_endpoint):
    """A lost endpoint costs no word of the reply."""
    with start_endpoint() as endpoint:
        synthesizer = PreferringSynthesizer(remote_of(endpoint), ScriptedSynthesizer(), patience=5)
        clauses = synthesizer.synthesize(LONG, voice="af_heart")
        said = [next(clauses), next(clauses)]
        os.kill(endpoint.process, signal.SIGKILL)
        said += list(clauses)
    assert " ".join(clause.text for clause in said) == LONG
    (fallen,) = [clause for clause in said if clause.fell_back]
    assert said.index(fallen) >= 2
    assert "remote synthesiser" in fallen.fell_back


@pytest.mark.anyio
async def test_conversation_is_spoken_by_the_other_endpoint(start_endpoint, speaker):
    """Nothing about a conversation changes when its voice is elsewhere."""
    remote = {"synthesis": "remote", "synthesis_url": url_of(speaker), "synthesis_key": speaker.key}
    heard = []
    for settings in ({}, remote):
        with start_endpoint(script=json.dumps([ORDER]), **settings) as endpoint:
            recording = await call("coffee", [tone(2.4)], endpoint=endpoint)
        bodies = [event.body for event in recording.timeline.events]
        assert not [body for body in bodies if isinstance(body, ErrorRaised)]
        heard.append([(b.text, b.samples, b.words) for b in bodies if isinstance(b, SynthesisReady)])
        assert np.abs(recording.agent).max() > 0.25
    assert heard[0] == heard[1]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("policy", "code", "heard"),
    [("prefer-remote", "synthesis-fell-back", True), ("remote", "synthesis-failed", False)],
)
async def test_remote_that_is_down_is_told(start_endpoint, policy, code, heard):
    """Who prefers another voice still answers, who insists on it does not, and neither is silent about it."""
    away = {"synthesis": policy, "synthesis_url": "http://127.0.0.1:9"}
    with start_endpoint(script=json.dumps([ORDER]), **away) as endpoint:
        recording = await call("coffee", [tone(2.4)], endpoint=endpoint)
    bodies = [event.body for event in recording.timeline.events]
    errors = [body for body in bodies if isinstance(body, ErrorRaised)]
    assert {error.code for error in errors} == {code}
    assert not any(error.fatal for error in errors)
    finished = [b for b in bodies if isinstance(b, PlaybackStopped) and b.reason == "finished" and b.heard]
    assert bool(finished) is heard
