"""The endpoint's certificate as its files are now: a new one counts from the next connection on.

Connections that are open are not touched. If what the files hold can't be used, the former certificate stays
and the log says why, once for each state of the files.
"""

import logging
import ssl
from pathlib import Path

import anyio

from workbench.core.clock import unix_now
from workbench.errors import ParameterError
from workbench.security.tls import SOON, TlsFiles, server_context

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between looks at the files."""
WARN_EVERY = 86_400.0
"""Seconds between two log lines about a certificate that ends soon."""


class Certificates:
    """Holds the context of new connections.

    Parameters
    ----------
    files : where they are

    Raises
    ------
    ParameterError
        If they can't be used.
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._seen = self._stamps()
        self._current, self.shown = server_context(files)
        self.context = self._current
        """What the server listens with; each connection is given the current one."""
        self.context.sni_callback = self._choose
        self._warned = -WARN_EVERY

    def look(self) -> bool:
        """Take up what has changed; return whether there is another certificate. Reads small files."""
        seen = self._stamps()
        changed = seen != self._seen
        if changed:
            self._seen = seen
            changed = self._take()
        self._warn(unix_now())
        return changed

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await anyio.sleep(LOOK_EVERY)
            await anyio.to_thread.run_sync(self.look)

    def _take(self) -> bool:
        try:
            current, shown = server_context(self._files)
        except ParameterError as error:
            log.error("the certificate has changed and can't be used, the former one stays: %s", error)
            return False
        self._current, self.shown = current, shown
        self._warned = -WARN_EVERY
        log.warning("new connections get %s", shown)
        return True

    def _choose(self, connection: ssl.SSLObject, name: str | None, listening: ssl.SSLContext) -> None:
        """Give a connection the current context; OpenSSL asks also where no name was sent."""
        connection.context = self._current

    def _warn(self, now: float) -> None:
        left = self.shown.until - now
        if left < SOON and now - self._warned >= WARN_EVERY:
            self._warned = now
            state = f"ends in {left / 86_400:.1f} days" if left > 0 else "has ended"
            log.warning("the certificate in %s %s", self._files.certificate, state)

    def _stamps(self) -> tuple[tuple[int, int, int] | None, ...]:
        files = self._files
        return tuple(map(_stamp, (files.certificate, files.key, files.client_ca)))


def _stamp(file: Path | None) -> tuple[int, int, int] | None:
    if file is None:
        return None
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
