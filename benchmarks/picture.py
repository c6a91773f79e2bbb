"""The README's picture: `python benchmarks/picture.py PHOTOS docs/tag.svg` runs `harcli tag` and draws what it says."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table


def main(photos: str, picture: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "attrs.csv"
        command = [sys.executable, "-m", "harcli", "tag", str(Path(photos).resolve()), "--out", out.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
        rows = list(csv.DictReader(out.open(newline="", encoding="utf-8")))
    console = Console(record=True, width=104, file=sys.stderr, force_terminal=True)
    console.print("[bold green]$[/] harcli tag photos/ --out attrs.csv", highlight=False)
    for line in done.stderr.splitlines():
        console.print(line, highlight=False, markup=False)
    console.print("[dim]# attrs.csv has one row per person; four of its columns:[/]", highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold cyan")
    for column in ("path", "person", "score", "tags"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(Path(row["path"]).name, row["person"], row["score"], row["tags"].replace(";", "; "))
    console.print(table)
    svg = console.export_svg(title="harcli")
    # Rich's picture asks a web server for its font; ours takes a monospaced one from where it is shown.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    Path(picture).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
