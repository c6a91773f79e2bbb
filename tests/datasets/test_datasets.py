"""Splits, sampling order and views; and, where the data is at hand, each data set as it is on disk."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.attributes import ATTRIBUTES
from harcli.datasets import DATASETS, labels_of, load
from harcli.datasets.sample import Sample, mask_box, part_of
from harcli.datasets.transforms import Augment, Cutout, View, mask_view, plain_view, random_view
from harcli.datasets.views import Views
from harcli.datasets.worse import worsen
from harcli.training.order import repeats, sample_order

DATA = os.environ.get("HARCLI_DATA")
needs_data = pytest.mark.skipif(
    not DATA, reason="set HARCLI_DATA to a folder with peta, pa100k, ccp and clothing_attributes (docs/training.md)"
)


def test_tables_use_canonical_names() -> None:
    for module in DATASETS.values():
        assert set(module.TABLE) <= set(ATTRIBUTES)


def test_parts_by_last_digit() -> None:
    assert [part_of(n) for n in (1, 11, 6, 996, 0, 5, 7)] == ["test", "test", "val", "val", "train", "train", "train"]


def test_mask_box() -> None:
    mask = np.zeros((10, 8), np.uint8)
    assert mask_box(mask) is None
    mask[2:5, 3:7] = 9
    assert mask_box(mask) == (3, 2, 7, 5)


def samples(**counts: int) -> list[Sample]:
    return [Sample(d, Path(f"{i}.jpg"), frozenset(), "train") for d, n in counts.items() for i in range(n)]


def test_order_follows_weights_and_repeats_evenly() -> None:
    order = sample_order(samples(peta=50, ccp=10), 400, {"peta": 1, "ccp": 1}, seed=3)
    counts = np.bincount(order, minlength=60)
    assert 160 < counts[:50].sum() < 240
    assert np.ptp(counts[:50]) <= 1
    assert np.ptp(counts[50:]) <= 1
    assert (order == sample_order(samples(peta=50, ccp=10), 400, {"peta": 1, "ccp": 1}, seed=3)).all()


def test_people_with_rare_attributes_come_more_often() -> None:
    labels = np.zeros((100, 2), np.int8)
    labels[:50, 0], labels[0, 1] = 1, 1
    labels[50:, 1] = -1  # 1 of 50 known
    often = repeats(labels, 0.08)
    assert often[0] == pytest.approx(2.0)  # sqrt(0.08 / 0.02)
    assert (often[1:] == 1).all()
    assert (repeats(labels, 0.0) == 1).all()
    order = sample_order(samples(ccp=100), 3030, {}, seed=0, often=often)
    counts = np.bincount(order, minlength=100)
    assert counts[0] == pytest.approx(60, abs=2)
    assert np.ptp(counts[1:]) <= 1


@pytest.mark.parametrize("part", [View.UPPER, View.HEAD, View.LEGS])
def test_what_a_part_of_a_person_does_not_show_is_unseen(tmp_path: Path, part: View) -> None:
    Image.new("RGB", (60, 120), (200, 0, 0)).save(tmp_path / "a.png")
    names = ["male", "hat", "t-shirt", "jeans", "boots", "backpack"]
    labels = np.array([[1, 1, 1, 1, 0, 1]], np.int8)
    augment = Augment(upper=float(part is View.UPPER), parts=float(part is not View.UPPER))
    person = Sample("everyday", tmp_path / "a.png", frozenset(), "train")
    views = Views([person], labels, names, (64, 32), np.zeros(64, np.int64), augment)
    expected = {
        View.UPPER: [(1, 1, 1, -2, -2, 1)],
        View.HEAD: [(1, 1, -1, -2, -2, -2), (-1, -2, -2, 1, 0, -1)],  # `parts` gives heads and legs
        View.LEGS: [(1, 1, -1, -2, -2, -2), (-1, -2, -2, 1, 0, -1)],
    }
    assert {tuple(int(v) for v in view.labels) for view in views} == set(expected[part])
    seated = Views([person], np.array([[1, 1, 1, 1, -2, 1]], np.int8), names, (64, 32), views.order, augment)
    if part is not View.UPPER:  # whose feet are not in the picture: a part of the box is not that part of the body
        assert {tuple(int(v) for v in view.labels) for view in seated} == {(1, 1, 1, 1, -2, 1)}


def test_worse_views_keep_size_and_differ() -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 32, 3), dtype=np.uint8))
    seen = {worsen(image, 1.0, np.random.default_rng(i)).tobytes() for i in range(40)}
    assert len(seen) > 20
    assert all(worsen(image, 1.0, np.random.default_rng(i)).size == (32, 64) for i in range(40))
    assert worsen(image, 0.0, np.random.default_rng(0)).tobytes() == image.tobytes()


def test_views_show_the_person_and_masks_go_with_them() -> None:
    """A red person on green: every view is mostly red, and its mask covers it."""
    pixels = np.zeros((120, 80, 3), np.uint8)
    pixels[:, :] = (0, 200, 0)
    pixels[20:100, 25:55] = (200, 0, 0)
    mask = np.zeros((120, 80), np.uint8)
    mask[20:100, 25:55] = 255
    cutout = Cutout(Image.fromarray(pixels), (25.0, 20.0, 55.0, 100.0), Image.fromarray(mask))
    image, rectangle = plain_view(cutout, (64, 32))
    assert np.asarray(image).mean((0, 1))[0] > 140
    assert mask_view(cutout, rectangle, (4, 2)).mean() > 0.75
    for seed in range(20):
        image, rectangle, _ = random_view(cutout, (64, 32), Augment(), np.random.default_rng(seed))
        share = (np.asarray(image)[..., 0] > np.asarray(image)[..., 1]).mean()
        assert mask_view(cutout, rectangle, (8, 4)).mean() == pytest.approx(share, abs=0.08)
        assert share > 0.5


@needs_data
def test_parts_are_disjoint_in_people() -> None:
    """PETA's identities never cross parts (its published random partitions mix them)."""
    from scipy.io import loadmat

    rows = loadmat(Path(DATA) / "peta" / "PETA.mat")["peta"][0, 0]["data"].astype(int)
    identity = {int(r[0]): int(r[1]) for r in rows}
    people: dict[str, set[int]] = {}
    for sample in load(["peta"], Path(DATA)):
        people.setdefault(sample.part, set()).add(identity[int(sample.image.stem)])
    assert not people["train"] & people["test"]
    assert not people["train"] & people["val"]
    assert not people["val"] & people["test"]


