"""Rotating keys while others read, write and use them."""

import multiprocessing
import stat
import threading
from pathlib import Path

import pytest

from workbench.core.clock import ManualClock
from workbench.errors import ParameterError
from workbench.security import key_places
from workbench.security.key_places import changing
from workbench.security.keyring import Key, Keyring, parse_keys
from workbench.security.keys import (
    DEFAULT_OVERLAP,
    KeySource,
    ensure_keys,
    key_file,
    load_keys,
    new_key,
    rotate_keys,
)
from workbench.security.tokens import check_token, mint_token

KEY = "k" * 32
OTHER = "o" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own key out of these tests."""
    for name in ("WORKBENCH_KEY", "WORKBENCH_KEY_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    return tmp_path


def rotate_many(times: int) -> None:
    for _ in range(times):
        rotate_keys()


def ensure_one(queue: "multiprocessing.Queue[str]") -> None:
    queue.put(ensure_keys().signing.key_id)


def test_a_rotation_signs_anew_and_tokens_of_before_stay_good(folder: Path) -> None:
    """Every running client would be thrown out by a rotation."""
    token = mint_token(ensure_keys())
    former = load_keys().signing
    ring = rotate_keys()
    assert ring == load_keys()
    assert ring.signing.key_id != former.key_id
    assert [key.key_id for key in ring.keys] == [ring.signing.key_id, former.key_id]
    assert check_token(token, load_keys()).key_id == former.key_id
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert sorted(file.name for file in folder.iterdir()) == ["key", "key.lock"]


def test_a_rotation_without_overlap_ends_the_former_key() -> None:
    """A leaked key could not be got rid of at once."""
    former = ensure_keys()
    assert rotate_keys(0).find(former.signing.key_id, 0.0) is None
    assert len(load_keys().keys) == 1


def test_the_default_overlap_outlasts_every_token() -> None:
    """The longest token would be refused before its own end."""
    assert DEFAULT_OVERLAP >= 3600


def test_rotating_nothing_makes_the_first_key() -> None:
    """A new installation would have to be served before its keys can be rotated."""
    assert rotate_keys() == load_keys()


@pytest.mark.parametrize("overlap", [-1, 30 * 86_400 + 1, float("nan"), float("inf")])
def test_an_overlap_out_of_reason_is_refused(overlap: float) -> None:
    """A retired key would verify for ever."""
    with pytest.raises(ParameterError, match=r"^overlap is .* s, expected 0 to 2592000$"):
        rotate_keys(overlap)


def test_keys_from_the_environment_are_rotated_where_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file would be made that nobody reads, and the rotation be taken for done."""
    monkeypatch.setenv("WORKBENCH_KEY", KEY)
    with pytest.raises(ParameterError, match=r"^the keys come from WORKBENCH_KEY: put the new one before"):
        rotate_keys()
    assert not key_file().exists()


def test_the_environment_can_hold_two_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotation of an endpoint configured by its environment would throw everybody out."""
    monkeypatch.setenv("WORKBENCH_KEY", f"{KEY}\n {OTHER} ")
    assert load_keys() == Keyring([Key(KEY), Key(OTHER)])


def test_a_ring_that_is_full_is_not_rotated_further() -> None:
    """A key whose tokens are still out there would be dropped, or the ring grow without limit."""
    rotate_many(16)
    before = key_file().read_text()
    with pytest.raises(ParameterError, match=r"^a key ring has 17 keys, expected 1 to 16$"):
        rotate_keys()
    assert key_file().read_text() == before


def test_two_processes_rotating_at_once_lose_no_key() -> None:
    """Tokens signed between two rotations would be refused."""
    start = ensure_keys().signing.key_id
    processes = [
        multiprocessing.get_context("spawn").Process(target=rotate_many, args=(7,)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(load_keys().keys) == 15
    assert load_keys().keys[-1].key_id == start


def test_processes_that_start_at_once_agree_on_one_key() -> None:
    """The endpoint would refuse the tokens of the client that was started with it."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[str] = context.Queue()
    processes = [context.Process(target=ensure_one, args=(queue,)) for _ in range(3)]
    for process in processes:
        process.start()
    made = {queue.get(timeout=120) for _ in processes}
    for process in processes:
        process.join(120)
    assert made == {load_keys().signing.key_id}


