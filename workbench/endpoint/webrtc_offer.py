"""What a page offers by WebRTC, looked at before a library reads it: text in, text out."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from workbench.errors import ParameterError

CANDIDATES_MAX = 16
"""Candidates of an offer that are tried; so many, and no more, addresses are sent to on a client's word."""

_KINDS = ("application", "audio", "video")
_DIGITS = {"sha-256": 64, "sha-384": 96, "sha-512": 128}
"""Hashes a certificate is told by, with their hex digits."""
_CANDIDATE = re.compile(r"a=candidate:\S+ \d+ \S+ \d+ (\S+) \d+ typ ")


class Offer(BaseModel):
    """The body of ``POST /v1/webrtc``, and of its answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["offer"]
    sdp: Annotated[str, StringConstraints(min_length=1, max_length=30_000)]


def checked(sdp: str) -> str:
    """Return an offer without candidates that can't be used: names of ``.local``, and those beyond a limit.

    A name of ``.local`` hides an address from the endpoint and takes it a second to find out; the page is
    found without it, since its own checks arrive from its address.

    Raises
    ------
    ParameterError
        Unless it offers one audio stream and one data channel, nothing else, both of them with the
        fingerprints of one certificate: that is what the connection will be verified by.
    """
    lines = sdp.replace("\r\n", "\n").split("\n")
    kinds = sorted(line[2:].split(" ", 1)[0] for line in lines if line.startswith("m="))
    if kinds != ["application", "audio"]:
        found = ", ".join(kind if kind in _KINDS else "something else" for kind in kinds[:5]) or "nothing"
        raise ParameterError(f"the offer has {found}, expected one audio stream and one data channel")
    _check_fingerprints(lines)
    kept, candidates = [], 0
    for line in lines:
        if line.startswith("a=candidate:"):
            found_address = _CANDIDATE.match(line)
            usable = found_address is not None and not found_address[1].endswith(".local")
            candidates += usable
            if not usable or candidates > CANDIDATES_MAX:
                continue
        kept.append(line)
    return "\r\n".join(kept)


def _check_fingerprints(lines: Sequence[str]) -> None:
    """Raise ParameterError unless each part is told by the same fingerprints, its own or the session's."""
    parts: list[set[tuple[str, str]]] = [set()]
    for line in lines:
        if line.startswith("m="):
            parts.append(set())
        elif line.startswith("a=fingerprint:"):
            parts[-1].add(_fingerprint(line.removeprefix("a=fingerprint:")))
    session, *media = parts
    whole = [session | part for part in media]
    if not all(whole):
        raise ParameterError("the offer has no fingerprint, so nobody could tell who answers")
    if len({kind for kind, _ in whole[0]}) < len(whole[0]) or whole[0] != whole[1]:
        raise ParameterError("the offer has fingerprints of several certificates, expected those of one")


def _fingerprint(text: str) -> tuple[str, str]:
    kind, _, value = text.strip().lower().partition(" ")
    digits = value.replace(":", "")
    if len(digits) != _DIGITS.get(kind) or not re.fullmatch("(?:[0-9a-f]{2}:)*[0-9a-f]{2}", value):
        raise ParameterError(f"the offer has a fingerprint that is none of {', '.join(_DIGITS)}")
    return kind, digits