@needs_data
def test_labels_agree_with_a_hand_reading() -> None:
    ccp = {s.image.stem: s for s in load(["ccp"], Path(DATA))}
    names = ["sunglasses", "coat", "boots", "jeans", "male", "bag"]
    # 1006.mat: null, accessories, bag, dress, hair, shoes, skin, sunglasses
    published = replace(ccp["1006"], by_eye=None)
    assert labels_of([published], names)[0].tolist() == [1, 0, -1, 0, -1, 1]


@needs_data
def test_masks_exist_for_most_of_the_label_maps() -> None:
    ccp = load(["ccp"], Path(DATA))
    with_mask = [s for s in ccp if s.mask is not None]
    assert len(with_mask) > 700
    assert all(s.box is not None for s in with_mask)


PLAID = [f"{n:06d}.jpg" for n in (58, 101, 477, 494, 672, 706, 844, 942, 987)]


@needs_data
def test_pa100k_plaid_is_read_from_the_column_that_shows_plaid() -> None:
    """Nine people who were looked at: all wear plaid, and the file calls it UpperSplice."""
    samples = {s.image.name: s for s in load(["pa100k"], Path(DATA))}
    assert all({"UpperPlaid", "!UpperSplice"} <= samples[name].facts for name in PLAID)
    assert (labels_of([samples[name] for name in PLAID], ["plaid"]) == 1).all()
