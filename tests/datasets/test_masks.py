"""Names of mask files, and samples that get their masks."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from harcli.datasets.masks import mask_file, with_masks
from harcli.datasets.sample import Sample
from harcli.errors import HarcliError


def sample(image: str, box: tuple[float, float, float, float] | None = None, dataset: str = "wider") -> Sample:
    return Sample(dataset, Path(image), frozenset(), "train", box)


def make(folder: Path, *samples: Sample) -> None:
    for one in samples:
        file = mask_file(folder, one)
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 8), 255).save(file)


def test_a_name_lies_in_the_data_sets_folder_and_starts_with_the_images() -> None:
    file = mask_file(Path("masks"), sample("/data/wider/Image/train/7.jpg"))
    assert file.parent == Path("masks/wider")
    assert file.name.startswith("7-")
    assert file.suffix == ".png"


def test_people_of_one_image_and_images_of_one_name_have_files_of_their_own() -> None:
    samples = [
        sample("/data/wider/Image/train/7.jpg"),
        sample("/data/wider/Image/test/7.jpg"),
        sample("/data/wider/Image/train/7.jpg", (0.0, 0.0, 10.0, 20.0)),
        sample("/data/wider/Image/train/7.jpg", (0.0, 0.0, 10.0, 20.5)),
        sample("/data/rap/Image/train/7.jpg", dataset="rap"),
    ]
    assert len({mask_file(Path("m"), s) for s in samples}) == len(samples)


def test_names_stay_when_the_data_moves() -> None:
    box = (1.25, 2.0, 30.0, 40.0)
    here = sample("/data/wider/Image/train/7.jpg", box)
    there = sample("/home/somebody/wider/sets/wider/Image/train/7.jpg", box)
    below = sample("wider/Image/train/7.jpg", box)
    assert mask_file(Path("m"), here) == mask_file(Path("m"), there) == mask_file(Path("m"), below)


def test_the_masks_of_ones_own_data_lie_in_the_folder_too() -> None:
    here = mask_file(Path("m"), sample("/data/shop/img/7.jpg", dataset="/data/shop/shop.csv"))
    there = mask_file(Path("m"), sample("other/img/7.jpg", dataset="other/shop.csv"))
    deeper = mask_file(Path("m"), sample("other/img/img/7.jpg", dataset="other/shop.csv"))
    assert here == there
    assert here != deeper
    assert here.parent == Path("m/shop")


def test_masks_are_filled_in_and_real_ones_win(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    real = replace(sample("/d/wider/1.jpg"), mask=Path("real.mat"))
    made, lacking = sample("/d/wider/2.jpg"), sample("/d/wider/3.jpg")
    make(tmp_path, real, made)
    got = with_masks([real, made, lacking], tmp_path)
    assert [s.mask for s in got] == [Path("real.mat"), mask_file(tmp_path, made), None]
    assert "masks for 1 of 2 samples" in caplog.text


def test_a_folder_that_is_missing_or_of_other_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match="not a folder"):
        with_masks([sample("/d/wider/1.jpg")], tmp_path / "none")
    make(tmp_path, sample("/d/wider/1.jpg"))
    with pytest.raises(HarcliError, match=r"no mask for any of 1 samples of wider.*--boxes"):
        with_masks([sample("/d/wider/1.jpg", (0.0, 0.0, 9.0, 9.0))], tmp_path)


def test_samples_that_all_have_real_masks_need_no_others(tmp_path: Path) -> None:
    real = replace(sample("/d/wider/1.jpg"), mask=Path("real.mat"))
    assert with_masks([real], tmp_path) == [real]
