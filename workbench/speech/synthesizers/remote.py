"""The voice of another endpoint: clauses from its ``/v1/speech`` as they are synthesised there."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import numpy as np

from workbench.audio.resampling import Resampler
from workbench.errors import EngineFailed, NotSpoken, ParameterError, ProtocolError
from workbench.speech.clause_stream import ClauseReader
from workbench.speech.ports import Clause, SynthesizerCapabilities

PATH = "/v1/speech"

CONNECT_TIMEOUT = 2.0
"""Seconds to reach the other endpoint."""

READ_TIMEOUT = 15.0
"""Seconds it may send nothing, the first clause included."""


@dataclass(slots=True)
class RemoteSynthesizer:
    """A synthesiser whose work is done elsewhere.

    Parameters
    ----------
    url : base URL of the endpoint, ``http://`` or ``https://``
    token : returns a fresh token with scope ``speak``
    rate : samples per second of what is returned, whatever the other endpoint speaks at
    """

    url: str
    token: Callable[[], str]
    rate: int = 24_000
    tls: ssl.SSLContext | None = None
    """What an ``https://`` server is verified by; the usual authorities when None."""
    connect_timeout: float = CONNECT_TIMEOUT
    read_timeout: float = READ_TIMEOUT
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ParameterError("the address of a remote synthesiser is no http:// or https:// URL")
        self._client = httpx.Client(
            timeout=httpx.Timeout(self.read_timeout, connect=self.connect_timeout),
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
            verify=self.tls or True,
            follow_redirects=False,
        )

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what can be said without asking: clauses one by one, at ``rate``."""
        return SynthesizerCapabilities(
            name="remote",
            languages=(),
            rate=self.rate,
            streaming=True,
            word_times=True,
            ssml=frozenset({"speak"}),
        )

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses as they arrive; closing the iterator closes the connection.

        Raises
        ------
        ParameterError
            If the other endpoint refuses the text or the voice; NotSpoken if it tells what it lacks.
        EngineFailed
            If it can't be reached, refuses, sends nothing for ``read_timeout`` or breaks off.
        """
        headers = {"Authorization": f"Bearer {self.token()}", "Connection": "close"}
        try:
            body = {"ssml": ssml, "voice": voice}
            with self._client.stream("POST", self.url.rstrip("/") + PATH, json=body, headers=headers) as sent:
                if sent.status_code != 200:
                    raise _refusal(sent)
                yield from self._clauses(sent)
        except httpx.TimeoutException:
            raise EngineFailed("the remote synthesiser did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise EngineFailed(f"the remote synthesiser can't be used: {type(error).__name__}") from None
        except ProtocolError as error:
            raise EngineFailed(f"the remote synthesiser broke its protocol: {error.problem}") from None

    def _clauses(self, response: httpx.Response) -> Iterator[Clause]:
        reader = ClauseReader()
        for data in response.iter_raw():
            for clause in reader.feed(data):
                yield self._at_rate(clause)
        if reader.failure:
            raise EngineFailed(f"the remote synthesiser failed: {reader.failure}")
        if not reader.ended:
            raise EngineFailed("the remote synthesiser broke off before the end")

    def _at_rate(self, clause: Clause) -> Clause:
        if clause.rate == self.rate:
            return clause
        resampler = Resampler(clause.rate, self.rate)
        samples = np.concatenate((resampler.feed(clause.samples), resampler.flush()))
        return replace(clause, samples=samples, rate=self.rate)


def _refusal(response: httpx.Response) -> EngineFailed | ParameterError:
    """Return what a refusal says; never the text that was refused."""
    reason, lacking = "it gave no reason", None
    try:
        told: Any = next(response.iter_bytes(4096), b"")
        error = httpx.Response(200, content=told).json()["error"]
        reason = str(error["message"])[:500]
        if "lacking" in error:
            feature, value = map(str, error["lacking"])
            lacking = (feature, value)
    except (ValueError, KeyError, TypeError, httpx.HTTPError):
        pass
    if response.status_code == 422:
        problem = f"the remote synthesiser does not take it: {reason}"
        return ParameterError(problem) if lacking is None else NotSpoken(problem, *lacking)
    return EngineFailed(f"the remote synthesiser refused with {response.status_code}: {reason}")
