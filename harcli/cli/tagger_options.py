"""The options that choose what a `Tagger` does, for the commands that have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harcli.cli.options import Precision, Provider, parse_thresholds, words

_SAME = (
    *("model", "detector", "confidence", "min_height", "max_people", "batch_size"),
    *("max_megapixels", "max_memory", "photo_timeout", "threads"),
)


def tagger_options(params: Mapping[str, Any]) -> dict[str, Any]:
    """What `Tagger` takes, by its own names.

    Args:
        params: values of the command's options by name, those of its `typer.Context`.

    Raises:
        typer.BadParameter: a threshold is none.
    """
    return {name: params[name] for name in _SAME} | {
        "detect": not params["no_detect"],
        "attributes": words(params["attributes"]),
        "without": words(params["without"]),
        "threshold": parse_thresholds(params["threshold"] or ()),
        "level": "sure" if params["sure"] else "more" if params["more"] else "",
        "provider": Provider(params["provider"]).value,
        "precision": Precision(params["precision"]).value,
    }
