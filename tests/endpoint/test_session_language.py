"""What a project's language does in a session: what is listened for, what is told, what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import OPEN, PERSISTENT, Book, Client, bench, grant, resume

from workbench.audio.resampling import Resampler
from workbench.core.audio import Samples
from workbench.core.projects import Project
from workbench.endpoint.projects import ProjectBook
from workbench.errors import EngineMissing
from workbench.protocol.packets import AudioPacket, Direction, pack
from workbench.security.tokens import Grant
from workbench.speech.engines import Engines, load_scripted
from workbench.speech.scripted import ScriptedRecognizer
from workbench.store.store import open_store

pytestmark = pytest.mark.anyio

BAR = """\
name: bar
voice: af_heart
greeting: "¡Hola! Son 3 euros."
intents: {}
prompts: {out_of_scope: "¿Cómo?", not_heard: "¿Perdón?", help: "Pida algo."}
"""
"""An assistant that does not say in which language it is."""


def mine() -> Grant:
    """Return a grant that lasts from now on: an expired one closes the session."""
    return grant(project="shop")


def bar(folder: Path, more: str = "") -> tuple[Path]:
    path = folder / "bar.yaml"
    path.write_text(BAR + more, encoding="utf-8")
    return (path,)


async def shop(made: Any, **facts: str) -> None:
    """Let the endpoint know a project."""
    made.host.projects = ProjectBook(Book(Project(name="shop", **facts)))
    await made.host.projects.look()


def wish(**settings: Any) -> dict[str, Any]:
    return OPEN | {"assistant": "bar", "settings": settings}


def speak(client: Client, samples: Samples) -> None:
    """Say something at 16 kHz, in packets of 100 ms."""
    for seq, place in enumerate(range(0, len(samples), 1600)):
        payload = (samples[place : place + 1600] * 32_767).astype("<i2").tobytes()
        client.say(pack(AudioPacket(direction=Direction.CALLER, seq=seq, position=place, payload=payload)))


TONE = np.concatenate(
    [(0.2 * np.sin(np.arange(16_000) * 0.06)).astype(np.float32), np.zeros(16_000 * 4, np.float32)]
)


async def test_a_projects_language_is_listened_for_spoken_and_told(tmp_path: Path) -> None:
    """The language would only choose a voice, and Spanish be heard as English."""
    async with bench(assistants=bar(tmp_path), script=("un café",)) as made:
        await shop(made, language="es-MX")
        client = await made.opened(wish(), mine())
        told = client.of("session-opened")[0]["settings"]
        assert told["language"] == {"tag": "es-MX", "by": "project", "variety_by": "project"}
        assert told["voice"].startswith("ef_")
        speak(client, TONE)
        assert (await client.first("final-transcript"))["language"] == "es-MX"
        assert client.of("error") == []
        other = await made.opened(wish(), grant(project="else"))
        assert other.of("session-opened")[0]["settings"]["language"]["tag"] == "en-US"


async def test_the_endpoints_language_counts_where_nobody_says_anything(tmp_path: Path) -> None:
    async with bench(assistants=bar(tmp_path), language="it") as made:
        client = await made.opened(wish(), mine())
        told = client.of("session-opened")[0]["settings"]
        assert (told["language"]["tag"], told["language"]["by"], told["voice"][0]) == ("it", "endpoint", "i")


async def test_a_client_may_ask_for_a_language_that_the_assistant_does_not_speak(tmp_path: Path) -> None:
    """A caller would not be understood and nobody would know why."""
    async with bench(assistants=bar(tmp_path, "language: es\n")) as made:
        await shop(made, language="de")
        client = await made.opened(wish(language="fr"), mine())
        (error,) = client.of("error")
        assert (error["code"], error["fatal"]) == ("other-language", False)
        assert error["message"] == "the assistant understands and speaks es, what is listened for is fr"
        told = client.of("session-opened")[0]["settings"]
        assert told["language"] == {"tag": "fr", "by": "client", "variety_by": "client"}


@pytest.mark.parametrize(
    ("project", "wanted", "who"), [("tlh", None, "the project"), ("de", "tlh", "the client")]
)
async def test_a_language_that_is_not_recognised_is_refused(
    tmp_path: Path, project: str, wanted: str | None, who: str
) -> None:
    """A session would begin in which nothing is ever heard."""
    scripted = load_scripted(())
    engines = Engines(
        name="scripted",
        recognizer=lambda heard: ScriptedRecognizer((), languages=("en", "de")),
        synthesizer=scripted.synthesizer,
        voice_activity=scripted.voice_activity,
    )
    async with bench(assistants=bar(tmp_path), engines=engines) as made:
        await shop(made, language=project)
        client = made.client(wish(language=wanted), mine())
        assert await client.closed() == 4405
        (error,) = client.of("error")
        assert (error["code"], error["fatal"]) == ("unknown-language", True)
        assert error["message"] == f"tlh, which {who} asks for, is not recognised by this endpoint"


async def test_what_is_no_tag_is_no_language() -> None:
    """It would be looked up as one."""
    async with bench() as made:
        client = made.client(OPEN | {"settings": {"language": "german"}})
        assert await client.closed() == 4400
        (error,) = client.of("error")
        assert error["message"].startswith(
            "field open.settings.language of a message: expected a language tag"
        )


async def test_a_restored_session_goes_on_in_its_language(tmp_path: Path) -> None:
    """Half of a conversation would be heard in another language, because a project was changed meanwhile."""
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        async with bench(store, assistants=bar(tmp_path)) as made:
            await shop(made, language="es")
            first = await made.opened(PERSISTENT | {"assistant": "bar"}, mine())
            await made.orchestrator.drain()
            await first.closed()
        async with bench(store, assistants=bar(tmp_path), script=("un café",)) as made:
            await shop(made, language="de")
            again = made.client(resume(first), mine())
            await again.first("welcome")
            speak(again, TONE)
            assert (await again.first("final-transcript"))["language"] == "es"


@pytest.mark.speech
@pytest.mark.timeout(240)
async def test_spanish_is_heard_in_a_spanish_project(tmp_path: Path) -> None:
    """What the whole is for: real speech, by the shipped engines, in a project whose language it is."""
    from workbench.speech.recognizers.whisper import WhisperRecognizer
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

    try:
        whisper, kokoro = WhisperRecognizer.load(), KokoroSynthesizer.load()
        clauses = list(kokoro.synthesize("Quiero un café con leche y dos tostadas.", voice="ef_dora"))
    except EngineMissing as missing:
        pytest.skip(str(missing))
    spoken = np.concatenate([clause.samples for clause in clauses])
    resampler = Resampler(clauses[0].rate, 16_000)
    pause = np.zeros(32_000, np.float32)
    caller = np.concatenate([resampler.feed(spoken), resampler.flush(), pause])
    scripted = load_scripted(())
    engines = Engines(
        name="embedded",
        recognizer=lambda heard: whisper,
        synthesizer=lambda: kokoro,
        voice_activity=scripted.voice_activity,
    )
    async with bench(assistants=bar(tmp_path), engines=engines) as made:
        await shop(made, language="es")
        client = await made.opened(wish(greet=False), mine())
        speak(client, caller)
        final = await client.first("final-transcript")
        assert final["language"] == "es"
        assert "café con leche" in final["text"].lower()
        assert "tostadas" in final["text"].lower()
        said = await client.first("synthesis-ready")
        assert said["text"] == "¿Cómo?"
        assert client.of("error") == []
