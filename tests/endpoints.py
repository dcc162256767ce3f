"""Real endpoint processes with scripted engines, in a store of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from workbench.client.local import Endpoint
from workbench.security.keys import new_key

STOP = 60.0
"""Seconds for one to end, on a busy machine."""


@contextmanager
def running_endpoint(key: str = "", *, port: int = 0, **settings: str) -> Iterator[Endpoint]:
    """Run an endpoint until the end of the block.

    Parameters
    ----------
    key : that signs its tokens; a new one if empty
    port : lets a second one take the first one's place; 0 chooses a free one
    settings : as the environment has them, without ``WORKBENCH_`` before their names
    """
    key = key or new_key()
    environment = {
        **os.environ,
        "WORKBENCH_KEY": key,
        "WORKBENCH_ENGINES": "scripted",
        "WORKBENCH_STORE": "sqlite://",
        **{f"WORKBENCH_{name.upper()}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--managed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield Endpoint(url=ready["url"], key=key, process=process.pid)
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
