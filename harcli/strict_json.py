"""JSON from files that anybody may have written."""

from __future__ import annotations

import json
import math
from typing import Any


def loads(text: str | bytes) -> Any:
    """Read JSON; unlike `json.loads`, numbers are finite, and nothing but `ValueError` is raised.

    Raises:
        ValueError: it is no JSON, holds NaN or an infinite number, or is nested too deep.
    """
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number
