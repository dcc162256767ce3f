"""What a page offers by WebRTC, looked at before a library reads it: text in, text out."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from workbench.errors import ParameterError

CANDIDATES_MAX = 16
"""Candidates of an offer that are tried; so many, and no more, addresses are sent to on a client's word."""

_KINDS = ("application", "audio", "video")
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
        Unless it offers one audio stream and one data channel, nothing else, with fingerprints.
    """
    lines = sdp.replace("\r\n", "\n").split("\n")
    kinds = sorted(line[2:].split(" ", 1)[0] for line in lines if line.startswith("m="))
    if kinds != ["application", "audio"]:
        found = ", ".join(kind if kind in _KINDS else "something else" for kind in kinds[:5]) or "nothing"
        raise ParameterError(f"the offer has {found}, expected one audio stream and one data channel")
    if not any(line.startswith("a=fingerprint:") for line in lines):
        raise ParameterError("the offer has no fingerprint, so nobody could tell who answers")
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
