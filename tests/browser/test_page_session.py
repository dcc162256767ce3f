"""A page's session in a real browser: what is said arrives and what is answered is heard, come what may."""

import base64
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Watched, heard
from session_page import PageServer, running_endpoint

from workbench.client.local import Endpoint

Open = Callable[..., Watched]


@pytest.fixture
def open_page(watched: Open, pages: PageServer) -> Open:
    """Return what opens the page, its microphone in the test's hands."""

    def open_it() -> Watched:
        opened = watched()
        opened.page.goto(pages.url)
        ready(opened.page)
        return opened

    return open_it


def ready(page: Any) -> None:
    """Wait for the page's code, and take its microphone."""
    page.wait_for_function("window.page?.ready")
    page.evaluate("listener.takeMicrophone()")


def begin(page: Any, endpoint: Endpoint, **options: Any) -> None:
    """Press talk, and wait until the session is live."""
    url = f"{endpoint.url}/v1/session"
    page.evaluate("options => page.begin(options)", {"ways": [{"way": "direct", "url": url}], **options})
    page.wait_for_function("page.statuses().some((one) => ['live', 'failed'].includes(one))")
    assert "live" in statuses(page), page.evaluate("page.last('status')")


def speak(page: Any, seconds: float, *, wait: bool = True) -> None:
    """Say something; the scripted recogniser hears its script in any noise."""
    noise = np.random.default_rng(1).standard_normal(int(16_000 * seconds)) * 0.2
    samples = base64.b64encode(noise.astype(np.float32).tobytes()).decode()
    page.evaluate(
        f"samples => {{ const said = listener.speak(samples); return {str(wait).lower()} && said; }}", samples
    )


def until(page: Any, kind: str, count: int = 1) -> list[dict[str, Any]]:
    """Return the events of a type, once there are so many."""
    page.wait_for_function(f"page.events('{kind}').length >= {count}")
    return list(page.evaluate(f"page.events('{kind}')"))


def statuses(page: Any) -> list[str]:
    """Return how the connection stood, one after another."""
    return list(page.evaluate("page.statuses()"))


def test_turn_taking_is_tuned_while_the_session_goes_on(open_page: Open, endpoint: Endpoint) -> None:
    """Settings chosen in the tuner would never reach a session that a page holds."""
    page = open_page().page
    begin(page, endpoint)
    page.evaluate("page.session.tune({ 'endpointing.hangover_min': 1.3, 'early.enabled': false })")
    (told,) = until(page, "turn-taking-tuned")
    assert told["settings"]["endpointing"]["hangover_min"] == 1.3
    assert told["settings"]["early_synthesis"]["enabled"] is False
    page.evaluate("page.session.tune({ 'endpointing.hangover_min': 99 })")
    (error,) = until(page, "error")
    assert (error["code"], error["fatal"]) == ("bad-setting", False)


