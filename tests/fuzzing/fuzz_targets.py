"""What is fuzzed: each target takes any bytes and raises only if the code under it broke a promise.

The promises: nothing but our own refusals leaves, a refusal is one short printable line without what was
sent, and what was accepted is what the protocol allows.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from workbench.audio.opus import OpusDecoder, OpusEncoder
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.wire import event_from_json, event_to_json
from workbench.endpoint.webrtc_offer import checked
from workbench.errors import GatewayRefused, ParameterError, ProtocolError, SsmlError
from workbench.protocol.native import parse_client
from workbench.protocol.packets import pack, unpack
from workbench.security.keyring import Key, Keyring, parse_keys, render_keys
from workbench.security.tokens import Grant, check_token, expiry_of, mint_token
from workbench.ssml.dialects import dialects
from workbench.ssml.downlevel import render_for
from workbench.ssml.flatten import flatten
from workbench.ssml.lint import lint
from workbench.ssml.parse import parse
from workbench.ssml.render import render
from workbench.ssml.shorthand import parse_shorthand

KEY = Key("k" * 32)
RING = Keyring([KEY, Key("o" * 32, until=1_700_000_050.0)])
NOW = 1_700_000_000.0

MARK = "S3CR3T"
"""Stands in the seeds where a transcript or a token would."""
LONGEST_REFUSAL = 400
"""Characters; long enough for a list of what was expected."""

_NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class Broken(AssertionError):
    """A promise was broken."""


def packets(data: bytes) -> None:
    """Unpack an audio packet; one that is accepted packs into the same bytes."""
    try:
        packet = unpack(data)
    except ProtocolError as error:
        _is_quiet(error, "")
        return
    if pack(packet) != data:
        raise Broken("a packet was not read as it was sent")


def messages(data: bytes) -> None:
    """Parse a client's text message; one that is accepted is so again in its own words."""
    text = data.decode("utf-8", "replace")
    try:
        message = parse_client(text)
    except ProtocolError as error:
        _is_quiet(error, text)
        return
    if parse_client(message.model_dump_json()) != message:
        raise Broken("a message was not read as it was sent")


def events(data: bytes) -> None:
    """Read an event from JSON; one that is accepted is so again in its own words."""
    text = data.decode("utf-8", "replace")
    try:
        event = event_from_json(text)
    except ProtocolError as error:
        _is_quiet(error, text)
        return
    again = event_from_json(event_to_json(event))
    if (again.seq, again.turn, again.source, again.body) != (event.seq, event.turn, event.source, event.body):
        raise Broken("an event was not read as it was sent")


def tokens(data: bytes) -> None:
    """Check a token of any characters; none is accepted, for nobody has the key."""
    token = data.decode("utf-8", "replace")
    for read in (lambda: check_token(token, RING, now=NOW), lambda: expiry_of(token)):
        try:
            granted = read()
        except (GatewayRefused, ParameterError) as error:
            _is_quiet(error, "")
            _names_none_of(str(error), (token, *token.split(".")))
        else:
            if isinstance(granted, Grant) and token not in KNOWN:
                raise Broken("a token was accepted that nobody signed")


def claims(data: bytes) -> None:
    """Check a token with a good signature over any header and claims, parted by a line's end."""
    head, _, body = data.partition(b"\n")
    token = compact(head, body)
    try:
        grant = check_token(token, RING, now=NOW)
    except GatewayRefused as error:
        _is_quiet(error, "")
        if error.code not in (401, 403) or error.kind == "refused":
            raise Broken("a refusal has no code or kind of its own") from None
        if MARK in str(error):
            raise Broken("a refusal repeats what was sent") from None
        return
    names = [grant.token_id, grant.project, grant.session or "x", grant.client or "x"]
    if not all(map(_NAME.fullmatch, names)) or not grant.scopes:
        raise Broken("a grant has a name, or no scope, that none may have")
    if not NOW - 2 <= grant.expires <= NOW + 3602.1 or len(grant.assistants) > 32 or len(grant.origins) > 32:
        raise Broken("a grant goes beyond every limit")
    if json.loads(head)["alg"] != "HS256" or json.loads(body)["aud"] != "workbench-session":
        raise Broken("a token was accepted that is for something else")


def keys(data: bytes) -> None:
    """Read a key file; one that is accepted is written so that it is read again."""
    text = data.decode("utf-8", "replace")
    try:
        ring = parse_keys(text, "here")
    except ParameterError as error:
        _is_quiet(error, "")
        if any(len(word) >= 16 and word in str(error) for word in text.split()):
            raise Broken("an error shows a key") from None
        return
    again = parse_keys(render_keys(ring), "here")
    if [key.secret for key in again.keys] != [key.secret for key in ring.keys]:
        raise Broken("a key ring was not written as it was read")


def opus(data: bytes) -> None:
    """Decode a packet of Opus; one that is accepted brings 20 ms."""
    decoder = OpusDecoder(48_000)
    for number in range(2):
        try:
            concealed = decoder.conceal(data, 1_920 * number)
            samples = decoder.decode(data, 960)
        except ProtocolError as error:
            _is_quiet(error, "")
            return
        if len(samples) != 960 or len(concealed) != 1_920 * number or not abs(samples).max() <= 1:
            raise Broken("a packet of Opus did not become 20 ms of samples")


