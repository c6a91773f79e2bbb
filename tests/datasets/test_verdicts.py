"""Single attributes said to be right or wrong in a people.csv."""

from pathlib import Path

import pytest
from PIL import Image

from harcli.datasets import labels_of, load
from harcli.datasets.labelled import holds_words
from harcli.datasets.verdicts import facts_of_verdicts
from harcli.datasets.words import facts_of_words, read_words
from harcli.errors import HarcliError


@pytest.mark.parametrize(
    ("row", "name", "expected"),
    [
        ({"right": "hat"}, "hat", 1),
        ({"right": "hat"}, "helmet", None),
        ({"right": "hat"}, "glasses", None),
        ({"right": "Helmet"}, "hat", 1),
        ({"wrong": "hat"}, "helmet", 0),
        ({"wrong": "helmet"}, "hat", None),
        ({"right": "jeans"}, "long-pants", 1),
        ({"right": "jeans"}, "skirt", 0),
        ({"right": "shorts"}, "jeans", 0),
        ({"wrong": "long-pants"}, "jeans", 0),
        ({"wrong": "male"}, "female", None),
        ({"right": "male hat"}, "female", 0),
        ({"right": "skirt,long-pants"}, "skirt", 1),
        ({"right": "skirt long-pants"}, "long-pants", 1),
        ({"right": "dress"}, "dress", 1),
        ({"right": "bag"}, "backpack", None),
        ({"wrong": "bag"}, "backpack", 0),
        ({"wrong": "bag"}, "luggage", None),
        ({"right": "upper-red"}, "upper-blue", None),
        ({"head": "?", "right": "hat"}, "hat", 1),
        ({"head": "?", "right": "hat"}, "glasses", -2),
        ({"lower": "long-pants skirt", "right": "skirt"}, "long-pants", 1),
        ({"right": "", "wrong": ""}, "hat", None),
    ],
)
def test_what_follows_from_a_verdict(row: dict[str, str], name: str, expected: int | None) -> None:
    facts = facts_of_verdicts(row, facts_of_words(read_words(row)))
    found = {value for fact, value in ((name, 1), (f"!{name}", 0), (f"?{name}", -2)) if fact in facts}
    assert found == (set() if expected is None else {expected})


@pytest.fixture
def folder(root: Path) -> Path:
    place = root / "labelled"
    place.mkdir(parents=True)
    Image.new("RGB", (40, 80)).save(place / "a.jpg")
    return place


def test_a_file_of_verdicts_alone_is_a_data_set(root: Path, folder: Path) -> None:
    rows = "path,x1,y1,x2,y2,photo,right,wrong\na.jpg,0.0,0.0,20.0,80.0,a.jpg,hat upper-red,solid\n"
    (folder / "people.csv").write_text(rows)
    assert holds_words(folder / "people.csv")
    (sample,) = load(["labelled"], root)
    assert sample.box == (0.0, 0.0, 20.0, 80.0)
    assert labels_of([sample], ["hat", "upper-red", "solid", "glasses"]).tolist() == [[1, 1, 0, -1]]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",hatt,", "line 2: column right: no attribute 'hatt'; did you mean hat?"),
        (",,q", "line 2: column wrong: no attribute 'q'; expected canonical names"),
        (",jeans,long-pants", "line 2: 'jeans' would be right and wrong"),
        ("hat,helmet,", "line 2: 'helmet' is right, but the row's words say otherwise"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named(root: Path, folder: Path, row: str, told: str) -> None:
    (folder / "people.csv").write_text(f"path,head,right,wrong\na.jpg,{row}\n")
    with pytest.raises(HarcliError) as error:
        load(["labelled"], root)
    assert told in str(error.value)
