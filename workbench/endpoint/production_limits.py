"""What is unsafe about an endpoint's limits: those that are so wide that they are none."""

from collections.abc import Iterator

from workbench.endpoint.settings import EndpointSettings

HOUR = 3600.0

MOST: dict[str, tuple[float, str]] = {
    "max_sessions": (1000, "one process would run out of memory before it refuses"),
    "session_max": (4 * HOUR, "a forgotten session would go on"),
    "open_timeout": (60, "idle connections would fill the endpoint"),
    "handshake_timeout": (60, "idle connections would fill the endpoint"),
    "message_timeout": (300, "dead connections would keep their sessions"),
    "silence_timeout": (1800, "a forgotten microphone would stay open"),
    "hold": (1800, "sessions nobody returns to would fill the endpoint"),
    "resumable": (7 * 24 * HOUR, "what callers say would stay as it was said for weeks"),
    "bad_messages_max": (200, "a client could try messages without an end"),
    "outbox_max": (50_000, "clients that don't read would fill the memory"),
    "webrtc_peers_max": (200, "each costs a fifth of a processor"),
    "speech_requests_max": (64, "conversations would wait for other endpoints' texts"),
    "openings_per_address": (6000, "one address could flood the endpoint"),
    "openings_per_project": (60_000, "one project could flood the endpoint"),
    "refusals_per_address": (1000, "tokens could be guessed without being blocked"),
    "connections_per_address": (1000, "one address could take every place"),
    "connections_per_project": (10_000, "one project could take every place"),
    "connections_max": (20_000, "the process would run out of file descriptors before it refuses"),
    "lookup_timeout": (30, "abandoned lookups would keep all threads"),
    "send_ahead": (30, "a reply would be sent long after it was stopped"),
    "retention_days": (365, "what callers say would be kept for years"),
    "synthesis_cache": (4 * 2**30, "what was said would fill the memory"),
}
"""The widest limit that still is one, and what would happen without."""
LEAST: dict[str, tuple[float, str]] = {
    "blocked_for": (5, "who guesses tokens would hardly be slowed down"),
    "partial_every": (0.1, "one caller could keep the recogniser busy"),
}


def unsafe_limits(settings: EndpointSettings) -> Iterator[str]:
    """Yield what is unsafe, a sentence each."""
    for name, (most, why) in MOST.items():
        value = getattr(settings, name)
        if value > most:
            yield f"{name} is {value:g}, so {why}: write at most {most:g}"
    for name, (least, why) in LEAST.items():
        value = getattr(settings, name)
        if value < least:
            yield f"{name} is {value:g}, so {why}: write at least {least:g}"
    if settings.connections_per_address >= settings.connections_max:
        yield (
            f"connections_per_address is {settings.connections_per_address} of {settings.connections_max} "
            "in all, so one address could take every place: write a smaller one"
        )