def offers(data: bytes) -> None:
    """Look at an offer by WebRTC; one that is accepted is so again, unchanged."""
    text = data.decode("utf-8", "replace")
    try:
        left = checked(text)
    except ParameterError as error:
        _is_quiet(error, "")
        return
    if checked(left) != left or left.count("a=candidate:") > text.count("a=candidate:"):
        raise Broken("an offer was not left as it was")


def ssml(data: bytes) -> None:
    """Parse SSML or plain text; what is accepted is written so that it is read again, for every target."""
    text = data.decode("utf-8", "replace")
    try:
        document = parse(text) if text.lstrip().startswith("<") else parse_shorthand(text)
    except SsmlError as error:
        _is_short(error)
        return
    again = parse(render(document))
    if again != document and text.lstrip().startswith("<"):
        raise Broken("a document was not written as it was read")
    lint(document)
    flatten(document)
    targets = list(dialects().values())
    target = targets[len(data) % len(targets)]  # one each: all of them take long
    lowered = render_for(document, target.name).text
    if target.wrapped:
        parse(lowered)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (packets, messages, events, tokens, claims, keys, opus, offers, ssml)
}


def compact(head: bytes, body: bytes) -> str:
    """Return the compact form of any two byte strings, signed with the known key."""
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (head, body))
    signature = hmac.new(KEY.octets, signed, hashlib.sha256).digest()
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


GOOD_HEADER = {"alg": "HS256", "typ": "JWT", "kid": KEY.key_id}
GOOD_CLAIMS: dict[str, object] = {
    "aud": "workbench-session",
    "iat": int(NOW),
    "nbf": int(NOW),
    "exp": int(NOW) + 60,
    "jti": "0123456789abcdef",
    "project": "default",
    "scope": "converse observe",
    "assistants": ["coffee"],
    "origins": ["https://lab.example:8443"],
    "session": "s-1",
    "client": "tab:1",
}

KNOWN = frozenset({compact(json.dumps(GOOD_HEADER).encode(), json.dumps(GOOD_CLAIMS).encode())})
"""Good tokens among the seeds."""


def seeds(target: str) -> Iterable[bytes]:
    """Return inputs that lead deep into a target, for a fuzzer to begin with."""
    return {
        "packets": _packets,
        "messages": _messages,
        "events": _events,
        "claims": _claims,
        "opus": _opus,
        "offers": _offers,
        "tokens": _tokens,
        "keys": _keys,
        "ssml": _ssml,
    }[target]()


def _packets() -> Iterable[bytes]:
    for direction in (1, 2, 3):
        yield b"WB\x01" + bytes([direction]) + bytes(range(16)) + b"\0\1" * 8
    yield b"WB\x01\x01" + b"\xff" * 16
    yield b"WB\x02\x01" + bytes(16)


def _messages() -> Iterable[bytes]:
    for message in (
        {"type": "open", "version": 1, "assistant": "coffee", "input": {"encoding": "mulaw", "rate": 8000}},
        {"type": "open", "assistant": "coffee", "settings": {"early_synthesis": False, "greet": True}},
        {"type": "ping", "sent": 1.5},
        {"type": "audio-clock", "device_zero": -0.25},
        {"type": "playback", "state": "stopped", "reply": 1, "heard": 5, "device_position": 9, "at": 1e3},
        {"type": "audio-end"},
        {"type": "close"},
        {"type": MARK},
        {"type": "ping", "sent": MARK},
        {"type": "playback", "state": MARK, "reply": -1, "heard": 1e99, "extra": MARK},
        {"type": "ping", "sent": 1, "x\n\x1b[2J": 1},
        {"type": "ping", "sent": 1, "x" * 1000: 1},
        [MARK],
    ):
        yield json.dumps(message).encode()


def _events() -> Iterable[bytes]:
    stamp = {"seq": 0, "at": 0.5, "turn": 0, "source": "endpoint"}
    word = {"text": "hi", "start": 0.1, "end": 0.2, "confidence": 0.9, "stability": 0.9}
    for body in (
        {"type": "speech-started", "audio_at": 0.3},
        {"type": "partial-transcript", "text": MARK, "words": [word], "stable": 1},
        {"type": "session-closed", "reason": "completed"},
        {"type": "error", "code": "bad", "message": MARK, "fatal": True},
        {"type": MARK},
        {"type": "speech-started", "audio_at": 0.3, "x\n\x1b[2J": 1},
        {"type": "speech-started", "audio_at": 0.3, "x" * 1000: 1},
    ):
        yield json.dumps(stamp | body).encode()
    yield json.dumps({"type": "speech-started", "seq": MARK}).encode()


def _tokens() -> Iterable[bytes]:
    yield from (token.encode() for token in KNOWN)
    yield mint_token("x" * 32).encode()
    for part in (b"{}", b'{"alg":"none"}', b'{"alg":"HS256","kid":"%s"}' % KEY.key_id.encode()):
        yield compact(part, b"{}").encode()


