"""A label file that is missing, damaged or odd gets one line that names it and what was expected."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from harcli.datasets import load
from harcli.datasets.sample import label_map
from harcli.errors import HarcliError

Make = Callable[..., Path]

EMPTY_CELL = np.empty((1, 1), dtype=object)
EMPTY_CELL[0, 0] = np.zeros((0, 0))


def refused(root: Path, name: str, message: str, split: str = "") -> None:
    with pytest.raises(HarcliError, match=message) as error:
        load([name], root, split)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": np.zeros((20, 100), np.uint16)}, r"PETA\.mat: data is 20 x 100, expected any x 109"),
        ({"data": np.full((20, 109), 3, np.uint16)}, "the labels in data holds the value 3, expected only 0, 1"),
        ({"data": np.full((20, 109), 0.5)}, "data is of type float64, expected whole numbers"),
        ({"attribute": np.array([["a"]], dtype=object)}, r"no label 'personalLess30' \(35 of 35"),
        ({"attribute": np.zeros((2, 1))}, "entry 1 of attribute is not one string"),
        ({"partion_attribute": np.zeros((0, 0), object)}, "has 0 partitions, expected a partition 0"),
    ],
)
def test_peta(make_peta: Make, root: Path, changes: dict[str, Any], message: str) -> None:
    make_peta(**changes)
    refused(root, "peta", message)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ([1, 2, 21], "train of partition 0 names row 21, expected 1 to 20"),
        ([0, 1], "train of partition 0 names row 0, expected 1 to 20"),
        ([1, 20], "partition 0 has row 20 in train and in test"),
    ],
)
def test_partitions_of_peta(make_peta: Make, root: Path, train: list[int], message: str) -> None:
    parts = {"train": np.array([train]).T, "val": np.array([[3]]), "test": np.array([[20]])}
    cells = np.empty((5, 1), object)
    cells[:, 0] = [parts] * 5
    make_peta(partion_attribute=cells)
    refused(root, "peta", message)


def test_a_field_is_missing(make_peta: Make, root: Path) -> None:
    folder = make_peta()
    savemat(folder / "PETA.mat", {"peta": {"data": np.zeros((1, 109))}})
    refused(root, "peta", r"PETA\.mat: expected a struct with the field 'attribute', found the fields data")
    savemat(folder / "PETA.mat", {"peta": np.zeros((1, 1))})
    refused(root, "peta", "found no struct")
    savemat(folder / "PETA.mat", {"petra": np.zeros((1, 1))})
    refused(root, "peta", "expected a variable 'peta', found: petra")


def test_files_that_are_missing_or_damaged(make_peta: Make, root: Path) -> None:
    folder = make_peta()
    whole = (folder / "PETA.mat").read_bytes()
    (folder / "PETA.mat").write_bytes(whole[:1000])
    refused(root, "peta", r"PETA\.mat: not a readable MATLAB file")
    (folder / "PETA.mat").write_bytes(b"not this")
    refused(root, "peta", r"PETA\.mat: not a readable MATLAB file")
    (folder / "PETA.mat").unlink()
    refused(root, "peta", r"PETA\.mat: not found")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": np.zeros((46, 51), np.int32)}, "label is 46 x 51, expected 46 x 92"),
        ({"label": np.full((46, 92), 3, np.int32)}, "label holds the value 3, expected only 0, 1, 2"),
        ({"identity": np.zeros((45, 1))}, "identity is 45 x 1, expected 46 x 1"),
        ({"attribute_eng": np.array([["Femal"]] * 92, object)}, r"no label 'Female' \(51 of 51"),
    ],
)
def test_rap(make_rap: Make, root: Path, changes: dict[str, Any], message: str) -> None:
    make_rap(**changes)
    refused(root, "rap", rf"RAP_annotation\.mat: .*{message}")


def test_rap2(make_rap2: Make, root: Path) -> None:
    make_rap2(selected_attribute=np.arange(1, 55)[None])
    refused(root, "rap2", "selected_attribute and the standard 54 labels differ in")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_label": None}, "expected a variable 'train_label'"),
        ({"train_label": np.zeros((1, 25), np.uint8)}, "train_label is 1 x 25, expected 1 x 26"),
        ({"train_label": np.zeros((2, 26), np.uint8)}, "train_label is 2 x 26, expected 1 x 26"),
        ({"val_images_name": np.array([["x.jpg"]], object)}, r"names an image 'x\.jpg', expected a number"),
        ({"val_images_name": EMPTY_CELL}, "entry 1 of val_images_name is not one string"),
    ],
)
def test_pa100k(make_pa100k: Make, root: Path, changes: dict[str, Any], message: str) -> None:
    make_pa100k(**changes)
    refused(root, "pa100k", rf"annotation\.mat: .*{message}", "harcli")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attribute_id_map": {"0": "Male"}}, "attribute_id_map has 1 labels, expected 14"),
        ({"images": [{"file_name": "train/a.jpg"}]}, "expected images with file_name and targets"),
        ({"images": [{"file_name": "a.jpg", "targets": []}]}, "names an image 'a.jpg', expected train/, val/ or test/"),
        ({"images": [{"file_name": "val/a.jpg", "targets": [{"attribute": [1]}]}]}, "val/a.jpg: expected targets with"),
        (
            {"images": [{"file_name": "val/a.jpg", "targets": [{"attribute": [9] * 14, "bbox": [1, 2, 3, 4]}]}]},
            "expected 14 values of -1, 0 and 1",
        ),
        (
            {"images": [{"file_name": "val/a.jpg", "targets": [{"attribute": [1] * 14, "bbox": [1, 2, 3]}]}]},
            r"bbox \[x, y, w, h\]",
        ),
    ],
)
def test_wider(make_wider: Make, root: Path, changes: dict[str, Any], message: str) -> None:
    make_wider(**changes)
    refused(root, "wider", rf"wider_attribute_trainval\.json: .*{message}")


def test_json_that_cannot_be_parsed(make_wider: Make, root: Path) -> None:
    folder = make_wider()
    (folder / "wider_attribute_annotation" / "wider_attribute_test.json").write_text('{"images": [')
    refused(root, "wider", r"wider_attribute_test\.json: not JSON")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"age": np.array([[1, 2, 5]])}, r"train\.age holds the value 5, expected only 1, 2, 3, 4"),
        ({"hat": np.array([[1, 2]])}, r"train\.hat is 1 x 2, expected 1 x 3"),
        ({"image_index": np.array([["2", "16", "26"]], object)}, r"train\.image_index names '2', expected four digits"),
    ],
)
def test_market1501(make_market: Make, root: Path, changes: dict[str, Any], message: str) -> None:
    make_market(**changes)
    refused(root, "market1501", rf"market_attribute\.mat: {message}")


def test_market1501_without_images(make_market: Make, root: Path) -> None:
    folder = make_market()
    for name in ("train", "test"):
        (folder / f"bounding_box_{name}").rename(folder / name)
    refused(root, "market1501", "no images of labelled people in bounding_box_train and bounding_box_test")


def test_raw_archives_of_peta(make_peta_raw: Make, root: Path) -> None:
    folder = make_peta_raw("<html>\n")
    refused(root, "peta_raw", r"CUHK.archive.Label\.txt, line 1: expected a person's id and labels")
    (folder / "CUHK" / "archive" / "Label.txt").unlink()
    refused(root, "peta_raw", r"CUHK.archive.Label\.txt: cannot be read")


def test_clothing_attributes(root: Path) -> None:
    from harcli.datasets import clothing_attributes as module

    labels = root / "clothing_attributes" / "labels"
    labels.mkdir(parents=True)
    for name in (*module._YES_NO, *module._VALUES):
        savemat(labels / f"{name}_GT.mat", {"GT": np.array([[1.0], [np.nan]])})
    refused(root, "clothing_attributes", "none of the 2 images")
    assert len(module.FILES) == 26
    savemat(labels / "red_GT.mat", {"GT": np.array([[1.0], [3.0]])})
    refused(root, "clothing_attributes", r"red_GT\.mat: GT holds the value 3, expected 1 to 2 or NaN")
    savemat(labels / "red_GT.mat", {"GT": np.array([[1.0]])})
    refused(root, "clothing_attributes", "red_GT.mat has 1 rows, pattern_solid_GT.mat 2")
    savemat(labels / "red_GT.mat", {"GT": np.array([["x"]])})
    refused(root, "clothing_attributes", "expected one column of numbers")
    for file in labels.iterdir():
        file.unlink()
    refused(root, "clothing_attributes", r"labels: expected pattern_solid_GT\.mat and 25 others, found none")


def test_ccp(root: Path) -> None:
    from harcli.datasets import ccp

    folder = root / "ccp"
    levels = {name: folder / "annotations" / name for name in ("image-level", "pixel-level")}
    for level in levels.values():
        level.mkdir(parents=True)
    cells = np.empty((1, 59), object)
    cells[0] = [np.array([n]) for n in ("null", *ccp.ATTRIBUTES)]
    savemat(folder / "label_list.mat", {"label_list": cells})
    refused(root, "ccp", "found none")
    savemat(levels["image-level"] / "0007.mat", {"tags": np.array([[0, 2, 59]], np.uint8)})
    refused(root, "ccp", r"0007\.mat: holds the label 59, expected 0 to 58")
    savemat(levels["image-level"] / "0007.mat", {"tags": np.array([[0, 2, 58]], np.uint8)})
    refused(root, "ccp", "none of the 1 images")
    savemat(levels["pixel-level"] / "0008.mat", {"mask": np.zeros((4, 4), np.uint8)})
    refused(root, "ccp", r"0008\.mat: not a readable mask")


def test_a_damaged_mask(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_bytes(b"\x89PNG")
    with pytest.raises(HarcliError, match=r"mask\.png: not a readable mask"):
        label_map(tmp_path / "mask.png")


def test_split_and_name(make_peta: Make, root: Path) -> None:
    make_peta()
    refused(root, "peta", "peta has no split '5'; it has 0, 1, 2, 3, 4, identity, harcli", "5")
    refused(root, "petra", r"unknown data set 'petra'; did you mean peta or peta_raw\?")
    refused(root, "imagenet", "unknown data set 'imagenet'; known: peta, .* or a .csv file of your own")
