"""Which attributes and people of a finding become records, and which of them tags."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from harcli.attributes import GROUPS
from harcli.tagging.finding import Finding, Person
from harcli.tagging.selection import SelectionError, select

ROW = np.array([0.625, 0.75, 0.4375, 0.875, 0.5625], np.float32)  # male, female, hat, long-sleeves, short-sleeves
PEOPLE = (
    Person((0.0, 0.0, 10.0, 50.0), 0.5, ROW),
    Person((10.0, 0.0, 30.0, 20.0), 0.9, ROW),
    Person((40.0, 0.0, 90.0, 90.0), 0.7, ROW),
)
PHOTO = Finding((100, 100), PEOPLE)


def test_contradictions_are_settled_before_attributes_are_left_out(parts: SimpleNamespace) -> None:
    tags = [
        select(parts.model.metadata, without=w).records(Path("a"), PHOTO)[0].tags for w in ([], ["female"], ["sex"])
    ]
    assert tags == [("female", "long-sleeves"), ("long-sleeves",), ("long-sleeves",)]


@pytest.mark.parametrize(
    ("thresholds", "tags"),
    [
        ({"": 0.4}, ("female", "hat", "long-sleeves")),
        ({"hat": 0.3}, ("female", "hat", "long-sleeves")),
        ({"": 0.99, "hat": 0.4375}, ("hat",)),
        ({"sex": 0.9}, ("long-sleeves",)),
        ({"sex": 0.9, "male": 0.1}, ("male", "long-sleeves")),
        ({"sleeve": 1.0, "": 0.0}, ("female", "hat")),
    ],
)
def test_thresholds_of_all_of_a_group_and_of_one(
    parts: SimpleNamespace, thresholds: dict[str, float], tags: tuple[str, ...]
) -> None:
    selection = select(parts.model.metadata, thresholds=thresholds)
    assert selection.records(Path("a"), PHOTO)[0].tags == tags
    assert {s.name: s.threshold for s in selection.attributes}["hat"] == thresholds.get("hat", thresholds.get("", 0.5))


def test_levels_are_the_models_own(parts: SimpleNamespace) -> None:
    metadata = replace(parts.model.metadata, levels={"sure": dict.fromkeys(parts.model.metadata.names, 0.97)})
    usual, sure = (select(metadata, level=level) for level in ("", "sure"))
    assert {s.threshold for s in sure.attributes} == {0.97}
    assert {s.threshold for s in usual.attributes} == set(metadata.thresholds)
    assert select(metadata, level="sure", thresholds={"hat": 0.2}).specs[metadata.names.index("hat")].threshold == 0.2
    with pytest.raises(SelectionError, match="has no level 'more' of tags"):
        select(metadata, level="more")


def test_only_some_attributes(parts: SimpleNamespace) -> None:
    [record, *_] = select(parts.model.metadata, only=["hat", "sex"], without=["male"]).records(Path("a"), PHOTO)
    assert list(record.probabilities or ()) == ["female", "hat"]
    assert record.tags == ("female",)


@pytest.mark.parametrize(
    ("options", "boxes"),
    [
        ({}, [0, 1, 2]),
        ({"max_people": 2}, [0, 2]),
        ({"max_people": 1}, [2]),
        ({"max_people": 1, "min_height": 91}, [2]),
    ],
)
def test_small_and_many_people(parts: SimpleNamespace, options: dict[str, int], boxes: list[int]) -> None:
    records = select(parts.model.metadata, **options).records(Path("a"), PHOTO)  # type: ignore[arg-type]
    assert [record.box for record in records] == ([PEOPLE[i].box for i in boxes] or [None])
    assert [record.person for record in records] == (list(range(1, len(boxes) + 1)) or [0])
    assert (records[0].width, records[0].height) == (100, 100)


def test_people_too_small_to_judge_keep_their_row_without_tags(parts: SimpleNamespace) -> None:
    heights = [p.box[3] - p.box[1] for p in PEOPLE]
    metadata = replace(parts.model.metadata, min_height=50)
    records = select(metadata).records(Path("a"), replace(PHOTO, note="cut off"))
    assert [bool(record.tags) for record in records] == [height >= 50 for height in heights]
    small = records[1]
    assert (small.box, small.probabilities is not None) == (PEOPLE[1].box, True)
    assert small.note == f"cut off; too small to judge: {heights[1]:.0f} pixels high, tags from 50 on"
    assert records[0].note == "cut off"
    assert all(record.tags for record in select(metadata, min_height=0).records(Path("a"), PHOTO))


def test_an_unreadable_photo_has_its_record(parts: SimpleNamespace) -> None:
    [record] = select(parts.model.metadata).records(Path("a"), Finding(error="damaged"))
    assert (record.error, record.width, record.person) == ("damaged", None, 0)


@pytest.mark.parametrize(
    ("options", "said", "at_fault"),
    [
        ({"without": ["shoesize"]}, "shoesize", "without"),
        ({"only": ["shoesize"]}, "shoesize", "attributes"),
        ({"thresholds": {"shoesize": 0.5}}, "shoesize", "threshold"),
        ({"thresholds": {"hat": 1.5}}, r"threshold hat=1\.5: expected 0 to 1", "threshold"),
        ({"thresholds": {"": float("nan")}}, "threshold nan: expected 0 to 1", "threshold"),
        ({"only": ["hat"], "without": ["head"]}, "no attribute is left of hat", "without"),
        ({"without": list(GROUPS)}, "no attribute is left of those of the model", "without"),
        ({"only": ["hatt"]}, "did you mean hat?", "attributes"),
        ({"only": ["hat", "boots"]}, "no attribute or group boots", "attributes"),
        ({"only": ["hat", "age"]}, "no attribute or group age", "attributes"),
        ({"thresholds": {"hta": 0.5}}, "did you mean hat", "threshold"),
        ({"thresholds": {"boots": 0.5}}, "no attribute or group boots", "threshold"),
        ({"without": ["sx"]}, "did you mean sex?", "without"),
        ({"without": ["boots"]}, "no attribute or group boots", "without"),
        ({"only": ["hat"], "without": ["sex"], "thresholds": {"hta": 0.5}}, "did you mean hat", "threshold"),
        ({"level": "sure", "only": ["hat"]}, "has no level 'sure'", "sure"),
    ],
)
def test_mistakes_name_the_one_option_at_fault(
    parts: SimpleNamespace, options: dict[str, object], said: str, at_fault: str
) -> None:
    with pytest.raises(SelectionError, match=said) as caught:
        select(parts.model.metadata, **options)  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(caught.value)).option == at_fault  # as it comes from another process


@pytest.mark.parametrize(
    ("option", "value"), [("--attributes", "hatt"), ("--without", "hatt"), ("--threshold", "hatt=0.5")]
)
def test_the_command_line_is_told_that_option_alone(
    harcli: Callable, tiny_model: Path, tmp_path: Path, option: str, value: str
) -> None:
    (tmp_path / "a.png").touch()
    done = harcli("tag", "a.png", "--no-store", "--no-detect", "--model", tiny_model, "--out", "o.csv", option, value)
    assert done.returncode == 2
    assert f"Invalid value for {option}: no attribute or group hatt; did you mean hat?" in done.stderr


def test_groups_of_the_vocabulary_that_the_model_does_not_know_are_left_out(parts: SimpleNamespace) -> None:
    assert len(select(parts.model.metadata, without=["age", "footwear"]).attributes) == 5
