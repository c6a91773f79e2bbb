"""What a training run is: two recipes, and every figure that the paper leaves open, with its default."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from harcli.errors import HarcliError
from harcli.near import one_of

LOSSES = ("bce", "weighted", "focal", "mixed")
PRECISIONS = ("auto", "fp32", "bf16", "fp16")


_SHARES = (
    *("small_share", "margin", "upper", "parts", "shift", "colour", "worse", "warm_up", "mixed_share", "gamma"),
    *("smoothing", "unseen_weight", "rare", "teacher_weight"),
)
_FROM_ZERO = ("lr", "head_lr", "weight_decay", "clip", "focal_gamma", "mask_weight", "side_weight", "seed")


def _between(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        limits = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
        raise HarcliError(f"{what.replace('_', '-')} {value:g}: expected {limits}")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Settings of one run; they are kept in the checkpoint. The defaults are those of the recipe `modern`.

    Attributes:
        recipe: the name it started from.
        iterations: optimiser steps.
        batch: images per step, over all processes.
        size: `(height, width)` of the input in training, multiples of 16.
        full: `(height, width)` of a whole person when scoring ("full patch"); the paper trains on 224x224 crops of
            256x256 and scores on 256x256.
        small_size, small_share: input size of the first share of the iterations: coarse views first teach most of what
            there is to learn for a fraction of the time.
        views: `rectangles` (a jittered rectangle around the person) or `crops` (the paper's: at four corners and the
            centre, width and height drawn from {256, 224, 192, 168, 128} / 256 of the person).
        margin: by which share of its size a box is grown on each side.
        upper: share of views that show the upper body only (`rectangles`, shared labels).
        parts: share of views that show the head or the legs alone (`rectangles`, shared labels).
        shift: standard deviation of the shift of each side of the box, as a share of its size (`rectangles`).
        colour: largest relative change of brightness, contrast and saturation.
        worse: how often views are made worse, by blur, low resolution, JPEG, noise and erased rectangles: 0 never, 1
            about two in three.
        optimiser: `adamw` or `sgd`.
        momentum: of SGD.
        lr, head_lr: highest rates of the pretrained backbone and of the new layers.
        decay_norms: weight decay on norms and biases too, as plain SGD has it.
        schedule: `cosine` to 0, or `steps`: times `gamma` at each share of the iterations in `steps`.
        warm_up: share of the iterations over which the rate rises from 0.
        ema: decay of the moving average of the weights, which is what is scored and saved; 0: none.
        clip: largest norm of the gradient; 0: no limit.
        loss: `bce` (equation 1), `weighted` (equation 2), `focal`, or `mixed`.
        sum_attributes: a sample's loss is the sum over its attributes, as printed in the paper; else their mean.
        focal_gamma: exponent of the focal loss (Lin et al. 2017).
        mixed_share: share of BCE in the mixed loss, the rest is weighted BCE; the paper does not say what it mixes.
        smoothing: labels are 1 - this / 2 and this / 2 instead of 1 and 0.
        unseen_weight: how much a label counts that says "cannot be seen"; it counts as a negative, so that a network
            does not guess. 0: not at all.
        teacher_weight: with a teacher, its share of the loss; the labels have the rest.
        side_weight: weight of the side branch's loss; the main branch's is 1.
        mask_weight: weight of the mask loss; 0 leaves the mask branch unsupervised.
        frozen_stages: the stem and this many stages of the backbone keep their pretrained weights and statistics;
            -1: nothing is frozen.
        fixed_norms: batch norms keep their statistics, as fits a few images that a network is to be corrected on; what
            goes on from a model file, which has none, must.
        weights: sampling weight by data set; default: its number of samples.
        rare: people with an attribute that a smaller share than this has are drawn more often, by the square root of
            how much rarer it is, at most five times (Gupta et al. 2019, "repeat factor"); 0: all alike.
        precision: `auto` is bf16 where the processor or GPU computes it natively, else fp32.
    """

    recipe: str = "modern"
    iterations: int = 1000
    batch: int = 32
    size: tuple[int, int] = (192, 96)
    full: tuple[int, int] = (192, 96)
    small_size: tuple[int, int] = (128, 64)
    small_share: float = 0.0
    views: str = "rectangles"
    margin: float = 0.05
    upper: float = 0.12
    parts: float = 0.0
    shift: float = 0.05
    colour: float = 0.3
    worse: float = 0.0
    optimiser: str = "adamw"
    momentum: float = 0.9
    lr: float = 2e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.02
    decay_norms: bool = False
    schedule: str = "cosine"
    gamma: float = 0.1
    steps: tuple[float, ...] = (0.5, 0.8)
    warm_up: float = 0.05
    ema: float = 0.998
    clip: float = 5.0
    loss: str = "bce"
    sum_attributes: bool = False
    focal_gamma: float = 2.0
    mixed_share: float = 0.5
    smoothing: float = 0.0
    unseen_weight: float = 0.5
    teacher_weight: float = 0.5
    side_weight: float = 1.0
    mask_weight: float = 1.0
    frozen_stages: int = 1
    fixed_norms: bool = False
    weights: dict[str, float] = field(default_factory=dict)
    rare: float = 0.0
    seed: int = 0
    precision: str = "auto"

    def __post_init__(self) -> None:
        for height, width in (self.size, self.full, self.small_size):
            if height % 16 or width % 16 or min(height, width) < 32:
                raise HarcliError(f"size {height}x{width}: height and width must be multiples of 16, at least 32")
        if self.iterations < 1 or self.batch < 2:
            raise HarcliError("a run needs at least 1 iteration and 2 images per batch")
        one_of("loss", self.loss, LOSSES)
        one_of("optimiser", self.optimiser, ("adamw", "sgd"))
        one_of("schedule", self.schedule, ("cosine", "steps"))
        one_of("views", self.views, ("rectangles", "crops"))
        one_of("precision", self.precision, PRECISIONS)
        for name in _SHARES:
            _between(name, getattr(self, name), 0, 1)
        for name in _FROM_ZERO:
            _between(name, getattr(self, name), 0, float("inf"))
        _between("momentum", self.momentum, 0, 0.9999)
        _between("ema", self.ema, 0, 0.999999)
        _between("frozen_stages", self.frozen_stages, -1, 4)

    def size_at(self, iteration: int) -> tuple[int, int]:
        """The input size of an iteration."""
        return self.small_size if iteration < self.small_iterations else self.size

    @property
    def narrowest(self) -> int:
        """Width of the narrowest input, pixels."""
        return min(self.size[1], self.small_size[1]) if self.small_iterations else self.size[1]

    @property
    def small_iterations(self) -> int:
        """How many iterations come first at `small_size`."""
        return 0 if self.small_size == self.size else min(self.iterations, round(self.small_share * self.iterations))


