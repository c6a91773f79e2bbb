"""A run as data: what is trained on what, kept as `config.json` in the run's folder, from which it can go on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from harcli import __version__, strict_json
from harcli.errors import HarcliError
from harcli.near import did_you_mean, one_of
from harcli.outputs.whole_file import whole_file
from harcli.training.config import TrainConfig, config_of

CONFIG = "config.json"
TRAIN_PARTS = {"train": ("train",), "trainval": ("train", "val")}


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Everything that decides the result of a run.

    Attributes:
        datasets: names of data sets.
        root: the folder that holds a folder for each.
        split: which of their splits; empty: the published one for own labels, ours for shared ones.
        train_part: `train`, or `trainval` to train on the validation part too (then nothing is left to validate on).
        unknown_negative: train on unknown labels as negative ones, as in the first rows of the paper's Table 3.
        own_labels: predict the labels of one data set as published, not the canonical attributes.
        boxes: CSV of `harcli tag` with person boxes for whole photos, or empty.
        masks: folder of `harcli masks`, or empty.
        min_positives: canonical attributes with fewer positive labels are left out.
        backbone, depth, width, dropout, attention, self_mask, fusion, masked_attention: see `DaHarConfig`.
        backbone_weights: ImageNet weights (.safetensors), or empty.
        start: a checkpoint or a model to go on from with new iterations, see `training.start`, or empty.
        teacher: a network whose probabilities are learnt beside the labels, named as `start`, or empty.
        epochs: above 0: the iterations of `train` are as many as show each training image so often.
        val_images: at most how many images of each data set's validation part are scored at every save.
        save_every: iterations between checkpoints.
        workers: processes that prepare images; -1: one, and up to eight where there is a GPU.
        train: the figures of the training itself.
    """

    datasets: tuple[str, ...]
    root: str
    split: str = ""
    train_part: str = "train"
    own_labels: bool = False
    unknown_negative: bool = False
    boxes: str = ""
    masks: str = ""
    min_positives: int = 40
    backbone: str = "resnet"
    depth: int = 50
    width: int = 256
    dropout: float = 0.0
    attention: bool = True
    self_mask: bool = True
    fusion: bool = True
    masked_attention: bool = True
    backbone_weights: str = ""
    start: str = ""
    teacher: str = ""
    epochs: float = 0.0
    val_images: int = 500
    save_every: int = 100
    workers: int = -1
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        one_of("train part", self.train_part, tuple(TRAIN_PARTS))
        if len(set(self.datasets)) < len(self.datasets):
            raise HarcliError(f"data sets {', '.join(self.datasets)}: one is named twice")
        weights = self.train.weights
        if weights and set(weights) != set(self.datasets):
            others = f"name each of {', '.join(self.datasets)}, or none"
            strange = [name for name in weights if name not in self.datasets]
            meant = did_you_mean(strange, self.datasets, others) if strange else others
            raise HarcliError(f"--weights names {', '.join(weights)}: {meant}")
        if weights and (min(weights.values()) < 0 or sum(weights.values()) <= 0):
            raise HarcliError("--weights: expected numbers of 0 or more, not all 0")
        if self.save_every < 1 or self.workers < -1:
            raise HarcliError("--save-every must be at least 1, --workers at least -1")

    def write(self, out: Path, attributes: list[str], images: int, begun: dict[str, Any]) -> None:
        """Write `out/config.json`: the run, its attributes and number of images, and how and where it was begun.

        A run that goes on keeps what was written, and adds itself to `resumed`.

        Raises:
            HarcliError: the data set has another number of images than when the run was begun.
        """
        path = out / CONFIG
        content = {"run": asdict(self), "attributes": attributes, "images": images, "begun": begun, "resumed": []}
        if path.exists():
            earlier = strict_json.loads(path.read_text(encoding="utf-8"), finite=False)
            if earlier["images"] != images:
                raise HarcliError(
                    f"{out}: was begun with {earlier['images']} training images, now there are {images}; "
                    "the run would not go on to the same result"
                )
            content |= {"begun": earlier["begun"], "resumed": [*earlier["resumed"], begun]}
        with whole_file(path) as file:
            file.write(json.dumps(content, indent=1) + "\n")

    @staticmethod
    def read(out: Path) -> RunSpec:
        """The run whose folder is `out`.

        Raises:
            HarcliError: there is none, or it was written by another version of harcli.
        """
        path = out / CONFIG
        try:
            values = strict_json.loads(path.read_text(encoding="utf-8"), finite=False)["run"]
            names = {f.name for f in fields(RunSpec)}
            train = config_of(values.pop("train"))
            values["datasets"] = tuple(values["datasets"])
            return RunSpec(**{k: v for k, v in values.items() if k in names}, train=train)
        except OSError as error:
            raise HarcliError(f"{path}: cannot be read ({error.strerror}); --resume takes a run's folder") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HarcliError(f"{path}: not the configuration of a run of harcli train") from error


def code_version() -> str:
    """harcli's version and a hash of its source files, which tells changed code apart."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"
