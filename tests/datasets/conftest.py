"""Tiny data sets in exactly the published layouts. Nestings of the .mat files are those of the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from harcli.datasets import market1501, peta_raw, rap, rap2


def cell(items: Sequence[Any], row: bool = False) -> np.ndarray:
    """A MATLAB cell array, `(N, 1)` or `(1, N)`; a dict in it becomes a 1x1 struct."""
    cells = np.empty(len(items), dtype=object)
    cells[:] = list(items)
    return cells.reshape((1, -1) if row else (-1, 1))


def image(path: Path, size: tuple[int, int] = (16, 32)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (90, 120, 150)).save(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


RAP_NAMES = [*rap.ATTRIBUTES, "faceFront", *(f"extra{i}" for i in range(40))]
RAP_IMAGES = [
    *(f"CAM31_2014-03-18_20140318125002-20140318125546_tarid{i // 2}_frame{i}_line1.png" for i in range(6)),
    *(f"CAM01_2014-02-15_20140215161032-20140215162620_tarid{i}_frame9_line2.png" for i in range(40)),
]


@pytest.fixture
def make_rap(root: Path) -> Callable[..., Path]:
    """Writes RAP v1 with 46 images, a third of which are the test part of partition 0; `changes` are fields."""

    def make(**changes: Any) -> Path:
        count = len(RAP_IMAGES)
        labels = np.zeros((count, 92), np.int32)
        labels[0, [0, 13, 51]] = 1  # Female, hs-Glasses, faceFront
        labels[1, 0] = 2
        test = np.arange(3, count + 1, 3)
        train = np.setdiff1d(np.arange(1, count + 1), test)
        partition = {"train_index": train[None].astype(np.uint16), "test_index": test[None].astype(np.uint16)}
        fields = {
            "partion": cell([partition] * 5),
            "label": labels,
            "attribute_chinese": cell(["x"] * 92),
            "attribute_eng": cell(RAP_NAMES),
            "position": np.zeros((count, 16), np.int32),
            "imagesname": cell(RAP_IMAGES),
            "attribute_exp": cell(["x"] * 51),
            "identity": np.array([7, 7, 7, *[-1] * (count - 3)], np.int16)[:, None],
            "reid_partion": np.zeros((1, 1)),
        }
        folder = root / "rap"
        (folder / "RAP_annotation").mkdir(parents=True, exist_ok=True)
        savemat(folder / "RAP_annotation" / "RAP_annotation.mat", {"RAP_annotation": fields | changes})
        for name in RAP_IMAGES:
            image(folder / "RAP_dataset" / name)
        return folder

    return make


@pytest.fixture
def make_rap2(root: Path) -> Callable[..., Path]:
    """Writes RAP v2 with 10 images; the scored labels stand in every second of 110 columns."""

    def make(**changes: Any) -> Path:
        names = [f"extra{i}" for i in range(110)]
        names[1:109:2] = ["Femal", *rap2.ATTRIBUTES[1:]]
        labels = np.zeros((10, 110), np.uint8)
        labels[0, 1] = 1  # Femal
        labels[1, 1] = 2
        parts = {"train": (1, 2, 3, 4, 5), "val": (6, 7), "test": (8, 9, 10)}
        partition = {f"{part}_index": np.array([rows], np.uint16) for part, rows in parts.items()}
        images = [f"CAM01_2014-02-15_a-b_tarid{i}_frame1_line1.png" for i in range(10)]
        fields = {
            "name": cell(images),
            "attribute": cell(names),
            "data": labels,
            "selected_attribute": np.arange(2, 110, 2, dtype=np.uint8)[None],
            "partition_attribute": cell([partition] * 5, row=True),
        }
        folder = root / "rap2"
        (folder / "RAP_annotation").mkdir(parents=True, exist_ok=True)
        savemat(folder / "RAP_annotation" / "RAP_annotation.mat", {"RAP_annotation": fields | changes})
        for name in images:
            image(folder / "RAP_dataset" / name)
        return folder

    return make


@pytest.fixture
def make_wider(root: Path) -> Callable[..., Path]:
    """Writes WIDER-Attribute with 4 photos of 100 x 50 pixels and 7 people, some with dirty boxes."""

    def make(**changes: Any) -> Path:
        def target(*box: float, **values: int) -> dict[str, Any]:
            labels = [values.get(f"a{i}", -1) for i in range(14)]
            return {"attribute": labels, "bbox": list(box)}

        photos = {
            "train/0--Parade/a.jpg": [target(10.5, 5.25, 20, 30.5, a0=1, a4=0), target(-5, -5, 20, 20)],
            "val/1--Handshaking/b.jpg": [target(90, 10, 30, 60), target(30, 10, -5, 20)],
            "test/20--Family_Group/c.jpg": [target(100.5, 10, 5, 5), target(1, 2, 3, 4)],
            "test/20--Family_Group/d.jpg": [target(0, 0, 100, 50)],
        }
        folder = root / "wider"
        annotation = folder / "wider_attribute_annotation"
        annotation.mkdir(parents=True, exist_ok=True)
        for name, parts in (("trainval", ("train", "val")), ("test", ("test",))):
            rows = [
                {"targets": targets, "file_name": file, "scene_id": 0}
                for file, targets in photos.items()
                if file.startswith(parts)
            ]
            content = {"images": rows, "attribute_id_map": {str(i): f"a{i}" for i in range(14)}, "scene_id_map": {}}
            (annotation / f"wider_attribute_{name}.json").write_text(json.dumps(content | changes))
        for file in photos:
            image(folder / "Image" / file, (100, 50))
        return folder

    return make


@pytest.fixture
def make_market(root: Path) -> Callable[..., Path]:
    """Writes Market-1501 with people 0002, 0016 and 0026 in train, 0001 in test; `changes` are fields of train."""

    def make(**changes: Any) -> Path:
        def part(people: list[str], **values: list[int]) -> dict[str, Any]:
            codes = dict.fromkeys((code for code, _ in market1501._CODES.values()), [1] * len(people)) | values
            return {code: np.array([row], np.uint8) for code, row in codes.items()} | {
                "image_index": cell(people, row=True)
            }

        # 0002: a woman in a short skirt or dress; 0016: long trousers; 0026: short ones
        train = part(["0002", "0016", "0026"], gender=[2, 1, 1], clothes=[1, 2, 2], down=[2, 1, 2], age=[3, 1, 4])
        test = part(["0001"], upred=[2], backpack=[2])
        folder = root / "market1501"
        folder.mkdir(exist_ok=True)
        savemat(folder / "market_attribute.mat", {"market_attribute": {"test": test, "train": train | changes}})
        for name in ("0002_c1s1_000451_03", "0002_c2s1_000451_01", "0016_c1s1_000001_00", "0026_c1s1_000001_00"):
            image(folder / "bounding_box_train" / f"{name}.jpg")
        for name in ("0001_c1s1_001051_00", "0000_c1s1_000151_01", "-1_c1s1_000401_03"):
            image(folder / "bounding_box_test" / f"{name}.jpg")
        image(folder / "query" / "0001_c2s1_001051_00.jpg")
        return folder

    return make


@pytest.fixture
def make_peta_raw(root: Path) -> Callable[..., Path]:
    """Writes CUHK and 3DPeS of PETA's raw archives."""

    def make(cuhk: str = "0606.png personalMale footwearSneakers accessoryShawl hairBlack\n0607.png personalFemale\n"):
        folder = root / "peta_raw"
        for subset, names in (("CUHK", ["0606.png"]), ("3DPeS", ["100_3_FRAME_26_RGB.bmp", "100_4_FRAME_1_RGB.bmp"])):
            for name in names:
                image(folder / subset / "archive" / name)
        (folder / "CUHK" / "archive" / "Label.txt").write_text(cuhk)
        (folder / "3DPeS" / "archive" / "Label.txt").write_text("100 personalMale upperBodyBlack  accessoryHat\n")
        return folder

    return make


