"""A CSV of one's own: what it may hold, how it is divided, and what is said of a mistake."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.datasets import labels_of, load, own_attributes
from harcli.datasets.transforms import CONTEXT, cut_out
from harcli.errors import HarcliError
from harcli.photos.crop import grow_box

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes people.csv beside six photos of 40 x 60 pixels in photos/, gives its name."""
    (tmp_path / "photos").mkdir()
    for i in range(6):
        Image.new("RGB", (40, 60), (i * 40, 0, 0)).save(tmp_path / "photos" / f"{i}.png")

    def write(text: str) -> str:
        path = tmp_path / "people.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_values_boxes_and_parts(write: Write, tmp_path: Path) -> None:
    name = write(
        "﻿path, x1,y1,x2,y2,part,hat,apron\n"
        "photos/0.png,1,2.5,30,50,train,1,yes\n"
        "photos/1.png,,,,,test,0,No\n"
        "\n"
        "photos/../photos/2.png,,,,,val,TRUE,?\n"
        "photos/3.png,,,,,val,-1,\n"
    )
    samples = load([name], tmp_path)
    assert [s.part for s in samples] == ["train", "test", "val", "val"]
    assert [s.box for s in samples] == [(1, 2.5, 30, 50), None, None, None]
    assert [s.image for s in samples] == [tmp_path / "photos" / f"{i}.png" for i in range(4)]
    assert {s.dataset for s in samples} == {name}
    assert own_attributes([name], tmp_path) == ["hat", "apron"]
    assert labels_of(samples, ["hat", "apron"], own=True).tolist() == [[1, 1], [0, 0], [1, -1], [-1, -1]]
    assert labels_of(samples, ["hat", "boots"]).tolist() == [[1, -1], [0, -1], [1, -1], [-1, -1]]


def values(name: str, root: Path, *attributes: str) -> list[list[int]]:
    return labels_of(load([name], root), attributes, own=True).tolist()


def test_numbers_and_gaps_as_pandas_writes_them(write: Write, tmp_path: Path) -> None:
    name = write(
        "path,hat,jeans\nphotos/0.png,1.0,0.0\nphotos/1.png,0.0,\nphotos/2.png,NaN,-1.0\nphotos/3.png,<NA>,1\n"
    )
    assert values(name, tmp_path, "hat", "jeans") == [[1, 0], [0, -1], [-1, -1], [-1, 1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", 1), ("1.00", 1), ("0.0", 0), ("-1.0", -1), ("1e0", 1), ("False", 0), ("TRUE", 1), ("y", 1), ("N", 0), ("WAHR", 1), ("FAUX", 0),
     ("None", -1), ("nan", -1), ("NAN", -1), ("NULL", -1), ("n/a", -1), ("#N/A", -1), (" ", -1)],
)  # fmt: skip
def test_every_way_to_write_a_label(write: Write, tmp_path: Path, text: str, expected: int) -> None:
    name = write(f"path,hat,jeans\nphotos/0.png,1,{text}\n")
    assert values(name, tmp_path, "jeans") == [[expected]]


@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_with_a_name(write: Write, tmp_path: Path, first: int) -> None:
    rows = [f"{first + i},photos/{i}.png,{i % 2}" for i in range(3)]
    assert values(write("\n".join(["id,path,hat", *rows])), tmp_path, "hat") == [[0], [1], [0]]


def test_names_that_no_results_could_hold(write: Write, tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match="'top;red' cannot be the name of an attribute: it holds a semicolon"):
        load([write("path,top;red\nphotos/0.png,1\n")], tmp_path)


def test_a_missing_column_is_not_another_that_is_known(write: Write, tmp_path: Path) -> None:
    with pytest.raises(HarcliError) as caught:
        load([write("image,part,hat\nphotos/0.png,train,1\n")], tmp_path)
    assert "did you mean" not in str(caught.value)
    with pytest.raises(HarcliError, match="did you mean it by 'paths'"):
        load([write("paths,part,hat\nphotos/0.png,train,1\n")], tmp_path)


