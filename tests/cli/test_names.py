"""How people write names: endings in capitals, blanks in lists, letters in the wrong place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.cli.options import dataset_names, parse_shares, parse_weights, words
from harcli.datasets import load
from harcli.datasets.load import dataset, samples_of
from harcli.datasets.sample import Sample
from harcli.datasets.transforms import cut_out
from harcli.errors import HarcliError
from harcli.near import one_of
from harcli.outputs.options import OutputOptions, form_of
from harcli.training.config import from_recipe
from harcli.training.spec import RunSpec

CSV = "path,hat\na.png,1\n"


def test_lists_with_blanks() -> None:
    assert words(" sex, age ,") == ["sex", "age"]
    assert dataset_names("peta , ccp,peta") == ["peta", "ccp"]
    assert dataset_names("") == [""]
    assert parse_weights("peta=3, ccp = 2") == {"peta": 3.0, "ccp": 2.0}
    assert parse_shares("0.5, 0.8") == (0.5, 0.8)


@pytest.mark.parametrize("name", ["a.CSV", "a.Jsonl", "a.COCO.JSON", "a.DB"])
def test_results_with_endings_in_capitals(name: str) -> None:
    assert form_of(Path(name), OutputOptions()) == form_of(Path(name.lower()), OutputOptions())


def test_data_of_ones_own_in_a_file_in_capitals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (8, 16)).save("a.png")
    Path("OWN.CSV").write_text(CSV)
    assert dataset("OWN.CSV").TITLE == "own data"
    [sample] = load(["OWN.CSV"], Path())
    assert sample.image.name == "a.png"


def test_a_mask_in_capitals_is_one_of_harcli_masks_too(tmp_path: Path) -> None:
    Image.new("RGB", (80, 160)).save(tmp_path / "a.png")
    Image.new("L", (40, 80), 255).save(tmp_path / "m.PNG", "PNG")
    assert cut_out(Sample("own", tmp_path / "a.png", frozenset(), "train", mask=tmp_path / "m.PNG")).mask is not None


@pytest.mark.parametrize("name", ["r.JSON", "r.CSV", "r.Md"])
def test_figures_with_endings_in_capitals(harcli: Callable, tmp_path: Path, name: str) -> None:
    """Refused before for the ending, now for the data set that is not there."""
    done = harcli("evaluate", "m.onnx", "--dataset", "peta, petra", "--root", tmp_path, "--out", tmp_path / name)
    assert done.returncode == 1
    assert "must end in" not in done.stderr


SPEC = {"root": "", "split": "", "train_part": "train", "own_labels": False}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: one_of("--loss", "foccal", ("bce", "focal")),
            "--loss 'foccal': choose bce or focal; did you mean focal?",
        ),
        (lambda: one_of("--x", "zzz", ("", "a", "b")), "--x 'zzz': choose a or b"),
        (lambda: from_recipe("papers"), "recipe 'papers': choose modern or paper; did you mean paper?"),
        (lambda: from_recipe("modern", optimiser="adam"), "optimiser 'adam': choose adamw or sgd; did you mean adamw?"),
        (lambda: samples_of("peta", Path(), "identiti"), "peta has no split 'identiti'; did you mean identity?"),
        (
            lambda: RunSpec(datasets=("peta", "ccp"), train=from_recipe("modern", weights={"petra": 1.0}), **SPEC),
            "--weights names petra: did you mean peta?",
        ),
        (lambda: form_of(Path("-"), OutputOptions("jsonn")), "there is no format 'jsonn'; did you mean json or jsonl?"),
    ],
)
def test_what_was_meant_is_said(make: Callable[[], object], told: str) -> None:
    with pytest.raises(HarcliError) as raised:
        make()
    assert str(raised.value) == told


def test_a_column_that_is_written_otherwise(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("paht,hat\na.png,1\n")
    with pytest.raises(HarcliError, match=r"has no column 'path' .*did you mean it by 'paht'"):
        load([str(tmp_path / "own.csv")], Path())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--groups", "sexx"), "--groups 'sexx': choose sex or age; did you mean sex?"),
        (("--part", "tests"), "--part 'tests': choose train, val, test or trainval; did you mean test?"),
        (("--precision", "bf61"), "--precision 'bf61': choose fp32, bf16, fp16 or auto; did you mean bf16?"),
    ],
)
def test_choices_of_evaluate(harcli: Callable, options: tuple[str, str], told: str) -> None:
    done = harcli("evaluate", "m.onnx", "--dataset", "peta", *options)
    assert done.returncode == 1
    assert told in done.stderr
