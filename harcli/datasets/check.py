"""Is a data set on disk what its authors publish? Counted, for `harcli datasets check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harcli.datasets.files import on_disk
from harcli.datasets.load import dataset, labels_of, own_attributes, place, samples_of
from harcli.datasets.sample import Published, Sample
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that was counted.

    Attributes:
        group: `size`, a split's name, `positives` or `unknown`.
        what: what was counted, within the group.
        published: how many there are to be; None where that is not published.
        labelled: how many the label files name.
        on_disk: how many of those have their image on disk.
    """

    group: str
    what: str
    published: int | None
    labelled: int
    on_disk: int

    @property
    def complete(self) -> bool:
        """As many as published, and all with their image."""
        return self.labelled == self.on_disk and self.published in (None, self.labelled)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of one data set.

    Attributes:
        name: as it was asked for.
        place: its folder, or a manifest's file.
        counts: what was counted.
        images: all images that are labelled and on disk.
        missing: the labelled images that are not on disk.
    """

    name: str
    place: Path
    counts: tuple[Count, ...]
    images: tuple[Path, ...]
    missing: tuple[Path, ...]

    @property
    def complete(self) -> bool:
        """All is there, and as published."""
        return all(count.complete for count in self.counts)

    def as_json(self, undecodable: Sequence[tuple[Path, str]] | None) -> dict[str, Any]:
        """Everything as JSON values; `undecodable`: images and reasons, or None where nobody looked."""
        module = dataset(self.name)
        return {
            "name": self.name,
            **{"title": module.TITLE, "source": module.SOURCE, "terms": module.TERMS, "place": str(self.place)},
            "complete": self.complete and not undecodable,
            "counts": [asdict(count) | {"complete": count.complete} for count in self.counts],
            "missing": [str(path) for path in self.missing],
            "undecodable": None if undecodable is None else [{"image": str(p), "reason": r} for p, r in undecodable],
        }


def check(name: str, root: Path) -> Findings:
    """Count what is there of a data set; arguments and errors as of `harcli.datasets.load`.

    Raises:
        HarcliError: it cannot be used: its label files are missing or odd, or the name is unknown.
    """
    module = dataset(name)
    published: Published = module.PUBLISHED
    attributes = own_attributes([name], root)
    counts: list[Count] = []
    everything: list[Sample] = []
    for split in module.SPLITS:
        samples = samples_of(name, root, split)
        parts = published.partitions.get(split, {})
        counts += _parts(split, samples, parts)
        if len(samples) > len(everything):  # a split may leave samples out
            everything = samples
    here = on_disk(everything)
    images = _unique(s.image for s, h in zip(everything, here, strict=True) if h)
    missing = _unique(s.image for s, h in zip(everything, here, strict=True) if not h)
    persons = {s.person for s in everything}
    persons_here = {s.person for s, h in zip(everything, here, strict=True) if h}
    labels = labels_of(everything, attributes, own=True)
    known, known_here = ((rows >= 0).any(0).sum() for rows in (labels, labels[here]))
    size = [
        Count("size", "images", published.images or None, len(images) + len(missing), len(images)),
        Count("size", "people", published.samples or None, len(here), sum(here)),
        Count("size", "attributes", len(attributes) if published.samples else None, int(known), int(known_here)),
    ]
    if persons != {""}:
        size.append(Count("size", "different people", published.persons or None, len(persons), len(persons_here)))
    for i, attribute in enumerate(attributes):
        column = labels[:, i].tolist()
        counts.append(
            _count("positives", attribute, published.positives.get(attribute), [v == 1 for v in column], here)
        )
        if attribute in published.unknown:
            unknown = [v == -1 for v in column]
            counts.append(_count("unknown", attribute, published.unknown[attribute], unknown, here))
    return Findings(name, place(name, root), (*size, *counts), tuple(images), tuple(missing))


def undecodable(images: Iterable[Path]) -> Iterator[tuple[Path, str] | None]:
    """Decode each image: None, or the image and why it cannot be decoded."""
    for image in images:
        try:
            decode_guarded(image)
            yield None
        except PhotoError as error:
            yield image, error.reason


def _parts(split: str, samples: Sequence[Sample], published: Mapping[str, int]) -> list[Count]:
    """A row for each part; two that are published together (`train+val`) get a row together too."""
    here = on_disk(samples)
    found = Counter(s.part for s in samples)
    there = Counter(s.part for s, h in zip(samples, here, strict=True) if h)
    rows = [p for p in ("train", "val", "test") if p in found or p in published]
    return [
        Count(
            split,
            what,
            published.get(what),
            sum(found[p] for p in what.split("+")),
            sum(there[p] for p in what.split("+")),
        )
        for what in [*rows, *(p for p in published if "+" in p)]
    ]


def _count(group: str, what: str, published: int | None, holds: Sequence[int], here: Sequence[bool]) -> Count:
    there = sum(bool(v) and h for v, h in zip(holds, here, strict=True))
    return Count(group, what, published or None, sum(map(bool, holds)), there)


def _unique(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))
