"""`harcli datasets` as a process: what it counts, what it says, how it ends."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.datasets import peta
from harcli.datasets.check import Count, check
from harcli.datasets.sample import Published

Make = Callable[..., Path]
Run = Callable[..., object]


def counts(found: tuple[Count, ...]) -> dict[tuple[str, str], tuple[int | None, int, int]]:
    return {(c.group, c.what): (c.published, c.labelled, c.on_disk) for c in found}


def test_counts_of_a_part(make_peta: Make, root: Path) -> None:
    folder = make_peta()
    (folder / "images" / "00003.png").unlink()
    findings = check("peta", root)
    found = counts(findings.counts)
    assert found["size", "images"] == (19000, 20, 19)
    assert found["size", "different people"] == (8699, 10, 10)
    assert found["size", "attributes"] == (35, 35, 35)
    assert found["0", "train"] == (9500, 10, 9)
    assert found["4", "test"] == (7600, 8, 8)
    assert found["positives", "personalMale"] == (10421, 10, 9)
    assert findings.missing == (folder / "images" / "00003.png",)
    assert not findings.complete


def test_complete_where_all_is_as_published(make_peta: Make, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_peta()
    published = Published(20, 20, {"0": {"train": 10, "val": 2, "test": 8}}, 10, {"personalMale": 10})
    monkeypatch.setattr(peta, "PUBLISHED", published)
    assert check("peta", root).complete
    monkeypatch.setattr(peta, "PUBLISHED", Published(20, 20, positives={"personalMale": 11}))
    assert not check("peta", root).complete


def test_unknown_labels_and_parts_that_are_published_together(make_rap: Make, make_wider: Make, root: Path) -> None:
    make_rap()
    make_wider()
    assert counts(check("rap", root).counts)["unknown", "Female"] == (125, 1, 1)
    wider = counts(check("wider", root).counts)
    assert wider["official", "train+val"] == (28345, 4, 4)
    assert wider["size", "images"] == (13789, 4, 4)
    assert wider["size", "people"] == (57524, 7, 7)


def test_incomplete_is_3_and_says_what_is_missing(make_peta: Make, root: Path, harcli: Run, tmp_path: Path) -> None:
    folder = make_peta()
    (folder / "images" / "00003.png").unlink()
    (folder / "images" / "00004.png").write_bytes(b"cut")
    result = harcli("datasets", "check", "peta", "--root", root, "--json", tmp_path / "out.json", "--decode")
    assert (result.returncode, result.stderr) == (3, "")
    for text in ("missing: 1 labelled image: 00003.png", "00004.png: not a photo", peta.SOURCE, peta.TERMS):
        assert text in result.stdout
    figures = json.loads((tmp_path / "out.json").read_text())
    assert figures["complete"] is False
    assert figures["missing"] == [str(folder / "images" / "00003.png")]
    assert [row["image"] for row in figures["undecodable"]] == [str(folder / "images" / "00004.png")]
    assert {"group": "0", "what": "train", "published": 9500, "labelled": 10, "on_disk": 9, "complete": False} in (
        figures["counts"]
    )


def test_unusable_is_1_with_one_line_that_says_where_to_get_it(root: Path, harcli: Run) -> None:
    result = harcli("datasets", "check", "rap", "--root", root)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "rapdataset.com" in result.stderr
    assert "Traceback" not in result.stderr


def test_unusable_without_any_image(make_peta: Make, root: Path, harcli: Run) -> None:
    (make_peta() / "images").rename(root / "elsewhere")
    result = harcli("datasets", "check", "peta", "--root", root)
    assert result.returncode == 1
    assert "missing: 20 labelled images" in result.stdout


def test_a_manifest_that_is_complete_is_0(make_peta: Make, root: Path, harcli: Run, tmp_path: Path) -> None:
    make_peta()
    (tmp_path / "own.csv").write_text("path,part,apron\ndata/peta/images/00001.png,train,1\n")
    result = harcli("datasets", "check", "own.csv")
    assert (result.returncode, result.stderr) == (0, "")
    assert "apron" in result.stdout
    assert "complete: every image is here" in result.stdout
    assert "published" not in result.stdout


def test_images_right_beside_a_manifest_of_the_current_folder(
    make_peta: Make, root: Path, harcli: Run, tmp_path: Path
) -> None:
    make_peta()
    (tmp_path / "data" / "peta" / "images" / "00001.png").rename(tmp_path / "1.png")
    (tmp_path / "own.csv").write_text("path,part,apron\n1.png,train,1\n")
    result = harcli("datasets", "check", "own.csv")
    assert (result.returncode, result.stderr) == (0, "")
    assert "complete: every image is here" in result.stdout


def test_a_column_of_which_nothing_is_known_leaves_a_manifest_complete(
    make_peta: Make, root: Path, harcli: Run, tmp_path: Path
) -> None:
    """pandas writes 1.0 and 0.0, and an index column."""
    make_peta()
    text = ",path,hat,jeans\n0,data/peta/images/00001.png,1.0,\n1,data/peta/images/00002.png,0.0,\n"
    (tmp_path / "own.csv").write_text(text)
    result = harcli("datasets", "check", "own.csv")
    assert (result.returncode, result.stderr) == (0, "")
    assert "published" not in result.stdout


def test_a_mistake_in_a_manifest_is_not_said_to_be_published(harcli: Run, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("path,hat\na.png,maybe\n")
    result = harcli("datasets", "check", "own.csv")
    assert result.returncode == 1
    assert (
        result.stderr
        == "harcli: own.csv, line 2, column hat: 'maybe': expected 1, 0 or nothing (also yes, no, true, false, ?)\n"
    )
    (tmp_path / "own.csv").write_text("path,upper\na.png,shirt\n")
    told = harcli("datasets", "check", "own.csv").stderr
    assert told.endswith("(also yes, no, true, false, ?); labels in words stand in a file named people.csv\n")


def test_list(make_peta: Make, root: Path, harcli: Run) -> None:
    make_peta()
    result = harcli("datasets", "list", "--root", root)
    assert result.returncode == 0
    rows = {line.split("│")[1].strip(): line for line in result.stdout.splitlines() if line.startswith("│")}
    assert set(rows) == {
        "peta",
        "peta_raw",
        "pa100k",
        "rap",
        "rap2",
        "wider",
        "market1501",
        "ccp",
        "clothing_attributes",
        "everyday",
        "labelled",
    }
    assert "0" not in rows["labelled"].split("│")[3]
    assert "yes" in rows["peta"]
    assert "pa100k, terms: CC BY 4.0 (Liu et al. 2017)" in result.stdout
    assert "yes" not in rows["rap"]


@pytest.fixture
def data() -> Path:
    if not os.environ.get("HARCLI_DATA"):
        pytest.skip("set HARCLI_DATA to a folder with the data sets (docs/training.md)")
    return Path(os.environ["HARCLI_DATA"])


def test_real_peta_is_as_published(data: Path) -> None:
    assert check("peta", data).complete


def test_a_part_of_the_clothing_attributes(data: Path) -> None:
    found = counts(check("clothing_attributes", data).counts)
    assert found["size", "images"][:2] == (1856, 1856)
    published, labelled, on_disk = found["positives", "long sleeves"]
    assert published == 1270
    assert labelled == on_disk <= published


@pytest.mark.slow
def test_real_labels_of_pa100k_are_as_published(data: Path) -> None:
    assert all(c.labelled == c.published for c in check("pa100k", data).counts if c.published)
