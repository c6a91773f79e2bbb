"""What a model file may say about itself, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata

METADATA = ModelMetadata(
    name="da-har-lite2",
    version="2026.11.0",
    attributes=(AttributeSpec("male", "sex", 0.52), AttributeSpec("hat", "head", 0.3)),
    input=InputSpec(192, 96, margin=0.1),
    datasets=("peta",),
    licence="research use only",
    scores={"mAP": 0.7},
)


def test_round_trip() -> None:
    assert ModelMetadata.from_json(METADATA.to_json(), "m.onnx") == METADATA


def test_says_which_attributes_contradict_each_other() -> None:
    """In the order of the columns, and only those that the model has."""
    names = ("female", "male", "hat", "boots", "sneakers", "child")
    attributes = tuple(AttributeSpec(name, "group", 0.5) for name in names)
    told = json.loads(ModelMetadata("m", "1", attributes, METADATA.input).to_json())
    assert told["exclusions"] == [["female", "male"], ["boots", "sneakers"]]


def test_columns_keep_their_order() -> None:
    assert METADATA.names == ["male", "hat"]
    assert METADATA.groups == ["sex", "head"]
    assert METADATA.thresholds == [0.52, 0.3]


def set_threshold(raw: dict[str, Any]) -> None:
    raw["attributes"][0]["threshold"] = 1.5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw.update(format=2), "format is 2"),
        (lambda raw: raw.pop("format"), "format is None"),
        (lambda raw: raw.pop("attributes"), "lacks 'attributes'"),
        (lambda raw: raw["input"].pop("mean"), "lacks 'mean'"),
        (lambda raw: raw.update(attributes=[]), "no attributes"),
        (lambda raw: raw.update(attributes=raw["attributes"] * 2), "named twice"),
        (lambda raw: raw.update(attributes=7), "not usable"),
        (set_threshold, "threshold of male is 1.5"),
        (lambda raw: raw["input"].update(resize="letterbox"), "knows only 'stretch'"),
        (lambda raw: raw["input"].update(colour="BGR"), "knows only 'RGB'"),
        (lambda raw: raw["input"].update(height=0), "out of range"),
        (lambda raw: raw["input"].update(std=[0, 1, 1]), "above 0"),
        (lambda raw: raw["input"].update(mean=[0.5]), "not usable"),
        (lambda raw: raw["input"].update(height=10**9), "out of range"),
        (lambda raw: raw["input"].update(margin=float("nan")), "no finite number"),
        (lambda raw: raw.update(scores=float("inf")), "no finite number"),
        (lambda raw: raw.update(scores=[1]), "not usable"),
        (lambda raw: raw.update(datasets=3), "not usable"),
        (lambda raw: raw.update(attributes=[None]), "not usable"),
        (lambda raw: raw["attributes"][0].update(name="a;b"), "'a;b' cannot be the name of an attribute"),
        (lambda raw: raw["attributes"][0].update(name="a\x1b]0;b"), "cannot be the name of an attribute"),
        (lambda raw: raw["attributes"][0].update(name="a\nb"), "cannot be the name of an attribute"),
        (lambda raw: raw["attributes"][0].update(name="a\ud800"), "no Unicode"),
        (lambda raw: raw.update(licence="\udfff"), "no Unicode"),
        (lambda raw: raw.update(input=[]), "not usable"),
    ],
)
def test_refused(change: Callable[[dict[str, Any]], object], reason: str) -> None:
    raw = json.loads(METADATA.to_json())
    change(raw)
    with pytest.raises(HarcliError, match=reason) as caught:
        ModelMetadata.from_json(json.dumps(raw), "m.onnx")
    assert str(caught.value).startswith("m.onnx: ")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{'format': 1}", "[" * 100_000, '{"a":' * 100_000, "1e999", "9" * 5000]
)
def test_not_json(text: str) -> None:
    with pytest.raises(HarcliError, match=r"m\.onnx"):
        ModelMetadata.from_json(text, "m.onnx")
