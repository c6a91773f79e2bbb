"""A bar chart of the attributes, best first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harcli.errors import HarcliError
from harcli.outputs.whole_file import whole_binary

BAR, GUESS, INK, QUIET = "#2f6f9f", "#d9822b", "#1f2933", "#7b8794"
ROW = 0.25  # inches a bar


def draw(result: Mapping[str, Any], title: str, path: Path) -> None:
    """Write a PNG with one bar for each attribute's AP, beside what guessing gives; it appears whole or not at all.

    Guessing has an AP of the share of positives among the known labels.

    Args:
        result: of `harcli.evaluation.report.report`.

    Raises:
        HarcliError: no attribute has an AP, or the file cannot be written.
    """
    rows = sorted(((row["AP"], name, row) for name, row in result["attributes"].items() if row["AP"] is not None))
    if not rows:
        raise HarcliError(f"{path}: nothing to draw, no attribute has positives and negatives")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = ROW * len(rows) + 1.5
    figure = Figure(figsize=(8.5, height), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(rows))
    axes.barh(places, [ap for ap, _, _ in rows], height=0.72, color=BAR)
    shares = [row["positives"] / row["known"] for _, _, row in rows]
    axes.scatter(shares, places, marker="|", s=90, linewidths=2, color=GUESS, zorder=3, label="AP of guessing")
    for place, (ap, _, _) in zip(places, rows, strict=True):
        axes.text(ap + 0.008, place, f"{ap:.2f}", va="center", fontsize=8, color=INK)
    _label(axes, rows, result)
    axes.set_title(title, fontsize=11, color=INK, loc="left", pad=10)
    _save(figure, path)


def _label(axes: Any, rows: list[tuple[float, str, Any]], result: Mapping[str, Any]) -> None:
    """Names with their counts of positives, scale, grid and legend."""
    names = [f"{name}  ({row['positives']:,})" for _, name, row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8.5, color=INK)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(0, 1.06)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.tick_params(length=0, colors=QUIET, axis="x", labelsize=8, labeltop=len(rows) > 20)
    axes.tick_params(length=0, axis="y")
    axes.grid(axis="x", color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    means = result["means"]
    said = "   ".join(f"{name} {means[name]:.3f}" for name in ("mAP", "mA", "F1") if means[name] is not None)
    axes.set_xlabel(f"average precision (positives in brackets)    {said}", fontsize=9, color=INK)
    axes.legend(loc="lower right", frameon=False, fontsize=8.5, labelcolor=INK)


def _save(figure: Any, path: Path) -> None:
    with whole_binary(path) as temporary:
        figure.savefig(temporary, format="png", facecolor="white")
