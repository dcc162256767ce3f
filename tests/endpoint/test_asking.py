"""Questions and known callers through a real endpoint process, with the shipped books."""

import json
from dataclasses import replace

import numpy as np
import pytest

from workbench.analysis.latency import turns
from workbench.client.caller import call
from workbench.client.session import SessionSettings
from workbench.core.events import LookupDone, ReplyChosen
from workbench.security.tokens import mint_token

pytestmark = pytest.mark.anyio

HAVE = "The rooms in New York, London and Seattle have a projector."


def tone(seconds: float) -> np.ndarray:
    """Return what the energy detector takes for speech."""
    return (0.2 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * 16_000)) / 16_000)).astype(np.float32)


def bodies(recording, kind):
    return [event.body for event in recording.timeline.events if isinstance(event.body, kind)]


async def test_a_known_caller_is_greeted_and_answered_in_the_middle_of_a_booking(start_endpoint):
    """The shipped assistant would know neither its customers nor its rooms."""
    said = ["book a room", "what rooms have a projector"]
    with start_endpoint(script=json.dumps(said)) as endpoint:
        anna = replace(endpoint, tokens=lambda: mint_token(endpoint.key, client="anna"))
        recording = await call(
            "rooms", [tone(1.0), tone(1.6)], endpoint=anna, settings=SessionSettings(greet=True)
        )
    assert bodies(recording, ReplyChosen)[0].text == "Hello, Anna! I can book a room for you."
    assert [(body.name, body.status) for body in bodies(recording, LookupDone)] == [
        ("customers", "found"),
        ("knowledge", "found"),
    ]
    first, second = turns(recording)
    assert first.reply == "Where would you like to meet?"
    assert second.reply == f"{HAVE} Where would you like to meet?"


async def test_a_stranger_is_not_looked_up(start_endpoint):
    """A session without a bound client would be taken for some customer."""
    with start_endpoint(script=json.dumps(["is there parking in Zurich"])) as endpoint:
        recording = await call("rooms", [tone(1.6)], endpoint=endpoint, settings=SessionSettings(greet=True))
    assert bodies(recording, ReplyChosen)[0].text == "Hello! I can book a room for you."
    assert {body.name for body in bodies(recording, LookupDone)} == {"knowledge"}
    assert turns(recording)[0].reply == "Zurich has parking for ten cars."


async def test_own_books_take_the_place_of_the_shipped_ones(start_endpoint, tmp_path):
    """An endpoint would answer out of the example's books."""
    (tmp_path / "rooms.md").write_text("# Projectors\n\nEvery room has a projector.\n")
    (tmp_path / "book.csv").write_text("id,name,spoken,place\n7,Zoe Park,Miss Park,London\n")
    with start_endpoint(
        script=json.dumps(["what rooms have a projector"]),
        knowledge=str(tmp_path),
        customers=str(tmp_path / "book.csv"),
    ) as endpoint:
        zoe = replace(endpoint, tokens=lambda: mint_token(endpoint.key, client="7"))
        recording = await call("rooms", [tone(1.6)], endpoint=zoe, settings=SessionSettings(greet=True))
    assert bodies(recording, ReplyChosen)[0].text == "Hello, Miss Park! I can book a room for you."
    assert turns(recording)[0].reply == "Every room has a projector."
