"""Causes and what was left out, in the terminal's words."""

from __future__ import annotations

from collections import Counter

from harcli.cli.causes import Causes, left_out_lines


def test_causes_the_most_frequent_first() -> None:
    causes = Causes()
    causes.add("a/cut.jpg", "damaged: image file is truncated (18 bytes not processed)")
    for name in ("a.heic", "b.heic"):
        causes.add(name, "HEIC needs an extra: pip install 'harcli[heif]' (in a clone: '.[heif]')")
    for i in range(3):
        causes.add(f"big{i}.png", f"takes {i}.5 GB of memory")
    causes.add("gone.jpg", "no such file")
    causes.add("b.jpg", "damaged: broken data stream when reading image file")
    assert list(causes.lines()) == [
        "3 takes 0.5 GB of memory: big0.png and 2 more",
        "2 damaged: a/cut.jpg and 1 more",
        "2 HEIC: pip install 'harcli[heif]' (in a clone: '.[heif]')",
        "1 no such file: gone.jpg",
    ]


def test_very_many_causes() -> None:
    causes = Causes()
    for letter in "abcdefghij":
        causes.add("x.jpg", f"reason {letter}")
    assert len(list(causes.lines())) == 7
    assert list(causes.lines())[-1] == "4 for other reasons"


def test_what_was_left_out() -> None:
    kinds = {
        "videos": Counter({".mp4": 3}),
        "photos of kinds that harcli does not read": Counter({".jxl": 1, ".dng": 1, ".cr2": 1}),
        "links that lead nowhere": Counter({"2018": 1}),
        "other files": Counter({f".{letter}": 1 for letter in "abcdefgh"}),
    }
    assert list(left_out_lines(kinds)) == [
        "3 photos of kinds that harcli does not read: .cr2, .dng, .jxl; --raw-preview reads the preview in RAW files",
        "3 videos left out: .mp4; to tag them: pip install 'harcli[video]' (in a clone: '.[video]')",
        "8 other files left out: .a, .b, .c, .d, .e, .f, ...",
        "1 link that leads nowhere: 2018",
    ]
