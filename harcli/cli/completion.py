"""What the shell offers when Tab is pressed. It waits for that, so nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Iterable


def complete_model(incomplete: str) -> list[str]:
    """Names of installed attribute models; the shell adds files where none fits."""
    from harcli.models_dir import DETECTOR, installed

    return [name for name in installed() if name != DETECTOR and name.startswith(incomplete)]


def complete_any_model(incomplete: str) -> list[str]:
    """Names of installed models, detectors too."""
    from harcli.models_dir import installed

    return [name for name in installed() if name.startswith(incomplete)]


def complete_names(incomplete: str) -> list[str]:
    """Attributes and groups, separated by commas: what comes after the last one is completed."""
    from harcli.attributes import ATTRIBUTES, GROUPS

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in _starting(last, [*GROUPS, *ATTRIBUTES], before.split(","))]


def complete_query(incomplete: str) -> list[str]:
    """Attributes, and the words between them."""
    from harcli.attributes import ATTRIBUTES

    return list(_starting(incomplete, [*ATTRIBUTES, "and", "or", "not"], []))


def _starting(text: str, names: Iterable[str], taken: Iterable[str]) -> Iterable[str]:
    left_out = set(taken)
    return (name for name in names if name.startswith(text) and name not in left_out)