RECIPES: dict[str, TrainConfig] = {
    "modern": TrainConfig(),
    # Training Details of the paper. It leaves open how long, and when the rate falls; the mask's weight too.
    "paper": TrainConfig(
        recipe="paper",
        size=(224, 224),
        full=(256, 256),
        small_size=(224, 224),
        views="crops",
        margin=0.0,
        upper=0.0,
        colour=0.2,
        unseen_weight=0.0,
        optimiser="sgd",
        lr=0.003,
        head_lr=0.003,
        weight_decay=0.0005,
        decay_norms=True,
        schedule="steps",
        warm_up=0.0,
        ema=0.0,
        clip=0.0,
        sum_attributes=True,
        frozen_stages=-1,
    ),
}


def from_recipe(name: str, **changes: Any) -> TrainConfig:
    """A recipe with some of its figures changed; a change of None leaves the recipe's figure.

    Raises:
        HarcliError: the recipe or a value is unknown or out of range.
    """
    one_of("recipe", name, tuple(RECIPES))
    return replace(RECIPES[name], **{k: v for k, v in changes.items() if v is not None})


def config_of(values: dict[str, Any]) -> TrainConfig:
    """The configuration that `dataclasses.asdict` made JSON of; lists become tuples again."""
    names = {f.name for f in fields(TrainConfig)}
    known: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in names}
    return TrainConfig(**known)
