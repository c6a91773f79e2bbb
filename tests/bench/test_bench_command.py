"""`harcli bench` from files to records, and as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli import Tagger
from harcli.bench import made_photos, run
from harcli.bench.child import Request
from harcli.bench.end_to_end import tag_photos
from harcli.bench.run import Settings, measure
from harcli.cli.bench_tables import print_tables
from harcli.errors import HarcliError
from harcli.tagging.busy import COMPUTE, CROP, DETECT, KEEP, READ, RECOGNISE, Busy

MEMORY = "from harcli.bench.memory import peak_memory; print(peak_memory())"


def test_busy_stages() -> None:
    busy = Busy({READ: 2})
    with busy.at(READ):
        pass
    before = busy.seconds
    busy._seconds |= {READ: before[READ] + 1.0, DETECT: 0.75}
    assert busy.shares(before, 2.0) == pytest.approx({COMPUTE: 0.375, DETECT: 0.375, READ: 0.25})
    assert list(busy.shares(before, 2.0)) == [COMPUTE, DETECT, READ]


def test_tagging_says_which_stages_were_busy(photos: Path, tiny_model: Path, store: Path) -> None:
    with Tagger(tiny_model, provider="cpu", store=store) as tagger:
        tagger.tag(photos)
    assert set(tagger.busy.seconds) == {READ, DETECT, CROP, RECOGNISE, KEEP}
    assert all(seconds > 0 for seconds in tagger.busy.seconds.values())
    assert tagger.busy.seconds[DETECT] > tagger.busy.seconds[CROP]


def test_memory_is_that_of_the_process_alone() -> None:
    ballast = np.ones(60_000_000)  # 480 MB; Linux tells a child of its parent's
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert 5e6 < int(done.stdout) < 0.5 * ballast.nbytes


def test_photos_of_ones_own(photos: Path, tiny_model: Path) -> None:
    files = [str(file) for file in sorted(photos.iterdir())]
    found = tag_photos("two", Request(files, (), 0.6, str(tiny_model), provider="cpu"))
    assert (found.photos, found.provider, found.photos_per_second.runs) == ("two", "cpu", 3)
    assert 0 < found.photos_per_second.min <= found.photos_per_second.max
    assert 2 <= found.people_per_photo <= 4
    assert found.bound_by == next(iter(found.busy))
    assert found.busy[DETECT] > found.busy[CROP]
    assert all(0 < share <= 1.01 for share in found.busy.values())
    assert 1e8 < found.peak_memory < 1e9


def test_photos_that_cannot_be_read(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"nonsense")
    with pytest.raises(HarcliError, match="none of the photos can be read"):
        tag_photos("broken", Request([str(tmp_path / "a.jpg")], (), 0.1, str(tiny_model)))
    with pytest.raises(HarcliError, match="No model 'none'"):
        tag_photos("broken", Request([str(tmp_path / "a.jpg")], (), 0.1, "none"))


def test_made_photos_are_like_photos(tmp_path: Path) -> None:
    files = made_photos.make_photos(tmp_path, "0.3")
    assert len({file.read_bytes() for file in files}) == made_photos.COUNT
    for file in files:
        with Image.open(file) as image:
            assert (image.format, image.size) == ("JPEG", (640, 480))
        assert 1.5 < file.stat().st_size * 8 / (640 * 480) < 4  # bits a pixel
    assert [round(width * height / 1e6, 1) for width, height in made_photos.SIZES.values()] == [0.3, 12.0]


def test_made_photos_have_people_put_in(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (made_photos, run):
        monkeypatch.setattr(module, "SIZES", {"0.3": (160, 120)})
    told: list[str] = []
    measured = measure(Settings(model=str(tiny_model), provider="cpu", seconds=1, threads=1), told.append)
    [photos] = measured.end_to_end
    assert photos.people_per_photo == len(made_photos.PEOPLE)
    assert {row.model.partition("/")[0] for row in measured.networks} == {tiny_model.parent.name, "person-detector"}
    assert measured.threads == 1
    assert told == ["0.3 megapixels, made by harcli", "the networks alone"]
    print_tables(measured)
    shown = capsys.readouterr().out
    assert "model.onnx" not in shown  # a column says the precision
    for said in ("1 thread\n", "peak in fp32: ", "the networks alone", "made by harcli", f"{photos.bound_by} "):
        assert said in shown


def test_the_command_for_scripts(harcli: Callable, photos: Path, tiny_model: Path) -> None:
    done = harcli("bench", photos, "--model", tiny_model, "--seconds", "1", "--provider", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["format"] == 1
    assert measured["machine"]["processor"]["model"]
    assert measured["versions"]["onnxruntime"]
    assert measured["peaks"]["fp32"]["gmacs_per_second"] > 0
    assert {row["batch"] for row in measured["networks"] if row["kind"] == "attributes"} == {1, 8, 32}
    [photos_row] = measured["end_to_end"]
    assert photos_row["photos"] == "2 photos of yours"
    assert set(photos_row["photos_per_second"]) == {"median", "min", "max", "runs"}
    assert str(photos) not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere: no such file or folder"),
        (("--model", "none"), "no model 'none'"),
        (("--checkpoint", "none.safetensors"), "none.safetensors: no such file"),
        ((".",), "no photos there"),
    ],
)
def test_mistakes_are_one_line(harcli: Callable, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = harcli("bench", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
