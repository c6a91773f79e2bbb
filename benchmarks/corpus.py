"""Other projects' test images through `harcli tag`: `python benchmarks/corpus.py DIR... [--whole]`.

Every file below the folders is named, whatever its ending: pictures of other kinds, sound, text and damaged files among
them. Each must have its record, once; nothing may end the run; memory stays under 1 GB. `--whole` takes the models that
come with harcli instead of one that costs nothing.

The folders: `Tests` of https://github.com/python-pillow/Pillow, `tests` and `fuzz-afl` of
https://github.com/image-rs/image.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from pathlib import Path

from watched import finish, harcli, tiny_model, told

MOST = 1e9  # bytes of memory


def files(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(Path(parent, name)) for parent, _, names in os.walk(folder) for name in names)


def check(folder: Path, work: Path, whole: bool) -> bool:
    """Tag one folder; tell what came of it, and whether all is well."""
    named = files(folder)
    out = work / "out.jsonl"
    model = [] if whole else ["--no-detect", "--model", tiny_model(work / "tiny.onnx")]
    listed = "\0".join(named).encode("utf-8", "surrogateescape") + b"\0"
    done = harcli("tag", "-", "--no-store", "--provider", "cpu", "--out", out, *model, listed=listed)
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    records = [record for record in records if "path" in record]
    paths = Counter(record["path"] for record in records if record.get("person") in (0, 1, None))
    unread = {record["path"] for record in records if record.get("error")}
    print(folder)
    return all(
        [
            told("  files", f"{len(named)}, of these with one record each {sum(paths[n] == 1 for n in named)}", True),
            told("  every file once", str(set(paths) == set(named)), set(paths) == set(named)),
            told("  read, refused", f"{len(named) - len(unread)}, {len(unread)}", True),
            told("  exit code", str(done.code), done.code in (0, 3)),
            told("  tracebacks", str(done.said.count("Traceback")), "Traceback" not in done.said),
            told("  memory at its height", f"{done.peak / 1e6:.0f} MB", done.peak < MOST),
            told("  time", f"{done.seconds:.0f} s", True),
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", metavar="DIR", type=Path, nargs="+")
    parser.add_argument("--whole", action="store_true", help="with the models that come with harcli")
    given = parser.parse_args()
    for missing in (folder for folder in given.folders if not files(folder)):
        parser.error(f"{missing}: no files; git clone one of the repositories named in this script")
    with tempfile.TemporaryDirectory() as work:
        finish([check(folder, Path(work), given.whole) for folder in given.folders])
