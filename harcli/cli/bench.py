"""`harcli bench`: how fast harcli is on this machine, and what bounds it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harcli.cli.console import stderr_console
from harcli.cli.options import DetectorOption, ModelOption, Provider, ProviderOption, ThreadsOption


def bench(
    photos: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PHOTO...]",
            help="Photos or folders to measure with. By default, harcli makes photos of 0.3 and 12 megapixels.",
        ),
    ] = None,
    model: ModelOption = None,
    detector: DetectorOption = None,
    provider: ProviderOption = Provider.auto,
    threads: ThreadsOption = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many photos, and how many people, to compute at once when tagging.", show_default="as tag"
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of `harcli train`, measured in torch, eager and compiled, to compare."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="About how long to measure in all; longer is more exact.")
    ] = 60.0,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with the machine, the versions and the runs.")
    ] = False,
) -> None:
    """Measure how fast harcli is on this machine, what the machine could do, and what limits the speed.

    First the networks alone: milliseconds per image at several batch sizes, and their speed as a share of what a large
    matrix product reaches in the same run. Then tagging, from files to records: photos per second, how busy each stage
    was, which one limits the speed, and peak memory. Nothing is kept. Close other programs first: they distort the
    figures.

    Example: harcli bench photos/ --seconds 120

    Exit codes: 0 done, 1 failed, 2 wrong command line.
    """
    from harcli.bench.run import Settings, measure
    from harcli.cli.bench_tables import print_tables
    from harcli.errors import HarcliError
    from harcli.photos.find import find_photos

    if missing := [photo for photo in photos or () if not photo.exists()]:
        raise HarcliError(f"{missing[0]}: no such file or folder")
    found = list(find_photos(photos).photos) if photos else []
    if photos and not found:
        raise HarcliError("no photos there; name others, or none: harcli makes some")
    settings = Settings(
        found, model, detector, provider.value, threads, batch_size, checkpoint=checkpoint, seconds=seconds
    )
    with stderr_console().status("measuring") as status:
        measured = measure(settings, lambda what: status.update(f"measuring: {what}"))
    if json:
        from dataclasses import asdict
        from json import dumps

        typer.echo(dumps({"format": 1, **asdict(measured)}, indent=1))
    else:
        print_tables(measured)
