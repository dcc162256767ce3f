"""What both languages must agree on: ``tests/javascript/golden.json``, which node's tests read too."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.audio.codecs import decode, encode
from workbench.core.audio import AudioFormat, Encoding
from workbench.protocol.native import parse_client
from workbench.protocol.packets import AudioPacket, Direction, pack

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "javascript" / "golden.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("packet", GOLDEN["packets"])
def test_packets_are_those_of_the_page(packet: dict[str, Any]) -> None:
    """The endpoint would refuse all a page says."""
    built = AudioPacket(
        Direction(packet["direction"]),
        packet["seq"],
        packet["position"],
        bytes.fromhex(packet["payload"]),
        packet["reply"],
    )
    assert pack(built).hex() == packet["hex"]


@pytest.mark.parametrize("name", GOLDEN["messages"])
def test_messages_of_the_page_are_understood(name: str) -> None:
    """No session would open or resume."""
    sent = GOLDEN["messages"][name]
    assert json.loads(parse_client(json.dumps(sent)).model_dump_json(exclude_unset=True)) == sent


def test_samples_are_those_of_the_page() -> None:
    """The recogniser would hear noise, or softer speech than was said."""
    samples = np.array(GOLDEN["samples"]["values"], np.float32)
    pcm, mulaw = AudioFormat(), AudioFormat(Encoding.MULAW, 8_000)
    assert encode(samples, pcm).hex() == GOLDEN["samples"]["pcm16"]
    assert encode(samples, mulaw).hex() == GOLDEN["samples"]["mulaw"]
    assert decode(encode(samples, pcm), pcm).tolist() == GOLDEN["samples"]["fromPcm16"]
    assert decode(encode(samples, mulaw), mulaw).tolist() == GOLDEN["samples"]["fromMulaw"]
