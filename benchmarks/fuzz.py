"""Damaged files into all that reads what strangers wrote: `python benchmarks/fuzz.py --seconds 60 [--only NAME]`.

Good files (`fuzz_targets.py`, `fuzz_photos.py`) are changed at random: bits, bytes, numbers at their limits, pieces cut
out, doubled, exchanged, or taken from another file. A HarcliError or PhotoError is an answer. Faults are any other
exception, a process that dies, and an answer that takes longer than `--slow` seconds; the input of each is kept in
`--keep`. `--seed` gives the same inputs again.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from fuzz_targets import TARGETS
from watched import finish, told

from harcli.errors import HarcliError
from harcli.photos.errors import PhotoError
from harcli.results.query import QueryError

_EDGES = (b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f")
_WORDS = (
    b"<",
    b">",
    b"&",
    b'"',
    b"[",
    b"{",
    b"(",
    b"nan",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"\n",
    b"*",
    b"\x1b[",
)


def changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The data with one to eight changes; half of the time near its beginning, where headers are."""
    new = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        end = len(new) if rng.random() < 0.5 else min(len(new), 256)
        at = rng.randrange(end) if end else 0
        length = rng.choice((1, 2, 4, 16, 64, 1024))
        match rng.randrange(9):
            case 0 | 1 if new:
                new[at] ^= 1 << rng.randrange(8)
            case 2 if new:
                new[at] = rng.randrange(256)
            case 3:
                word = rng.choice(_EDGES + _WORDS)
                new[at : at + len(word)] = word
            case 4:
                new[at:at] = rng.choice(_WORDS) * rng.choice((1, 1, 2, 50, 3000))
            case 5:
                del new[at : at + length]
            case 6:
                new[at:at] = new[at : at + length] * rng.choice((1, 1, 5, 200))
            case 7:
                other = rng.choice(others)
                start = rng.randrange(len(other)) if other else 0
                new[at : at + length] = other[start : start + length]
            case _:
                del new[rng.randrange(len(new) + 1) :]
    return bytes(new)


def fuzz(name: str, seconds: float, seed: int, slow: float, keep: Path) -> bool:
    """One target, in this process. Prints a line; gives on whether there was no fault.

    The input of the moment lies in `keep / NAME.now`, for the case that the process dies.
    """
    warnings.simplefilter("ignore")
    now = keep / f"{name}.now"
    counts: Counter[str] = Counter()
    faults: dict[str, Path] = {}
    with tempfile.TemporaryDirectory() as work:
        seeds, read = TARGETS[name](Path(work))
        for seed_data in seeds:  # whole, they must be read: else nothing is tested
            read(seed_data)
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            rng = random.Random(f"{name} {seed} {number}")
            data = changed(rng.choice(seeds), seeds, rng)
            now.write_bytes(data)
            begin = time.monotonic()
            try:
                read(data)
                counts["read"] += 1
            except (HarcliError, PhotoError) as error:
                counts["refused"] += 1
                if "\n" in str(error) and not isinstance(error, QueryError):  # which shows the place
                    faults.setdefault("a refusal of several lines", now)
            except Exception as error:
                frame = traceback.extract_tb(error.__traceback__)[-1]
                what = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}: {error}"[:200]
                faults.setdefault(what, keep / f"{name}-{seed}-{number}")
                (keep / f"{name}-{seed}-{number}").write_bytes(data)
                counts["faults"] += 1
            if (took := time.monotonic() - begin) > slow:
                faults.setdefault(f"an answer took {took:.1f} s", keep / f"{name}-{seed}-{number}")
                (keep / f"{name}-{seed}-{number}").write_bytes(data)
            number += 1
    now.unlink(missing_ok=True)
    for what, kept in faults.items():
        print(f"  {name}: {what} ({kept})", flush=True)
    return told(f"{name}", f"{number} inputs, {dict(sorted(counts.items()))}", not faults)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="of all targets together")
    parser.add_argument("--only", choices=[*TARGETS], action="append", help="may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=float, default=10)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "harcli-fuzz")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # one target, in this process
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    names = given.only or [*TARGETS]
    share = given.seconds / len(names)
    if given.here:
        finish([fuzz(name, share, given.seed, given.slow, given.keep) for name in names])
    results = []
    for name in names:
        rest = ["--here", "--only", name, "--seconds", share, "--seed", given.seed, "--slow", given.slow]
        code = subprocess.run([sys.executable, __file__, *map(str, rest), "--keep", str(given.keep)]).returncode
        results.append(
            code == 0 or (code < 0 and told(name, f"died of signal {-code}: {name}.now in {given.keep}", False))
        )
    finish(results)
