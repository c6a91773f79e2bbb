"""The little of ONNX's file form (protobuf) that is read here: where the graph lies, which other files it names,
and what it says about itself.

The package `onnx` reads all of it, but comes with the extra `train` only.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_DEEPEST = 60
"""Graphs within graphs and the like; ONNX Runtime's own reader stops at 100."""

_PARTS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external"},
    "external": {},
}
"""By message, the numbers of those fields that may lead to a tensor, from onnx.proto."""


def graph(model: memoryview) -> memoryview:
    """The graph of a model, its weights among it, as it stands in the file; all but metadata and versions.

    Raises:
        ValueError: it is no ONNX model, or has not just one graph.
    """
    graphs = [value for number, value in _fields(model) if number == 7]
    if len(graphs) != 1:
        raise ValueError(f"it has {len(graphs)} graphs")
    return graphs[0]


def metadata(model: memoryview) -> dict[str, str]:
    """What a model says about itself: its `metadata_props`.

    Raises:
        ValueError: it is no ONNX model.
    """
    entries = [dict(_fields(value)) for number, value in _fields(model) if number == 14]  # 1: key, 2: value
    return {bytes(entry.get(1, b"")).decode(): bytes(entry.get(2, b"")).decode() for entry in entries}


def external_files(model: memoryview) -> list[str]:
    """The names of the files in which weights lie outside of the model's own, sorted.

    Raises:
        ValueError: it is no ONNX model.
    """
    return sorted(set(_external(model, "model", 0)))


def _external(data: memoryview, kind: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError("its parts are nested too deep")
    if kind == "external":
        entry = dict(_fields(data))  # 1: key, 2: value
        if bytes(entry.get(1, b"")) == b"location":
            yield bytes(entry.get(2, b"")).decode("utf-8", "surrogateescape")
        return
    for number, value in _fields(data):
        if part := _PARTS[kind].get(number):
            yield from _external(value, part, depth + 1)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a message that have a length: number and content."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        form = key & 7
        if form == _VARINT:
            _, at = _varint(data, at)
        elif form == _BYTES:
            length, at = _varint(data, at)
            if length > end - at:
                raise ValueError("it ends too early")
            yield key >> 3, data[at : at + length]
            at += length
        elif form in (_FIXED64, _FIXED32):
            at += 8 if form == _FIXED64 else 4
        else:
            raise ValueError("it is damaged")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number at a place, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("it ends too early")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("it is damaged")
