"""Data sets as archives unpack and people keep them: the same samples as in the published layout."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from harcli.datasets import load
from harcli.datasets.files import field
from harcli.datasets.sample import Sample
from harcli.errors import HarcliError

Make = Callable[..., Path]


def seen(samples: list[Sample]) -> set[tuple[str, str, frozenset[str]]]:
    return {(s.image.name, s.part, s.facts) for s in samples}


def move(root: Path, old: str, new: str) -> None:
    (root / old).rename(root / "moving")
    (root / new).parent.mkdir(parents=True, exist_ok=True)
    (root / "moving").rename(root / new)


PA100K = [
    {"annotation.mat": "annotation/annotation.mat", "data": "release_data/release_data"},  # the authors' two archives
    {"annotation.mat": "annotation/annotation.mat", "data": "data/release_data/release_data"},
    {"data": "release_data"},
    {"data": "PA-100K/data", "annotation.mat": "PA-100K/annotation.mat"},
]


@pytest.mark.parametrize("moves", PA100K)
def test_pa100k(make_pa100k: Make, root: Path, moves: dict[str, str]) -> None:
    folder = make_pa100k()
    expected = seen(load(["pa100k"], root, "official"))
    for old, new in moves.items():
        move(folder, old, new)
    assert seen(load(["pa100k"], root, "official")) == expected
    assert len(expected) == 3
    assert seen(load(["pa100k"], folder, "official")) == expected  # --root may be its folder


def test_pa100k_without_its_file(make_pa100k: Make, root: Path) -> None:
    (make_pa100k() / "annotation.mat").unlink()
    with pytest.raises(HarcliError, match=r"pa100k.annotation\.mat: not found; give the folder"):
        load(["pa100k"], root)


@pytest.mark.parametrize("inner", ["RAP_dataset/RAP_dataset", "RAP v1/RAP_dataset"])
def test_rap(make_rap: Make, root: Path, inner: str) -> None:
    folder = make_rap()
    expected = seen(load(["rap"], root, "0"))
    move(folder, "RAP_dataset", inner)
    move(folder, "RAP_annotation/RAP_annotation.mat", "RAP_annotation.mat")
    assert seen(load(["rap"], root, "0")) == expected


def test_one_version_of_rap_under_the_others_name(make_rap: Make, make_rap2: Make, root: Path) -> None:
    """Both have RAP_annotation/RAP_annotation.mat and RAP_dataset."""
    first, second = make_rap(), make_rap2()
    first.rename(root / "moving")
    second.rename(root / "rap")
    (root / "moving").rename(root / "rap2")
    for name, other, told in (("rap2", "v1", "rap"), ("rap", "v2", "rap2")):
        with pytest.raises(HarcliError, match=rf"RAP_annotation\.mat: is the file of RAP {other}: name .* {told}, and"):
            load([name], root)


def test_partitions_of_rap2_within_cells(make_rap2: Make, root: Path) -> None:
    """Public code reads them as `[0][0][0]`."""
    folder = make_rap2()
    expected = seen(load(["rap2"], root, "0"))
    partition = {f"{part}_index": np.array([rows], np.uint16) for part, rows in
                 {"train": (1, 2, 3, 4, 5), "val": (6, 7), "test": (8, 9, 10)}.items()}  # fmt: skip
    inner = np.empty((1, 1), object)
    inner[0, 0] = partition
    cells = np.empty((1, 5), object)
    cells[0] = [inner] * 5
    make_rap2(partition_attribute=cells)
    mat = loadmat(folder / "RAP_annotation" / "RAP_annotation.mat")["RAP_annotation"]
    assert field(folder, mat, "partition_attribute").ravel()[0].dtype == object
    assert seen(load(["rap2"], root, "0")) == expected


def test_market1501(make_market: Make, root: Path) -> None:
    folder = make_market()
    expected = seen(load(["market1501"], root, "official"))
    for name in ("bounding_box_train", "bounding_box_test"):
        move(folder, name, f"Market-1501-v15.09.15/{name}")
    move(folder, "market_attribute.mat", "Market-1501_Attribute-master/market_attribute.mat")
    folder.rename(root / "Market-1501")
    assert seen(load(["market1501"], root, "official")) == expected


def test_market1501_in_a_folder_named_as_its_archive(make_market: Make, root: Path) -> None:
    folder = make_market()
    expected = seen(load(["market1501"], root, "official"))
    folder.rename(root / "Market-1501-v15.09.15")
    assert seen(load(["market1501"], root, "official")) == expected


def test_columns_of_market1501(make_market: Make, root: Path) -> None:
    make_market()
    expected = seen(load(["market1501"], root, "official"))
    make_market(hat=np.array([[1], [1], [1]], np.uint8))
    assert seen(load(["market1501"], root, "official")) == expected


def test_peta(make_peta: Make, root: Path) -> None:
    folder = make_peta()
    expected = {(name.replace(".png", ".jpg"), *rest) for name, *rest in seen(load(["peta"], root, "0"))}
    for image in (folder / "images").iterdir():
        image.rename(image.with_suffix(".jpg"))
    (folder / "images" / "00001.jpg").unlink()  # a part of them is enough
    move(folder, "images", "PETA/images")
    move(folder, "PETA.mat", "PETA/PETA.mat")
    folder.rename(root / "PETA")
    assert seen(load(["peta"], root, "0")) == {sample for sample in expected if sample[0] != "00001.jpg"}


def test_raw_archives_of_peta_in_a_folder_of_any_name(make_peta_raw: Make, root: Path) -> None:
    folder = make_peta_raw()
    expected = seen(load(["peta_raw"], root, "identity"))
    for subset in ("CUHK", "3DPeS"):
        move(folder, subset, f"PETA-unpacked/{subset}")
    assert seen(load(["peta_raw"], root, "identity")) == expected


def test_a_file_of_matlab_7_3(make_peta: Make, root: Path) -> None:
    folder = make_peta()
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    (folder / "PETA.mat").write_bytes(head + bytes(512))
    with pytest.raises(HarcliError, match=r"PETA\.mat: is in MATLAB's form 7\.3; save it anew .* '-v7'"):
        load(["peta"], root)


def test_a_folder_that_is_written_otherwise(make_pa100k: Make, root: Path) -> None:
    make_pa100k().rename(root / "PA-100K")
    assert len(load(["pa100k"], root, "official")) == 3
    with pytest.raises(HarcliError, match="no such folder"):
        load(["peta"], root)


def test_a_link_that_cannot_be_followed_costs_nothing_else(
    make_pa100k: Make, make_market: Make, make_peta_raw: Make, root: Path
) -> None:
    made = {"pa100k": make_pa100k, "market1501": make_market, "peta_raw": make_peta_raw}
    for name, make in made.items():
        make()
        expected = seen(load([name], root, "harcli"))
        for folder in [root, root / name, *(p for p in (root / name).rglob("*") if p.is_dir())]:
            if not (folder / "0").is_symlink():
                (folder / "0").symlink_to("x" * 300)
                (folder / "1").symlink_to("1")
        assert seen(load([name], root, "harcli")) == expected
