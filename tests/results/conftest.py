"""Made-up results of photos and videos, and files of them."""

from __future__ import annotations

import os
import random
from pathlib import Path

from harcli.outputs import OutputOptions, open_output
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo, Seen

NAMES = ("hat", "Hat", "sun.glasses", "a|b", "no t", "é漢", "score", "tags", "x(1)")
INFO = RunInfo(tuple(AttributeSpec(name, "group", 0.5) for name in NAMES), str(Path.cwd()), "1.0")


def made_up(photos: int, seed: int = 1) -> list[Record]:
    """Photos and videos of up to three people, some empty, unreadable, or with a name that is not UTF-8."""
    chance = random.Random(seed)
    records = []
    for i in range(photos):
        path = os.fsdecode(b"\xff%d.jpg" % i) if i % 7 == 6 else f"{seed}/{i}.jpg"
        people = chance.randint(0, 3)
        if not people:
            records.append(Record(path, error="damaged: no") if chance.random() < 0.5 else Record(path, 64, 48))
        for number in range(1, people + 1):
            values = {name: round(chance.random(), 2) for name in NAMES}
            tags = tuple(name for name, value in values.items() if value >= 0.5 and chance.random() < 0.8)
            box = (1.0, 2.5, 30.0, 3.0 + chance.randint(0, 400))
            note = "cut off" if chance.random() < 0.1 else ""
            seen = Seen(number, 0.5, 9.25, 0.75) if i % 5 == 4 else None
            records.append(Record(path, 640, 480, number, box, 0.5, tags, values, note=note, seen=seen))
    return records


def write(target: Path, records: list[Record], info: RunInfo = INFO, *, long: bool = False) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_output(target, info, OutputOptions(long=long)) as sink:
        for record in records:
            sink.write(record)
    return target
