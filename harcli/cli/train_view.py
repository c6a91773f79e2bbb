"""What the network of `harcli train` sees of a person: sizes and margin."""

from __future__ import annotations

from typing import Any

from harcli.cli.options import parse_size


def view(
    recipe: str, dataset: str, size: str, full: str, small_size: str, margin: float | None, start: str
) -> dict[str, Any]:
    """The figures of a `TrainConfig` that are not the recipe's: those of the options, else of the network `start`."""
    given = _sizes(recipe, dataset, size, full, small_size) | ({} if margin is None else {"margin": margin})
    if not start:
        return given
    from harcli.training.start import view_of_start

    return dict(zip(("size", "full", "margin"), view_of_start(start), strict=True)) | given


def _sizes(recipe: str, dataset: str, size: str, full: str, small_size: str) -> dict[str, Any]:
    """The sizes that differ from the recipe's. RAP's people keep a height of twice their width (the paper)."""
    paper = recipe == "paper"
    sizes: dict[str, Any] = {}
    if paper and not size and dataset in ("rap", "rap2"):
        sizes = {"size": (224, 112), "full": (256, 128)}
    if size:
        height, width = sizes["size"] = parse_size(size)
        sizes["full"] = (round(height / 14) * 16, round(width / 14) * 16) if paper else (height, width)
    if full:
        sizes["full"] = parse_size(full)
    if small_size:
        sizes["small_size"] = parse_size(small_size)
    return sizes
