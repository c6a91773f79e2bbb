"""`harcli export-onnx`: thresholds, and which attributes are learnt well enough to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harcli.errors import HarcliError
from harcli.evaluation.fitted import Fitted, fitted_in
from harcli.evaluation.report import gains
from harcli.evaluation.thresholds import listed, read_evaluation, read_thresholds
from harcli.recognition.model import AttributeModel


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of each attribute, by its name.

    Attributes:
        source: the file.
        levels: thresholds under other names, see `ModelMetadata`.
        gains: how far it is learnt, see `evaluation.report.gains`; None: not known, all are kept.
        fitted: how probabilities are to be calibrated; None: they stay.
        min_height: see `ModelMetadata`.
    """

    source: Path
    thresholds: Mapping[str, float]
    levels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    gains: Mapping[str, float] | None = None
    fitted: Fitted | None = None
    min_height: float = 0.0

    def kept(self, attributes: Sequence[str], min_gain: float, min_reach: float) -> list[str]:
        """Those of a network's attributes that are learnt well enough.

        Raises:
            HarcliError: there are none, or how well they are learnt is asked, but not known.
        """
        if self.gains is None:
            if min_gain or min_reach:
                raise HarcliError(
                    f"{self.source}: a model does not say how well it learnt: leave out --min-gain, --min-reach"
                )
            return list(attributes)
        kept = [
            name
            for name in attributes
            if self.gains.get(name, 0.0) >= min_gain and (min_reach <= 0 or self._reach(name) >= min_reach)
        ]
        if not kept:
            raise HarcliError(f"{self.source}: no attribute has a gain of {min_gain} or more and reaches {min_reach}")
        return kept

    def left_out(self, attributes: Sequence[str], kept: Sequence[str], min_gain: float) -> str:
        """The others, each with what it lacks, in a line."""
        gained = self.gains or {}
        gone = [name for name in attributes if name not in kept]
        return ", ".join(
            f"{name} (gain {gained.get(name, 0.0):.2g})"
            if gained.get(name, 0.0) < min_gain
            else f"{name} (precision {self._reach(name):.2f})"
            for name in gone
        )

    def _reach(self, name: str) -> float:
        return (self.fitted.reach.get(name) if self.fitted else None) or 0.0


def read_limits(path: Path, attributes: Sequence[str]) -> Limits:
    """Of the JSON of `harcli evaluate`; or of a model: its file, its folder, or the name of an installed one.

    Args:
        attributes: those of the network that is exported.

    Raises:
        HarcliError: it is neither, or lacks the threshold of an attribute.
    """
    if path.suffix.lower() != ".json":
        model = AttributeModel.load(path, provider="cpu").metadata
        if missing := [name for name in attributes if name not in model.names]:
            raise HarcliError(f"{path}: has no threshold for {listed(missing)}; it is not what this network began with")
        thresholds = dict(zip(model.names, model.thresholds, strict=True))
        return Limits(path, thresholds, model.levels, min_height=model.min_height)
    thresholds, result = read_thresholds(path, attributes), read_evaluation(path)
    try:
        learnt, fitted = gains(result), fitted_in(result)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HarcliError(f"{path}: not the JSON of `harcli evaluate --out`") from error
    return Limits(path, thresholds, fitted.levels if fitted else {}, learnt, fitted)


def scores_of(result: dict[str, Any], kept: list[str]) -> dict[str, Any]:
    """The short form of an evaluation that travels in the file."""
    ap = {n: result["attributes"][n]["AP"] for n in kept if n in result["attributes"]}
    known = [v for v in ap.values() if v is not None]
    return {
        "part": result["part"],
        "images": result["images"],
        "convention": result["convention"],
        "mAP": round(sum(known) / len(known), 4) if known else None,
        "AP": ap,
    }
