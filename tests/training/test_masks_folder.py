"""Making masks with a stand-in for the network: what is written, kept, refused; where a mask lies."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.datasets.masks import mask_file, with_masks
from harcli.datasets.sample import Sample
from harcli.datasets.transforms import cut_out
from harcli.errors import HarcliError
from harcli.training.mask_log import MaskLog, check_note, settings, write_note
from harcli.training.mask_sheet import draw_sheet, overlay, sections
from harcli.training.pseudo_masks import Counts, context_crop, make_masks, without_own
from harcli.training.segmenter import Crop, Found, lay_out
from harcli.training.target_person import Choice


class Bright:
    """Finds the bright part of a crop; nobody in a dark one. Counts what it is shown."""

    def __init__(self, stop_after: int = 1000) -> None:
        self.shown, self.stop_after = 0, stop_after

    def find(self, crops: list[Crop]) -> list[Found | None]:
        if self.shown >= self.stop_after:
            raise KeyboardInterrupt
        self.shown += len(crops)
        masks = [np.asarray(crop.pixels.convert("L")) > 127 for crop in crops]
        return [Found(mask, Choice(0, 0.8, 0.9)) if mask.any() else None for mask in masks]


def picture(path: Path, bright: tuple[int, int, int, int] | None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((120, 80, 3), dtype=np.uint8)
    if bright:
        x1, y1, x2, y2 = bright
        pixels[y1:y2, x1:x2] = 255
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def people(tmp_path: Path) -> list[Sample]:
    """70 images (more than go through the network at once), the last without anybody."""
    images = [picture(tmp_path / f"d/toy/{i:02d}.png", (10, 10, 30, 30) if i < 69 else None) for i in range(70)]
    return [Sample("toy", image, frozenset(), "train") for image in images]


def make(people: list[Sample], folder: Path, network: Bright) -> tuple[Counts, list[str]]:
    counts, lines = Counts(), []
    files = without_own(people, folder)
    make_masks(files, folder / "toy", network, counts, lambda *_: None, lines.append)
    return counts, lines


def test_everybody_gets_a_mask_or_a_line(people: list[Sample], tmp_path: Path) -> None:
    counts, _ = make(people, tmp_path / "m", Bright())
    assert (counts.made, counts.nobody, counts.kept) == (69, 1, 0)
    rows = list(csv.DictReader((tmp_path / "m/toy/masks.csv").open()))
    assert [row["image"] for row in rows] == [f"{i:02d}.png" for i in range(70)]
    assert [row["score"] for row in rows] == ["0.8"] * 69 + [""]
    assert float(rows[0]["area"]) == pytest.approx(400 / 9600, abs=1e-4)
    assert {p.name for p in (tmp_path / "m/toy").iterdir()} == {row["file"] for row in rows[:69]} | {"masks.csv"}
    with Image.open(mask_file(tmp_path / "m", people[0])) as mask:
        assert mask.mode == "L"
        pixels = np.asarray(mask)
    assert pixels.shape == (120, 80)  # no box: the whole image
    assert set(np.unique(pixels)) == {0, 255}
    assert (pixels[10:30, 10:30] == 255).all()
    assert pixels.sum() == 400 * 255


def test_a_mask_covers_the_box_with_context(tmp_path: Path) -> None:
    image = picture(tmp_path / "d/toy/1.png", (30, 20, 50, 60))
    person = Sample("toy", image, frozenset(), "train", (30.0, 20.0, 50.0, 60.0))  # 20 x 40: grows by 5 and 10
    make([person], tmp_path / "m", Bright())
    with Image.open(mask_file(tmp_path / "m", person)) as mask:
        pixels = np.asarray(mask)
    expected = np.zeros((60, 30), dtype=np.uint8)
    expected[10:50, 5:25] = 255
    np.testing.assert_array_equal(pixels, expected)
    assert context_crop(person).box == (5, 10, 25, 50)


def test_training_sees_the_mask_where_the_person_is(tmp_path: Path) -> None:
    image = picture(tmp_path / "d/toy/1.png", (33, 24, 47, 55))
    person = Sample("toy", image, frozenset(), "train", (30.0, 20.0, 50.0, 60.0))
    make([person], tmp_path / "m", Bright())
    cutout = cut_out(with_masks([person], tmp_path / "m")[0])
    assert cutout.mask is not None
    np.testing.assert_array_equal(np.asarray(cutout.mask) > 127, np.asarray(cutout.pixels.convert("L")) > 127)


def test_a_stopped_run_goes_on_where_it_was(people: list[Sample], tmp_path: Path) -> None:
    folder = tmp_path / "m"
    with pytest.raises(KeyboardInterrupt):
        make(people, folder, Bright(stop_after=64))
    assert len(list((folder / "toy").glob("*.png"))) == 64
    network = Bright()
    counts, _ = make(people, folder, network)
    assert network.shown == 6
    assert (counts.made, counts.kept, counts.nobody) == (5, 64, 1)
    network = Bright()
    counts, _ = make(people, folder, network)
    assert network.shown == 0  # not even the one without anybody
    assert (counts.made, counts.kept, counts.nobody) == (0, 69, 1)


def test_what_a_killed_process_left_half_done_is_made_again(people: list[Sample], tmp_path: Path) -> None:
    folder = tmp_path / "m"
    make(people[:3], folder, Bright())
    listing = folder / "toy/masks.csv"
    listing.write_text(listing.read_text()[:-9])  # the last line is cut off
    mask_file(folder, people[0]).unlink()  # a mask that somebody has lost
    (folder / "toy" / f".{mask_file(folder, people[3]).name}.tmp").write_bytes(b"half a PNG")
    network = Bright()
    counts, _ = make(people[:4], folder, network)
    assert network.shown == 3
    assert (counts.made, counts.kept) == (3, 1)
    assert len(list(csv.DictReader(listing.open()))) == 4
    assert not list((folder / "toy").glob(".*"))


def test_an_image_that_cannot_be_read_is_told_and_tried_again(people: list[Sample], tmp_path: Path) -> None:
    good = people[1].image.read_bytes()
    people[1].image.write_bytes(b"no picture")
    counts, lines = make(people[:3], tmp_path / "m", Bright())
    assert (counts.made, counts.unreadable) == (2, 1)
    assert len(lines) == 1
    assert str(people[1].image) in lines[0]
    people[1].image.write_bytes(good)
    counts, lines = make(people[:3], tmp_path / "m", Bright())
    assert (counts.made, counts.kept, counts.unreadable, lines) == (1, 2, 0, [])


def test_real_masks_are_left_alone_and_one_name_for_two_images_is_refused(tmp_path: Path) -> None:
    own = Sample("toy", tmp_path / "d/toy/1.png", frozenset(), "train", mask=tmp_path / "real.mat")
    assert without_own([own], tmp_path) == {}
    # Outside a folder of the data set's name only the last three parts of the path are known.
    one, two = (Sample("toy", tmp_path / f"{top}/a/b/1.png", frozenset(), "train") for top in "xy")
    with pytest.raises(HarcliError, match=r"y/a/b/1\.png and .*x/a/b/1\.png"):
        without_own([one, two], tmp_path)


def test_masks_of_other_settings_do_not_mix(tmp_path: Path) -> None:
    weights, others = tmp_path / "seg.pt", tmp_path / "other.pt"
    weights.write_bytes(b"1")
    others.write_bytes(b"2")
    folder = tmp_path / "m"
    check_note(folder, settings(weights, 320))  # nothing there yet
    write_note(folder, settings(weights, 320))
    check_note(folder, settings(weights, 320))
    check_note(folder, settings(weights.rename(tmp_path / "renamed.pt"), 320))
    with pytest.raises(HarcliError, match="imgsz 320, now 256"):
        check_note(folder, settings(tmp_path / "renamed.pt", 256))
    with pytest.raises(HarcliError, match="sha256"):
        check_note(folder, settings(others, 320))
    (folder / "masks.json").write_text("[]")
    with pytest.raises(HarcliError, match=r"masks\.json: not a note"):
        check_note(folder, settings(others, 320))
    with pytest.raises(HarcliError, match=r"gone\.pt: cannot be read"):
        settings(tmp_path / "gone.pt", 320)


def test_a_list_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "masks.csv").write_text("name,age\nAnna,3\n")
    with pytest.raises(HarcliError, match=r"masks\.csv: not a list"):
        MaskLog(tmp_path)


@pytest.mark.parametrize("border", [0.0, 0.1])
@pytest.mark.parametrize("size", [(37, 90), (200, 80), (5, 400), (64, 64)])
def test_a_canvas_holds_the_crop_and_the_box_where_it_says(size: tuple[int, int], border: float) -> None:
    width, height = size
    pixels = Image.new("RGB", size, (255, 0, 0))
    canvas = lay_out(Crop(pixels, (0.0, height / 2, width / 2, float(height))), 320, border)
    x1, y1, x2, y2 = canvas.place
    assert canvas.pixels.shape[0] % 32 == canvas.pixels.shape[1] % 32 == 0
    assert max(x2 - x1, y2 - y1) == 320 - 2 * round(border * 320)
    assert (x2 - x1) / (y2 - y1) == pytest.approx(width / height, rel=0.2)
    assert canvas.target == pytest.approx([x1, (y1 + y2) / 2, (x1 + x2) / 2, y2])
    assert (canvas.pixels == (255, 0, 0)).all()  # around the crop its edge goes on


def test_the_sheet_shows_the_doubtful_and_the_mask_on_the_person(people: list[Sample], tmp_path: Path) -> None:
    make(people, tmp_path / "m", Bright())
    log = MaskLog(tmp_path / "m/toy")
    files = without_own(people, tmp_path / "m")
    rows = [(file, sample, log.entries[file.name]) for file, sample in files.items()]
    rows[7] = (*rows[7][:2], rows[7][2]._replace(score=0.11))
    parts = dict(sections(rows))
    assert len(parts["evenly spaced"]) == 48
    assert parts["lowest scores"][0] == rows[7]
    assert parts["nobody found: 1 of 70"] == [rows[69]]
    draw_sheet(rows, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1000
    with pytest.raises(HarcliError, match="there is no folder"):
        draw_sheet(rows, tmp_path / "none/sheet.png")


def test_the_overlay_tints_inside_and_draws_the_outline() -> None:
    mask = Image.new("L", (9, 9), 0)
    mask.paste(255, (2, 2, 7, 7))
    drawn = np.asarray(overlay(Image.new("RGB", (9, 9), (100, 100, 100)), mask))
    assert tuple(drawn[0, 0]) == (100, 100, 100)
    assert tuple(drawn[2, 4]) == (255, 240, 0)
    assert tuple(drawn[4, 4]) == (65, 135, 154)
