"""What `harcli tag` says of real photos, as a process, with the embedded models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.recognition.model import AttributeModel
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS
from tests.tagging.conftest import FIXED

Rows = Callable[[Path], list[dict[str, str]]]
LAST = "note,time_start,time_end,time_best,track"

# Person boxes by eye: the standing ones of bus.jpg (the last is cut off), and zidane.jpg's two.
BUS = [(50, 400, 230, 903), (222, 407, 345, 861), (668, 390, 810, 880), (0, 550, 65, 873)]
ZIDANE = [(742, 42, 1145, 717), (120, 198, 1090, 713)]


def box(row: dict[str, str]) -> tuple[float, ...]:
    return tuple(float(row[name]) for name in ("x1", "y1", "x2", "y2"))


def iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@pytest.fixture(scope="module")
def names() -> list[str]:
    return AttributeModel.load(provider="cpu").metadata.names


def test_folder_to_csv(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path, names: list[str]) -> None:
    done = harcli("tag", "photos", "--out", "attrs.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert "people" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "attrs.csv").read_text().splitlines()[0] == ",".join([FIXED, *names, LAST])
    found = rows(tmp_path / "attrs.csv")
    for name, size, people in (("bus.jpg", ("810", "1080"), BUS), ("zidane.jpg", ("1280", "720"), ZIDANE)):
        mine = [row for row in found if row["path"] == str(Path("photos") / name)]
        assert {(row["width"], row["height"]) for row in mine} == {size}
        assert [row["person"] for row in mine] == [str(i) for i in range(1, len(mine) + 1)]
        assert [box(row) for row in mine] == sorted(box(row) for row in mine), "from left to right"
        for person in people:
            assert max(iou(box(row), person) for row in mine) >= 0.5, f"{name}: nobody at {person}"
        for row in mine:
            assert 0 < float(row["score"]) <= 1
            assert all(0 <= float(row[attribute]) <= 1 for attribute in names)
            assert set(filter(None, row["tags"].split(";"))) <= set(names)
            assert row["error"] == ""
    assert len(found) <= 8, "at most two false people"
    assert any(row["tags"] for row in found)


def test_the_summary_says_where_all_results_are(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    said = " ".join(harcli("tag", "photos", "--out", "a.csv", "--xmp", "--save-crops", "cut").stderr.split())
    assert "a.csv, sidecars beside the photos, cut" in said.replace(" │ │ │ ", " ")
    assert (tmp_path / "photos" / "bus.jpg.xmp").is_file()


def test_json_says_the_same_as_csv(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    for out in ("a.csv", "a.json"):
        assert harcli("tag", photos, "--out", out, "--quiet").stderr == ""
    result = json.loads((tmp_path / "a.json").read_text())
    table = rows(tmp_path / "a.csv")
    assert len(result["records"]) == len(table)
    specs = {spec["name"]: spec for spec in result["harcli"]["attributes"]}
    for record, row in zip(result["records"], table, strict=True):
        assert record["path"] == row["path"]
        assert [record[name] for name in ("x1", "y1", "x2", "y2")] == list(box(row))
        assert ";".join(record["tags"]) == row["tags"]
        assert {name: f"{p:.4f}" for name, p in record["probabilities"].items()} == {name: row[name] for name in specs}
        for tag in record["tags"]:
            assert record["probabilities"][tag] >= specs[tag]["threshold"] - 1e-4
    assert result["harcli"]["format"] == 1


def test_boxes_are_in_displayed_pixels(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    """A photo that is stored turned gives the boxes and tags of the upright one."""
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(photos / "bus.jpg") as image:
        image.save(photos / "bus.png")
        image.transpose(Image.Transpose.ROTATE_90).save(photos / "turned.png", exif=exif)
    harcli("tag", photos / "bus.png", photos / "turned.png", "--out", "a.csv")
    found = rows(tmp_path / "a.csv")
    upright, turned = ([row for row in found if row["path"].endswith(name)] for name in ("bus.png", "turned.png"))
    assert len(upright) == len(turned) >= 4
    for a, b in zip(upright, turned, strict=True):
        assert {key: value for key, value in a.items() if key != "path"} == {
            key: value for key, value in b.items() if key != "path"
        }


def test_without_leaves_out_columns_and_tags(
    harcli: Callable, photos: Path, rows: Rows, tmp_path: Path, names: list[str]
) -> None:
    harcli("tag", photos, "--out", "all.csv")
    done = harcli("tag", photos, "--out", "some.csv", "--without", f"sex, age,{names[-1]}")
    assert done.returncode == 0
    gone = {"male", "female", "child", "elderly", names[-1]}
    everything, some = rows(tmp_path / "all.csv"), rows(tmp_path / "some.csv")
    assert list(some[0]) == [name for name in everything[0] if name not in gone]
    for row, less in zip(everything, some, strict=True):
        assert less["tags"].split(";") == ([t for t in row["tags"].split(";") if t not in gone] or [""])


def test_no_detect_takes_each_image_as_one_person(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    assert harcli("tag", photos, "--out", "a.csv", "--no-detect").returncode == 0
    found = rows(tmp_path / "a.csv")
    assert [(box(row), row["score"], row["person"]) for row in found] == [
        *(((0, 0, 810, 1080), "1.0000", "1"), ((0, 0, 1280, 720), "1.0000", "1")),
    ]


def test_confidence_decides_who_is_reported(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    harcli("tag", photos, "--out", "few.csv", "--confidence", "0.8")
    harcli("tag", photos, "--out", "many.csv", "--confidence", "0.05")
    few, many = rows(tmp_path / "few.csv"), rows(tmp_path / "many.csv")
    assert len(few) < len(many)
    assert all(float(row["score"]) >= 0.8 for row in few if row["score"])


def test_batches_do_not_change_the_results(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    for i in range(3):
        shutil.copy(photos / "bus.jpg", photos / f"bus{i}.jpg")
    harcli("tag", photos, "--out", "one.csv", "--batch-size", "1")
    harcli("tag", photos, "--out", "five.csv", "--batch-size", "5")
    one, five = rows(tmp_path / "one.csv"), rows(tmp_path / "five.csv")
    assert len(one) == len(five) >= 4 * 4 + 2
    for a, b in zip(one, five, strict=True):
        assert a["path"] == b["path"]
        assert iou(box(a), box(b)) > 0.99
        assert all(
            abs(float(a[name]) - float(b[name])) < 0.01 for name in list(a)[len(FIXED_COLUMNS) : -len(LAST_COLUMNS)]
        )
