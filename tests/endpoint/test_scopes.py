"""What a token's scopes allow inside a session, message by message, and how long it lasts."""

import anyio
import numpy as np
import pytest
from in_process import Client, bench, grant, resume

from workbench.core.clock import unix_now
from workbench.endpoint.intake import AHEAD_MAX, SAYS_PER_SECOND, TUNES_PER_SECOND
from workbench.errors import GatewayRefused
from workbench.protocol.native import CloseCode
from workbench.protocol.packets import AudioPacket, Direction, pack, unpack
from workbench.security.tokens import Scope

pytestmark = pytest.mark.anyio

ORDER = "I want a large latte with soy milk"


def speak(client: Client, seconds: float = 2.4, *, quiet: float = 4.0) -> None:
    """Say what the energy detector takes for speech, then nothing for longer than any turn waits."""
    tone = 0.3 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * 16_000)) / 16_000)
    stream = np.concatenate([np.zeros(4_800), tone, np.zeros(round(quiet * 16_000))])
    for seq, place in enumerate(range(0, len(stream) - 319, 320)):
        payload = (stream[place : place + 320] * 32_767).astype("<i2").tobytes()
        client.say(pack(AudioPacket(direction=Direction.CALLER, seq=seq, position=place, payload=payload)))


def say(seq: int, text: str) -> dict[str, object]:
    return {"type": "say", "seq": seq, "at": 0, "text": text}


async def test_a_token_to_converse_gets_a_reply_to_what_was_said():
    """The refusals below would show nothing: nobody would get a reply."""
    async with bench(script=(ORDER,)) as made:
        client = await made.opened()
        speak(client)
        await client.first("reply-text")
        await client.until(lambda: client.audio)
        client.say(
            {
                "type": "playback",
                "seq": 0,
                "at": 1,
                "state": "started",
                "reply": 1,
                "heard": 0,
                "device_position": 0,
            }
        )
        assert (await client.first("action-taken"))["action"] == "orderDrink"


async def test_a_token_to_transcribe_gets_words_and_intents_and_nothing_is_said():
    """Whoever pays for transcripts would get a voice, or set actions off."""
    async with bench(script=(ORDER,)) as made:
        client = await made.opened(held=grant(Scope.TRANSCRIBE))
        speak(client)
        final = await client.first("final-transcript")
        assert final["text"] == ORDER
        await client.until(
            lambda: [one for one in client.of("intent-recognized") if one["origin"] == "final"]
        )
        client.say(say(0, "Hello."))
        client.say({"type": "ping", "sent": 1.0})
        await client.first("pong")
        assert [error["code"] for error in client.of("error")] == ["wrong-scope"]
        kinds = {message["type"] for message in client.got}
        assert not kinds & {"reply-text", "early-synthesis-started", "synthesis-ready", "action-taken"}
        assert client.audio == []


