"""The model that is evaluated: a checkpoint or a model file, made to look alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harcli.attributes import ATTRIBUTES
from harcli.datasets.sample import SHARED_SPLIT, Sample
from harcli.errors import HarcliError
from harcli.evaluation.predict import Probabilities
from harcli.evaluation.view import Size, trained_view, view_for

CHUNK = 512  # samples whose decoded pixels are in memory at once


@dataclass(frozen=True, slots=True)
class Subject:
    """A model under evaluation.

    Attributes:
        attributes: names, in the order of its columns.
        own: they are labels of its data sets as published; otherwise canonical names.
        split: that it was trained on; empty: not known.
        thresholds: those that the model file has for its attributes, or None.
        seen: what the network sees of a person, in words.
        predict: samples -> probabilities `(N, A)`.
    """

    name: str
    attributes: list[str]
    own: bool
    split: str
    thresholds: dict[str, float] | None
    seen: str
    predict: Callable[[Sequence[Sample]], Probabilities]

    def probabilities(
        self, samples: Sequence[Sample], done: Callable[[int], None] = lambda count: None
    ) -> Probabilities:
        """Probabilities `(N, A)`, chunk by chunk; `done` is told how many samples are.

        Raises:
            HarcliError: the model gives something that is not a number.
        """
        rows = []
        for start in range(0, len(samples), CHUNK):
            rows.append(self.predict(samples[start : start + CHUNK]))
            done(min(start + CHUNK, len(samples)))
        p = np.concatenate(rows)
        if not np.isfinite(p).all():
            raise HarcliError(f"{self.name}: gives probabilities that are not numbers; its training has diverged")
        return p


def open_subject(
    path: Path, size: Size | None, five_crop: bool, numbers: str = "fp32", mirrored: bool = False
) -> Subject:
    """A checkpoint (`.safetensors`) or a model: its file, its folder, or the name of an installed one.

    Args:
        size: network input of a checkpoint, `(height, width)`, instead of the trained one.
        numbers: what a checkpoint is computed in, see `harcli.network.precision`.
        mirrored: a checkpoint sees each person's mirror image too.

    Raises:
        HarcliError: the file cannot be used, or `size`, `numbers` or `mirrored` is given for a model file.
    """
    if path.suffix.lower() == ".safetensors":
        return _checkpoint(path, size, five_crop, numbers, mirrored)
    if mirrored:
        raise HarcliError(f"{path}: whether a model file sees mirror images is fixed; leave out --inference mirrored")
    if numbers != "fp32":
        raise HarcliError(f"{path}: a model file is computed as it was exported; leave out --precision")
    if size is not None:
        raise HarcliError(f"{path}: the input size of a model file is fixed; leave out --size")
    return _model_file(path, five_crop)


def _checkpoint(path: Path, size: Size | None, five_crop: bool, numbers: str, mirrored: bool) -> Subject:
    import torch

    from harcli.datasets import labels_of
    from harcli.datasets.views import Views
    from harcli.evaluation.predict import predict
    from harcli.network import checkpoint
    from harcli.network.precision import precision

    network, about = checkpoint.load(path)
    try:
        attributes, labels = [str(n) for n in about["attributes"]], about.get("labels", "shared")
        trained, full, margin = trained_view(about["train"])
    except (KeyError, TypeError, ValueError) as error:
        raise HarcliError(f"{path}: does not say its attributes and input size; train it with this harcli") from error
    if len(attributes) != network.config.attributes or labels not in ("own", "shared"):
        raise HarcliError(f"{path}: its attributes do not fit its network; train it with this harcli")
    view = view_for(size or trained, size or full, margin, five_crop)
    if any(side % 16 for side in view.crop or view.whole):
        raise HarcliError(f"{path}: network input {view.meaning}: height and width must be multiples of 16")
    own = labels == "own"
    network.to("cuda" if torch.cuda.is_available() else "cpu").to(memory_format=torch.channels_last)

    def run(samples: Sequence[Sample]) -> Probabilities:
        people = [replace(s, mask=None) for s in samples]  # masks are not scored, and slow to read
        views = Views(people, labels_of(people, attributes, own), attributes, view.whole, margin=margin)
        return predict(network, views, five_crop=view.crop, numbers=numbers, mirrored=mirrored)

    split = str(about.get("split", SHARED_SPLIT))
    dtype = precision(numbers, next(network.parameters()).device, (view.crop or view.whole)[1])
    seen = (
        view.meaning
        + (" and mirrored, logits averaged" if mirrored else "")
        + ("" if dtype == torch.float32 else f", computed in {str(dtype).removeprefix('torch.')}")
    )
    return Subject(path.name, attributes, own, split, None, seen, run)


def _model_file(path: Path, five_crop: bool) -> Subject:
    from harcli.evaluation.predict import predict_onnx
    from harcli.recognition.model import AttributeModel

    model = AttributeModel.load(path, precision="fp32")  # by name too: figures must not differ by processor
    metadata = model.metadata
    own = metadata.labels == "own" if metadata.labels else any(name not in ATTRIBUTES for name in metadata.names)
    size = (metadata.input.height, metadata.input.width)
    view = view_for(size, size, metadata.input.margin, five_crop)
    thresholds = dict(zip(metadata.names, metadata.thresholds, strict=True))
    split = metadata.split or ("" if own else SHARED_SPLIT)
    return Subject(
        path.name, metadata.names, own, split, thresholds, view.meaning,
        lambda samples: predict_onnx(model, samples, view=view),
    )  # fmt: skip
