"""The README's counts: `python benchmarks/readme.py` writes what stands between `<!-- count NAME -->` and `<!-- / -->`.

* attributes: of the built-in model.
* tags: of the two photos that the README's first example tags, bus.jpg and zidane.jpg of the package ultralytics, in
  float32, which is the same on every processor. How many of them are wrong is told by eye, and not counted here.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from harcli import Tagger

README = Path(__file__).resolve().parents[1] / "README.md"
_COUNT = re.compile(r"(<!-- count (\w+) -->)(.*?)(<!-- / -->)")


def counts() -> dict[str, int]:
    """Each count by its name."""
    spec = importlib.util.find_spec("ultralytics")
    if spec is None or spec.origin is None:
        raise SystemExit("the photos come with ultralytics: pip install '.[dev]'")
    tagger = Tagger(provider="cpu", precision="fp32")
    records = tagger.tag(Path(spec.origin).parent / "assets")
    return {"attributes": len(tagger.info.attributes), "tags": sum(len(record.tags) for record in records)}


def counted(text: str, numbers: dict[str, int]) -> str:
    """The text with each count in its place; a KeyError names one that is not counted."""
    return _COUNT.sub(lambda found: f"{found[1]}{numbers[found[2]]}{found[4]}", text)


if __name__ == "__main__":
    README.write_text(counted(README.read_text(encoding="utf-8"), counts()), encoding="utf-8")
    print(README)