@pytest.mark.parametrize("text", ["0.5", "2", "2.0", "inf", "1,0", "-0.5", "10"])
def test_other_numbers_are_no_labels(write: Write, tmp_path: Path, text: str) -> None:
    with pytest.raises(HarcliError, match="line 2, column hat: "):
        load([write(f'path,hat\nphotos/0.png,"{text}"\n')], tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        ",path,hat\n0,photos/0.png,1\n1,photos/1.png,0\n",  # to_csv
        ",Unnamed: 0,path,hat\n0,0,photos/0.png,1\n1,1,photos/1.png,0\n",  # read and written again
        "index,path,hat\n7,photos/0.png,1\n9,photos/1.png,0\n",  # reset_index of a part
        ",path,hat\n0.0,photos/0.png,1\n1.0,photos/1.png,0\n",
        "path,hat,,\nphotos/0.png,1,,\nphotos/1.png,0,,\n,,,\n",  # a spreadsheet's empty columns and lines
        "path,hat\nphotos/0.png,1,\nphotos/1.png,0,,\n",
        "path;hat\r\nphotos/0.png;1,0\r\nphotos/1.png;0,0\r\n",  # where a comma is the decimal sign
        "sep=;\r\npath;hat\r\nphotos/0.png;1\r\nphotos/1.png;0\r\n",
        "path\that\nphotos/0.png\t1\nphotos/1.png\t0\n",
        "path\that\nphotos/0.png\t1,0\nphotos/1.png\t0,0\n",  # the same with a comma in numbers
        "Path,hat\nphotos\\0.png,1\nphotos\\1.png,0\n",  # from Windows
        '"path","hat"\n"photos/0.png","1"\n"photos/1.png","0"\n',
        "\npath,hat\nphotos/0.png,1\nphotos/1.png,0",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_several_programs(write: Write, tmp_path: Path, text: str, encoding: str) -> None:
    name = write("")
    Path(name).write_bytes(text.encode(encoding))
    assert own_attributes([name], tmp_path) == ["hat"]
    assert [s.image.name for s in load([name], tmp_path)] == ["0.png", "1.png"]
    assert values(name, tmp_path, "hat") == [[1], [0]]


def test_gaps_in_every_column(write: Write, tmp_path: Path) -> None:
    """pandas makes numbers of people with gaps `17.0`; the same person must stay one, and in one part."""
    head = "path,x1,y1,x2,y2,mask,part,person,hat\n"
    samples = load(
        [
            write(
                f"{head}photos/0.png,nan,nan,nan,nan,nan,nan,17.0,1\nphotos/1.png,1.0,2.0,30.0,40.0,,Train,nan,1\n"
                "photos/2.png,,,,,,TEST,17,1\n"
            )
        ],
        tmp_path,
    )
    assert [s.box for s in samples] == [None, (1, 2, 30, 40), None]
    assert [s.person for s in samples] == ["17", "", "17"]
    assert [s.part for s in samples][1:] == ["train", "test"]
    assert samples[0].mask is None


def test_without_a_part_people_stay_together(write: Write, tmp_path: Path) -> None:
    """CRC-32 of b ends in 1 (test), of a and c in 7 and 5 (train)."""
    rows = "".join(f"photos/{i}.png,{'abc'[i % 3]},1\n" for i in range(6))
    samples = load([write(f"path,person,hat\n{rows}")], tmp_path)
    assert [s.part for s in samples] == ["train", "test", "train"] * 2
    assert [s.person for s in samples] == ["a", "b", "c"] * 2


def test_without_person_the_path_decides(write: Write, tmp_path: Path) -> None:
    text = "path,hat\n" + "".join(f"photos/{i}.png,1\n" for i in range(6))
    first = [s.part for s in load([write(text)], tmp_path)]
    assert first == [s.part for s in load([write(text.replace("hat", "boots"))], tmp_path)]


def test_a_mask_covers_the_whole_photo(write: Write, tmp_path: Path) -> None:
    """The mask of a cut-out shows the person where the photo does, with the box's context around."""
    box = (20.0, 30.0, 36.0, 54.0)
    mask = np.zeros((60, 40), np.uint8)
    mask[30:54, 20:36] = 3  # any value but 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (sample,) = load([write("path,x1,y1,x2,y2,mask,hat\nphotos/1.png,20,30,36,54,mask.png,1\n")], tmp_path)
    x1, y1, x2, y2 = grow_box(box, (40, 60), CONTEXT)
    shown = cut_out(sample).mask
    assert shown is not None
    assert (np.asarray(shown) > 0).tolist() == (mask[y1:y2, x1:x2] > 0).tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,hat\nphotos/0.png,1\nphotos/1.png,maybe\n", "people.csv, line 3, column hat: 'maybe'"),
        ("path,hat\nphotos/0.png,1,1\n", "people.csv, line 2: has 3 values, expected 2"),
        ("file,hat\nphotos/0.png,1\n", "no column 'path'"),
        ("path,hat,hat\nphotos/0.png,1,1\n", "column 'hat' twice"),
        ("path,part\nphotos/0.png,train\n", "name of an attribute"),
        ("path,,hat\nphotos/0.png,1,1\n", "name of an attribute"),
        ("path,Unnamed: 1,hat\nphotos/0.png,1,1\n", "name of an attribute"),
        (",path,hat\na,photos/0.png,1\n", "name of an attribute"),
        ("p\0a\0t\0h\0,\0h\0\n", "needs a byte order mark"),
        ("path,hat\n", "no rows"),
        ("", "no column 'path'"),
        ("path,hat\n,1\n", "line 2, column path"),
        ("path,hat,part\nphotos/0.png,1,dev\n", "line 2, column part: 'dev': expected train, val, test"),
        ("path,hat,x1,y1\nphotos/0.png,1,1,1\n", "give all four"),
        ("path,hat,x1,y1,x2,y2\nphotos/0.png,1,9,1,5,5\n", "line 2, columns x1 to y2: '9, 1, 5, 5'"),
        ("path,hat,x1,y1,x2,y2\nphotos/0.png,1,1,1,nan,5\n", "line 2, columns x1 to y2"),
        ("path,hat,x1,y1,x2,y2\nphotos/0.png,1,1,,5,5\n", "line 2, columns x1 to y2"),
        ("path,hat,x1,y1,x2,y2\nphotos/0.png,1,40,1,50,5\n", "line 2: the box lies outside .*40 x 60"),
        ("path,hat,mask\nphotos/0.png,1,m.jpg\n", "line 2, column mask: 'm.jpg'"),
        ("path,hat,mask\nphotos/0.png,1,m.png\n", "m.png is not there"),
        ("path,hat,mask\nphotos/0.png,1,small.png\n", "not in the size of its photo, 40 x 60"),
        ('path,hat\n"photos/0.png,1\n', "not a CSV file"),
        ("path,hat\nnowhere.png,1\n", "none of the 1 images that the labels name is here, for example .*nowhere.png"),
    ],
)
def test_mistakes(write: Write, tmp_path: Path, text: str, message: str) -> None:
    Image.new("L", (4, 6)).save(tmp_path / "small.png")
    with pytest.raises(HarcliError, match=message) as error:
        load([write(text)], tmp_path)
    assert "\n" not in str(error.value)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match=r"none.csv: cannot be read \(No such file"):
        load([str(tmp_path / "none.csv")], tmp_path)


def test_not_utf8(write: Write, tmp_path: Path) -> None:
    name = write("")
    Path(name).write_bytes(b"path,hat\nphotos/\xff.png,1\n")
    with pytest.raises(HarcliError, match="not a CSV file in UTF-8"):
        load([name], tmp_path)
