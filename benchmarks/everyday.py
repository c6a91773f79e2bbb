"""How true tags are on ordinary photos: people labelled by eye, none of whom the model was trained on.

    python benchmarks/everyday.py --data $HARCLI_DATA [--part val] [--dataset everyday] models/NAME/model.onnx [MORE]

For each model file: precision and recall of its tags, as `harcli tag` gives them, over all its attributes and over
those that all the models have; mean AP; calibration error; tags by the person's height in pixels (people are shrunk to
it); how many tags change where the box is a tenth larger or smaller or moved, and where the photo is halved or
compressed.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from harcli.datasets import Sample, labels_of, load, read_boxes, with_boxes
from harcli.evaluation.metrics import evaluate, mean
from harcli.evaluation.tags import given_tags, tag_scores, tags_report
from harcli.photos.decode import decode
from harcli.recognition.model import AttributeModel

Box = tuple[float, float, float, float]
View = Callable[[np.ndarray, Box], tuple[np.ndarray, Box]]
HEIGHTS = (24, 36, 48, 72, 96, 144, 192)
SHOWN = ("male", "female", "hat", "glasses", "jeans", "bag")


def resized(rgb: np.ndarray, box: Box, scale: float) -> tuple[np.ndarray, Box]:
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS)
    x, y = size[0] / rgb.shape[1], size[1] / rgb.shape[0]
    return np.asarray(small), (box[0] * x, box[1] * y, box[2] * x, box[3] * y)


def compressed(rgb: np.ndarray, box: Box) -> tuple[np.ndarray, Box]:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=60)
    return np.asarray(Image.open(buffer).convert("RGB")), box


def moved(x1: float, y1: float, x2: float, y2: float) -> View:
    """The box with its sides moved by shares of its size; positive is outwards."""

    def view(rgb: np.ndarray, box: Box) -> tuple[np.ndarray, Box]:
        w, h = box[2] - box[0], box[3] - box[1]
        return rgb, (
            *(max(0.0, box[0] - x1 * w), max(0.0, box[1] - y1 * h)),
            *(min(rgb.shape[1], box[2] + x2 * w), min(rgb.shape[0], box[3] + y2 * h)),
        )

    return view


VIEWS: dict[str, View] = {
    "box 10 % larger": moved(0.05, 0.05, 0.05, 0.05),
    "box 10 % smaller": moved(-0.05, -0.05, -0.05, -0.05),
    "box moved by 10 % to the right": moved(-0.1, 0, 0.1, 0),
    "box moved by 10 % down": moved(0, -0.1, 0, 0.1),
    "photo halved": lambda rgb, box: resized(rgb, box, 0.5),
    "photo compressed (JPEG 60)": compressed,
}


def shrunk(height: float) -> View:
    return lambda rgb, box: resized(rgb, box, min(1.0, height / (box[3] - box[1])))


def predicted(model: AttributeModel, samples: list[Sample], view: View | None = None) -> np.ndarray:
    rows = []
    for start in range(0, len(samples), 64):
        crops = []
        for sample in samples[start : start + 64]:
            rgb = decode(sample.image)
            box = sample.box or (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))
            crops.append(model.cut(*(view(rgb, box) if view else (rgb, box))))
        rows.append(model.probabilities(crops))
    return np.concatenate(rows)


def measure(path: Path, samples: list[Sample], common: list[str], quick: bool) -> dict[str, object]:
    model = AttributeModel.load(path)
    names, limits = model.metadata.names, dict(zip(model.metadata.names, model.metadata.thresholds, strict=True))
    labels = labels_of(samples, names)
    p = predicted(model, samples)
    tags = tags_report(labels, p, names, limits)
    given = given_tags(p, names, limits)
    places = [names.index(name) for name in common]
    ap = evaluate(labels[:, places], p[:, places], 0.5).ap
    result: dict[str, object] = {
        "model": str(path),
        "people": len(samples),
        "attributes": len(names),
        "all": {k: v for k, v in tags.items() if k != "attributes"},
        "common": tag_scores(labels[:, places], given[:, places]) | {"attributes": len(common), "mAP": mean(ap)},
        "by attribute": tags["attributes"],
    }
    if quick:
        return result
    tall = [i for i, s in enumerate(samples) if s.box and s.box[3] - s.box[1] >= HEIGHTS[-1] * 0.75]
    people = [samples[i] for i in tall]
    result["by height"] = {
        str(h): tag_scores(labels[tall], given_tags(predicted(model, people, shrunk(h)), names, limits))
        for h in HEIGHTS
    }
    result["changed"] = {
        what: changed(given, given_tags(predicted(model, samples, view), names, limits)) for what, view in VIEWS.items()
    }
    return result


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """The share of the tags of either view that the other does not give."""
    return round(float((before != after).sum() / max(1, before.sum() + after.sum())), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="test")
    parser.add_argument("--dataset", default="everyday")
    parser.add_argument("--boxes", type=Path)
    parser.add_argument("--quick", action="store_true", help="no heights, no changed views")
    parser.add_argument("--out", type=Path, help="all figures as .json")
    options = parser.parse_args()
    samples = [s for s in load(options.dataset.split(","), options.data) if s.part == options.part]
    samples = [s for s in samples if s.by_eye is not None]
    if options.boxes:
        samples = with_boxes(samples, read_boxes(options.boxes))
    names = [AttributeModel.load(path).metadata.names for path in options.models]
    common = [name for name in names[0] if all(name in other for other in names)]
    results = [measure(path, samples, common, options.quick) for path in options.models]
    for result in results:
        show(result)
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n")


def show(result: dict[str, object]) -> None:
    everything, common, rows = result["all"], result["common"], result["by attribute"]
    assert isinstance(everything, dict)
    assert isinstance(common, dict)
    assert isinstance(rows, dict)
    print(f"\n{result['model']}: {result['people']} people, {result['attributes']} attributes")
    print(f"all attributes: {everything}")
    print(f"attributes of all models: {common}")
    print("  ".join(f"{name} {rows[name]['precision']}/{rows[name]['recall']}" for name in SHOWN if name in rows))
    for name in ("by height", "changed"):
        part = result.get(name, {})
        assert isinstance(part, dict)
        for key, value in part.items():
            print(f"{name}: {key}: {value}")


if __name__ == "__main__":
    main()
