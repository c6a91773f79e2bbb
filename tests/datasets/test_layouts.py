"""Each published layout, in small, against labels that were worked out by hand."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from harcli.attributes import labels_for
from harcli.datasets import DATASETS, labels_of, load, own_attributes
from harcli.datasets.load import place
from harcli.datasets.rap import HIDDEN, hide_legs
from harcli.datasets.sample import Sample, part_by_name
from harcli.errors import HarcliError

Make = Callable[..., Path]


def people(samples: Iterable[Sample]) -> dict[str, set[str]]:
    """Part -> who is in it."""
    found: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for sample in samples:
        found[sample.part].add(sample.person)
    return found


def disjoint(parts: dict[str, set[str]]) -> bool:
    return len(set().union(*parts.values())) == sum(map(len, parts.values()))


def value(sample: Sample, name: str, own: bool = False) -> int:
    return int(labels_of([sample], [name], own)[0, 0])


def test_every_data_set_says_what_the_interface_asks() -> None:
    for name, module in DATASETS.items():
        assert module.SPLITS[-1] == "harcli"
        assert all((module.TITLE, module.TERMS, module.SOURCE, module.FILES))
        assert len(set(module.ATTRIBUTES)) == len(module.ATTRIBUTES)
        assert set(module.PUBLISHED.positives) <= set(module.ATTRIBUTES), name
        assert set(module.PUBLISHED.partitions) <= set(module.SPLITS)
    sizes = {name: len(module.ATTRIBUTES) for name, module in DATASETS.items()}
    assert (sizes["rap"], sizes["rap2"], sizes["wider"], sizes["market1501"]) == (51, 54, 14, 30)


def test_tables_speak_of_labels_that_exist() -> None:
    """A misspelt label in a rule would make its attribute unknown for ever."""
    extra = {
        "peta": DATASETS["peta_raw"].LABELS,
        "peta_raw": DATASETS["peta_raw"].LABELS,
        "rap": (HIDDEN,),
        "rap2": (HIDDEN, "AgeBiger60", "hs-Sunglasses", "lb-Shorts", "lb-LongSkirt"),
        "market1501": ("long pants", "short pants"),
    }
    for name, module in DATASETS.items():
        known = {*module.ATTRIBUTES, *extra.get(name, ())}
        for rule in module.TABLE.values():
            named = {label.lstrip("!") for label in (*rule.positive, *(rule.negative or ()), *rule.unless)}
            assert named <= known, name


def test_what_cannot_be_seen_is_unknown() -> None:
    """Legs behind something, and RAP v2's "other" upper garment."""
    assert hide_legs(["lb-Jeans", "occlusion-Down", "occlusionUp"]) == ["lb-Jeans", HIDDEN, "occlusionUp"]
    table = DATASETS["rap"].TABLE
    assert labels_for(["jeans", "dress", "hat"], table, {"!lb-Jeans", "!lb-Dress", "!hs-Hat", HIDDEN}) == [-1, -1, 0]
    assert labels_for(["jeans"], table, {"lb-Jeans", HIDDEN}) == [1]
    nothing = {"!ub-Jacket", "!ub-Cotton", "!ub-SuitUp", "!ub-ShortSleeve"}
    assert labels_for(["jacket", "short-sleeves"], DATASETS["rap2"].TABLE, nothing) == [0, 0]
    assert labels_for(["jacket", "short-sleeves"], DATASETS["rap2"].TABLE, nothing | {"ub-Others"}) == [-1, 0]


def test_rap(make_rap: Make, root: Path) -> None:
    make_rap()
    samples = load(["rap"], root, "")
    by_image = {s.image.name: s for s in samples}
    assert len(samples) == 46
    assert sum(s.part == "test" for s in samples) == 15
    assert {s.part for s in samples} == {"train", "test"}
    first, second, third, fourth = (next(s for n, s in by_image.items() if f"_frame{i}_" in n) for i in range(4))
    assert [value(first, n, own=True) for n in ("Female", "hs-Glasses", "faceFront", "hs-Hat")] == [1, 1, 1, 0]
    assert [value(first, n) for n in ("male", "female", "glasses", "sunglasses", "hat")] == [0, 1, 1, -1, 0]
    assert [value(second, n) for n in ("male", "female", "glasses")] == [-1, -1, 0]
    assert value(second, "Female", own=True) == -1
    assert third.part == "test"  # row 3 of the file, counted from 1
    assert [s.person for s in (first, second, third)] == ["id7"] * 3
    assert fourth.person == "id7"  # frame 3 is of the same track as frame 2, whose identity is known


def test_shared_split_of_rap_keeps_people_and_test_images_apart(make_rap: Make, root: Path) -> None:
    make_rap()
    shared, published = load(["rap"], root), load(["rap"], root, "0")
    assert disjoint(people(shared))
    assert all(people(shared).values())
    test = {s.image for s in published if s.part == "test"}
    assert not test & {s.image for s in shared if s.part == "train"}


def test_rap2(make_rap2: Make, root: Path) -> None:
    make_rap2()
    samples = load(["rap2"], root, "3")
    assert [s.part for s in samples] == ["train"] * 5 + ["val"] * 2 + ["test"] * 3
    assert [value(s, "Female", own=True) for s in samples[:3]] == [1, -1, 0]
    assert own_attributes(["rap2"], root)[:2] == ["Female", "AgeLess16"]
    assert disjoint(people(load(["rap2"], root)))


