"""What `harcli bench` measured, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from harcli.cli.console import stdout_console

if TYPE_CHECKING:
    from harcli.bench.end_to_end import EndToEnd
    from harcli.bench.networks import Timed
    from harcli.bench.run import Measured
    from harcli.bench.turns import Runs


def print_tables(measured: Measured) -> None:
    """Machine, networks, photos."""
    console = stdout_console()
    processor = measured.machine["processor"]
    versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
    cards = "".join(f"; {card['name']}" for card in measured.machine["GPU"]["cards"])
    threads = f"{measured.threads} thread{'s' if measured.threads > 1 else ''}"
    console.print(f"{processor['model']}, {threads}{cards}", soft_wrap=True)
    console.print(f"harcli {measured.harcli}, {versions}; computed on {measured.provider}", soft_wrap=True)
    for precision, peak in measured.peaks.items():
        text = f"{peak.gmacs_per_second:.3g} GMAC/s, product of {peak.size}x{peak.size} matrices, best of {peak.runs}"
        console.print(f"peak in {precision}: {text}", soft_wrap=True)
    console.print(_networks(measured.networks))
    console.print(_photos(measured.end_to_end))
    console.print(f"median (least .. most) of the runs; {measured.took:.0f} s in all")


def _networks(rows: list[Timed]) -> Table:
    table = Table(title="the networks alone", title_justify="left")
    table.add_column("model", overflow="fold")
    others = len({row.by for row in rows}) > 1  # torch, beside what is told above the table
    for name in ("precision", *(["by"] if others else [])):
        table.add_column(name)
    for name in ("input", "batch", "GMACs", "ms an image", "runs", "of the peak"):
        table.add_column(name, justify="right")
    for row in rows:
        share = "" if row.share_of_peak is None else f"{row.share_of_peak:.0%}"
        cells = (
            "x".join(map(str, row.input)),
            str(row.batch),
            f"{row.gmacs:.2f}",
            _runs(row.ms),
            str(row.ms.runs),
            share,
        )
        name = row.model.removesuffix(f"/model.{row.precision}.onnx")  # the precision stands beside it
        table.add_row(name, row.precision, *([row.by] if others else []), *cells)
    return table


def _photos(rows: list[EndToEnd]) -> Table:
    table = Table(title="from files to records", title_justify="left")
    table.add_column("photos", overflow="fold")
    for name in ("photos/s", "people/photo", "memory"):
        table.add_column(name, justify="right")
    table.add_column("busy")
    table.add_column("bound by")
    for row in rows:
        busy = "\n".join(f"{stage} {share:.0%}" for stage, share in row.busy.items())
        memory = f"{row.peak_memory / 1e6:.0f} MB"
        cells = (_runs(row.photos_per_second), f"{row.people_per_photo:.1f}", memory, busy, row.bound_by)
        table.add_row(row.photos, *cells)
    return table


def _runs(runs: Runs) -> str:
    """`21.4 (20.9 .. 23.5)`; of a single run `21.4`."""
    if runs.runs == 1:
        return f"{runs.median:.3g}"
    return f"{runs.median:.3g} ({runs.min:.3g} .. {runs.max:.3g})"
