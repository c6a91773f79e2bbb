"""What other programs wrote into a sidecar stays, by exiftool's word, also when harcli's words are taken out again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from harcli.results import Record
from harcli.sidecars.properties import properties, said
from harcli.sidecars.xmp import remove
from tests.sidecars.conftest import exiftool, needs_exiftool, told, write

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

SIDECARS = Path(__file__).parent / "examples"
OTHERWISE = Record("photo.jpg", 640, 480, 1, (64.0, 48.0, 320.0, 432.0), 0.9, ("jeans",), {"hat": 0.1, "jeans": 0.9})
LISTS = {
    "XMP-dc:Subject",
    "XMP-digiKam:TagsList",
    "XMP-lr:HierarchicalSubject",
    "XMP-microsoft:LastKeywordXMP",
    "XMP-mediapro:CatalogSets",
}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@needs_exiftool
@pytest.mark.parametrize("program", ["digikam", "darktable", "lightroom"])
def test_nothing_is_lost(photo: Path, sidecar: Path, program: str) -> None:
    shutil.copy(SIDECARS / f"{program}.xmp", sidecar)
    before, doubts = told(sidecar), exiftool("-validate", "-warning", "-a", "-s3", sidecar)
    assert len(before) > 15
    assert write(photo, regions=True)
    assert write(photo, OTHERWISE, regions=True)
    after = told(sidecar)
    for name, value in before.items():
        if name in LISTS:
            assert as_list(after[name])[: len(as_list(value))] == as_list(value)
        elif name == "XMP-mwg-rs:RegionInfo":
            assert after[name]["AppliedToDimensions"] == value["AppliedToDimensions"]
            assert after[name]["RegionList"][: len(value["RegionList"])] == value["RegionList"]
        else:
            assert after[name] == value, name
    extra = {name for name in after if name not in before and not name.startswith("XMP-harcli:")}
    assert extra <= {"XMP-digiKam:TagsList", "XMP-mwg-rs:RegionInfo"}
    assert exiftool("-validate", "-warning", "-a", "-s3", sidecar) == doubts


@pytest.mark.parametrize("program", ["digikam", "lightroom", "darktable"])
def test_taking_out_gives_back_what_was_there(photo: Path, sidecar: Path, program: str) -> None:
    shutil.copy(SIDECARS / f"{program}.xmp", sidecar)
    before = properties(sidecar.read_bytes())
    write(photo, regions=True)
    assert remove(photo)
    after = properties(sidecar.read_bytes())
    # A list that had to be begun goes on to say what the others say.
    made_alike = {"{http://www.digikam.org/ns/1.0/}TagsList"} - before.keys()
    assert {name: value for name, value in after.items() if name not in made_alike} == before


@pytest.mark.parametrize("program", ["digikam", "darktable", "lightroom"])
@pytest.mark.parametrize("regions", [False, True])
def test_twice_changes_nothing(photo: Path, sidecar: Path, program: str, regions: bool) -> None:
    shutil.copy(SIDECARS / f"{program}.xmp", sidecar)
    write(photo, regions=regions)
    before = sidecar.read_bytes(), sidecar.stat().st_mtime_ns
    assert not write(photo, regions=regions)
    assert (sidecar.read_bytes(), sidecar.stat().st_mtime_ns) == before


@needs_exiftool
def test_a_sidecar_that_exiftool_made(photo: Path, sidecar: Path) -> None:
    place = "-XMP-iptcExt:LocationShown={City=Lisbon,CountryName=Portugal}"
    words = ("-Subject=Lisbon", "-Subject=hat")
    exiftool("-o", sidecar, *words, "-Rating=5", "-XMP-dc:Title-pt=Eléctrico", place)
    before = told(sidecar)
    assert len(before) == 4
    write(photo)
    after = told(sidecar)
    assert after["XMP-dc:Subject"] == ["Lisbon", "hat"]
    assert after["XMP-digiKam:TagsList"] == ["Lisbon", "hat", "harcli/head/hat"]
    assert after["XMP-lr:HierarchicalSubject"] == ["Lisbon", "hat", "harcli|head|hat"]
    assert {name: after[name] for name in before} == before


@pytest.mark.slow
@needs_exiftool
def test_every_property_that_exiftool_writes_stays(photo: Path, sidecar: Path) -> None:
    """A thousand of them, in all forms that there are. Left out: the subject, and a link within a region."""
    names = [word for line in exiftool("-listw", "-XMP:All").splitlines()[1:] for word in line.split()]
    options = [f"-XMP:{name}=1" for name in names if not name.endswith("SeeAlso") and name != "About"]
    exiftool("-q", "-q", "-m", "-o", sidecar, *options)
    before = properties(sidecar.read_bytes())
    assert len(before) > 900
    assert write(photo)
    after = properties(sidecar.read_bytes())
    lists = {name for name in before if said(before[name]) != said(after[name])}
    assert {name.rpartition("}")[2].lower() for name in lists} <= {name.partition(":")[2].lower() for name in LISTS}


@needs_exiftool
def test_a_sidecar_of_ours_that_exiftool_wrote_into(photo: Path, sidecar: Path) -> None:
    write(photo, regions=True)
    exiftool("-overwrite_original", "-Subject+=Lisbon", "-Rating=5", "-XMP-dc:Description=x", sidecar)
    assert write(photo, OTHERWISE, regions=True)
    after = told(sidecar)
    assert after["XMP-dc:Subject"] == ["Lisbon", "jeans"]
    assert (after["XMP-xmp:Rating"], after["XMP-dc:Description"]) == (5, "x")
    assert len(after["XMP-mwg-rs:RegionInfo"]["RegionList"]) == 1


def test_the_sidecar_of_adobes_name_is_left_alone(photo: Path) -> None:
    other = photo.with_name("photo.xmp")
    other.write_bytes((SIDECARS / "lightroom.xmp").read_bytes())
    write(photo)
    remove(photo)
    assert other.read_bytes() == (SIDECARS / "lightroom.xmp").read_bytes()
