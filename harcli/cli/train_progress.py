"""How far a training run has come, in lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer


class Progress:
    """One line per iteration on a terminal, one in fifty elsewhere, on standard error."""

    def __call__(self, figures: dict[str, float], iterations: int) -> None:
        import sys

        done = int(figures["iteration"])
        speed = done / max(figures["seconds"], 0.1)
        scores = "".join(f"  {k} {v}" for k, v in figures.items() if k.startswith("val"))
        left = _duration((iterations - done) / speed)
        line = f"{done}/{iterations}  loss {figures['loss']:.4f}  {speed:.2f}/s  {left} left{scores}"
        if sys.stderr.isatty() and not scores:
            typer.echo(f"\r{line}  ", err=True, nl=False)
        elif scores or done % 50 == 0:
            typer.echo(line, err=True)


def carry_out(folder: Path, work: Callable[[], str]) -> None:
    """Do the work of a run and say what was done; where it is stopped, say how it goes on."""
    from harcli.training.spec import CONFIG
    from harcli.training.state import STATE

    try:
        typer.echo(f"{folder}: {work()}", err=True)
    except (KeyboardInterrupt, SystemExit):
        if (folder / CONFIG).exists():
            where = "goes on from the last checkpoint" if (folder / STATE).exists() else "begins it again"
            typer.echo(f"\nstopped; `harcli train --resume {folder}` {where}", err=True)
        raise


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
