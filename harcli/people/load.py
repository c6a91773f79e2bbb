"""Which detector to use."""

from __future__ import annotations

from pathlib import Path

from harcli.errors import HarcliError
from harcli.models_dir import DETECTOR, LOWER, find_model, installed
from harcli.near import did_you_mean
from harcli.people.detection import PersonDetector


def load_detector(
    spec: str | None,
    *,
    confidence: float | None = None,
    provider: str = "auto",
    batch_size: int | None = None,
    precision: str = "auto",
    in_lanes: bool = False,
) -> PersonDetector:
    """The detector that `--detector` names.

    Args:
        spec: a YOLO `.onnx` file, an Ultralytics `.pt` file, a folder with a `model.onnx`, or the name of an installed
            model; None for the default one.
        confidence: the lowest score to report, 0..1; None: what the model recommends.
        provider: one of `harcli.runtime.providers.NAMES`.
        batch_size, in_lanes: see `OnnxDetector`.
        precision: one of `harcli.runtime.precision.CHOICES`, where the detector has it: most have float32 alone. A file
            that is named is taken as it is.

    Raises:
        HarcliError: the file is missing, of another kind, or cannot be used; or the confidence is outside 0..1.
    """
    if confidence is not None and not 0 <= confidence <= 1:
        raise HarcliError(f"the confidence {confidence} is outside 0..1: give a value such as 0.4")
    path = (installed().get(DETECTOR) if spec is None else find_model(spec)) or Path(spec or DETECTOR)
    if path.suffix.lower() == ".pt":
        from harcli.people.ultralytics_detector import UltralyticsDetector

        return UltralyticsDetector(path, confidence=confidence, provider=provider)
    if path.suffix.lower() == ".onnx":
        from harcli.people.onnx_detector import OnnxDetector
        from harcli.runtime.precision import beside, choose

        if spec is None or not Path(spec).is_file():
            has = precision not in LOWER or beside(path, precision).is_file()
            path = choose(path, provider, precision if has else "fp32")
        return OnnxDetector(path, confidence=confidence, provider=provider, batch_size=batch_size, in_lanes=in_lanes)
    advice = "give a YOLO detector in one of these forms"
    raise HarcliError(
        f"{path} is neither an .onnx nor a .pt file, nor an installed model (`harcli models` lists them); "
        f"{did_you_mean([str(path)], [DETECTOR], advice)}"
    )
