"""Labels by eye, as words in a CSV."""

from pathlib import Path

import pytest
from PIL import Image

from harcli.datasets import labels_of, load
from harcli.datasets.labelled import by_eye
from harcli.errors import HarcliError

NAMES = ["male", "hat", "glasses", "sleeveless", "upper-red", "boots"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder `labelled` with two photos."""
    folder = tmp_path / "labelled"
    folder.mkdir()
    for i in range(2):
        Image.new("RGB", (40, 60)).save(folder / f"{i}.png")
    return folder


def read(folder: Path, text: str, encoding: str = "utf-8") -> list[list[int]]:
    (folder / "people.csv").write_bytes(text.encode(encoding))
    return labels_of(load(["labelled"], folder.parent), NAMES).tolist()


HEAD = "path,sex,head,sleeve,upper_colour,foot\n"


def test_words(folder: Path) -> None:
    rows = read(folder, f"{HEAD}0.png,m,hat glasses,none,red,?\n1.png,f,-,,,boots\n")
    assert rows == [[1, 1, 1, 1, 1, -2], [0, 0, 0, -1, -1, 1]]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}0.png,M,Hat Glasses,none,red,?\n1.png,F,-,NaN,<NA>,boots\n",
        f',{HEAD}0,0.png,m,"hat, glasses",none,red,?\n1,1.png,f,-,,,boots\n',
        "path;sex;head;sleeve;upper_colour;foot\r\n0.png;m;hat glasses;none;red;?\r\n1.png;f;-;;;boots\r\n",
        f"{HEAD.title()}0.png,m,hat|glasses,none,red,?,\n1.png,f,-,,,boots,\n,,,,,,\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_several_programs(folder: Path, text: str, encoding: str) -> None:
    assert read(folder, text, encoding) == [[1, 1, 1, 1, 1, -2], [0, 0, 0, -1, -1, 1]]


def test_an_unknown_word_is_named(folder: Path) -> None:
    with pytest.raises(HarcliError, match="line 2, column head: 'hta': expected words of hat helmet"):
        read(folder, f"{HEAD}0.png,m,hta,none,red,?\n")


def test_a_manifest_may_have_the_same_name(folder: Path) -> None:
    (folder / "people.csv").write_text("path,hat\n0.png,1\n")
    assert labels_of(load([str(folder / "people.csv")], folder), ["hat"]).tolist() == [[1]]
    (folder / "people.csv").write_text("path,head\n0.png,hat\n")
    assert labels_of(load([str(folder / "people.csv")], folder), ["hat"]).tolist() == [[1]]


@pytest.mark.parametrize("number", ["0017", "17", "17.0", "000017"])
def test_zeros_that_programs_lose(folder: Path, number: str) -> None:
    (folder.parent / "fashion_labels.csv").write_text(f"dataset,image,sex\nccp,{number},f\nother,3,m\n")
    found = by_eye(folder, "ccp")
    assert list(found) == ["17"]
    assert "female" in found["17"]
