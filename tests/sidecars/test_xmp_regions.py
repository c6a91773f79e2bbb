"""Boxes in sidecars: right for all ways in which a photo can be turned, and no harm to regions that are there."""

from __future__ import annotations

import json
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harcli.photos.decode import decode
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.packet import Packet
from harcli.sidecars.xmp import SidecarError, SidecarWriter, remove
from tests.sidecars.conftest import needs_exiftool

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

SIDECARS = Path(__file__).parent / "examples"
INFO = RunInfo((AttributeSpec("hat", "head", 0.5), AttributeSpec("jeans", "lower-body", 0.5)), "/photos", "1.0")
LIST = "Xmp.mwg-rs.Regions/mwg-rs:RegionList"
WIDTH, HEIGHT = 160, 120
PLACE = (16, 24, 56, 108)
"""Of a white rectangle in the stored picture: left, top, right, bottom."""


def record(number: int, box: tuple[float, ...], size: tuple[int, int], *tags: str) -> Record:
    return Record("p.jpg", *size, number, box, 0.9, tags, {"hat": 0.5, "jeans": 0.5})  # type: ignore[arg-type]


def people(*tags: str, size: tuple[int, int] = (640, 480)) -> list[Record]:
    return [record(1, (64.0, 48.0, 320.0, 432.0), size, *tags), record(2, (320.0, 0.0, 640.0, 480.0), size)]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "p.jpg"
    Image.new("RGB", (640, 480)).save(path)
    return path


def sidecar(photo: Path) -> Path:
    return photo.with_name(photo.name + ".xmp")


def write(photo: Path, records: list[Record]) -> SidecarWriter:
    writer = SidecarWriter(INFO, regions=True)
    writer.write(records, photo)
    return writer


def keys(photo: Path, start: str = "Xmp.mwg-rs") -> list[str]:
    return Packet(sidecar(photo).read_bytes()).keys_under(start)


