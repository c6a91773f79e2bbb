"""The person detector as one ONNX file, end to end."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from harcli.people.yolo_metadata import KEY
from harcli.runtime.unchanged import graph_property

IMAGE_SIZE = 640
"""The long side of the input, for small photos too: at less, people of 36 to 96 px are lost. See docs/speed.md."""
OPSET = 17
TUNED_ON = ("coco", "coco128", "ccp", "clothing_attributes")
TUNED = "AGPL-3.0: fine-tuned from Ultralytics YOLO26-n"
"""Data sets and terms of a detector that `harcli train-detector` has trained; `DetectorCard`'s are the start's."""


@dataclass(frozen=True, slots=True)
class DetectorCard:
    """What the file says about itself beside its classes."""

    confidence: float
    name: str = "person-detector"
    version: str = "2026.12.0"
    datasets: tuple[str, ...] = ("coco",)
    licence: str = "AGPL-3.0: Ultralytics YOLO26-n, one class of its weights"

    def to_json(self) -> str:
        """The value of the metadata key `harcli-detector`."""
        return json.dumps(
            {
                "format": 1,
                "name": self.name,
                "version": self.version,
                "confidence": self.confidence,
                "datasets": list(self.datasets),
                "licence": self.licence,
            }
        )


def export_detector(model: nn.Module, path: Path, card: DetectorCard) -> None:
    """Write a single-class YOLO26 `DetectionModel` as ONNX; the model itself is changed (fused).

    The file takes float32 `(N, 3, H, W)`, RGB 0..1, H and W any multiples of 32, and gives `(N, 300, 6)`: x1, y1, x2,
    y2 in input pixels, score, class 0. N, H and W are dynamic. Beside harcli's own key the metadata has what
    Ultralytics reads, so that `yolo predict` runs the file as well.
    """
    import onnx

    unfused: Any = model.float().eval()
    unfused.model[-1].end2end = True  # a checkpoint of a training run comes with the one-to-many head selected
    inference: Any = unfused.fuse(verbose=False)
    head = inference.model[-1]
    head.export = True
    head.format = "onnx"
    head.dynamic = True  # anchors are computed from the input's size
    example = torch.zeros(2, 3, IMAGE_SIZE, IMAGE_SIZE // 2)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's notes on shapes that are constants here
        assert inference(example).shape == (2, 300, 6)
        torch.onnx.export(
            inference,
            (example,),
            str(path),
            input_names=["images"],
            output_names=["output0"],
            dynamic_axes={"images": {0: "batch", 2: "height", 3: "width"}, "output0": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    file = onnx.load(str(path))
    properties = {
        KEY: card.to_json(),
        "task": "detect",
        "names": "{0: 'person'}",
        "imgsz": str([IMAGE_SIZE, IMAGE_SIZE]),
        "stride": "32",
        "batch": "1",
        "args": "{'batch': 1, 'dynamic': True}",  # without it Ultralytics pads to a square
        "end2end": "True",
        "license": "AGPL-3.0",
    }
    for node in file.graph.node:
        node.doc_string = ""  # the tracer notes source lines with this machine's paths
    onnx.helper.set_model_props(file, properties | graph_property(file.SerializeToString()))
    onnx.checker.check_model(file)
    onnx.save(file, str(path))
