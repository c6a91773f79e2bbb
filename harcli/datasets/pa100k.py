"""PA-100K (Liu et al. 2017): `annotation.mat` and `data/%06d.jpg`. CC BY 4.0."""

from __future__ import annotations

from pathlib import Path

from harcli.attributes import Rule, known
from harcli.datasets.files import existing, load_mat
from harcli.datasets.sample import Sample, part_of

TERMS = "PA-100K: CC BY 4.0 (Liu et al. 2017)"

TABLE: dict[str, Rule] = {
    "male": Rule(("!Female",), ("Female",)),
    "female": Rule(("Female",)),
    "child": Rule(("AgeLess18",)),
    "elderly": Rule(("AgeOver60",)),
    "hat": Rule(("Hat",)),
    "glasses": Rule(("Glasses",)),
    "sunglasses": Rule((), ("!Glasses",)),
    "long-sleeves": Rule(("LongSleeve",)),
    "short-sleeves": Rule(("ShortSleeve",)),
    "t-shirt": Rule((), ("LongSleeve",)),
    "sleeveless": Rule((), ("LongSleeve",)),
    "logo": Rule(("UpperLogo",)),
    "plaid": Rule(("UpperPlaid",)),
    "stripes": Rule(("UpperStride",)),
    "coat": Rule(("LongCoat",), ("ShortSleeve",)),
    "outerwear": Rule(("LongCoat",), ("ShortSleeve",)),
    "long-pants": Rule(("Trousers",)),
    "jeans": Rule((), ("!Trousers",)),
    "shorts": Rule(("Shorts",)),
    "skirt": Rule((), ("!Skirt&Dress",)),
    "dress": Rule((), ("!Skirt&Dress",)),
    "boots": Rule(("boots",)),
    "bag": Rule(("HandBag", "ShoulderBag", "Backpack")),
    "backpack": Rule(("Backpack",)),
    "handbag": Rule(("HandBag",)),
    "shoulder-bag": Rule(("ShoulderBag",)),
}


def load(root: Path) -> list[Sample]:
    """PA-100K's samples that are on disk, of the official train, val and test lists alike.

    Frames of one person follow one another in its numbering, so the parts are blocks of ten numbers, not single ones.
    """
    mat = load_mat(root / "annotation.mat", "attributes")
    names = [str(a[0][0]) for a in mat["attributes"]]
    samples = []
    for split in ("train", "val", "test"):
        for name, row in zip(mat[f"{split}_images_name"], mat[f"{split}_label"], strict=True):
            file = str(name[0][0])
            facts = known(dict(zip(names, (bool(v) for v in row), strict=True)))
            part = part_of(int(file.split(".")[0]) // 10)
            samples.append(Sample("pa100k", root / "data" / file, frozenset(facts), part))
    return existing(samples, root / "data")
