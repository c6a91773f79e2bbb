"""`harcli tag`: find the people in photos and tag each with attributes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harcli.cli.options import (
    AttributesOption,
    BatchSizeOption,
    ConfidenceOption,
    DetectorOption,
    MaxMegapixelsOption,
    MaxMemoryOption,
    MaxPeopleOption,
    MinHeightOption,
    ModelOption,
    MoreOption,
    NoDetectOption,
    NoSettingsOption,
    PhotoTimeoutOption,
    Precision,
    PrecisionOption,
    Provider,
    ProviderOption,
    SureOption,
    ThreadsOption,
    ThresholdOption,
    WithoutOption,
    convert,
    typed,
)
from harcli.cli.output_options import Format, PathStyle, place


def tag(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Photos, folders (with everything in them), URLs of either, such as s3://bucket/photos/, or - to read "
            "a list of these from standard input, one per line or separated by NUL.",
        ),
    ],
    out: Annotated[
        list[str] | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Result file: .csv, .json, .jsonl, .parquet, .db (SQLite) or .coco.json; replaced if it exists. It "
            "can also be a URL such as s3://bucket/tags.csv; a folder of Parquet files such as tags/, to which later "
            "runs add; or - for standard output (with --format). May be repeated.",
        ),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="Format of --out, if its ending does not tell.")
    ] = None,
    long: Annotated[bool, typer.Option("--long", help="One row per person and attribute.")] = False,
    csv_safe: Annotated[
        bool,
        typer.Option(
            "--csv-safe", help="Make CSV safe for spreadsheets: no text runs as a formula, and Excel shows umlauts."
        ),
    ] = False,
    path_style: Annotated[
        PathStyle,
        typer.Option("--paths", help="Name photos as you gave them, by absolute path, or relative to the result file."),
    ] = PathStyle.named,
    xmp: Annotated[
        bool, typer.Option("--xmp", help="Write tags as keywords to photo.jpg.xmp beside each photo.")
    ] = False,
    xmp_regions: Annotated[
        bool, typer.Option("--xmp-regions", help="Like --xmp, with people's boxes as regions.")
    ] = False,
    save_crops: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save a picture of each person in this folder.")
    ] = None,
    model: ModelOption = None,
    detector: DetectorOption = None,
    no_detect: NoDetectOption = False,
    confidence: ConfidenceOption = None,
    min_height: MinHeightOption = None,
    max_people: MaxPeopleOption = None,
    attributes: AttributesOption = "",
    without: WithoutOption = "",
    threshold: ThresholdOption = None,
    sure: SureOption = False,
    more: MoreOption = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB", help="Leave out matching files in folders, by the rules of .gitignore. May be repeated."
        ),
    ] = None,
    raw_preview: Annotated[
        bool, typer.Option("--raw-preview", help="Also take RAW files from folders, using their embedded preview.")
    ] = False,
    fps: Annotated[
        float,
        typer.Option(
            min=0.01,
            max=1000,
            help="Frames to look at in each second of a video. More frames follow people better but take longer.",
        ),
    ] = 1.0,
    live_videos: Annotated[
        bool, typer.Option("--live-videos", help="Also take the videos of Live Photos, not only the photos.")
    ] = False,
    store: Annotated[
        Path | None,
        typer.Option(
            envvar="HARCLI_STORE",
            help="File that keeps what was found, so that a stopped run can go on and known photos cost nothing.",
            show_default="store.db in your folder for program data",
        ),
    ] = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Do without the store: keep nothing, and use nothing kept before.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute all photos again.")] = False,
    provider: ProviderOption = Provider.auto,
    precision: PrecisionOption = Precision.auto,
    batch_size: BatchSizeOption = None,
    threads: ThreadsOption = None,
    max_megapixels: MaxMegapixelsOption = 200.0,
    max_memory: MaxMemoryOption = 2.0,
    photo_timeout: PhotoTimeoutOption = 60.0,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="If no photos are found, write empty results instead of failing.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bar and no summary, only what went wrong.")
    ] = False,
    on: Annotated[
        str,
        typer.Option(
            metavar="CLUSTER",
            help="Tag on a Ray cluster: ray (the one running here, else this machine alone) or ray://host:10001.",
        ),
    ] = "",
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1, help="With --on: number of processes that tag.", show_default="as many as the cluster has room for"
        ),
    ] = None,
    gpus_per_worker: Annotated[
        float, typer.Option(min=0, metavar="GPUS", help="With --on: GPUs per process; 0.5: two share one.")
    ] = 0.0,
    no_settings: NoSettingsOption = False,
) -> None:
    """Find the people in photos and write what each of them wears, carries and looks like.

    One record per person. Photos without people and files that cannot be read get one as well. To continue a run
    that was stopped, give the same command again.

    Example: harcli tag photos/ --out attrs.csv

    Exit codes: 0 all read, 1 failed or no photos found, 2 wrong command line, 3 finished, but some files could not be
    read or written.
    """
    from harcli.cli.ending import end_promptly
    from harcli.cli.tag_run import Wanted, check, run
    from harcli.photos.limits import Limits

    if not on:  # else Ray has to be told, which takes longer
        end_promptly()
    wanted = Wanted(
        paths,
        tuple(map(place, out or ())),
        form=form.value if form else "",
        long=long,
        csv_safe=csv_safe,
        path_style=path_style.value,
        xmp=xmp or xmp_regions,
        xmp_regions=xmp_regions,
        save_crops=save_crops,
        ignore=tuple(ignore or ()),
        raw_preview=raw_preview,
        live_videos=live_videos,
        limits=Limits(max_megapixels, max_memory, photo_timeout),
        allow_empty=allow_empty,
        fresh=fresh,
        quiet=quiet,
    )
    if on:
        from harcli.cli.tag_cluster import check_cluster, run_on_cluster

        folder = check_cluster(wanted, context)
    else:
        for name in ("concurrency", "gpus_per_worker"):
            if typed(context, name):
                raise typer.BadParameter("it is for a cluster; see --on", param_hint=f"--{name.replace('_', '-')}")
    check(wanted)
    if no_detect and (detector is not None or confidence is not None):
        raise typer.BadParameter("it excludes --detector and --confidence", param_hint="--no-detect")
    if sure and more:
        raise typer.BadParameter("it excludes --more", param_hint="--sure")
    if no_store and fresh:
        raise typer.BadParameter("it excludes --fresh", param_hint="--no-store")

    from harcli.cli.streams import hush_libraries
    from harcli.cli.tagger_options import tagger_options
    from harcli.tagging.places import usable_store
    from harcli.tagging.selection import SelectionError
    from harcli.tagging.tagger import Tagger

    hush_libraries()
    with convert(SelectionError):
        options = tagger_options(context.params) | {"fps": fps}
        if on:
            problems = run_on_cluster(wanted, folder, options, context.params)
        else:
            kept = None if no_store else usable_store(store)
            with Tagger(**options, store=kept, fresh=fresh, again=save_crops is not None) as tagger:
                problems = run(wanted, tagger)
    if problems:
        raise typer.Exit(3)
