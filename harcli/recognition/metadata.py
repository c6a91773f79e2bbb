"""What a harcli model file says about itself: one JSON object under the key `harcli` of its ONNX metadata."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harcli import strict_json
from harcli.attributes.exclusions import exclusions_among
from harcli.errors import HarcliError

KEY = "harcli"
"""The key in the ONNX file's `metadata_props`."""

FORMAT = 1
"""The version of the metadata's layout; a file with another one is refused."""

NEVER_IN_TAGS = "a semicolon or a control character"
"""What the name of an attribute must not hold."""

_LARGEST = 4096  # pixels of an input's height or width


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """One output column: the attribute's name and group, and the probability from which on it is tagged."""

    name: str
    group: str
    threshold: float


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a crop becomes the network's input: uint8 RGB, resized, then `(x / 255 - mean) / std`.

    `margin` is the fraction of the person box's width and height that is added on each side before the crop is cut.
    """

    height: int
    width: int
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    colour: str = "RGB"
    resize: str = "stretch"
    interpolation: str = "bilinear-antialias"
    margin: float = 0.05


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """All of a model file's metadata; `attributes` stand in the order of the output's columns.

    `labels` is `own` (labels of the data sets as published) or `shared` (canonical names), `split` the data sets' split
    that it was trained on; both are empty where the file does not say. `levels`: thresholds of each attribute under
    another name, `sure` (fewer tags, more of them true) and `more`. `min_height`: pixels that a person must be high to
    get tags; those of smaller people would not be as true as they should be.
    """

    name: str
    version: str
    attributes: tuple[AttributeSpec, ...]
    input: InputSpec
    datasets: tuple[str, ...] = ()
    licence: str = ""
    scores: Mapping[str, Any] = field(default_factory=dict)
    labels: str = ""
    split: str = ""
    levels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    min_height: float = 0.0

    @property
    def names(self) -> list[str]:
        """Attribute names in column order."""
        return [attribute.name for attribute in self.attributes]

    @property
    def groups(self) -> list[str]:
        """Attribute groups in column order."""
        return [attribute.group for attribute in self.attributes]

    @property
    def thresholds(self) -> list[float]:
        """Attribute thresholds in column order, in 0..1."""
        return [attribute.threshold for attribute in self.attributes]

    def to_json(self) -> str:
        """The text to store under `KEY`.

        It also says which attributes contradict each other, for programs that use the file without harcli.
        """
        told = {"scores": dict(self.scores), "levels": dict(self.levels), "exclusions": exclusions_among(self.names)}
        return json.dumps({"format": FORMAT, **asdict(self), **told}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, source: str) -> ModelMetadata:
        """Read and check the text stored under `KEY`.

        Args:
            source: the file it came from, named in error messages.

        Raises:
            HarcliError: not JSON, another format version, or a field that is missing or out of range.
        """
        try:
            raw = strict_json.loads(text)
            if not isinstance(raw, dict):
                raise ValueError("it is not a JSON object")
            if _is_broken(raw):
                raise ValueError("it holds text that is no Unicode")
            if raw.get("format") != FORMAT:
                raise ValueError(f"its format is {raw.get('format')!r}, this harcli reads format {FORMAT}")
            return _parse(raw)
        except KeyError as error:
            raise HarcliError(f"{source}: the harcli metadata lacks {error}; export the model again.") from error
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise HarcliError(
                f"{source}: the harcli metadata is not usable: {error}; export the model again."
            ) from error


def _is_broken(raw: object) -> bool:
    """Whether JSON holds halves of characters, by escapes as of D800: no file can be written with them."""
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def can_be_a_tag(name: str) -> bool:
    """Whether the name of an attribute comes back from all forms of results: tags stand in one cell, `;` between."""
    return not any(letter == ";" or unicodedata.category(letter) == "Cc" for letter in name)


def _parse(raw: dict[str, Any]) -> ModelMetadata:
    """Raises KeyError, ValueError or TypeError with the reason."""
    attributes = tuple(
        AttributeSpec(
            str(item["name"]), str(item["group"]), _fraction(item["threshold"], f"threshold of {item['name']}")
        )
        for item in raw["attributes"]
    )
    names = [attribute.name for attribute in attributes]
    if not names or any(not name for name in names):
        raise ValueError("it names no attributes, or one without a name")
    for name in names:
        if not can_be_a_tag(name):
            raise ValueError(f"{name!r} cannot be the name of an attribute: it holds {NEVER_IN_TAGS}")
    if len(set(names)) != len(names):
        raise ValueError("an attribute is named twice")
    return ModelMetadata(
        name=str(raw["name"]),
        version=str(raw["version"]),
        attributes=attributes,
        input=_parse_input(raw["input"]),
        datasets=tuple(str(name) for name in raw.get("datasets", ())),
        licence=str(raw.get("licence", "")),
        scores=dict(raw.get("scores", {})),
        labels=_label_mode(raw.get("labels", "")),
        split=str(raw.get("split", "")),
        levels=_levels(raw.get("levels", {}), names),
        min_height=_height(raw.get("min_height", 0.0)),
    )


def _parse_input(raw: dict[str, Any]) -> InputSpec:
    """Only what `harcli.photos.crop` does is accepted: another preprocessing would silently give wrong tags."""
    for key, only in (("colour", "RGB"), ("resize", "stretch"), ("interpolation", "bilinear-antialias")):
        if raw[key] != only:
            raise ValueError(f"input.{key} is {raw[key]!r}, this harcli knows only {only!r}")
    height, width = (int(raw[key]) for key in ("height", "width"))
    margin = float(raw["margin"])
    if not 1 <= height <= _LARGEST or not 1 <= width <= _LARGEST or not 0 <= margin <= 1:
        raise ValueError(f"input size {height}x{width} or margin {margin} is out of range")
    mean, std = _triple(raw["mean"], "mean"), _triple(raw["std"], "std")
    if min(std) <= 0:
        raise ValueError("input.std must be above 0")
    return InputSpec(height, width, mean, std, margin=margin)


def _levels(raw: Any, names: list[str]) -> dict[str, dict[str, float]]:
    """Every level has a threshold for every attribute."""
    return {
        str(level): {name: _fraction(limits[name], f"{level} threshold of {name}") for name in names}
        for level, limits in dict(raw).items()
    }


def _height(value: Any) -> float:
    number = float(value)
    if not 0 <= number < math.inf:
        raise ValueError(f"min_height is {value!r}, not a number of pixels")
    return number


def _label_mode(value: Any) -> str:
    if value not in ("own", "shared", ""):
        raise ValueError(f"labels is {value!r}, not own or shared")
    return str(value)


def _triple(value: Any, name: str) -> tuple[float, float, float]:
    red, green, blue = (float(item) for item in value)
    if not all(map(math.isfinite, (red, green, blue))):
        raise ValueError(f"input.{name} is not finite")
    return red, green, blue


def _fraction(value: Any, name: str) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is {value!r}, not in 0..1")
    return number