@pytest.mark.parametrize("codec", ["pcm16", "mulaw", "opus"])
def test_what_is_said_arrives_and_the_answer_is_heard(
    codec: str, open_page: Open, endpoint: Endpoint
) -> None:
    """Nobody could talk to the assistant from a notebook."""
    if codec == "opus":
        pytest.importorskip("opuslib_next", reason="needs opus, of the speech extra")
    page = open_page().page
    begin(page, endpoint, codec=codec)
    speak(page, 1.5)
    (stopped,) = until(page, "playback-stopped")
    rate = stopped["rate"]
    clauses = page.evaluate("page.events('synthesis-ready')")
    said = sum(clause["samples"] / clause["rate"] for clause in clauses)
    assert stopped["reason"] == "finished"
    assert stopped["heard"] / rate == pytest.approx(said, abs=0.025)  # an Opus packet more or less
    arrived = page.evaluate("page.events('audio-in')")
    assert [event["lost"] for event in arrived] == [0] * len(arrived)
    late = sorted(event["at"] - event["captured"] for event in arrived)
    assert late[0] > -0.1
    assert late[len(late) // 2] < 0.5  # 0.03 on an idle machine
    sound, device = heard(page)
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    # a busy machine makes gaps, which lengthen it
    assert said - 0.3 < (loud[-1] - loud[0]) / device < said + 2
    assert np.sqrt(np.mean(sound[loud[0] : loud[-1]] ** 2)) > 0.1
    assert page.evaluate(
        "page.told.filter((one) => one.what === 'heard').at(-1).detail.seconds"
    ) == pytest.approx(said, abs=0.025)
    page.evaluate("page.session.stop()")
    assert statuses(page) == ["connecting", "live", "ended"]
    assert page.evaluate("page.events('session-closed')[0].reason") == "client-left"
    assert page.evaluate("page.session.output.context.state") == "closed"


def test_a_barge_in_silences_the_page(open_page: Open, endpoint: Endpoint) -> None:
    """The assistant would talk on over whoever interrupts it."""
    page = open_page().page
    begin(page, endpoint)
    speak(page, 1.5)
    until(page, "playback-started")
    page.wait_for_timeout(300)
    speak(page, 2.0, wait=False)
    (stopped,) = [event for event in until(page, "playback-stopped") if event["reason"] == "barge-in"]
    after = page.evaluate("listener.now().seconds")
    page.wait_for_timeout(500)
    clauses = page.evaluate("page.events('synthesis-ready')")
    assert stopped["heard"] < sum(
        clause["samples"] for clause in clauses if clause["reply"] == stopped["reply"]
    )
    sound, rate = heard(page, after + 0.1)
    assert len(sound) > 0.2 * rate
    assert np.abs(sound[: int(0.2 * rate)]).max() < 0.001


def test_a_muted_page_and_one_with_push_to_talk_up_send_silence(open_page: Open, endpoint: Endpoint) -> None:
    """What is said to somebody in the room would be heard."""
    page = open_page().page
    begin(page, endpoint)
    page.evaluate("page.session.mute(true)")
    page.wait_for_timeout(200)
    speak(page, 1.0)
    assert page.evaluate("page.last('levels').muted")
    page.evaluate("page.session.mute(false); page.session.pushToTalk('up')")
    page.wait_for_timeout(200)
    speak(page, 1.0)
    page.wait_for_timeout(500)
    assert page.evaluate("page.events('speech-started')") == []
    page.evaluate("page.session.pushToTalk('down')")
    page.wait_for_timeout(200)
    speak(page, 1.0)
    until(page, "speech-started")
    arrived = until(page, "audio-in", 3)
    assert [event["lost"] for event in arrived] == [0] * len(arrived)


def test_a_page_loaded_again_goes_on_with_the_reply(open_page: Open, endpoint: Endpoint) -> None:
    """A reload in a notebook would end the call."""
    page = open_page().page
    begin(page, endpoint)
    speak(page, 1.5)
    until(page, "playback-started")
    page.wait_for_timeout(700)
    session = page.evaluate("page.last('welcome').session")
    page.reload()
    ready(page)
    begin(page, endpoint, resume=True, events="all")
    welcome = page.evaluate("page.last('welcome')")
    assert (welcome["session"], welcome["how"], welcome["hold"]) == (session, "resumed", 120)
    (stopped,) = until(page, "playback-stopped")
    clauses = page.evaluate("page.events('synthesis-ready')")
    assert stopped["reason"] == "finished"
    assert stopped["heard"] == sum(clause["samples"] for clause in clauses)
    assert page.evaluate("page.events('session-opened').length") == 1
    assert page.evaluate("page.events('playback-started').length") == 1
    sound, rate = heard(page)
    rest = np.count_nonzero(np.abs(sound) > 0.01) / rate
    assert 0.5 < rest < stopped["heard"] / stopped["rate"] - 0.4
    speak(page, 1.5)
    until(page, "final-transcript", 2)
    orders = page.evaluate("page.events('order')")
    assert orders == []
    lost = sum(event["lost"] for event in page.evaluate("page.events('audio-in')"))
    assert lost == 0


def test_a_session_outlives_its_endpoint(watched: Open, pages: PageServer, tmp_path: Path) -> None:
    """A restart of the endpoint would end all calls."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = f"sqlite:///{tmp_path / 'sessions.db'}"
    opened = watched()
    opened.allowed.append("ERR_CONNECTION_REFUSED")
    page = opened.page
    page.goto(pages.url)
    ready(page)
    with running_endpoint(pages.key, port=port, store=store) as first:
        begin(page, first, open={"assistant": "coffee", "settings": {"persistent": True}})
        speak(page, 1.5)
        until(page, "playback-started")
        os.kill(first.process or 0, signal.SIGKILL)
        page.wait_for_function("page.statuses().includes('reconnecting')")
    with running_endpoint(pages.key, port=port, store=store):
        page.wait_for_function("page.statuses().at(-1) === 'live'")
        assert page.evaluate("page.last('welcome').how") == "restored"
        until(page, "playback-stopped")
        speak(page, 1.5)
        until(page, "final-transcript", 2)
        page.evaluate("page.session.stop()")
    numbers = [event["seq"] for event in page.evaluate("page.all()")]
    assert numbers == list(range(len(numbers)))


def test_a_page_that_leaves_for_a_while_comes_back(open_page: Open, endpoint: Endpoint) -> None:
    """A hidden page would lose its call, or keep the microphone's sound flowing."""
    page = open_page().page
    begin(page, endpoint)
    page.evaluate("page.session.suspend()")
    page.wait_for_function("page.statuses().at(-1) === 'held'")
    page.evaluate("page.session.resume()")
    page.wait_for_function("page.statuses().at(-1) === 'live'")
    assert until(page, "session-held")[0]["reason"] == "suspended"
    speak(page, 1.5)
    until(page, "final-transcript")


def test_a_page_that_is_hidden_is_held_until_it_is_shown(open_page: Open, endpoint: Endpoint) -> None:
    """A tab that was forgotten would keep listening to the room."""
    page = open_page().page
    begin(page, endpoint, hiddenAfter=0.3)
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(f"Object.defineProperty(document, 'hidden', {{ value: true, configurable: true }}); {look}")
    page.wait_for_function("page.statuses().at(-1) === 'held'")
    page.evaluate(f"delete document.hidden; {look}")
    page.wait_for_function("page.statuses().at(-1) === 'live'")


def test_one_audio_context_serves_a_second_session(open_page: Open, endpoint: Endpoint) -> None:
    """Talking again without a reload would fail."""
    page = open_page().page
    page.evaluate("page.context = new AudioContext()")
    for _ in range(2):
        page.evaluate(
            "options => page.begin({ ...options, context: page.context })",
            {"ways": [{"way": "direct", "url": f"{endpoint.url}/v1/session"}]},
        )
        page.wait_for_function("page.statuses().at(-1) === 'live'")
        speak(page, 1.0)
        until(page, "speech-started")
        page.evaluate("page.session.stop()")
        assert statuses(page)[-1] == "ended"


def test_tokens_are_renewed_while_one_talks(open_page: Open, endpoint: Endpoint, pages: PageServer) -> None:
    """A call would break off when its token ends."""
    pages.lifetime = 4.0
    before = pages.tokens
    try:
        page = open_page().page
        begin(page, endpoint)
        page.wait_for_timeout(8_000)
    finally:
        pages.lifetime = 300.0
    assert pages.tokens - before >= 3
    assert statuses(page) == ["connecting", "live"]
    assert page.evaluate("page.events('error')") == []


def test_another_page_takes_the_session_over(open_page: Open, endpoint: Endpoint) -> None:
    """Two tabs would fight over one session, each taking it from the other again and again."""
    page = open_page().page
    begin(page, endpoint)
    state = page.evaluate("page.session.state()")
    other = open_page().page
    begin(other, endpoint, state=state)
    page.wait_for_function("page.statuses().at(-1) === 'ended'")
    assert page.evaluate("page.last('status').code") == 4409
    other.wait_for_timeout(1_000)
    assert statuses(other) == ["connecting", "live"]


OPUS = """async (samples) => {
  const { OpusEncoding, OpusDecoding, OPUS_FRAME } = await import("/opus.js");
  const [packets, pieces] = [[], []];
  const encoding = new OpusEncoding((packet) => packets.push(packet), () => {});
  const decoding = new OpusDecoding((piece) => pieces.push(...piece), () => {});
  for (let at = 0; at + OPUS_FRAME <= samples.length; at += OPUS_FRAME) {
    encoding.feed(Float32Array.from(samples.slice(at, at + OPUS_FRAME)));
  }
  const count = samples.length / OPUS_FRAME;
  while (packets.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const packet of packets) decoding.feed(packet);
  while (pieces.length < samples.length) await new Promise((resolve) => setTimeout(resolve, 10));
  return { packets: packets.map((packet) => [...packet]), samples: pieces };
}"""


def test_opus_of_the_browser_lies_where_the_protocol_says(open_page: Open) -> None:
    """Words would lie beside their times, and what was heard would be told wrong."""
    opus = pytest.importorskip("workbench.audio.opus")
    pytest.importorskip("opuslib_next", reason="needs opus, of the speech extra")
    rate, at = 48_000, np.arange(48_000) / 48_000
    chirp = 0.5 * np.sin(2 * np.pi * (300 * at + 1500 * at**2))
    found = open_page().page.evaluate(OPUS, chirp.tolist())
    theirs = np.array(found["samples"], np.float32)[opus.pre_skip(rate) :]
    decoder = opus.OpusDecoder(rate)
    skip, ours = opus.pre_skip(rate), []
    for number, packet in enumerate(found["packets"]):
        ours.append(decoder.decode(bytes(packet), max(0, number * 960 - skip)))
    for decoded in (theirs, np.concatenate(ours)):
        middle = chirp[9_600:38_400]
        lags = np.arange(-96, 97)
        match = [float(middle @ decoded[9_600 + lag : 38_400 + lag]) for lag in lags]
        assert abs(lags[int(np.argmax(match))]) <= rate // 1000  # a millisecond


def failed(page: Any, **options: Any) -> dict[str, Any]:
    """Return the status of a session that can't be had."""
    page.evaluate("options => page.begin(options)", options)
    page.wait_for_function("page.statuses().at(-1) === 'failed'")
    return dict(page.evaluate("page.last('status')"))


def test_an_endpoint_that_is_not_there_is_said(open_page: Open) -> None:
    """A person would wait before a page that says nothing."""
    opened = open_page()
    opened.allowed.append("ERR_CONNECTION_REFUSED")
    url = "ws://127.0.0.1:9/secret-path/v1/session"
    status = failed(opened.page, ways=[{"way": "direct", "url": url}])
    assert status["sentence"] == "no endpoint answers at 127.0.0.1:9: is it still running?"


def test_a_token_of_another_key_is_said(open_page: Open) -> None:
    """A person would look for the fault everywhere but where it is."""
    opened = open_page()
    opened.allowed.append("401")
    with running_endpoint("another-key-of-thirty-two-letters-and-more") as stranger:
        status = failed(opened.page, ways=[{"way": "direct", "url": f"{stranger.url}/v1/session"}])
    assert "refused this page" in status["sentence"]
    opened.page.wait_for_function("page.session.output.context.state === 'closed'")


def test_what_the_endpoint_refuses_is_said_in_its_words(open_page: Open, endpoint: Endpoint) -> None:
    """A misspelt assistant would look like a broken network."""
    url = f"{endpoint.url}/v1/session"
    page = open_page().page
    status = failed(page, ways=[{"way": "direct", "url": url}], open={"assistant": "tea"})
    assert status["code"] == 4404
    assert "assistant" in status["sentence"]


def test_a_kernel_without_a_token_is_said(open_page: Open, endpoint: Endpoint, pages: PageServer) -> None:
    """A dead kernel would leave the panel connecting for ever."""
    opened = open_page()
    opened.allowed.append("404")
    pages.refuses = True
    try:
        status = failed(opened.page, ways=[{"way": "direct", "url": f"{endpoint.url}/v1/session"}])
    finally:
        pages.refuses = False
    assert status["sentence"].startswith("no session token was to be had")


def test_the_next_way_is_taken_when_the_first_does_not_work(open_page: Open, endpoint: Endpoint) -> None:
    """Behind a hub, where only the proxied way works, nothing would."""
    opened = open_page()
    opened.allowed.append("ERR_CONNECTION_REFUSED")
    ways = [
        {"way": "direct", "url": "ws://127.0.0.1:9/v1/session"},
        {"way": "proxied", "url": f"{endpoint.url}/v1/session"},
    ]
    begin(opened.page, endpoint, ways=ways)
    assert opened.page.evaluate("page.last('status').way") == "proxied"
