"""What millions of photos take on a cluster: `python benchmarks/scale.py --rate 13 --cores 128`.

Measured here, on made-up photos: memory of the driver for each listed photo, bytes of results for each photo (records
with random probabilities, which compress worse than real ones), and how long a second run looks at each part. The rest
is arithmetic: time, requests and money, by the rates and prices that are given. The default prices are what requests to
S3 Standard costs in us-east-1 as far as we know; look them up.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from harcli.attributes import ATTRIBUTES as VOCABULARY
from harcli.cluster.blocks import block_rows
from harcli.outputs.dataset.folder import Folder
from harcli.outputs.dataset.known import look
from harcli.outputs.dataset.parts import PHOTOS, part_name, write_part
from harcli.outputs.dataset.stamps import Named, Stamp, stamp_of
from harcli.photos.kinds import PHOTO_ENDINGS
from harcli.recognition.metadata import AttributeSpec
from harcli.remote.listing import _Walk
from harcli.remote.photo import RemotePhoto
from harcli.results import Record, RunInfo

ATTRIBUTES = 68  # of the built-in model
LISTED = 1000  # objects in an answer of S3


def objects(count: int) -> dict[str, dict[str, Any]]:
    """What fsspec says of so many objects."""
    found = {}
    for number in range(count):
        path = f"bucket/2024/{number // 1000:06}/IMG_{number:09}.jpg"
        etag = hashlib.md5(str(number).encode()).hexdigest()
        about: dict[str, Any] = {"Key": path, "ETag": f'"{etag}"', "Size": 3_000_000 + number}
        about |= {"LastModified": time.time() + number, "StorageClass": "STANDARD"}
        found[path] = about | {"type": "file", "size": about["Size"], "name": path}
    return found


def resident() -> int:
    """Bytes of this process's memory."""
    return int(psutil.Process().memory_info().rss)


def memory(count: int) -> tuple[float, float, float]:
    """Bytes for each photo: of the driver while photos are listed, and tagged; and in Ray's object store."""
    before = resident()
    listed = objects(count)
    walk = _Walk("s3://bucket/2024/", "bucket/2024", PHOTO_ENDINGS, ())
    walk.take(listed)
    listing = resident() - before
    del listed
    named = [Named(photo.name, photo, stamp_of(photo)) for photo in walk.photos]
    stamps = {photo.name: photo.stamp for photo in named}
    rows = block_rows(named, 64)
    assert len(stamps) == count
    assert len(rows) >= count / PHOTOS
    return listing / count, (resident() - before) / count, sum(len(row["photos"]) for row in rows) / count


def parts(folder: Folder, count: int) -> dict[str, Stamp]:
    """Write so many parts, each photo with one person or, every third, three."""
    rng = np.random.default_rng(1)
    names = list(VOCABULARY)[:ATTRIBUTES]
    info = RunInfo(tuple(AttributeSpec(name, "group", 0.5) for name in names), "/")
    folder.make()
    for number in range(count):
        photos, records = [], []
        for each in range(number * PHOTOS, (number + 1) * PHOTOS):
            name = f"s3://bucket/2024/{each // 1000:06}/IMG_{each:09}.jpg"
            etag = hashlib.md5(str(each).encode()).hexdigest()
            place = RemotePhoto(name, name, name, 3_000_000 + each, etag)
            photos.append(Named(name, place, stamp_of(place)))
            people = []
            for person in range(1 if each % 3 else 3):
                row = (rng.random(len(names)) ** 3).tolist()
                (x1, x2), (y1, y2) = sorted(rng.random(2) * 4000), sorted(rng.random(2) * 3000)
                tags = tuple(name for name, p in zip(names, row, strict=True) if p > 0.5)
                probabilities = dict(zip(names, row, strict=True))
                people.append(Record(name, 4000, 3000, person + 1, (x1, y1, x2, y2), 0.8, tags, probabilities))
            records.append(people)
        write_part(folder, part_name("run", number * PHOTOS, photos), info, photos, records)
    return {photo.name: photo.stamp for photo in photos}


def main() -> None:
    """Measure, compute, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=float, nargs="+", default=[1e6, 1e7, 1e8])
    parser.add_argument("--rate", type=float, required=True, help="photos a second a core, measured with your photos")
    parser.add_argument("--cores", type=int, default=128)
    parser.add_argument("--megabytes", type=float, default=3.0, help="of a photo")
    parser.add_argument("--core-hour", type=float, default=0.05, help="dollars for an hour of a core")
    parser.add_argument("--thousand-gets", type=float, default=0.0004, help="dollars")
    parser.add_argument("--thousand-puts", type=float, default=0.005, help="dollars; lists cost the same")
    parser.add_argument("--listed", type=int, default=100_000, help="photos whose memory is measured")
    parser.add_argument("--parts", type=int, default=20, help="whose size is measured")
    arguments = parser.parse_args()

    listing, tagging, stored = memory(arguments.listed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Folder(Path(temporary, "tags"))
        wanted = parts(folder, arguments.parts)
        names = folder.parts()
        size = sum(Path(temporary, "tags", name).stat().st_size for name in names) / (arguments.parts * PHOTOS)
        start = time.process_time()
        look(folder, wanted)
        second_run = (time.process_time() - start) / arguments.parts
    print(f"driver: {listing:.0f} bytes a photo while listing, {tagging:.0f} while tagging")
    print(f"Ray's object store: {stored:.0f} bytes a photo")
    print(f"results: {size:.0f} bytes a photo; looking at a part again: {second_run * 1000:.0f} ms of processor")
    print("photos | core hours | hours | $ compute | GETs | PUTs, LISTs | $ requests | TB read | GB results | parts "
          "| GB driver | minutes to look again")  # fmt: skip
    for photos in map(int, arguments.photos):
        core_hours = photos / arguments.rate / 3600
        made = -(-photos // PHOTOS)
        puts = made + photos // LISTED + 1
        dollars = photos / 1000 * arguments.thousand_gets + puts / 1000 * arguments.thousand_puts
        cells = [
            *(f"{photos:,}", f"{core_hours:,.0f}", f"{core_hours / arguments.cores:,.1f}"),
            *(f"{core_hours * arguments.core_hour:,.0f}", f"{photos:,}", f"{puts:,}", f"{dollars:,.2f}"),
            *(f"{photos * arguments.megabytes / 1e6:,.1f}", f"{photos * size / 1e9:,.1f}", f"{made:,}"),
            *(f"{photos * max(listing, tagging) / 1e9:,.1f}", f"{made * second_run / 60:,.1f}"),
        ]
        print(" | ".join(cells))


if __name__ == "__main__":
    main()
