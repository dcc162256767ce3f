"""Sessions in which something is said that may be stored, or not, and what is found of it."""

from pathlib import Path

from in_process import OPEN, Bench, Client

WORD = "marmalade"


def everything(place: Path) -> bytes:
    """Return all bytes of all files below a folder."""
    return b"".join(path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file())


def wish(**settings: object) -> dict[str, object]:
    return OPEN | {"settings": {"persistent": True, **settings}}


async def spoken(client: Client, word: str = WORD) -> None:
    """Have something said, and wait until it is on the timeline."""
    count = len(client.of("reply-text"))
    numbered(client, {"type": "say", "text": f"the {word} is ready"})
    await client.until(lambda: len(client.of("reply-text")) > count)


def numbered(client: Client, message: dict[str, object]) -> None:
    seq = client.__dict__.setdefault("seq", 0)
    client.__dict__["seq"] = seq + 1
    client.say({**message, "seq": seq, "at": 0.0})


def name_of(client: Client) -> str:
    return str(client.of("welcome")[0]["session"])


def kinds(made: Bench) -> list[tuple[str, str]]:
    return [(entry.kind, entry.reason) for entry in made.entries if entry.kind in ("consent", "deleted")]
