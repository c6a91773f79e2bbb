"""A finding as the store keeps it, with what shows that it is still the same."""

from __future__ import annotations

import hashlib
import math

from harcli.tagging.finding import Finding, pack, unpack

_LARGEST = 1_000_000  # pixels of a side; Pillow reads no more


def checksum(*values: object) -> bytes:
    """Eight bytes that are others if one of the values (bytes, text, whole numbers) is another."""
    parts = []
    for value in values:
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        parts += [len(data).to_bytes(8, "little"), data]
    return hashlib.blake2b(b"".join(parts), digest_size=8).digest()  # one call: each known photo has two checksums


def row(content: bytes, fingerprint: str, finding: Finding) -> tuple[int, int, bytes, bytes]:
    """What is kept of a finding whose photo was read: width, height, people and checksum.

    Args:
        content: the photo's hash.
        fingerprint: of the settings.
    """
    width, height = finding.size or (0, 0)
    people = pack(finding.people)
    return width, height, people, checksum(content, fingerprint, width, height, people)


def restored(
    content: bytes,
    fingerprint: str,
    columns: int | None,
    width: object,
    height: object,
    people: object,
    check: object,
) -> Finding | None:
    """The finding again; None if it is damaged, and has to be computed anew.

    Args:
        columns: probabilities that each person must have; None: any number.
    """
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(people, bytes)):
        return None
    if check != checksum(content, fingerprint, width, height, people):
        return None
    try:
        finding = Finding((width, height), unpack(people))
    except (ValueError, OverflowError, MemoryError):
        return None
    return finding if valid(finding, columns) else None


def valid(finding: Finding, columns: int | None) -> bool:
    """Whether a finding can be one: sizes, boxes, scores and probabilities are such, and as many as there must be."""
    if finding.size is None or not all(0 < side <= _LARGEST for side in finding.size):
        return False
    for person in finding.people:
        x1, y1, x2, y2 = person.box
        if not all(map(math.isfinite, person.box)) or x1 > x2 or y1 > y2 or not 0 <= person.score <= 1:
            return False
        if (seen := person.seen) and not 0 <= seen.start <= seen.best <= seen.end < math.inf:
            return False
        values = person.probabilities
        # nan is the lowest and the highest of any, and neither above nor below anything
        if (columns is not None and len(values) != columns) or (
            len(values) and not (values.min() >= 0 and values.max() <= 1)
        ):
            return False
    return True
