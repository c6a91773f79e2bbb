"""Which settings change what is found in a photo, so that kept findings of other settings are not taken for these."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.runtime.unchanged import file_digest

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.model import AttributeModel

COMPUTATION = 1
"""Raised when harcli finds something else in the same photo with the same model files."""


@dataclass(frozen=True)
class Settings:
    """What findings were computed with, in words and as a key.

    Attributes:
        about: by name, for people; whatever differs between two runs differs here.
        attributes: how many probabilities each person has.
    """

    about: Mapping[str, str]
    attributes: int | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Equal for equal settings only."""
        return hashlib.sha256(json.dumps(dict(self.about), sort_keys=True).encode()).hexdigest()

    @classmethod
    def of(cls, model: AttributeModel, detector: PersonDetector) -> Settings:
        """The settings of a run: both model files by their content (weights in other
        files included), and the detector's confidence.

        Not among them, since they are applied to what was found: thresholds, attributes, the choice of people. What
        computes (CPU, GPU) and the batch size move probabilities by rounding errors only.
        """
        confidence = getattr(detector, "confidence", None)
        return cls(
            {
                "computation": str(COMPUTATION),
                "model": f"{model.metadata.name} {model.metadata.version}".strip(),
                "model file": _digest(getattr(model, "path", None)),
                "precision": getattr(model, "precision", "fp32"),
                "detector": detector.name,
                "detector file": _digest(getattr(detector, "path", None)),
                "confidence": "" if confidence is None else f"{confidence:g}",
            },
            len(model.metadata.attributes),
        )

    def difference(self, other: Mapping[str, str]) -> str:
        """What is other than in `other`, for a message: `model da-har-lite2 2026.11.1 instead of 2026.11.0`."""
        changed = [key for key, value in self.about.items() if other.get(key, "") != value]
        shown = [key for key in changed if not key.endswith("file") or key.removesuffix(" file") not in changed]
        return ", ".join(f"{key} {_short(self.about[key])} instead of {_short(other.get(key, ''))}" for key in shown)


def _digest(path: Path | None) -> str:
    return "" if path is None else file_digest(path)


def _short(value: str) -> str:
    """A hash shortened to what people compare."""
    return (value[:12] if len(value) == 64 else value) or "none"
