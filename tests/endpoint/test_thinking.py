"""Words are understood the same wherever it happens, and a process that dies is replaced."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import anyio
import anyio.lowlevel
import psutil
import pytest
from patience import PATIENCE

from workbench.conversation.assistants import load_assistant
from workbench.conversation.understanding import Understanding
from workbench.endpoint.thinking import NICENESS, Said, ThinkingProcess, ThinkingThread
from workbench.errors import EngineFailed

pytestmark = pytest.mark.anyio

COFFEE = load_assistant("coffee")
ORDER = Said("I want a large latte", alternatives=("a large latte",), origin="final")


@pytest.fixture(scope="module")
def process():
    with ThinkingProcess([COFFEE]) as made:
        yield made


async def mind_of(process: ThinkingProcess):
    return await anyio.to_thread.run_sync(process.mind, COFFEE)


async def test_a_process_and_a_thread_understand_the_same(process):
    """What a caller means would depend on how the endpoint was started."""
    expected = Understanding(COFFEE).interpret(ORDER.text, alternatives=ORDER.alternatives)
    assert expected.slots
    for mind in (await mind_of(process), ThinkingThread().mind(COFFEE)):
        assert await mind.interpret(ORDER) == expected
        assert not mind.busy


async def test_one_utterance_is_thought_about_at_a_time(process):
    """Partials of a hundred callers would queue up, each older than the next."""
    mind = await mind_of(process)
    busy = []

    async def ask(text: str) -> None:
        await mind.interpret(Said(text))

    async with anyio.create_task_group() as group:
        group.start_soon(ask, "one mocha please")
        await anyio.lowlevel.checkpoint()
        busy.append(mind.busy)
    assert busy == [True]


async def test_a_child_that_dies_is_replaced_and_the_words_are_not_lost(process):
    """One crash would leave every session deaf."""
    mind = await mind_of(process)
    for child in process._pool._processes.values():
        os.kill(child.pid, signal.SIGKILL)
    heard = await mind.interpret(Said("two small cappuccinos please"))
    assert heard.slots
    assert await mind.interpret(ORDER)


class Deadly:
    """Words that end the process that reads them."""

    def __reduce__(self):
        return os._exit, (1,)


async def test_words_that_kill_two_children_in_a_row_are_not_tried_on_a_third(process):
    """One caller's words would end child after child, or the session with a library's error."""
    mind = await mind_of(process)
    with pytest.raises(EngineFailed, match="^the process that understands ended twice in a row$"):
        await mind.interpret(Deadly())
    assert await mind.interpret(ORDER)  # the others go on


def test_a_child_stands_back_only_once_it_has_compiled(monkeypatch):
    """On a busy machine no session could begin for minutes; or thinking would take time from audio."""
    asked, submit = [], ProcessPoolExecutor.submit

    def noted(pool, what, *arguments):
        asked.append((what.__name__, arguments))
        return submit(pool, what, *arguments)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", noted)
    with ThinkingProcess([COFFEE]) as thinking:
        assert asked == [("_compile", ("coffee",)), ("_stand_back", ())]  # done in this order
        thinking.mind(COFFEE)
        assert len(asked) == 2  # for the first session does not wait behind what others need
        thinking._pool.submit(os.getpid).result()
        (child,) = thinking._pool._processes
        assert psutil.Process(child).nice() == psutil.Process().nice() + NICENESS


async def test_the_first_session_waits_for_no_more_than_its_own_assistant(monkeypatch):
    """With many assistants, no session could begin for as long as it takes to compile them all."""
    done, submit = {}, ProcessPoolExecutor.submit

    def noted(pool, what, *arguments):
        done[what.__name__, *arguments] = made = submit(pool, what, *arguments)
        return made

    monkeypatch.setattr(ProcessPoolExecutor, "submit", noted)
    long = COFFEE.model_copy(update={"name": "long"})
    with ThinkingProcess([COFFEE, long]) as thinking:
        thinking._pool.submit(time.sleep, 600)
        for name in ("coffee", "long"):
            await anyio.to_thread.run_sync(thinking.mind, thinking._assistants[name == "long"])
            assert done["_compile", name].done()
        assert not done["sleep", 600].done()


def test_the_child_ends_with_its_parent_however_that_ends():
    """Killed endpoints would leave processes behind."""
    program = (
        "import sys, time\n"
        "from workbench.conversation.assistants import load_assistant\n"
        "from workbench.endpoint.thinking import ThinkingProcess\n"
        "if __name__ == '__main__':\n"
        "    thinking = ThinkingProcess([load_assistant('coffee')])\n"
        "    thinking.mind(load_assistant('coffee'))\n"
        "    print(*thinking._pool._processes, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        deadline = time.monotonic() + PATIENCE
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_child_that_is_busy_does_not_hold_up_the_end():
    """An endpoint stopped right after its start would stay until its child had compiled all assistants."""
    program = (
        "import sys, time\n"
        "from workbench.conversation.assistants import load_assistant\n"
        "from workbench.endpoint.thinking import ThinkingProcess\n"
        "if __name__ == '__main__':\n"
        "    with ThinkingProcess([load_assistant('coffee')]) as thinking:\n"
        "        thinking._pool.submit(time.sleep, 600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as parent:
        try:
            assert parent.wait(timeout=PATIENCE) == 0
        finally:
            parent.kill()
