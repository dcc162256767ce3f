"""What is on the disk of an endpoint gives away nothing: of a conversation, its sound or its tokens."""

import os
import re
from pathlib import Path

import anyio
import numpy as np
import pytest
from killing import mortal
from searching import found

from workbench.client.caller import open_caller
from workbench.client.session import SessionSettings, open_session
from workbench.core.events import FinalTranscript, ReplyChosen, SessionResumed
from workbench.store.recording import is_whole, load_recording
from workbench.store.store import open_existing_store

pytestmark = pytest.mark.anyio

SCRIPT = ("I want a large latte with soy milk", "make it a small one")
SOUNDS = tuple(
    (0.3 * np.random.default_rng(seed).standard_normal(24_000)).clip(-1, 1).astype(np.float32)
    for seed in (1, 2)
)
"""What is said, in a voice of noise: no run of its samples comes about by chance."""


def sounded(sound: np.ndarray) -> list[bytes]:
    """Return runs of samples as they might be kept."""
    places = range(2_000, 22_000, 5_000)
    return [
        np.rint(sound[at : at + 8] * scale).astype(kind).tobytes()
        for at in places
        for scale, kind in ((32_767, "<i2"), (32_768, "<i2"), (1, "<f4"))
    ]


def words_of(texts: list[str]) -> list[bytes]:
    """Return every word of five letters and more: shorter ones stand in any file by chance."""
    return sorted({word.encode() for text in texts for word in re.findall(r"[A-Za-z]{5,}", text)})


@pytest.mark.parametrize("ended", ["well", "killed"])
async def test_the_disk_gives_nothing_away(
    tmp_path: Path, ended: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever gets the disk, a backup or the logs would know who said what."""
    data = tmp_path / "data"
    url, kept, config = f"sqlite:///{data / 'sessions.db'}", data / "recordings", tmp_path / "config"
    monkeypatch.delenv("WORKBENCH_STORE_KEY")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(config))
    monkeypatch.setenv("TMPDIR", str(data / "tmp"))
    (data / "tmp").mkdir(parents=True)
    settings = SessionSettings(persistent=True)
    tokens: list[str] = []

    async with mortal.mortal(url, SCRIPT, record=str(kept)) as endpoint:
        where = endpoint.endpoint
        minted = type(where).token

        def token(self: object) -> str:
            tokens.append(minted(self))
            return tokens[-1]

        monkeypatch.setattr(type(where), "token", token)
        async with (
            open_session("coffee", endpoint=where, settings=settings) as session,
            open_caller(session) as caller,
        ):
            with anyio.fail_after(120):
                await caller.say(SOUNDS[0])
                if ended == "killed":
                    await endpoint.kill()
                    looked_at = search(data, config, session, tokens)
                    await endpoint.start()
                    while not any(isinstance(e.body, SessionResumed) for e in session.timeline.events):
                        await session.news()
                await caller.say(SOUNDS[1])
            name, handle = session.opened.session, session._link._session[1]
        await endpoint.stop()
    if ended == "killed":
        assert looked_at == {}
    assert search(data, config, session, tokens) == {}
    logged = capfd.readouterr()
    log = tmp_path / "log"
    log.write_text(logged.out + logged.err)
    assert found([*words_of(SCRIPT), *(one.encode() for one in tokens), handle.encode()], log) == {}
    assert found([handle.encode()], data) == {}

    with open_existing_store(url) as store:  # and yet all of it is there
        stored = store.load(name)
    assert [e.body.text for e in stored.events if isinstance(e.body, FinalTranscript)] == list(SCRIPT)
    assert is_whole(kept / name)
    recording = load_recording(kept / name)
    assert recording.meta["date"][:2] == "20"
    assert f"{os.cpu_count()} processors" in str(recording.meta["machine"])
    caller = recording.caller
    assert np.abs(caller).max() > 0.5


def search(data: Path, config: Path, session: object, tokens: list[str]) -> dict[str, set[bytes]]:
    """Return where anything of the session so far stands in the endpoint's files."""
    events = session.timeline.events
    texts = [e.body.text for e in events if isinstance(e.body, FinalTranscript | ReplyChosen)]
    assert len(texts) >= 2
    assert len(tokens) >= 1
    secrets = [part.encode() for one in tokens for part in (one, one.rpartition(".")[2])]
    sounds = [run for sound in SOUNDS for run in sounded(sound)]
    return found([*words_of(texts), *secrets, *sounds, b"flac", b"pcm16"], data, config)
