"""What a run's results were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from harcli.recognition.metadata import AttributeSpec

COLUMNS_VERSION = 1
"""Raised when a column changes its meaning or goes; docs/columns.md tells what changed."""


@dataclass(frozen=True)
class RunInfo:
    """What every record of a run has in common.

    Attributes:
        attributes: name, group and threshold of each attribute, in the order of `Record.probabilities`; the thresholds
            are those that the tags were chosen by.
        folder: absolute path that relative paths of records start from. `.` means the folder of the file that the
            records are written to; reading it back gives the absolute path again.
        version: of harcli.
        model: name, version, provider, precision, datasets and licence of the attribute model.
        detector: name, provider and confidence of the person detector.
        left_out: how many files and folders were not taken from the folders that were named, by kind, then by ending
            or name.
    """

    attributes: tuple[AttributeSpec, ...]
    folder: str
    version: str = ""
    model: Mapping[str, Any] = field(default_factory=dict)
    detector: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[str]:
        """The attributes' names, in order."""
        return [attribute.name for attribute in self.attributes]

    def as_json(self) -> dict[str, Any]:
        """The object `harcli` of JSON results. `folder` is left out: it says where somebody keeps photos."""
        return {
            **{"format": COLUMNS_VERSION, "version": self.version},
            **{"model": dict(self.model), "detector": dict(self.detector)},
            "left_out": {kind: dict(names) for kind, names in self.left_out.items()},
            "attributes": [asdict(attribute) for attribute in self.attributes],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any], folder: str) -> RunInfo:
        """The opposite of `as_json`.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: `values` is not such an object.
        """
        attributes = tuple(
            AttributeSpec(str(row["name"]), str(row["group"]), float(row["threshold"])) for row in values["attributes"]
        )
        if not all(0 <= attribute.threshold <= 1 for attribute in attributes):
            raise ValueError("a threshold is not in 0..1")
        if len({attribute.name for attribute in attributes}) < len(attributes):
            raise ValueError("an attribute is named twice")
        model, detector = (dict(values[key].items()) for key in ("model", "detector"))
        left_out = {kind: dict(names.items()) for kind, names in values.get("left_out", {}).items()}
        return cls(attributes, folder, str(values["version"]), model, detector, left_out)
