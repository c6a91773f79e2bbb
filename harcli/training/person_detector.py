"""The embedded person detector: YOLO26-n cut down to one class, and fine-tuned gently."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from harcli.people.ultralytics_guard import import_ultralytics


@dataclass(frozen=True, slots=True)
class DetectorRecipe:
    """How the detector is fine-tuned. The rate is low and the backbone frozen: it is to lose nothing."""

    epochs: int = 3
    image_size: int = 512
    batch: int = 8
    rate: float = 1e-4
    frozen_layers: int = 11  # the whole backbone of YOLO26, layers 0 to 10
    seed: int = 0


def single_class(model: nn.Module) -> nn.Module:
    """Keep the person row (class 0) of a COCO model's classification heads, in place; boxes and scores do not change.

    Ultralytics would rebuild the head for one class with narrower layers (`c3 = max(ch[0], min(nc, 100))` in
    nn/modules/head.py) and start those afresh. Cutting only the last 1x1 convolutions, of the one-to-many and of the
    one-to-one head, keeps every weight that a person's score is made of.

    Args:
        model: an Ultralytics `DetectionModel` whose class 0 is person.
    """
    head: Any = model.model[-1]  # type: ignore[index]
    for branches in (head.cv3, head.one2one_cv3):
        for branch in branches:
            branch[-1] = _first_output(branch[-1])
    head.nc = 1
    head.no = 1 + 4 * head.reg_max
    model.nc = 1  # type: ignore[assignment]
    model.names = {0: "person"}  # type: ignore[assignment]
    model.yaml["nc"] = 1  # type: ignore[index, operator]
    return model


def _first_output(conv: nn.Conv2d) -> nn.Conv2d:
    cut = nn.Conv2d(conv.in_channels, 1, kernel_size=1)
    with torch.no_grad():
        cut.weight.copy_(conv.weight[:1])
        if conv.bias is not None and cut.bias is not None:
            cut.bias.copy_(conv.bias[:1])
    return cut.to(conv.weight.dtype)


def load_single_class(weights: Path) -> nn.Module:
    """The `DetectionModel` of a YOLO26 `.pt`, float32, on the CPU, cut to the person class if it has more classes."""
    import_ultralytics()
    from ultralytics.nn import tasks

    load: Any = tasks.load_checkpoint  # type: ignore[attr-defined, unused-ignore]
    model: nn.Module = load(str(weights))[0].float()
    return model if len(model.names) == 1 else single_class(model)  # type: ignore[arg-type]


def mix(tuned: nn.Module, start: nn.Module, share: float) -> nn.Module:
    """Weights on the way from `start` to `tuned`, in place of `tuned`'s: 0 gives the start, 1 what training ended with.

    A short fine-tuning on a few hundred photos learns and forgets; part of the way keeps most of what was learnt and
    forgets less (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", section 3).

    Args:
        tuned: a fine-tuned model.
        start: the model that it was tuned from, of the same layers.
        share: 0..1.
    """
    before = start.state_dict()
    mixed = {
        name: before[name] + share * (value - before[name]) if value.is_floating_point() else value
        for name, value in tuned.state_dict().items()
    }
    tuned.load_state_dict(mixed)
    return tuned


def fine_tune(weights: Path, dataset: Path, out: Path, recipe: DetectorRecipe) -> Path:
    """Fine-tune the person class of `weights` on a one-class data set and return the last epoch's checkpoint.

    Args:
        weights: a YOLO26 `.pt` with class 0 = person.
        dataset: a YOLO data set's YAML file with one class.
        out: the run's folder; replaced.
        recipe: epochs, size, rate and seed.
    """
    import_ultralytics()
    from ultralytics.models.yolo.detect import DetectionTrainer

    class PersonTrainer(DetectionTrainer):  # local, since its base is imported only here
        """Trains the cut-down model; the statistics of every batch norm stay as COCO's 118,000 photos left them."""

        def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
            return single_class(weights)

        def _model_train(self) -> None:
            model: Any = self.model
            model.train()
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

        def final_eval(self) -> None:
            """Nothing: the benchmark judges, with the boxes that users get."""

    trainer: Any = PersonTrainer(overrides=_overrides(weights, dataset, out, recipe))
    trainer.train()
    return out / "weights" / "last.pt"


def _overrides(weights: Path, dataset: Path, out: Path, recipe: DetectorRecipe) -> dict[str, Any]:
    return {
        "model": str(weights),
        "data": str(dataset),
        "project": str(out.resolve().parent),
        "name": out.name,
        "exist_ok": True,
        "epochs": recipe.epochs,
        "imgsz": recipe.image_size,
        "batch": recipe.batch,
        "nbs": recipe.batch,
        "freeze": recipe.frozen_layers,
        "optimizer": "AdamW",
        "lr0": recipe.rate,
        "lrf": 0.1,
        "warmup_epochs": 0.5,
        "warmup_bias_lr": 0.0,  # the default, 0.1, would throw the pretrained biases about
        "weight_decay": 0.0005,
        "mosaic": 0.5,
        "close_mosaic": 1,
        "scale": 0.4,
        "amp": False,
        "workers": 0,
        "val": False,
        "plots": False,
        "seed": recipe.seed,
        "deterministic": True,
    }
