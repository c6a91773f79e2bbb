"""Clothing Co-Parsing (Yang et al. 2014): photos, tags or label maps of one person each. Apache-2.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harcli.attributes import Rule, known
from harcli.datasets.files import existing, load_mat
from harcli.datasets.sample import SHARED_SPLIT, Sample, label_map, mask_box, part_of

TITLE = "Clothing Co-Parsing"
SOURCE = "https://github.com/bearpaw/clothing-co-parsing"
TERMS = "Clothing Co-Parsing: Apache-2.0 (Yang et al. 2014)"
SPLITS = (SHARED_SPLIT,)
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
    """CCP's samples; the 800 or so with a label map have a mask and a box from it."""
    names = [str(x[0]) for x in load_mat(root / "label_list.mat", "label_list")["label_list"].ravel()]
    samples = []
    for image in sorted((root / "photos").glob("*.jpg")):
        tags_file = root / "annotations" / "image-level" / f"{image.stem}.mat"
        map_file = root / "annotations" / "pixel-level" / f"{image.stem}.mat"
        part, box = part_of(int(image.stem)), None
        labels: dict[str, bool | None]
        if map_file.is_file():
            pixels = label_map(map_file)
            counts = np.bincount(pixels.ravel(), minlength=len(names))
            labels = {n: None if 0 < c < MIN_PIXELS else bool(c) for n, c in zip(names, counts.tolist(), strict=True)}
            box = mask_box(pixels)
            if box is None:
                continue  # an empty map says nothing (photo 0536)
        else:
            ids = set(load_mat(tags_file, "tags")["tags"].ravel().tolist())
            labels = {n: i in ids for i, n in enumerate(names)}
        mask = map_file if map_file.is_file() else None
        samples.append(Sample("ccp", image, frozenset(known(labels)), part, box, mask))
    return existing(samples, root / "photos")
