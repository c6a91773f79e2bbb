"""`harcli tag --on`: the same job on the machines of a cluster."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from harcli.cli.tag_run import Wanted
    from harcli.outputs.dataset.folder import Folder

_NOT_THERE = {
    "xmp": "sidecars are written beside files, which a cluster does not",
    "xmp_regions": "sidecars are written beside files, which a cluster does not",
    "save_crops": "crops are not cut on a cluster; make them of what you find",
    "batch_size": "it is for one machine; see --threads and --concurrency",
}
"""Options that make no sense, and why."""


def check_cluster(wanted: Wanted, context: typer.Context) -> Folder:
    """See that a cluster can do what is asked for, before anything is started.

    Returns:
        Where the results go.

    Raises:
        typer.BadParameter, HarcliError: it cannot.
    """
    from harcli.cli.options import typed
    from harcli.cluster.connect import check_address
    from harcli.outputs.dataset.folder import Folder

    for name, why in _NOT_THERE.items():
        if context.params[name]:
            raise typer.BadParameter(f"not with --on: {why}", param_hint=f"--{name.replace('_', '-')}")
    if typed(context, "store"):
        raise typer.BadParameter("not with --on: what a cluster found lies in --out alone", param_hint="--store")
    folders = [out for out in wanted.out if isinstance(out, Folder)]
    if len(wanted.out) != 1 or not folders:
        first = next((out for out in wanted.out if not isinstance(out, Folder)), "")
        what = f"'{first}' is one file" if first else "name one"
        raise typer.BadParameter(
            f"{what}; with --on, results go to one folder, for example s3://bucket/tags/", param_hint="--out"
        )
    check_address(context.params["on"])
    return folders[0]


def run_on_cluster(wanted: Wanted, folder: Folder, options: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Tag all photos on a cluster; tell about it on standard error.

    Args:
        options: of the `Tagger`.
        params: of the command, by name.

    Returns:
        Whether a file could not be read.
    """
    from harcli.cli.tag_report import Report
    from harcli.cli.tag_run import find
    from harcli.cluster.run import Pool, tag_on
    from harcli.cluster.worker import Job
    from harcli.outputs.dataset.folder import Folder
    from harcli.outputs.dataset.known import look, prune
    from harcli.outputs.dataset.named import named_photos
    from harcli.outputs.dataset.parts import run_name
    from harcli.tagging.tagger import Tagger

    # What it says of the run does not depend on what computes, and the driver's machine may have no GPU.
    tagger = Tagger(**{**options, "provider": "cpu", "threads": None})
    found = find(wanted)
    info = replace(tagger.info, left_out=found.summary)
    info, _, photos = named_photos(folder, wanted.path_style, info, found.photos)
    folder.begin(tagger.settings | {"paths": wanted.path_style}, {"harcli": info.as_json()})
    known = look(folder, {photo.name: photo.stamp for photo in photos}, fresh=wanted.fresh)
    new = [photo for photo in photos if photo.name not in known.current]
    pool = Pool(params["on"], params["concurrency"], params["threads"], params["gpus_per_worker"])
    where = Folder(Path.cwd() / folder.place) if isinstance(folder.place, Path) else folder
    job = Job(_absolute(options), tagger.settings, info, where, run_name())
    report = Report(
        *(replace(found, photos=[photo.place for photo in new]), wanted.places),
        provider="",
        resumes=True,
        quiet=wanted.quiet,
        skipped=len(photos) - len(new),
    )
    computed_on: Counter[str] = Counter()
    with report, _ray_is_quiet():
        if known.current:
            report.say_once(f"{len(known.current)} of {len(photos)} photos are in {folder} already, and are skipped")
        for done in tag_on(pool, job, new) if new else ():
            report.add_block(done.tally)
            computed_on[done.computed_on] += done.tally.photos
    prune(folder, known.outdated)
    if len(computed_on) > 1:
        kinds = ", ".join(f"{name} ({count} photos)" for name, count in computed_on.items())
        typer.echo(f"harcli: nodes compute in different ways: {kinds}; --precision makes them one", err=True)
    report.print_summary(computed_on=", ".join(computed_on))
    return report.troubled


def _absolute(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with absolute paths of models: processes of a cluster run in other folders."""
    named = {name: options[name] for name in ("model", "detector") if options[name] and Path(options[name]).exists()}
    return {**options, **{name: str(Path(path).resolve()) for name, path in named.items()}}


@contextlib.contextmanager
def _ray_is_quiet() -> Iterator[None]:
    """Ray tells the driver of each process that dies, at length; it does again what is lost. The progress bar has a
    way of its own to standard error."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stderr(nowhere),
        contextlib.redirect_stdout(nowhere),
    ):
        yield
