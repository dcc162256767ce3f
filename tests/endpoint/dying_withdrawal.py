"""A program that dies between a withdrawal and the deletion; its arguments are STORE, RECORDINGS and LEVEL.

It prints what resumes its session, as JSON, just before.
"""

import json
import os
import signal
import sys
from pathlib import Path

import anyio
from chain_keys import KEYS
from in_process import PERSISTENT, bench

from workbench.endpoint import destroying
from workbench.store.store import open_store

SAID = "the marmalade of Anna Meier is ready"


async def main(url: str, recordings: Path, level: str) -> None:
    """Open a session, say something, withdraw."""
    with open_store(url, audit_keys=KEYS) as store:
        async with bench(store, record=recordings) as made:
            client = await made.opened(PERSISTENT)
            client.say({"type": "say", "text": SAID, "seq": 0, "at": 0.0})
            await client.first("reply-text")
            welcome = client.of("welcome")[0]
            folder = recordings / welcome["session"]
            folder.mkdir(parents=True)  # of the process before
            (folder / "caller.flac").write_bytes(b"sound")

            def die(*_: object) -> None:
                sys.stdout.write(json.dumps({name: welcome[name] for name in ("session", "handle")}))
                sys.stdout.flush()
                os.kill(os.getpid(), signal.SIGKILL)

            store.delete = die  # type: ignore[method-assign,assignment]
            destroying.remove_recording = die  # type: ignore[assignment]
            client.say({"type": "consent", "level": level, "seq": 1, "at": 0.0})
            await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], Path(sys.argv[2]), sys.argv[3])