def region_info(photo: Path) -> dict[str, Any]:
    command = ["exiftool", "-j", "-struct", "-n", "-RegionInfo", sidecar(photo)]
    (found,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found["RegionInfo"]  # type: ignore[no-any-return]


@needs_exiftool
@pytest.mark.parametrize(
    ("ending", "turned"), [*(("jpg", number) for number in range(1, 9)), ("tif", 6), ("png", 8), ("webp", 5)]
)
def test_a_box_is_where_it_is_in_the_stored_picture(tmp_path: Path, ending: str, turned: int) -> None:
    stored = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    left, top, right, bottom = PLACE
    stored[top:bottom, left:right] = 255
    exif = Image.Exif()
    exif[0x0112] = turned
    path = tmp_path / f"p.{ending}"
    Image.fromarray(stored).save(path, exif=exif)

    displayed = decode(path)[:, :, 0] > 128
    rows, columns = np.flatnonzero(displayed.any(1)), np.flatnonzero(displayed.any(0))
    box = (float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0)
    write(path, [record(1, box, (displayed.shape[1], displayed.shape[0]), "hat")])

    found = region_info(path)
    assert found["AppliedToDimensions"] == {"W": WIDTH, "H": HEIGHT, "Unit": "pixel"}
    (region,) = found["RegionList"]
    area = region["Area"]
    assert area["Unit"] == "normalized"
    assert area["X"] * WIDTH == pytest.approx((left + right) / 2, abs=0.01)
    assert area["Y"] * HEIGHT == pytest.approx((top + bottom) / 2, abs=0.01)
    assert area["W"] * WIDTH == pytest.approx(right - left, abs=0.01)
    assert area["H"] * HEIGHT == pytest.approx(bottom - top, abs=0.01)


@needs_exiftool
@pytest.mark.parametrize("ending", ["jpg", "tif", "png"])
@pytest.mark.parametrize(("own", "stated"), [(1, 6), (6, 1), (3, 8), (6, 5)])
def test_a_box_in_a_photo_that_its_sidecar_turns(tmp_path: Path, ending: str, own: int, stated: int) -> None:
    stored = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    left, top, right, bottom = PLACE
    stored[top:bottom, left:right] = 255
    exif = Image.Exif()
    exif[0x0112] = own
    path = tmp_path / f"p.{ending}"
    Image.fromarray(stored).save(path, exif=exif)
    packet = Packet()
    packet.set_text("Xmp.tiff.Orientation", str(stated))
    sidecar(path).write_text(packet.serialise())

    displayed = decode(path)[:, :, 0] > 128
    rows, columns = np.flatnonzero(displayed.any(1)), np.flatnonzero(displayed.any(0))
    box = (float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0)
    write(path, [record(1, box, (displayed.shape[1], displayed.shape[0]), "hat")])

    found = region_info(path)
    assert found["AppliedToDimensions"] == {"W": WIDTH, "H": HEIGHT, "Unit": "pixel"}
    area = found["RegionList"][0]["Area"]
    assert area["X"] * WIDTH == pytest.approx((left + right) / 2, abs=0.01)
    assert area["Y"] * HEIGHT == pytest.approx((top + bottom) / 2, abs=0.01)
    assert Packet(sidecar(path).read_bytes()).text("Xmp.tiff.Orientation") == str(stated)


@needs_exiftool
def test_a_body_is_not_told_to_be_a_face(photo: Path) -> None:
    write(photo, people("hat", "jeans"))
    regions = region_info(photo)["RegionList"]
    assert [region.get("Description") for region in regions] == ["hat, jeans", None]
    assert not any("Name" in region or "Type" in region for region in regions)


def test_only_when_asked(photo: Path) -> None:
    SidecarWriter(INFO).write(people("hat"), photo)
    assert keys(photo) == []


def test_not_asked_any_more(photo: Path) -> None:
    write(photo, people("hat"))
    assert keys(photo) != []
    assert SidecarWriter(INFO).write(people("hat"), photo)
    assert keys(photo) == []


def test_people_without_tags_have_boxes(photo: Path) -> None:
    write(photo, people())
    assert f"{LIST}[2]" in keys(photo)
    assert remove(photo)
    assert not sidecar(photo).exists()


def test_other_boxes_take_the_place_of_former_ones(photo: Path) -> None:
    shutil.copy(SIDECARS / "digikam.xmp", sidecar(photo))
    write(photo, people("hat"))
    write(photo, people("jeans")[:1])
    packet = Packet(sidecar(photo).read_bytes())
    assert packet.text(f"{LIST}[1]/mwg-rs:Name") == "Ana"
    assert packet.text(f"{LIST}[2]/mwg-rs:Description") == "jeans"
    assert not packet.keys_under(f"{LIST}[3]")


def test_a_region_that_came_later_stays_and_comes_first(photo: Path) -> None:
    """digiKam reads up to the first region without a name."""
    write(photo, people("hat"))
    packet = Packet(sidecar(photo).read_bytes())
    packet.set_structure(f"{LIST}[3]")
    packet.set_text(f"{LIST}[3]/mwg-rs:Name", "Ana")
    sidecar(photo).write_text(packet.serialise())
    write(photo, people("hat"))
    packet = Packet(sidecar(photo).read_bytes())
    assert packet.text(f"{LIST}[1]/mwg-rs:Name") == "Ana"
    assert [packet.text(f"{LIST}[{number}]/mwg-rs:Extensions/harcli:Person") for number in (1, 2, 3)] == ["", "1", "2"]
    assert remove(photo)
    assert keys(photo, LIST) == [LIST, f"{LIST}[1]", f"{LIST}[1]/mwg-rs:Name"]


def test_an_empty_list_of_regions_is_filled(photo: Path) -> None:
    packet = Packet()
    packet.set_structure("Xmp.mwg-rs.Regions")
    packet.set_list(LIST)
    sidecar(photo).write_text(packet.serialise())
    write(photo, people("hat"))
    assert Packet(sidecar(photo).read_bytes()).text(f"{LIST}[2]/mwg-rs:Extensions/harcli:Person") == "2"


def test_regions_of_a_turned_copy_stay_alone(photo: Path) -> None:
    foreign = (SIDECARS / "digikam.xmp").read_text().replace('stDim:w="640"', 'stDim:w="480"')
    sidecar(photo).write_text(foreign.replace('stDim:h="480"', 'stDim:h="640"'))
    writer = write(photo, people("hat"))
    assert writer.without_boxes == 1
    packet = Packet(sidecar(photo).read_bytes())
    assert (
        packet.text("Xmp.mwg-rs.Regions/mwg-rs:AppliedToDimensions/stDim:w"),
        packet.items("Xmp.dc.subject")[-1],
    ) == ("480", "hat")
    assert not packet.keys_under(f"{LIST}[2]")


def test_regions_of_a_smaller_copy_are_joined(photo: Path) -> None:
    foreign = (SIDECARS / "digikam.xmp").read_text().replace('stDim:w="640"', 'stDim:w="320"')
    sidecar(photo).write_text(foreign.replace('stDim:h="480"', 'stDim:h="240"'))
    assert write(photo, people("hat")).without_boxes == 0
    assert f"{LIST}[3]" in keys(photo)


def test_regions_in_the_photo_are_not_hidden(photo: Path) -> None:
    """Programs take regions from the sidecar if it has some, and no more from the photo: phones write faces there."""
    Image.new("RGB", (640, 480)).save(photo, xmp=(SIDECARS / "digikam.xmp").read_bytes())
    writer = write(photo, people("hat"))
    assert writer.without_boxes == 1
    assert keys(photo) == []
    assert Packet(sidecar(photo).read_bytes()).items("Xmp.dc.subject") == ["Lisbon", "Ana", "hat"]


@pytest.mark.parametrize("now", ["nothing", "text", "a bomb"])
def test_a_photo_that_has_become_something_else(tmp_path: Path, now: str) -> None:
    """Since it was tagged. A size of 65,536 x 65,536 is none that Pillow opens."""
    photo = tmp_path / "p.png"
    Image.new("RGB", (640, 480)).save(photo)
    data = photo.read_bytes()
    head = b"IHDR" + (65_536).to_bytes(4, "big") * 2 + data[24:29]
    bomb = data[:12] + head + zlib.crc32(head).to_bytes(4, "big") + data[33:]
    photo.write_bytes({"nothing": b"", "text": b"no photo", "a bomb": bomb}[now])
    with pytest.raises(SidecarError, match="orientation cannot be read"):
        SidecarWriter(INFO, regions=True).write(people("hat"), photo)
    assert not sidecar(photo).exists()
