"""What all records of a run have in common."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harcli.results import RunInfo

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.metadata import AttributeSpec
    from harcli.recognition.model import AttributeModel
    from harcli.tagging.selection import Selection


def description(model: AttributeModel, detector: PersonDetector, attributes: Sequence[AttributeSpec]) -> RunInfo:
    """The run's models, what computes them, and the folder that it is given from.

    Args:
        attributes: those that records have, with the thresholds of this run.
    """
    from harcli import __version__

    metadata = model.metadata
    return RunInfo(
        attributes=tuple(attributes),
        folder=os.getcwd(),  # noqa: PTH109
        version=__version__,
        model={
            **{"name": metadata.name, "version": metadata.version, "provider": model.provider},
            "precision": getattr(model, "precision", "fp32"),
            **{"datasets": list(metadata.datasets), "licence": metadata.licence},
        },
        detector={
            **{"name": detector.name, "provider": detector.provider},
            "precision": getattr(detector, "precision", "fp32"),
            "confidence": getattr(detector, "confidence", None),
        },
    )


def record_settings(
    model: AttributeModel, detector: PersonDetector, selection: Selection, asked: Mapping[str, str]
) -> dict[str, str]:
    """What decides about a run's records, in words: if anything in it differs, they do.

    Args:
        asked: what the user asked for besides. Of the precision that is what counts: `auto` is what each machine is
            best at, and `description` says which that was.
    """
    from harcli.tagging.settings import Settings

    chosen = [f"{spec.name}={spec.threshold:g}" for spec in selection.attributes]
    return {
        **Settings.of(model, detector).about,
        "attributes": hashlib.sha256(" ".join(chosen).encode()).hexdigest(),
        "min height": f"{selection.min_height:g}",
        "max people": str(selection.max_people or ""),
        **asked,
    }
