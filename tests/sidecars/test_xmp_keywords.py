"""Keywords in sidecars: what stands there after one run, after another with other tags, and after taking them out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.packet import Packet
from harcli.sidecars.xmp import SidecarWriter, remove

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

INFO = RunInfo(
    tuple(
        AttributeSpec(name, group, 0.5)
        for name, group in (("male", "sex"), ("hat", "head"), ("jeans", "lower-body"), ("a/b|c", "own"))
    ),
    "/photos",
    "1.0",
)
SUBJECT = "Xmp.dc.subject"
TAGS = "Xmp.digiKam.TagsList"
BRANCHES = "Xmp.lr.hierarchicalSubject"


def person(number: int, *tags: str) -> Record:
    return Record("p.jpg", 64, 48, number, (0.0, 0.0, 32.0, 48.0), 0.9, tags, dict.fromkeys(INFO.names, 0.5))


NOBODY = Record("p.jpg", 64, 48)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "p.jpg"
    Image.new("RGB", (64, 48)).save(path)
    return path


def sidecar(photo: Path) -> Path:
    return photo.with_name(photo.name + ".xmp")


def begin(photo: Path, **lists: list[str]) -> None:
    """A sidecar by somebody else."""
    packet = Packet()
    for name, items in lists.items():
        packet.set_items(f"Xmp.{name.replace('_', '.')}", items)
    packet.set_text("Xmp.xmp.Rating", "5")
    sidecar(photo).write_text(packet.serialise())


def lists(photo: Path) -> tuple[list[str], list[str], list[str]]:
    packet = Packet(sidecar(photo).read_bytes())
    return packet.items(SUBJECT), packet.items(TAGS), packet.items(BRANCHES)


def write(photo: Path, *records: Record) -> bool:
    return SidecarWriter(INFO).write(records, photo)


def test_all_people_in_three_lists(photo: Path) -> None:
    assert write(photo, person(1, "hat", "jeans"), person(2, "male", "hat"))
    assert lists(photo) == (
        ["male", "hat", "jeans"],
        ["harcli/sex/male", "harcli/head/hat", "harcli/lower-body/jeans"],
        ["harcli|sex|male", "harcli|head|hat", "harcli|lower-body|jeans"],
    )


def test_twice_changes_nothing(photo: Path) -> None:
    write(photo, person(1, "hat"))
    before = sidecar(photo).read_bytes(), sidecar(photo).stat().st_mtime_ns, sidecar(photo).stat().st_ino
    assert not write(photo, person(1, "hat"))
    assert before == (sidecar(photo).read_bytes(), sidecar(photo).stat().st_mtime_ns, sidecar(photo).stat().st_ino)


def test_photo_is_only_read(photo: Path) -> None:
    before = photo.read_bytes(), photo.stat()
    SidecarWriter(INFO, regions=True).write([person(1, "hat")], photo)
    remove(photo)
    after = photo.stat()
    assert photo.read_bytes() == before[0]
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_ino) == (
        before[1].st_mtime_ns,
        before[1].st_ctime_ns,
        before[1].st_ino,
    )


def test_other_tags_take_the_place_of_former_ones(photo: Path) -> None:
    begin(photo, dc_subject=["Lisbon"])
    write(photo, person(1, "hat"))
    assert write(photo, person(1, "jeans"))
    assert lists(photo)[0] == ["Lisbon", "jeans"]
    assert lists(photo)[2] == ["Lisbon", "harcli|lower-body|jeans"]


def test_another_root_takes_the_place_of_the_former_one(photo: Path) -> None:
    write(photo, person(1, "hat"))
    assert SidecarWriter(INFO, prefix="AI").write([person(1, "hat")], photo)
    assert lists(photo) == (["hat"], ["AI/head/hat"], ["AI|head|hat"])


def test_a_word_that_somebody_else_wrote_stays_theirs(photo: Path) -> None:
    begin(photo, dc_subject=["hat"])
    write(photo, person(1, "hat"))
    write(photo, person(1, "jeans"))
    assert lists(photo)[0] == ["hat", "jeans"]
    assert remove(photo)
    assert lists(photo)[0] == ["hat"]


def test_a_word_of_ours_that_somebody_put_into_a_branch_of_theirs_stays(photo: Path) -> None:
    write(photo, person(1, "hat", "jeans"))
    packet = Packet(sidecar(photo).read_bytes())
    packet.set_items(TAGS, [*packet.items(TAGS), "Clothes/hat"])
    sidecar(photo).write_text(packet.serialise())
    assert remove(photo)
    assert lists(photo) == (["hat"], ["Clothes/hat"], [])


@pytest.mark.parametrize("key", [TAGS, BRANCHES, "Xmp.MicrosoftPhoto.LastKeywordXMP", "Xmp.mediapro.CatalogSets"])
def test_all_lists_say_the_same(photo: Path, key: str) -> None:
    """Programs read the first list that holds anything: a new one must hold what the others do."""
    separator = "|" if key in (BRANCHES, "Xmp.mediapro.CatalogSets") else "/"
    begin(photo, **{key[4:].replace(".", "_"): [f"Trip{separator}Lisbon", "Fun"]})
    write(photo, person(1, "hat"))
    assert lists(photo) == (
        ["Lisbon", "Fun", "hat"],
        ["Trip/Lisbon", "Fun", "harcli/head/hat"],
        ["Trip|Lisbon", "Fun", "harcli|head|hat"],
    )
    assert Packet(sidecar(photo).read_bytes()).items(key)[-1] == separator.join(("harcli", "head", "hat"))


def test_lists_that_nobody_began_are_not_begun(photo: Path) -> None:
    write(photo, person(1, "hat"))
    keys = Packet(sidecar(photo).read_bytes()).keys_under()
    assert not [key for key in keys if "MicrosoftPhoto" in key or "mediapro" in key]


def test_a_photo_without_people(photo: Path) -> None:
    assert not write(photo, NOBODY)
    assert not sidecar(photo).exists()
    begin(photo, dc_subject=["Lisbon"])
    foreign = sidecar(photo).read_bytes()
    assert not write(photo, NOBODY)
    assert sidecar(photo).read_bytes() == foreign
    write(photo, person(1, "hat"))
    assert write(photo, NOBODY)
    assert lists(photo)[0] == ["Lisbon"]
    assert b"harcli" not in sidecar(photo).read_bytes()


def test_a_photo_that_could_not_be_read_is_left_out(photo: Path) -> None:
    write(photo, person(1, "hat"))
    assert not write(photo, Record("p.jpg", error="the file is empty"))
    assert lists(photo)[0] == ["hat"]


def test_a_sidecar_of_our_own_goes_again(photo: Path) -> None:
    write(photo, person(1, "hat"))
    assert remove(photo)
    assert not sidecar(photo).exists()
    assert not remove(photo)


def test_a_sidecar_of_somebody_else_stays(photo: Path) -> None:
    begin(photo)
    write(photo, person(1, "hat"))
    assert remove(photo)
    assert Packet(sidecar(photo).read_bytes()).keys_under() == ["Xmp.xmp.Rating"]


def test_a_sidecar_of_somebody_else_stays_even_if_the_photo_says_the_same(photo: Path) -> None:
    embed(photo, dc_subject=["Lisbon"])
    packet = Packet()
    packet.set_items(SUBJECT, ["Lisbon"])
    sidecar(photo).write_text(packet.serialise())
    write(photo, person(1, "hat"))
    assert remove(photo)
    assert lists(photo)[0] == ["Lisbon"]


def test_a_sidecar_of_ours_that_somebody_wrote_into_stays(photo: Path) -> None:
    write(photo, person(1, "hat"))
    packet = Packet(sidecar(photo).read_bytes())
    packet.set_text("Xmp.xmp.Rating", "5")
    sidecar(photo).write_text(packet.serialise())
    assert remove(photo)
    assert Packet(sidecar(photo).read_bytes()).keys_under() == ["Xmp.xmp.Rating"]


def test_names_that_hold_what_separates_branches(photo: Path) -> None:
    begin(photo, dc_subject=["AC/DC"])
    write(photo, person(1, "a/b|c"))
    assert lists(photo) == (["AC/DC", "a-b-c"], ["AC\\DC", "harcli/own/a-b-c"], ["AC/DC", "harcli|own|a-b-c"])
    assert remove(photo)
    assert lists(photo)[0] == ["AC/DC"]


def embed(photo: Path, **lists: list[str]) -> None:
    packet = Packet()
    for name, items in lists.items():
        packet.set_items(f"Xmp.{name.replace('_', '.')}", items)
    Image.new("RGB", (64, 48)).save(photo, xmp=packet.serialise().encode())


def test_keywords_in_the_photo_are_not_hidden_by_a_new_sidecar(photo: Path) -> None:
    """digiKam and Immich take a list from the sidecar if it is there, and no more from the photo."""
    embed(photo, dc_subject=["Lisbon", "hat"], lr_hierarchicalSubject=["Trip|Lisbon", "hat"])
    write(photo, person(1, "hat", "jeans"))
    expected = (
        ["Lisbon", "hat", "jeans"],
        ["Trip/Lisbon", "hat", "harcli/head/hat", "harcli/lower-body/jeans"],
        ["Trip|Lisbon", "hat", "harcli|head|hat", "harcli|lower-body|jeans"],
    )
    assert lists(photo) == expected
    assert not write(photo, person(1, "hat", "jeans"))
    assert remove(photo)
    assert not sidecar(photo).exists()


def test_damaged_metadata_in_the_photo_is_no_obstacle(photo: Path) -> None:
    Image.new("RGB", (64, 48)).save(photo, xmp=b"<x:xmpmeta")
    assert write(photo, person(1, "hat"))
    assert lists(photo)[0] == ["hat"]


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.sidecars.packet import load_exiv2

    monkeypatch.setitem(__import__("sys").modules, "exiv2", None)
    load_exiv2.cache_clear()
    with pytest.raises(HarcliError, match=r"harcli\[xmp\]"):
        SidecarWriter(INFO)