def _claims() -> Iterable[bytes]:
    head = json.dumps(GOOD_HEADER).encode()
    for change in (
        {},
        {"scope": "admin"},
        {"scope": MARK},
        {"exp": 1e300},
        {"iat": True},
        {"assistants": [MARK] * 3, "origins": [MARK]},
        {"jti": MARK, "session": None},
        {"aud": [MARK]},
    ):
        yield head + b"\n" + json.dumps(GOOD_CLAIMS | change).encode()
    for change in ({"alg": "none"}, {"crit": ["b64"]}, {"b64": False}, {"kid": "../../dev/null"}, {"typ": 1}):
        yield json.dumps(GOOD_HEADER | change).encode() + b"\n" + json.dumps(GOOD_CLAIMS).encode()


def _opus() -> Iterable[bytes]:
    for rate in (16_000, 48_000):
        for fec in (False, True):
            encoder = OpusEncoder(AudioFormat(Encoding.OPUS, rate, fec=fec))
            noise = np.random.default_rng(1).standard_normal(rate // 10) * 0.2
            yield from (one.payload for one in encoder.feed(noise.astype(np.float32)))
    yield from (b"", b"\x0b\x02", b"\x03\x3f", bytes(1_276))


def _offers() -> Iterable[bytes]:
    head = b"v=0\r\na=fingerprint:sha-256 AA" + 31 * b":AA" + b"\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    candidate = b"a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=candidate:1 1 udp 1 x.local 9 typ host\r\n"
    yield head + candidate * 20 + b"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    yield head + b"m=\x1b[2J\r\nm=" + MARK.encode()


def _keys() -> Iterable[bytes]:
    yield f"{'k' * 32}\n{'o' * 32} 2024-01-01T00:00:00+00:00\n".encode()
    yield f"\n{'k' * 32} 2024-01-01\nshort\n".encode()
    yield f"{'k' * 32}\n{'o' * 32} 9999-12-31T23:59:59.9Z\n".encode()


def _ssml() -> Iterable[bytes]:
    yield b"Plain & <simple"
    yield (
        b'<?xml version="1.0"?><speak version="1.1" xml:lang="en-US">'
        b'<p xml:lang="de"><s>a<break time="250ms" strength="weak"/></s></p><mark name="m"/>'
        b'<prosody rate="80%" pitch="+2st" range="x-low" contour="(0%,+20Hz) (50%,-10%)" duration="2s" '
        b'volume="-6dB">b<emphasis level="strong">c</emphasis></prosody><sub alias="d">e</sub>'
        b'<phoneme alphabet="ipa" ph="t">f</phoneme><say-as interpret-as="date" format="dmy">1/2/03</say-as>'
        b'<voice name="v" gender="female">g</voice><lang xml:lang="fr">h</lang><w role="x">i</w>'
        b'<audio src="a.wav" soundLevel="+2.5dB"><desc>j</desc>k</audio></speak>'
    )
    yield (
        b'<speak><lexicon uri="u"/><metadata><x:y z="1">a</x:y></metadata><lookup ref="r">b</lookup>'
        b'<par><media begin="a.end+1s"><speak>c</speak></media></par><amazon:effect name="whispered">d'
        b'</amazon:effect><mstts:express-as style="sad">e</mstts:express-as><bookmark mark="f"/></speak>'
    )
    yield b'<!DOCTYPE speak [<!ENTITY a "aa"><!ENTITY b SYSTEM "file:///c">]><speak>&a;&b;</speak>'
    yield b'A (b)[sub:"c";pitch:"high"] [250ms] [break:"weak"] ++d++\n#[voice:"e";lang:"fr"] f ![\'g.mp3\']'


def _is_short(error: Exception) -> None:
    """Raise if an error is no short printable line; names of elements may be said."""
    text = str(error)
    if len(text) > LONGEST_REFUSAL or not text.isprintable():
        raise Broken("an error is no short printable line") from None


def _is_quiet(error: Exception, sent: str) -> None:
    """Raise if an error is no short printable line, or holds the mark of a value that was sent."""
    text = str(error)
    if len(text) > LONGEST_REFUSAL:
        raise Broken(f"an error has {len(text)} characters") from None
    if not text.isprintable():
        raise Broken("an error holds control characters") from None
    if MARK in text and not any(MARK in name for name in _names(sent)):
        raise Broken("an error repeats a value that was sent") from None


def _names_none_of(text: str, parts: Iterable[str]) -> None:
    if any(len(part) >= 12 and part in text for part in parts):
        raise Broken("a refusal repeats what was sent")


def _names(sent: str) -> set[str]:
    """Return the names of all fields in a JSON text; those may be said."""
    found: set[str] = set()

    def note(pairs: list[tuple[str, Any]]) -> None:
        found.update(name for name, _ in pairs)

    try:
        json.loads(sent, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return {MARK}  # what is no JSON to this reader may be to the other
    return found
