"""What is shown first, and the colours of swatches."""

import re

from harcli.attributes import ATTRIBUTES, GROUPS
from harcli.attributes.showing import COMMONPLACE, swatch, telling_first


def test_commonplace_tags_come_last_and_the_rest_keeps_its_order() -> None:
    assert set(COMMONPLACE) <= set(ATTRIBUTES)
    tags = ["male", "solid", "hat", "long-sleeves", "upper-red", "own label"]
    assert telling_first(tags) == ["male", "hat", "upper-red", "own label", "solid", "long-sleeves"]


def test_each_colour_of_the_vocabulary_has_a_swatch_and_nothing_else_has() -> None:
    assert {"hair-colour", "upper-colour", "lower-colour"} <= set(GROUPS)
    for name, attribute in ATTRIBUTES.items():
        colour = swatch(name)
        assert (colour is not None) == attribute.group.endswith("-colour"), name
        assert colour is None or re.fullmatch("#[0-9a-f]{6}", colour)
    assert swatch("upper-red") == swatch("lower-red") != swatch("hair-red")
    assert swatch("red") is swatch("own label") is None
    for part in ("hair", "upper", "lower"):
        colours = [swatch(name) for name in ATTRIBUTES if name.startswith(f"{part}-") and swatch(name)]
        assert len(set(colours)) == len(colours) > 4
