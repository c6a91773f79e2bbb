"""People labelled by eye: words, the folder, and labels beside two data sets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from harcli.attributes import ATTRIBUTES
from harcli.datasets import ccp, labels_of, load
from harcli.datasets.words import ATTRIBUTES as TOLD
from harcli.datasets.words import WORDS, WordError, facts_of_words, read_words
from harcli.errors import HarcliError

HEADER = "path,x1,y1,x2,y2,part,source,photo,sex,head,upper,lower,carry,upper_colour\n"


def label(words: dict[str, str], name: str) -> int | None:
    facts = facts_of_words(read_words(words))
    return next((v for f, v in ((name, 1), (f"!{name}", 0), (f"?{name}", -2)) if f in facts), None)


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        ({"head": "helmet"}, "hat", 1),
        ({"head": "helmet"}, "helmet", 1),
        ({"head": "hat"}, "helmet", 0),
        ({"head": "sunglasses"}, "glasses", 1),
        ({"head": "-"}, "glasses", 0),
        ({"head": "?"}, "glasses", -2),
        ({"head": ""}, "glasses", None),
        ({}, "glasses", None),
        ({"upper": "coat"}, "outerwear", 1),
        ({"upper": "t-shirt"}, "outerwear", 0),
        ({"lower": "jeans"}, "long-pants", 1),
        ({"lower": "long-pants"}, "jeans", 0),
        ({"upper": "dress", "lower": "?"}, "dress", 1),
        ({"upper": "?", "lower": "skirt"}, "dress", 0),
        ({"upper": "?", "lower": "?"}, "dress", -2),
        ({"sex": "m"}, "female", 0),
        ({"age": "adult"}, "child", 0),
        ({"hair": "short"}, "long-hair", 0),
        ({"sleeve": "none"}, "sleeveless", 1),
        ({"carry": "luggage"}, "bag", 0),
        ({"carry": "handbag"}, "bag", 1),
        ({"hair_colour": "other"}, "hair-red", 0),
        ({"upper_colour": "red white"}, "upper-white", 1),
        ({"upper_colour": "red ?"}, "upper-red", 1),
        ({"lower_colour": "-"}, "lower-blue", 0),
    ],
)
def test_words(words: dict[str, str], name: str, expected: int | None) -> None:
    assert label(words, name) == expected


def test_every_attribute_is_told_by_some_word() -> None:
    assert {*TOLD, "dress"} == set(ATTRIBUTES)
    assert all(set(of) <= set(WORDS[group]) for group, of in TOLD.values())


def test_an_odd_word_names_its_column() -> None:
    with pytest.raises(WordError, match="top-hat") as error:
        read_words({"head": "glasses top-hat"})
    assert error.value.group == "head"


@pytest.fixture
def folder(root: Path) -> Callable[[str], Path]:
    def write(rows: str) -> Path:
        place = root / "everyday"
        (place / "crops").mkdir(parents=True, exist_ok=True)
        for name in ("a", "b"):
            Image.new("RGB", (40, 80)).save(place / "crops" / f"{name}.jpg")
        (place / "people.csv").write_text(HEADER + rows)
        return place

    return write


def test_a_folder(folder: Callable[[str], Path], root: Path) -> None:
    folder(
        "crops/a.jpg,4,5,30,70,val,x,p.jpg,m,hat,jacket,?,-,red\n"
        "crops/b.jpg,,,,,,x,p.jpg,?,-,t-shirt,jeans,backpack,?\n"
    )
    samples = load(["everyday"], root)
    assert [(s.part, s.box) for s in samples] == [("val", (4.0, 5.0, 30.0, 70.0)), (samples[1].part, None)]
    names = ["male", "hat", "jeans", "bag", "upper-red", "boots"]
    assert labels_of(samples, names).tolist() == [[1, 1, -2, 0, 1, -1], [-2, 0, 1, 1, -2, -1]]
    by_file = load([str(root / "everyday" / "people.csv")], root)
    assert labels_of(by_file, names).tolist() == labels_of(samples, names).tolist()


def test_people_of_one_photo_are_in_one_part(folder: Callable[[str], Path], root: Path) -> None:
    folder("".join(f"crops/{n}.jpg,,,,,,x,p{i}.jpg,m,-,coat,jeans,-,red\n" for i in range(40) for n in "ab"))
    parts = [s.part for s in load(["everyday"], root)]
    assert parts[::2] == parts[1::2]
    assert len(set(parts)) > 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("crops/a.jpg,,,,,,x,p,m,hat,jackett,?,-,red\n", r"line 2, column upper: 'jackett': expected words of t-shirt"),
        ("crops/a.jpg,1,2,3,,,x,p,m,hat,jacket,?,-,red\n", r"line 2, columns x1 to y2"),
        ("crops/a.jpg,,,,,dev,x,p,m,hat,jacket,?,-,red\n", r"line 2, column part: 'dev'"),
        ("crops/a.jpg,,,\n", "line 2: has 4 values, expected 14"),
        ("", "no rows"),
    ],
)
def test_what_is_odd_is_named(folder: Callable[[str], Path], root: Path, row: str, message: str) -> None:
    folder(row)
    with pytest.raises(HarcliError, match=message):
        load(["everyday"], root)


def test_labels_by_eye_go_before_published_ones(root: Path) -> None:
    names = [ccp.BACKGROUND, *ccp.ATTRIBUTES]
    (root / "ccp" / "annotations" / "image-level").mkdir(parents=True)
    (root / "ccp" / "photos").mkdir()
    listed = np.empty((1, len(names)), dtype=object)
    listed[0] = names
    savemat(root / "ccp" / "label_list.mat", {"label_list": listed})
    tags = np.array([[names.index("hat"), names.index("jeans")]])
    for stem in ("0002", "0003"):
        savemat(root / "ccp" / "annotations" / "image-level" / f"{stem}.mat", {"tags": tags})
        Image.new("RGB", (40, 80)).save(root / "ccp" / "photos" / f"{stem}.jpg")
    (root / "fashion_labels.csv").write_text(
        "dataset,image,sex,head,lower,hair_colour,upper_colour,lower_colour\nccp,0002,f,-,long-pants,?,?,?\n"
    )
    both = load(["ccp"], root)
    wanted = ["female", "hat", "jeans", "upper-red", "bag"]
    # Three colours that nobody told: nobody looked. Of bags the words say nothing, so the published label holds.
    assert labels_of(both, wanted).tolist() == [[1, 0, 0, -1, 0], [-1, 1, 1, -1, 0]]
    assert labels_of(both, ["hat", "jeans"], own=True).tolist() == [[1, 1], [1, 1]]
