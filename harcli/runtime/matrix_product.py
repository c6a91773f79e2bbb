"""A model that is nothing but one matrix product: to try a provider on, and to measure how fast the machine can be."""

from __future__ import annotations

FLOAT, UINT8, INT8, INT32, FLOAT16 = 1, 2, 3, 6, 10
"""ONNX's numbers for types of elements."""

_FORMS = {
    "fp32": ("MatMul", FLOAT, FLOAT, FLOAT),
    "fp16": ("MatMul", FLOAT16, FLOAT16, FLOAT16),
    "int8": ("MatMulInteger", UINT8, INT8, INT32),
}
"""By precision: the operator, and the types of both factors and of the product."""


def product_model(precision: str = "fp32", size: int = 64) -> bytes:
    """An ONNX file: inputs `a` and `b`, both `(size, size)`, output `product`.

    Written by hand (onnx.proto, protobuf), since the package `onnx` comes with the extra `train` only.

    Args:
        precision: `fp32`, `fp16`, or `int8`: `a` is uint8, `b` int8, the product int32.
    """
    operator, left, right, out = _FORMS[precision]
    node = _text(1, "a") + _text(1, "b") + _text(2, "product") + _text(4, operator)
    graph = (
        _field(1, node)
        + _text(2, "product")
        + _field(11, _value("a", left, size))
        + _field(11, _value("b", right, size))
        + _field(12, _value("product", out, size))
    )
    opset = _field(8, _text(1, "") + _number(2, 17))
    return _number(1, 8) + _field(7, graph) + opset


def _value(name: str, element: int, size: int) -> bytes:
    """A ValueInfoProto: a square matrix."""
    side = _field(1, _number(1, size))
    tensor = _number(1, element) + _field(2, side + side)
    return _text(1, name) + _field(2, _field(1, tensor))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])
