"""`harcli tag`: find the people in photos and tag each with attributes."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.output_options import check_outputs

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.model import AttributeModel
    from harcli.results import RunInfo


class Provider(str, enum.Enum):
    """What computes."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


def tag(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Photos, folders (with all below them), or - for a list of paths on stdin.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Result file: .csv, .json, .jsonl, .parquet, .coco.json or .db.")
    ],
    model: Annotated[
        str | None, typer.Option(help="Attribute model: a name, a folder or an .onnx file.", show_default="built-in")
    ] = None,
    detector: Annotated[
        str | None, typer.Option(help="Person detector: a YOLO .onnx or .pt file.", show_default="built-in")
    ] = None,
    no_detect: Annotated[bool, typer.Option("--no-detect", help="Take each image as one person.")] = False,
    confidence: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Lowest score of a person that is reported.", show_default="the detector's"),
    ] = None,
    without: Annotated[
        str, typer.Option(metavar="NAMES", help="Attributes or groups to leave out, for example sex,age.")
    ] = "",
    provider: Annotated[Provider, typer.Option(help="What computes; auto: a GPU if there is one.")] = Provider.auto,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Photos and persons computed at once.", show_default="16, on a GPU 64"),
    ] = None,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Larger photos are not read.")] = 200.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no summary.")] = False,
) -> None:
    """Find the people in photos and write what each wears, carries and looks like.

    One record a person; a photo without one and a file that cannot be read have a record too.

    Example: harcli tag photos/ --out attrs.csv

    Exit codes: 0 all read, 1 failed, 2 wrong command line, 3 finished, but some files could not be read.
    """
    _check_options(paths, out, no_detect, detector, confidence)

    from harcli.cli.tag_report import Report
    from harcli.errors import HarcliError
    from harcli.outputs import OutputOptions, open_output
    from harcli.people import WholeImage, load_detector
    from harcli.photos.find import find_photos
    from harcli.recognition.model import AttributeModel
    from harcli.tagging.selection import left_out
    from harcli.tagging.tagger import Tagger

    photos = find_photos(_expand_stdin(paths))
    recogniser = AttributeModel.load(model, provider.value, batch_size)
    try:
        leave_out = left_out(filter(None, (word.strip() for word in without.split(","))), recogniser.metadata)
    except HarcliError as error:
        raise typer.BadParameter(str(error), param_hint="--without") from error
    finder: PersonDetector = WholeImage()
    if not no_detect:
        finder = load_detector(detector, confidence=confidence, provider=provider.value)
    tagger = Tagger(finder, recogniser, without=leave_out, max_megapixels=max_megapixels)
    info = _info(finder, recogniser, tagger.attributes)
    with (
        open_output(out, info, OutputOptions()) as sink,
        Report(len(photos), out, provider=recogniser.provider, quiet=quiet) as report,
    ):
        for records in tagger.tag_each(photos):
            for record in records:
                sink.write(record)
            report.add(records)
    report.print_summary()
    if report.unreadable:
        raise typer.Exit(3)


def _check_options(
    paths: list[str], out: Path, no_detect: bool, detector: str | None, confidence: float | None
) -> None:
    """What can be told wrong before anything is loaded."""
    from harcli.outputs import OutputOptions

    check_outputs([out], OutputOptions())
    if no_detect and (detector is not None or confidence is not None):
        raise typer.BadParameter("it excludes --detector and --confidence", param_hint="--no-detect")
    for path in paths:
        # A broken symbolic link is there: it gets a record like any file that cannot be read.
        if path != "-" and not (Path(path).exists() or Path(path).is_symlink()):
            raise typer.BadParameter(f"there is no file or folder '{path}'", param_hint="PATH")


def _expand_stdin(paths: list[str]) -> list[Path]:
    """The paths, with the lines of standard input in place of `-`."""
    import os
    import sys

    expanded: list[Path] = []
    for path in paths:
        if path != "-":
            expanded.append(Path(path))
            continue
        lines = os.fsdecode(sys.stdin.buffer.read()).split("\n")
        expanded += [Path(line.removesuffix("\r")) for line in lines if line.strip()]
    return expanded


def _info(finder: PersonDetector, recogniser: AttributeModel, attributes: list[str]) -> RunInfo:
    """What the results were made with."""
    import os

    from harcli import __version__
    from harcli.results import RunInfo

    metadata = recogniser.metadata
    return RunInfo(
        attributes=tuple(spec for spec in metadata.attributes if spec.name in attributes),
        folder=os.getcwd(),  # noqa: PTH109
        version=__version__,
        model={
            **{"name": metadata.name, "version": metadata.version, "provider": recogniser.provider},
            **{"datasets": list(metadata.datasets), "licence": metadata.licence},
        },
        detector={
            **{"name": finder.name, "provider": finder.provider},
            "confidence": getattr(finder, "confidence", None),
        },
    )