def test_a_reader_never_sees_half_a_file() -> None:
    """An endpoint that reloads during a rotation would lose its keys."""
    ensure_keys()
    done = threading.Event()
    broken: list[str] = []

    def read() -> None:
        while not done.is_set():
            try:
                parse_keys(key_file().read_text(), "here")
            except ParameterError as error:
                broken.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    rotate_many(15)
    done.set()
    reader.join()
    assert broken == []


def test_a_lock_that_is_never_given_up_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs in a rotation would hang every other one."""
    monkeypatch.setattr(key_places, "LOCK_TIMEOUT", 0.05)
    place = key_places.KeyFile(key_file())
    with (
        changing(place),
        pytest.raises(ParameterError, match="another process has held them for 0.05 s"),
    ):
        rotate_keys()
    assert rotate_keys() == load_keys()


def test_a_rotation_that_can_t_write_keeps_the_keys(folder: Path) -> None:
    """A full disk would leave the endpoint without any key."""
    ring = ensure_keys()
    draft_in_the_way = key_places.KeyFile(folder / "no-such-folder" / "key")
    with pytest.raises(ParameterError, match=r"^can't make a key at .*: no such file or directory"):
        draft_in_the_way.write("text")
    assert load_keys() == ring
    assert sorted(file.name for file in folder.iterdir()) == ["key", "key.lock"]


def test_a_pipe_in_the_key_s_place_is_not_waited_for() -> None:
    """Somebody who can write the folder could hang the endpoint at its start."""
    import os

    os.mkfifo(key_file(), 0o600)
    with pytest.raises(ParameterError, match="it is no plain file$"):
        load_keys()


def test_a_huge_file_is_not_read() -> None:
    """A log in the key's place would be read into memory."""
    key_file().write_text("k" * 65_537)
    key_file().chmod(0o600)
    with pytest.raises(ParameterError, match="has 65537 bytes, expected at most 65536$"):
        load_keys()


def test_a_running_endpoint_notices_a_rotation_within_a_second() -> None:
    """Tokens signed with the new key would be refused until a restart."""
    ensure_keys()
    clock = ManualClock()
    source = KeySource(now=clock.now)
    before = source.current()
    ring = rotate_keys()
    clock.advance(0.9)
    assert source.current() is before  # not a look at every token
    clock.advance(0.1)
    assert source.current() == ring
    assert source.current() is source.current()


@pytest.mark.parametrize("damage", ["mode", "content", "gone"])
def test_a_mistake_in_the_file_does_not_stop_a_running_endpoint(
    damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An editor's slip would throw out every caller; unsaid, nobody would mend it."""
    before = ensure_keys()
    clock = ManualClock()
    source = KeySource(now=clock.now)
    {
        "mode": lambda: key_file().chmod(0o644),
        "content": lambda: key_file().write_text("short"),
        "gone": key_file().unlink,
    }[damage]()
    clock.advance(1)
    assert source.current() == before
    clock.advance(1)
    assert source.current() == before
    assert [record.levelname for record in caplog.records] == ["ERROR"]  # once, not every second
    assert before.signing.secret not in caplog.text
    key_file().unlink(missing_ok=True)
    key_file().write_text(OTHER)
    key_file().chmod(0o600)
    clock.advance(1)
    assert source.current() == Keyring([Key(OTHER)])


def test_without_a_key_there_is_nothing_to_watch() -> None:
    """An endpoint would run with no key, or with one everybody knows."""
    with pytest.raises(Exception, match="no key in WORKBENCH_KEY"):
        KeySource()


def test_given_keys_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of an embedded endpoint would be exchanged for the user's own."""
    clock = ManualClock()
    ring = Keyring([Key(KEY)])
    source = KeySource(ring, now=clock.now)
    rotate_keys()
    clock.advance(5)
    assert source.current() is ring
    monkeypatch.setenv("WORKBENCH_KEY", OTHER)
    source = KeySource(now=clock.now)
    clock.advance(5)
    assert source.current() == Keyring([Key(OTHER)])


def test_new_keys_can_be_rings() -> None:
    """A rotation would make a key that is refused at the next start."""
    assert Keyring([Key(new_key()) for _ in range(3)])
