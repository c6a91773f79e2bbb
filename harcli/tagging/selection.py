"""What of a finding becomes results: which attributes, from which probability on, and which people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from harcli.attributes import names_of, resolve_tags
from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec, ModelMetadata
from harcli.remote.photo import PhotoPlace
from harcli.results import TOO_SMALL, Record
from harcli.tagging.finding import Finding, Person


class SelectionError(HarcliError):
    """A wrong word or threshold."""

    def __init__(self, message: str, option: str = "") -> None:
        """
        Args:
            option: which one it is in, by its name on the command line.
        """
        super().__init__(message)
        self.option = option


@dataclass(frozen=True)
class Selection:
    """Turns findings into records.

    Attributes:
        specs: all attributes of the model, with the thresholds to use.
        kept: names of those that are given. The others still take part in settling contradictions.
        min_height: people whose box is lower than this, in displayed pixels, get no tags: from so few pixels they would
            be guesses.
        max_people: of more people in one photo the largest are taken; None: all.
    """

    specs: tuple[AttributeSpec, ...]
    kept: frozenset[str]
    min_height: float = 0.0
    max_people: int | None = None

    @property
    def attributes(self) -> tuple[AttributeSpec, ...]:
        """Those that are given, in the model's order."""
        return tuple(spec for spec in self.specs if spec.name in self.kept)

    def records(self, path: PhotoPlace, finding: Finding) -> list[Record]:
        """One record per person; a single one if there is none."""
        width, height = finding.size or (None, None)
        people = self._people(finding.people)
        if not people:
            return [Record(str(path), width, height, error=finding.error, note=finding.note)]
        names, thresholds, left_out = self._columns
        name, records = str(path), []
        for number, person in enumerate(people, start=1):
            row = person.probabilities.tolist()
            small = self._too_small(person)
            tags = [] if small else resolve_tags(names, row, thresholds)
            probabilities = dict(zip(names, row, strict=True))
            for gone in left_out:
                del probabilities[gone]
            records.append(
                Record(
                    name, width, height, number, person.box, person.score,
                    tags=tuple(tag for tag in tags if tag in self.kept) if left_out else tuple(tags),
                    probabilities=probabilities,
                    note="; ".join(filter(None, (finding.note, small))),
                    seen=person.seen,
                )
            )  # fmt: skip
        return records

    @cached_property
    def _columns(self) -> tuple[list[str], list[float], list[str]]:
        """Names and thresholds of all attributes, and the names of those that are not given."""
        names = [spec.name for spec in self.specs]
        return names, [spec.threshold for spec in self.specs], [name for name in names if name not in self.kept]

    def _people(self, people: tuple[Person, ...]) -> list[Person]:
        if self.max_people is None or len(people) <= self.max_people:
            return list(people)
        largest = sorted(people, key=lambda person: -_area(person))[: self.max_people]
        return [person for person in people if any(person is one for one in largest)]

    def _too_small(self, person: Person) -> str:
        """Why a person gets no tags; empty: it is large enough."""
        height = person.box[3] - person.box[1]
        if height >= self.min_height:
            return ""
        return f"{TOO_SMALL}: {height:.0f} pixels high, tags from {self.min_height:g} on"


def select(
    metadata: ModelMetadata,
    *,
    without: Iterable[str] = (),
    only: Collection[str] = (),
    thresholds: Mapping[str, float] | None = None,
    level: str = "",
    min_height: float | None = None,
    max_people: int | None = None,
) -> Selection:
    """The selection that a user's words ask for.

    Args:
        without: attributes or groups to leave out. A group of the vocabulary that the model does not know leaves
            nothing out, so that `sex,age` serves with any model.
        only: attributes or groups to give; empty: all.
        thresholds: by attribute or group, `""` for all others; default: the model's.
        level: whose thresholds the model's are: `sure` (few tags, nearly all true), `more`, or empty: the usual ones.

    Raises:
        SelectionError: an unknown word, a threshold outside 0..1, no attribute is left, or the model has no such level.
    """
    thresholds = thresholds or {}
    for word, value in thresholds.items():
        if not 0 <= value <= 1:
            raise SelectionError(f"threshold {f'{word}=' if word else ''}{value:g}: expected 0 to 1", "threshold")
    gone = _named(without, metadata, "without")
    wanted = _named(only, metadata, "attributes") if only else set(metadata.names)
    if not (kept := wanted - gone):
        of = ", ".join(only) if only else f"those of the model {metadata.name}"
        raise SelectionError(f"no attribute is left of {of}; leave out fewer", "without")
    own = {name: value for word, value in thresholds.items() if word for name in _named([word], metadata, "threshold")}
    own |= {name: value for name, value in thresholds.items() if name in metadata.names}  # a name goes before its group
    everyone = thresholds.get("")
    usual = _limits(metadata, level)
    specs = tuple(
        replace(spec, threshold=own.get(spec.name, usual[spec.name] if everyone is None else everyone))
        for spec in metadata.attributes
    )
    return Selection(specs, frozenset(kept), metadata.min_height if min_height is None else min_height, max_people)


def _limits(metadata: ModelMetadata, level: str) -> Mapping[str, float]:
    """The model's thresholds of a level, by attribute."""
    if level and level not in metadata.levels:
        has = ", ".join(name for name in metadata.levels if name) or "none"
        said = f"the model {metadata.name} has no level '{level}' of tags (it has {has}); use thresholds"
        raise SelectionError(said, level)
    return metadata.levels[level] if level else dict(zip(metadata.names, metadata.thresholds, strict=True))


def _named(words: Iterable[str], metadata: ModelMetadata, option: str) -> set[str]:
    groups = dict(zip(metadata.names, metadata.groups, strict=True))
    try:
        return names_of(words, groups, leaving_out=option == "without")
    except HarcliError as error:
        raise SelectionError(str(error), option) from error


def _area(person: Person) -> float:
    x1, y1, x2, y2 = person.box
    return (x2 - x1) * (y2 - y1)
