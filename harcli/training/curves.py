"""The log of a run as a picture."""

from __future__ import annotations

import json
from pathlib import Path

from harcli.outputs.whole_file import whole_binary


def draw_curves(log: Path, out: Path) -> None:
    """Draw loss, rate and validation scores over the iterations as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    scored = [line for line in lines if "val mAP" in line]
    figure = Figure(figsize=(11, 4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    x = [line["iteration"] for line in lines]
    loss = [line["loss"] for line in lines]
    left.plot(x, loss, color="0.8", linewidth=0.8, label="each iteration")
    left.plot(x, _smooth(loss), color="tab:blue", label="smoothed")
    left.set(xlabel="iteration", ylabel="training loss", title="Loss")
    left.legend(frameon=False)
    for key in [name for name in (scored[-1] if scored else {}) if name.startswith("val ")]:
        y = [line.get(key) for line in scored]
        right.plot([line["iteration"] for line in scored], y, "o-", label=f"{key.removeprefix('val ')} {y[-1]:.4f}")
    right.set(xlabel="iteration", title="Validation" if scored else "Validation: none in this run")
    if scored:
        right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.3)
    with whole_binary(out) as temporary:
        figure.savefig(temporary, dpi=110, format="png")


def _smooth(values: list[float], share: float = 0.05) -> list[float]:
    """Mean over the last values, a moving window of `share` of them."""
    width = max(1, round(share * len(values)))
    return [sum(values[max(0, i + 1 - width) : i + 1]) / min(i + 1, width) for i in range(len(values))]
