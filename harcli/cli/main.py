"""The program `harcli`: its commands, and how it ends.

Exit codes: 0 all done, 1 an obstacle (`HarcliError`), 2 a mistake in the command line, 3 done but for files that could
not be read, 130 Ctrl-C, 141 the reader of standard output has gone (`| head`), 143 SIGTERM, 129 SIGHUP.
"""

from __future__ import annotations

import signal
import sys
import warnings
from types import FrameType
from typing import Annotated, TextIO

try:
    import typer

    from harcli import __version__
    from harcli.cli.bench import bench
    from harcli.cli.datasets import app as datasets
    from harcli.cli.doctor import doctor
    from harcli.cli.ending import leave, leave_readers, own_process
    from harcli.cli.evaluate import evaluate
    from harcli.cli.explain import explain
    from harcli.cli.export import export
    from harcli.cli.export_onnx import export_onnx
    from harcli.cli.find import find
    from harcli.cli.masks import masks
    from harcli.cli.models import app as models
    from harcli.cli.plain import PlainCommand
    from harcli.cli.report import report
    from harcli.cli.serve import serve
    from harcli.cli.show import show
    from harcli.cli.store import app as store
    from harcli.cli.streams import finish, protect
    from harcli.cli.tag import tag
    from harcli.cli.train import train
    from harcli.cli.train_detector import train_detector
    from harcli.cli.untag import untag
    from harcli.cli.utf8 import use_utf8
    from harcli.cli.with_settings import OtherCommand, TagCommand
    from harcli.errors import HarcliError, ReaderGone
    from harcli.printable import one_line
except KeyboardInterrupt:  # Ctrl-C while all this is loaded
    sys.exit(130)

TRAINING_PACKAGES = frozenset(
    {"torch", "torchvision", "onnx", "onnxscript", "ultralytics", "safetensors", "scipy", "matplotlib"}
)
"""What the extra `train` installs; tagging never imports them."""

app = typer.Typer(
    name="harcli",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich's help takes twice as long to come
    context_settings={"help_option_names": ["-h", "--help"]},
)

# One line per command; the modules import heavy packages inside their functions only, to keep `--help` instant.
app.command("tag", cls=TagCommand, short_help="Find and tag the people in photos.")(tag)
app.command("report", cls=PlainCommand, short_help="Make a page to look at results in a browser.")(report)
app.command("find", cls=PlainCommand, short_help="Print the photos that fit a query.")(find)
app.command("export", cls=PlainCommand, short_help="Write results in another format.")(export)
app.command("show", cls=OtherCommand, short_help="Draw people and tags on a copy of one photo.")(show)
app.command("untag", cls=PlainCommand, short_help="Remove harcli's keywords and boxes from sidecars.")(untag)
app.command("serve", cls=OtherCommand, short_help="Tag over HTTP.")(serve)
app.add_typer(models, name="models", short_help="List the installed models, or show one.")
app.add_typer(store, name="store")
app.command("doctor", cls=PlainCommand, short_help="Show what is installed and what is missing.")(doctor)
app.command("bench", cls=PlainCommand, short_help="Measure how fast harcli is on this machine.")(bench)
app.command("train", cls=PlainCommand, short_help="Train Da-HAR on data sets.")(train)
app.command("evaluate", cls=PlainCommand, short_help="Score a model on a data set.")(evaluate)
app.command("explain", cls=PlainCommand, short_help="Draw where the model looks.")(explain)
app.command("masks", cls=PlainCommand, short_help="Make masks of people, to train with.")(masks)
app.command("export-onnx", cls=PlainCommand, short_help="Write a checkpoint as one ONNX file.")(export_onnx)
app.command("train-detector", cls=PlainCommand, short_help="Make a person detector from YOLO26.")(train_detector)
app.add_typer(datasets, name="datasets")


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"harcli {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Find the people in photos and tag each with attributes. Everything is computed on this machine."""


def run() -> None:
    """Run the command line of this process and exit."""
    try:
        _run()
    except SystemExit as end:
        leave_readers(end.code)
        raise


def _run() -> None:
    own_process()
    use_utf8()
    protect()
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which `nohup` sees to
        signal.signal(signal.SIGHUP, _terminate)
    warnings.showwarning = _show_warning
    # Pillow's remarks on photos name no file; one that cannot be read has its own record.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        try:
            app(prog_name="harcli")
        finally:
            finish()
    except HarcliError as error:
        print(f"harcli: {error if error.several_lines else one_line(str(error))}", file=sys.stderr)
        sys.exit(1)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in TRAINING_PACKAGES:
            raise
        print(
            f"harcli: {package} is not installed; it comes with harcli[train] (in a clone: .[train])", file=sys.stderr
        )
        sys.exit(1)
    except KeyboardInterrupt:
        leave(130)
        sys.exit(130)
    except SystemExit as end:
        if isinstance(end.code, int):
            leave(end.code)
        raise
    except ReaderGone:
        sys.exit(141)  # as the shell reports a program that SIGPIPE ended


def _terminate(number: int, frame: FrameType | None) -> None:
    """Leave like on Ctrl-C, so that `finally` blocks run and no half file stays."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning is for the user here: one line, no source code."""
    print(f"harcli: warning: {one_line(str(message))}", file=sys.stderr)
