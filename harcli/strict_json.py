"""JSON from files that anybody may have written."""

from __future__ import annotations

import json
import math
from typing import Any


def loads(text: str | bytes, *, finite: bool = True) -> Any:
    """Read JSON; unlike `json.loads`, nothing but `ValueError` is raised.

    Args:
        finite: NaN and infinite numbers, which Python writes and reads though JSON has none, are errors.

    Raises:
        ValueError: it is no JSON, holds such a number, or is nested too deep.
    """
    try:
        if not finite:
            return json.loads(text)
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number
