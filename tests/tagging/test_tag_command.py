"""`harcli tag` as a process, on real photos, with the embedded models."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.recognition.model import AttributeModel
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS

Rows = Callable[[Path], list[dict[str, str]]]
FIXED = "path,width,height,person,x1,y1,x2,y2,score,tags,error"
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


def test_nobodys_photo_disappears(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    (photos / "broken.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:20_000])
    (photos / "text.png").write_text("no photo")
    Image.new("RGB", (320, 240), (90, 140, 200)).save(photos / "sky.webp")
    done = harcli("tag", "photos", "--out", "attrs.csv")
    assert done.returncode == 3
    assert "2 of 5 files could not be read" in done.stderr
    found = {Path(row["path"]).name: row for row in rows(tmp_path / "attrs.csv")}
    assert list(found) == ["broken.jpg", "bus.jpg", "sky.webp", "text.png", "zidane.jpg"]
    assert "truncated" in found["broken.jpg"]["error"]
    assert (found["text.png"]["person"], found["text.png"]["width"]) == ("0", "")
    sky = found["sky.webp"]
    assert (sky["width"], sky["height"], sky["person"], sky["x1"], sky["score"], sky["tags"], sky["error"]) == (
        *("320", "240", "0", "", "", "", ""),
    )


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


def test_paths_on_standard_input(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    lines = f"{photos / 'zidane.jpg'}\n\ngone.jpg\r\nphotos/bus.jpg\nphotos/../photos/bus.jpg\n"
    done = harcli("tag", "-", "--out", "a.csv", input=lines)
    assert done.returncode == 3
    paths = list(dict.fromkeys((row["path"], row["error"]) for row in rows(tmp_path / "a.csv")))
    assert paths == [(str(photos / "zidane.jpg"), ""), ("gone.jpg", "no such file"), ("photos/bus.jpg", "")]


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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names: run this on Linux or macOS")
def test_odd_file_names(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    names = ["comma,.jpg", 'quote".jpg', "line\nbreak.jpg", "return\r.jpg", "-dash.jpg", "[bold]x.jpg", "漢字 é.jpg"]
    raw = os.fsencode(photos) + b"/\xff\xfe.jpg"
    try:
        Path(os.fsdecode(raw)).touch()
        names.append(os.fsdecode(b"\xff\xfe.jpg"))
    except OSError:
        pass  # a file system that wants UTF-8
    for name in names:
        shutil.copy(photos / "zidane.jpg", photos / name)
    for out in ("a.csv", "a.json"):
        done = harcli("tag", photos, "--out", out, "--no-detect")
        assert done.returncode == 0, done.stderr
    expected = {str(photos / name) for name in [*names, "bus.jpg", "zidane.jpg"]}
    assert {row["path"] for row in rows(tmp_path / "a.csv")} == expected
    assert {row["path"] for row in json.loads((tmp_path / "a.json").read_text())["records"]} == expected


def test_nothing_found_replaces_nothing(harcli: Callable, tmp_path: Path) -> None:
    """A folder that is not mounted looks like an empty one."""
    (tmp_path / "none").mkdir()
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mts").touch()
    (tmp_path / "a.csv").write_text("the old one")
    for arguments, said in (
        (["none"], "none: no photos were found; nothing was written"),
        (["films", "none"], "films, none: no photos were found (1 video left out: .mts); nothing was written"),
        (["-"], "the list on standard input: no photos were found"),
    ):
        done = harcli("tag", *arguments, "--out", "a.csv", "--out", "b.json", "-q", input="\n")
        assert done.returncode == 1
        assert done.stderr.startswith(f"harcli: {said}")
        assert len(done.stderr.splitlines()) == 1
        assert (tmp_path / "a.csv").read_text() == "the old one"
        assert not (tmp_path / "b.json").exists()


def test_names_alone_replace_nothing(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    """A link to a disk that is not mounted, a list of what lies on one: there are names, and nothing behind them."""
    (tmp_path / "disk").symlink_to("unmounted")
    (tmp_path / "a.csv").write_text("the old one")
    for arguments, listed, said in (
        (["disk"], "", "disk: no such file or directory; nothing was written"),
        (["-"], "disk/1.jpg\ndisk/2.jpg\n", "disk/1.jpg: no such file or directory, and none of 1 more can be read"),
        (["-"], "gone.jpg\0", "gone.jpg: no such file or directory; nothing was written"),
    ):
        done = harcli("tag", *arguments, "--no-detect", "--out", "a.csv", "-q", input=listed)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert done.stderr.startswith(f"harcli: {said}")
        assert (tmp_path / "a.csv").read_text() == "the old one"
    assert harcli("tag", "disk", "photos", "--no-detect", "--out", "a.csv", "-q").returncode == 3
    assert harcli("tag", "disk", "--no-detect", "--out", "a.csv", "--allow-empty", "-q").returncode == 3


def test_an_empty_folder_gives_a_header_if_that_is_meant(harcli: Callable, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = harcli("tag", "none", "--out", "a.csv", "--allow-empty")
    assert done.returncode == 0
    assert (tmp_path / "a.csv").read_text().startswith(FIXED)
    assert rows(tmp_path / "a.csv") == []


def test_one_empty_folder_of_several_is_told(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = harcli("tag", "photos", "none", "--no-detect", "--out", "a.csv", "-q")
    assert (done.returncode, done.stderr) == (0, "harcli: none: no photos in it\n")


def test_what_is_left_out_is_told_and_kept(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    for name in ("b.jxl", "c.dng", "d.CR2", "e.3gp", "f.MTS", "g.mts", ".hidden.jpg", "no.jpg"):
        (photos / name).touch()
    (photos / "@eaDir").mkdir()
    (photos / "2018").symlink_to("unmounted")
    done = harcli("tag", "photos", "--no-detect", "--ignore", "no.jpg", "--out", "a.json")
    assert done.returncode == 0
    for line in (
        "3 photos of kinds that harcli does not read: .cr2, .dng, .jxl",
        "3 videos left out: .mts, .3gp",
        "1 recycle bin or folder of previews left out: @eaDir",
        "1 hidden file or folder left out: .jpg",
        "1 link that leads nowhere: 2018",
    ):
        assert f"harcli: {line}" in done.stderr
    assert json.loads((tmp_path / "a.json").read_text())["harcli"]["left_out"] == {
        "photos of kinds that harcli does not read": {".cr2": 1, ".dng": 1, ".jxl": 1},
        "videos": {".mts": 2, ".3gp": 1},
        "recycle bins and previews": {"@eaDir": 1},
        "hidden files and folders": {"all": 1},
        "links that lead nowhere": {"all": 1},
        "ignored by rules": {"all": 1},
    }


def test_quiet_still_says_what_went_wrong_and_why(harcli: Callable, photos: Path) -> None:
    (photos / "cut.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:20_000])
    (photos / "text.png").write_text("no photo")
    (photos / "other.gif").write_text("no photo either")
    done = harcli("tag", "photos", "gone.jpg", "photos/text.png", "--no-detect", "--out", "a.csv", "-q", input="")
    assert done.returncode == 2, "a file that is named must be there"
    done = harcli("tag", "-", "photos", "--no-detect", "--out", "a.csv", "-q", input="gone.jpg\n")
    assert done.returncode == 3
    reason = "not a photo in a format that harcli reads (JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF)"
    assert done.stderr.splitlines() == [
        "harcli: 4 of 6 files could not be read",
        f"harcli:   2 {reason}: photos/other.gif and 1 more",
        "harcli:   1 no such file: gone.jpg",
        "harcli:   1 damaged: photos/cut.jpg",
    ]


def test_a_link_that_cannot_be_followed_costs_one_record(
    harcli: Callable, photos: Path, rows: Rows, tmp_path: Path
) -> None:
    for name in ("0loop", "loop", "zloop"):
        (photos / name).symlink_to(name)
    done = harcli("tag", "photos", "--no-detect", "--out", "a.csv")
    assert done.returncode == 3
    assert [(Path(row["path"]).name, row["error"]) for row in rows(tmp_path / "a.csv")] == [
        ("0loop", "too many levels of symbolic links"),
        ("bus.jpg", ""),
        ("loop", "too many levels of symbolic links"),
        ("zidane.jpg", ""),
        ("zloop", "too many levels of symbolic links"),
    ]
    assert "3 too many levels of symbolic links: photos/0loop and 2 more" in done.stderr


def test_a_jpeg_without_its_last_bytes(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    (photos / "bus.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:-2])
    done = harcli("tag", "photos", "--no-detect", "--out", "a.csv")
    assert done.returncode == 0
    assert "harcli: 1 cut off at its end: photos/bus.jpg" in done.stderr
    assert [(row["error"], row["note"]) for row in rows(tmp_path / "a.csv")] == [("", "cut off at its end"), ("", "")]


def test_a_list_in_utf_16_tags_what_it_names_and_nothing_else(
    harcli: Callable, photos: Path, rows: Rows, tmp_path: Path
) -> None:
    listed = "photos/bus.jpg\r\n".encode("utf-16")
    done = harcli("tag", "-", "--no-detect", "--out", "a.csv", input=listed, text=False)
    assert done.returncode == 0
    assert [row["path"] for row in rows(tmp_path / "a.csv")] == [str(Path("photos") / "bus.jpg")]
    (tmp_path / "a.csv").unlink()
    done = harcli("tag", "-", "--no-detect", "--out", "a.csv", input="./a".encode("utf-16-le"), text=False)
    assert done.returncode == 1
    assert not (tmp_path / "a.csv").exists()
