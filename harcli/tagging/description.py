"""What all records of a run have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harcli.results import RunInfo

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.metadata import AttributeSpec
    from harcli.recognition.model import AttributeModel


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
            "confidence": getattr(detector, "confidence", None),
        },
    )
