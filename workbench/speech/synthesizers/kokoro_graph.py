"""The Kokoro graph with per-phoneme control: rate and pitch go in, durations come out.

The published ``kokoro-v1.0.int8.onnx`` takes one speed for the whole text and returns samples only. Three
small changes to its bytes, made without any ONNX library, open it:

- ``speed`` may have one value per token (its declared length 1 becomes free);
- the f0 curve is multiplied by a new input ``f0_scale`` and by itself to the power of another, ``f0_power``;
  both have shape (1, 1, tokens) and are spread over the frames by the model's own alignment;
- the durations the model chose, in frames of 25 ms, and those it would choose at speed 1 become outputs.

With neutral inputs the samples are those of the published graph. The file layout is that of ONNX's protobuf:
appending a ``graph`` field to a message merges it into the graph that is there.
"""

from collections.abc import Sequence

import numpy as np

from workbench.errors import EngineFailed

DURATIONS = "/encoder/Round_output_0"
"""Output: frames of each token."""
NEUTRAL = "/encoder/predictor/ReduceSum_output_0"
"""Output: frames each token would have at speed 1, not yet rounded."""
F0_SCALE = "f0_scale"
"""Input: factor on f0 of each token."""
F0_POWER = "f0_power"
"""Input: how much further f0 of each token moves, on a scale of semitones: 0 as it is, -1 not at all."""
_FLOOR_HZ = 60.0
"""What is lower is not voiced, and is not raised to a power."""

_F0 = b"/encoder/Squeeze_output_0"
_F0_PUBLISHED = b"/encoder/SqueezeXoutput_0"
_ALIGNMENT = "/encoder/Cast_4_output_0"

# Field numbers of onnx.proto3.
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OPERATOR = 1, 2, 3, 4
_TENSOR_NAME, _TENSOR_RAW = 8, 9
_FLOAT, _INT64 = 1, 7


def opened(graph: bytes) -> bytes:
    """Return ``graph`` with the three changes.

    Raises
    ------
    EngineFailed
        If it is not the graph these changes were made for.
    """
    changed = bytearray(graph)
    # The node that made the f0 curve now makes it under another name of the same length...
    produced = _field(_NODE_OUTPUT, _F0)
    if changed.count(produced) != 1:
        raise EngineFailed("the Kokoro graph has no single node that makes the f0 curve")
    place = changed.find(produced)
    changed[place : place + len(produced)] = _field(_NODE_OUTPUT, _F0_PUBLISHED)
    _free_length_of_speed(changed)
    # ... and these nodes make the old name from it, scaled.
    scaled, published = _F0.decode(), _F0_PUBLISHED.decode()
    nodes = (
        *_spread(F0_SCALE, "kp_scale"),
        *_spread(F0_POWER, "kp_power"),
        _node("Max", (published, "kp_floor"), "kp_voiced"),
        _node("Pow", ("kp_voiced", "kp_power"), "kp_further"),
        _node("Mul", (published, "kp_further"), "kp_ranged"),
        _node("Mul", ("kp_ranged", "kp_scale"), scaled),
    )
    constants = (
        _constant("kp_axis_1", (1,)),
        _constant("kp_axis_2", (2,)),
        _constant("kp_twice", (1, 1, 2)),
        _constant("kp_flat", (1, -1)),
        _number("kp_floor", _FLOOR_HZ),
    )
    ports = (_input(F0_SCALE, rank=3), _input(F0_POWER, rank=3), _output(DURATIONS), _output(NEUTRAL))
    return bytes(changed) + _field(_MODEL_GRAPH, b"".join((*nodes, *constants, *ports)))


def _spread(source: str, curve: str) -> tuple[bytes, ...]:
    """Return the nodes that make a curve like that of f0 from one value a token."""
    return (
        _node("MatMul", (source, _ALIGNMENT), f"{curve}_frames"),
        _node("Squeeze", (f"{curve}_frames", "kp_axis_1"), f"{curve}_row"),
        _node("Unsqueeze", (f"{curve}_row", "kp_axis_2"), f"{curve}_column"),
        _node("Tile", (f"{curve}_column", "kp_twice"), f"{curve}_pairs"),  # f0 has two values a frame
        _node("Reshape", (f"{curve}_pairs", "kp_flat"), curve),
    )


def _free_length_of_speed(graph: bytearray) -> None:
    """Turn the declared length 1 of the input ``speed`` into a nameless, free one; same number of bytes."""
    name = _field(1, b"speed")
    fixed, free = b"\x0a\x02\x08\x01", b"\x0a\x02\x12\x00"
    place = graph.find(name)
    while place >= 0:
        length = graph.find(fixed, place, place + 30)
        if length >= 0:
            graph[length : length + len(fixed)] = free
            return
        place = graph.find(name, place + 1)
    raise EngineFailed("the Kokoro graph has no input speed of length 1")


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited protobuf field."""
    length, size = len(content), b""
    while True:
        low, length = length & 127, length >> 7
        size += bytes([low | 128 if length else low])
        if not length:
            return bytes([number << 3 | 2]) + size + content


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _node(operator: str, inputs: Sequence[str], output: str) -> bytes:
    content = b"".join(_text(_NODE_INPUT, name) for name in inputs) + _text(_NODE_OUTPUT, output)
    return _field(
        _GRAPH_NODE, content + _text(_NODE_NAME, f"make {output}") + _text(_NODE_OPERATOR, operator)
    )


def _constant(name: str, values: Sequence[int]) -> bytes:
    shape_and_type = bytes([1 << 3, len(values), 2 << 3, _INT64])
    raw = np.array(values, dtype="<i8").tobytes()
    return _field(_GRAPH_INITIALIZER, shape_and_type + _text(_TENSOR_NAME, name) + _field(_TENSOR_RAW, raw))


def _number(name: str, value: float) -> bytes:
    raw = np.array([value], dtype="<f4").tobytes()
    return _field(
        _GRAPH_INITIALIZER,
        bytes([1 << 3, 1, 2 << 3, _FLOAT]) + _text(_TENSOR_NAME, name) + _field(_TENSOR_RAW, raw),
    )


def _value(name: str, tensor: bytes) -> bytes:
    return _text(1, name) + _field(2, _field(1, tensor))


def _input(name: str, *, rank: int) -> bytes:
    free = _field(2, b"".join(_field(1, _field(2, b"")) for _ in range(rank)))
    return _field(_GRAPH_INPUT, _value(name, bytes([1 << 3, _FLOAT]) + free))


def _output(name: str) -> bytes:
    return _field(_GRAPH_OUTPUT, _value(name, bytes([1 << 3, _FLOAT])))
