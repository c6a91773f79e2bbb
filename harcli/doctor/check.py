"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OK = "ok"
NOTE = "note"
"""harcli works without it."""
BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found.

    Attributes:
        name: what was looked at.
        text: what there is, for people; it may name paths.
        facts: the same for JSON: no user name, no paths.
        state: `OK`, `NOTE` or `BROKEN`.
        remedy: what helps, a command mostly; empty if nothing has to be done.
    """

    name: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: str = OK
    remedy: str = ""
