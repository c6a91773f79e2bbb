"""Clothing Co-Parsing (Yang et al. 2014): photos, tags or label maps of one person each. Apache-2.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harcli.attributes import Rule, known
from harcli.datasets.files import load_mat, require, texts
from harcli.datasets.labelled import by_eye
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, label_map, mask_box, part_of
from harcli.errors import HarcliError
from harcli.folders import files_in

TITLE = "Clothing Co-Parsing"
SOURCE = "https://github.com/bearpaw/clothing-co-parsing"
TERMS = "Clothing Co-Parsing: Apache-2.0 (Yang et al. 2014)"
SPLITS = (SHARED_SPLIT,)
BACKGROUND = "null"
ATTRIBUTES = (
    *("accessories", "bag", "belt", "blazer", "blouse", "bodysuit", "boots", "bra", "bracelet", "cape", "cardigan"),
    *("clogs", "coat", "dress", "earrings", "flats", "glasses", "gloves", "hair", "hat", "heels", "hoodie", "intimate"),
    *("jacket", "jeans", "jumper", "leggings", "loafers", "necklace", "panties", "pants", "pumps", "purse", "ring"),
    *("romper", "sandals", "scarf", "shirt", "shoes", "shorts", "skin", "skirt", "sneakers", "socks", "stockings"),
    *("suit", "sunglasses", "sweater", "sweatshirt", "swimwear", "t-shirt", "tie", "tights", "top", "vest", "wallet"),
    *("watch", "wedges"),
)
FILES = ("label_list.mat",)
WHOLE_PHOTOS = True
PUBLISHED = Published(images=2097, samples=2097)  # of 2,098 photos: the label map of one is empty
MIN_PIXELS = 12  # a label with fewer pixels in a label map says nothing: it is drawn, but can hardly be seen

_LEGS = ("leggings", "tights", "romper", "bodysuit")
TABLE: dict[str, Rule] = {
    "hat": Rule(("hat",)),
    "glasses": Rule(("glasses", "sunglasses")),
    "sunglasses": Rule(("sunglasses",), unless=("glasses",)),
    "scarf": Rule(("scarf",), unless=("accessories",)),
    "t-shirt": Rule(("t-shirt",), unless=("top", "shirt")),
    "shirt": Rule(("shirt", "blouse"), unless=("top", "t-shirt")),
    "sweater": Rule(("sweater", "jumper", "sweatshirt", "hoodie"), unless=("cardigan", "top")),
    "vest": Rule(("vest",), unless=("top",)),
    "jacket": Rule(("jacket", "blazer"), unless=("coat", "cardigan", "suit")),
    "coat": Rule(("coat",), unless=("jacket", "blazer", "cape", "cardigan")),
    "outerwear": Rule(("jacket", "blazer", "coat", "cape"), unless=("cardigan", "suit", "hoodie")),
    "suit": Rule(("suit",), unless=("blazer",)),
    "necktie": Rule(("tie",)),
    "necklace": Rule(("necklace",), unless=("accessories", "scarf")),
    "long-pants": Rule(("pants", "jeans"), unless=_LEGS),
    "jeans": Rule(("jeans",), unless=("pants",)),
    "shorts": Rule(("shorts",), unless=("romper",)),
    "skirt": Rule(("skirt",), unless=("dress",)),
    "dress": Rule(("dress",), unless=("romper", "bodysuit", "skirt")),
    "leg-wear": Rule(("leggings", "tights", "stockings"), unless=("socks",)),
    "belt": Rule(("belt",)),
    "boots": Rule(("boots",), unless=("shoes",)),
    "sneakers": Rule(("sneakers",), unless=("shoes",)),
    "sandals": Rule(("sandals",), unless=("shoes", "wedges", "heels")),
    "heels": Rule(("heels", "pumps"), unless=("shoes", "wedges", "boots", "sandals")),
    "bag": Rule(("bag", "purse"), unless=("wallet",)),
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """CCP's samples; the 1,004 with a label map have a mask and a box from it. Labels by eye beside it are read too.

    It publishes no split. Our parts go by the photo's number.
    """
    path = root / "label_list.mat"
    names = texts(path, load_mat(path, "label_list")["label_list"], "label_list")
    require(path, names, (BACKGROUND, *ATTRIBUTES))
    samples, seen = [], by_eye(root, "ccp")
    for stem, file in sorted(_annotations(root / "annotations").items()):
        box, mask = None, None
        labels: dict[str, bool | None]
        if file.parent.name == "pixel-level":
            pixels, mask = label_map(file), file
            counts = np.bincount(pixels.ravel(), minlength=len(names))
            _check_ids(file, {len(counts) - 1}, len(names))
            labels = {n: None if 0 < c < MIN_PIXELS else bool(c) for n, c in zip(names, counts.tolist(), strict=True)}
            box = mask_box(pixels)
            if box is None:
                continue  # an empty map says nothing (photo 0536)
        else:
            ids = set(load_mat(file, "tags")["tags"].ravel().tolist())
            _check_ids(file, ids, len(names))
            labels = {n: i in ids for i, n in enumerate(names)}
        del labels[BACKGROUND]
        image = root / "photos" / f"{stem}.jpg"
        facts, part = frozenset(known(labels)), part_of(int(stem))
        samples.append(Sample("ccp", image, facts, part, box, mask, by_eye=seen.get(stem.lstrip("0"))))
    return samples


def _annotations(folder: Path) -> dict[str, Path]:
    """The annotation of each photo: its label map where it has one, else its tags."""
    files = {f.stem: f for level in ("image-level", "pixel-level") for f in files_in(folder / level, [".mat"])}
    if not files:
        raise HarcliError(f"{folder}: expected image-level/0001.mat or pixel-level/0001.mat and so on, found none")
    for stem, file in files.items():
        if not stem.isdecimal():
            raise HarcliError(f"{file}: expected the photo's number as the name, such as 0001.mat")
    return files


def _check_ids(file: Path, ids: set[int], count: int) -> None:
    odd = [i for i in ids if i not in range(count)]
    if odd:
        raise HarcliError(f"{file}: holds the label {odd[0]}, expected 0 to {count - 1}")