async def test_a_token_to_speak_is_heard_by_the_client_and_hears_nothing():
    """Someone's microphone would be open to a token that may only speak."""
    async with bench(script=(ORDER,)) as made:
        client = await made.opened(held=grant(Scope.SPEAK))
        client.say(pack(AudioPacket(direction=Direction.CALLER, seq=0, position=0, payload=b"\0\1" * 320)))
        assert (await client.first("error"))["code"] == "wrong-scope"
        client.say(say(0, "Good morning & welcome."))
        assert (await client.first("reply-text"))["text"] == "Good morning & welcome."
        control = await client.first("playback-control")
        assert control["action"] == "end"
        samples = [len(unpack(packet).payload) // 2 for packet in client.audio]
        assert sum(samples) == control["samples"] == 24_000  # four words of the scripted voice
        kinds = {message["type"] for message in client.got}
        assert not kinds & {"audio-in", "speech-started", "partial-transcript"}


async def test_texts_come_no_faster_than_anyone_speaks():
    """A client could fill the timeline, and keep the synthesiser from everybody else."""
    async with bench(bad_messages_max=10**6) as made:
        client = await made.opened(held=grant(Scope.SPEAK))
        many = round(SAYS_PER_SECOND * (AHEAD_MAX + 5)) + 20
        for number in range(many):
            client.say(say(number, "Hello."))
        client.say({"type": "ping", "sent": 1.0})
        await client.first("pong")
        assert SAYS_PER_SECOND * AHEAD_MAX <= len(client.of("reply-text")) < many
        assert {error["code"] for error in client.of("error")} == {"bad-message"}


def tune(seq: int, **settings: object) -> dict[str, object]:
    named = {name.replace("__", "."): value for name, value in settings.items()}
    return {"type": "tune", "seq": seq, "at": 0, "settings": named}


async def test_turn_taking_goes_on_under_other_settings_and_says_so():
    """A tuner would say that its settings count while the session goes by others."""
    async with bench(script=(ORDER,)) as made:
        client = await made.opened()
        client.say(tune(0, early__enabled=False, endpointing__hangover_min=1.3))
        told = (await client.first("turn-taking-tuned"))["settings"]
        before = client.of("session-opened")[0]["settings"]
        assert told["early_synthesis"] == before["early_synthesis"] | {"enabled": False}
        assert told["endpointing"] == before["endpointing"] | {"hangover_min": 1.3}
        speak(client)
        await client.first("reply-text")
        assert not client.of("early-synthesis-started")
        assert client.of("turn-ended")[0]["hangover"] >= 1.3


async def test_a_setting_that_can_not_be_changes_nothing():
    """A session would go on half changed, or end over a wrong value."""
    async with bench() as made:
        client = await made.opened()
        client.say(tune(0, early__confidence=0.9, endpointing__hangover_min=5))
        client.say(tune(1, early__voice=1))
        client.say({"type": "tune", "seq": 2, "at": 0, "settings": {"early.confidence": "high"}})
        client.say({"type": "ping", "sent": 1.0})
        await client.first("pong")
        codes = [error["code"] for error in client.of("error")]
        assert codes == ["bad-setting", "bad-setting", "bad-message"]
        assert not client.of("turn-taking-tuned")


@pytest.mark.parametrize("scope", [Scope.TRANSCRIBE, Scope.SPEAK])
async def test_whoever_may_not_converse_may_not_tune(scope):
    """A token for transcripts would change how a conversation is led."""
    async with bench() as made:
        client = await made.opened(held=grant(scope))
        client.say(tune(0, early__enabled=False))
        assert (await client.first("error"))["code"] == "wrong-scope"
        assert not client.of("turn-taking-tuned")


async def test_settings_change_no_faster_than_anyone_chooses():
    """A client could fill the timeline."""
    async with bench(bad_messages_max=10**6) as made:
        client = await made.opened()
        many = round(TUNES_PER_SECOND * (AHEAD_MAX + 5)) + 20
        for number in range(many):
            client.say(tune(number, early__enabled=False))
        client.say({"type": "ping", "sent": 1.0})
        await client.first("pong")
        assert TUNES_PER_SECOND * AHEAD_MAX <= len(client.of("turn-taking-tuned")) < many


async def test_a_session_outlives_its_first_token_when_a_new_one_comes(monkeypatch):
    """Every session would break off when its token ends."""
    later = 0.0
    monkeypatch.setattr("workbench.endpoint.session.unix_now", lambda: unix_now() + later)
    async with bench() as made:
        new = grant(name="new", expires=unix_now() + 3600)
        made.host.renew = lambda token, old, session: new
        client = await made.opened(held=grant(name="old", expires=unix_now() + 600))
        client.say({"type": "refresh", "token": "a new one"})
        assert 3500 < (await client.first("refreshed"))["expires_in"] <= 3600
        later = 900.0
        with anyio.move_on_after(1.2):  # two looks at the token
            await client.closed()
        assert client.code is None
        (session,) = made.orchestrator.sessions
        assert session.grant is new


async def test_a_new_token_that_is_refused_is_told_and_the_old_one_counts_on():
    """A mistake of the client's back end would end the call at once; or a forged token prolong it."""
    async with bench() as made:

        def refused(token, old, session):
            raise GatewayRefused(401, "the session token has expired", "expired")

        made.host.renew = refused
        client = await made.opened()
        client.say({"type": "refresh", "token": "a secret token"})
        error = await client.first("error")
        assert (error["code"], error["fatal"]) == ("token-refused", False)
        assert "secret" not in error["message"]
        assert made.orchestrator.sessions[0].grant.token_id == "t"


async def test_without_a_new_token_the_session_is_held_and_resumed_with_one():
    """A stolen token would be good for ever; or its end would be the end of the call."""
    async with bench() as made:
        first = await made.opened(held=grant(expires=unix_now() - 1.8))
        assert await first.closed() == CloseCode.TOKEN_EXPIRED
        (session,) = made.orchestrator.sessions
        assert session.phase == "held"
        second = made.client(resume(first, seen={"events": len(first.events)}), grant(name="new"))
        await second.first("session-resumed")
        assert second.of("session-held")[0]["reason"] == "token-expired"
