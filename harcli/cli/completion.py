"""What the shell offers when Tab is pressed. The user waits for it, so nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Iterable


def complete_model(incomplete: str) -> list[str]:
    """Names of installed attribute models; the shell adds files where none fits."""
    from harcli.models_dir import DETECTOR

    return [name for name in complete_any_model(incomplete) if name != DETECTOR]


def complete_any_model(incomplete: str) -> list[str]:
    """Names of installed models, detectors too."""
    from harcli.errors import HarcliError
    from harcli.models_dir import installed

    try:
        return _starting(incomplete, installed())
    except HarcliError:  # the command will say so
        return []


def complete_names(incomplete: str) -> list[str]:
    """Attributes and groups, separated by commas: what comes after the last one is completed."""
    from harcli.attributes import ATTRIBUTES, GROUPS

    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{name}" for name in _starting(last, [*GROUPS, *ATTRIBUTES]) if name not in taken]


def complete_query(incomplete: str) -> list[str]:
    """Attributes, and the words between them."""
    from harcli.attributes import ATTRIBUTES

    return _starting(incomplete, [*ATTRIBUTES, "and", "or", "not"])


def _starting(text: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(text)]