@pytest.fixture
def make_peta(root: Path) -> Callable[..., Path]:
    """Writes PETA.mat with 20 images of 10 people; `changes` are fields."""

    def make(**changes: Any) -> Path:
        data = np.zeros((20, 109), np.uint16)
        data[:, 0], data[:, 1] = np.arange(1, 21), np.repeat(np.arange(1, 11), 2)
        data[::2, 4 + 16] = 1  # personalMale
        rows = np.arange(1, 21, dtype=np.uint16)[:, None]
        partition = {"train": rows[:10], "val": rows[10:12], "test": rows[12:]}
        fields = {
            "data": data,
            "attribute": cell(peta_raw.LABELS),
            "selected_attribute": np.arange(5, 40, dtype=np.uint8)[None],
            "partion_attribute": cell([partition] * 5),
        }
        folder = root / "peta"
        folder.mkdir(exist_ok=True)
        savemat(folder / "PETA.mat", {"peta": fields | changes})
        for i in range(1, 21):
            image(folder / "images" / f"{i:05d}.png")
        return folder

    return make


@pytest.fixture
def make_pa100k(root: Path) -> Callable[..., Path]:
    """Writes PA-100K's annotation.mat with three images; `changes` are variables, None leaves one out."""

    def make(**changes: Any) -> Path:
        from harcli.datasets import pa100k

        numbers = {"train": 2, "val": 6, "test": 1}  # the parts of our split too
        variables: dict[str, Any] = {"attributes": cell(pa100k.ATTRIBUTES)}
        for i, part in enumerate(("train", "val", "test")):
            variables[f"{part}_images_name"] = cell([f"{numbers[part]:06d}.jpg"])
            variables[f"{part}_label"] = np.full((1, 26), i % 2, np.uint8)
            image(root / "pa100k" / "data" / f"{numbers[part]:06d}.jpg")
        kept = {name: value for name, value in (variables | changes).items() if value is not None}
        savemat(root / "pa100k" / "annotation.mat", kept)
        return root / "pa100k"

    return make