def test_wider(make_wider: Make, root: Path) -> None:
    make_wider()
    samples = load(["wider"], root, "official")
    assert [s.part for s in samples] == ["train"] * 2 + ["val"] * 2 + ["test"] * 3
    assert [s.box for s in samples] == [
        (10.5, 5.25, 30.5, 35.75),  # floats stay
        (0, 0, 15, 15),  # begins outside
        (90, 10, 100, 50),  # hangs over
        None,  # negative width
        None,  # right of the photo
        (1, 2, 4, 6),
        (0, 0, 100, 50),
    ]
    assert [value(samples[0], n, own=True) for n in ("Male", "Tshirt", "Hat")] == [1, -1, 0]
    assert [value(samples[0], n) for n in ("male", "female", "t-shirt", "plaid", "glasses")] == [1, 0, -1, 0, -1]
    assert [s.part for s in load(["wider"], root)] == [s.part for s in samples]


def test_market1501(make_market: Make, root: Path) -> None:
    make_market()
    samples = load(["market1501"], root, "official")
    assert [(s.person, s.part) for s in samples] == [
        *[("0002", "train")] * 2,
        *[("0016", "train"), ("0026", "train"), ("0001", "test")],
    ]
    woman, _, trousers, shorts, test = samples
    own = ("adult", "young", "old", "pants", "female", "short-lower-body", "up-red")
    assert [value(woman, n, own=True) for n in own] == [1, 0, 0, 0, 1, 1, 0]
    assert [value(test, n, own=True) for n in ("up-red", "backpack", "bag")] == [1, 1, 0]
    names = ["male", "female", "dress", "skirt", "long-pants", "shorts", "jeans", "child", "elderly"]
    assert labels_of([woman, trousers, shorts], names).tolist() == [
        [0, 1, -1, -1, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 1, 0, -1, 1, 0],
        [1, 0, 0, 0, 0, 1, 0, 0, 1],
    ]


def test_shared_split_of_market1501_validates_on_train_people(make_market: Make, root: Path) -> None:
    make_market()
    assert people(load(["market1501"], root)) == {"train": {"0002"}, "val": {"0016", "0026"}, "test": {"0001"}}


def test_raw_archives_of_peta(make_peta_raw: Make, root: Path) -> None:
    make_peta_raw()
    samples = load(["peta_raw"], root, "identity")
    assert [s.person for s in samples] == ["3DPeS/100", "3DPeS/100", "CUHK/0606"]  # 0607 has no image
    names = ["personalMale", "accessoryHat", "footwearSneaker"]
    assert labels_of(samples, names, own=True).tolist() == [[1, 1, 0], [1, 1, 0], [1, 0, 1]]
    assert "upperBodyBlack" in samples[0].facts
    assert "!hairBlack" in samples[0].facts
    assert all(len(s.facts) == 105 for s in samples)


def test_raw_archives_of_peta_in_their_own_folder(make_peta_raw: Make, root: Path) -> None:
    inner = root / "peta_raw" / "PETA dataset"
    make_peta_raw()
    inner.mkdir()
    for subset in ("CUHK", "3DPeS"):
        (root / "peta_raw" / subset).rename(inner / subset)
    assert len(load(["peta_raw"], root, "identity")) == 3


def test_peta_and_its_identity_split(make_peta: Make, root: Path) -> None:
    make_peta()
    assert [s.part for s in load(["peta"], root, "4")] == ["train"] * 10 + ["val"] * 2 + ["test"] * 8
    assert disjoint(people(load(["peta"], root, "identity")))
    assert labels_of(load(["peta"], root, "0"), ["male"])[:4, 0].tolist() == [1, 0, 1, 0]


def test_root_may_be_the_data_set_itself(make_peta: Make, root: Path) -> None:
    folder = make_peta()
    moved = folder.rename(root / "PETA-new")
    assert place("peta", moved) == moved
    assert len(load(["peta"], moved, "0")) == 20
    with pytest.raises(HarcliError, match=r"data.peta: no such folder.*PETA\.mat"):
        load(["peta"], root)


def test_own_attributes_are_of_one_data_set(root: Path) -> None:
    assert len(own_attributes(["peta"], root)) == 35
    with pytest.raises(HarcliError, match="not of peta, ccp"):
        own_attributes(["peta", "ccp"], root)
    with pytest.raises(HarcliError, match=r"unknown data set 'petra'; did you mean peta or peta_raw\?"):
        own_attributes(["petra"], root)


def test_parts_by_name_are_stable() -> None:
    """CRC-32 of a, b, c is 3904355907, 1908338681, 112844655 (RFC 1952's polynomial)."""
    assert [part_by_name(n) for n in "abc"] == ["train", "test", "train"]
    shares = np.unique([part_by_name(str(i)) for i in range(10_000)], return_counts=True)[1] / 10_000
    assert shares == pytest.approx([0.1, 0.8, 0.1], abs=0.01)


@pytest.fixture
def data() -> Path:
    import os

    if not os.environ.get("HARCLI_DATA"):
        pytest.skip("set HARCLI_DATA to a folder with the data sets (docs/training.md)")
    return Path(os.environ["HARCLI_DATA"])


def test_raw_archive_agrees_with_the_official_file(data: Path) -> None:
    """i-LID's words, image by image counted, are the labels of PETA.mat's 477 rows of its fifth subset."""
    raw = load(["peta_raw"], data, "identity")
    names = DATASETS["peta_raw"].LABELS
    i_lid = [s for s in raw if s.person.startswith("i-LID/")]
    rows = loadmat(data / "peta" / "PETA.mat")["peta"][0, 0]["data"]
    official = rows[rows[:, 2] == 5][:, 4:].astype(int)
    ours = labels_of(i_lid, names, own=True)
    assert sorted(map(tuple, ours.tolist())) == sorted(map(tuple, official.tolist()))


def test_peta_loads_in_seconds(data: Path) -> None:
    import time

    start = time.process_time()
    load(["peta"], data, "0")
    assert time.process_time() - start < 3
