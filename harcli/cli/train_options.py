"""What follows from several options of `harcli train` together."""

from __future__ import annotations

from typing import Any

import typer

from harcli.cli.options import parse_size
from harcli.near import one_of


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


def own_labels(labels: str, datasets: tuple[str, ...]) -> bool:
    """Whether the data set's own labels are learnt."""
    return one_of("--labels", labels, ("", "own", "shared")) == "own" or (not labels and len(datasets) == 1)


def alone(context: typer.Context) -> None:
    """A run goes on as it was begun: with `--resume`, other options would be ignored, so they are refused."""
    from harcli.errors import HarcliError

    sources = {name: context.get_parameter_source(name) for name in context.params if name != "resume"}
    given = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    others = ", ".join("--" + name.replace("_", "-") for name in given)
    if others:
        raise HarcliError(f"--resume goes on with the run as it was begun; leave out {others}")
