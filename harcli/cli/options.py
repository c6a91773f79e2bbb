"""Option values that several commands parse."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from harcli.cli.completion import complete_model, complete_names
from harcli.errors import HarcliError
from harcli.remote.urls import is_url

ModelOption = Annotated[
    str | None,
    typer.Option(
        help="Attribute model: a name (fast: quicker, slightly less accurate), a folder or an .onnx file.",
        show_default="built-in",
        autocompletion=complete_model,
    ),
]
DetectorOption = Annotated[
    str | None,
    typer.Option(help="Person detector: a name, a folder, or a YOLO .onnx or .pt file.", show_default="built-in"),
]
WithoutOption = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help="Attributes or groups to leave out, for example sex,age.",
        autocompletion=complete_names,
    ),
]


class Provider(str, enum.Enum):
    """What computes: the names of `harcli.runtime.providers`."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    tensorrt = "tensorrt"
    openvino = "openvino"
    coreml = "coreml"
    dml = "dml"


class Precision(str, enum.Enum):
    """What a network computes in: the names of `harcli.runtime.precision`."""

    auto = "auto"
    fp32 = "fp32"
    fp16 = "fp16"
    int8 = "int8"


ProviderOption = Annotated[
    Provider,
    typer.Option(case_sensitive=False, help="What to compute on; auto: an NVIDIA GPU if there is one, else the CPU."),
]
PrecisionOption = Annotated[
    Precision,
    typer.Option(
        case_sensitive=False,
        help="Precision to compute in (for the detector only if it has it); auto: the fastest that each model has for "
        "this machine.",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(min=1, help="Threads to compute with.", show_default="one for each processor that it may use"),
]
BoxesOption = Annotated[Path | None, typer.Option(help="CSV from `harcli tag` with person boxes for whole photos.")]
NoDetectOption = Annotated[bool, typer.Option("--no-detect", help="Treat each image as one person.")]
ConfidenceOption = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="People with a lower detector score are left out.", show_default="the detector's"),
]
MinHeightOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="PIXELS",
        help="People smaller than this get no tags; 0: everybody gets them.",
        show_default="the model's",
    ),
]
MaxPeopleOption = Annotated[
    int | None, typer.Option(min=1, help="Take only the N largest people in a photo.", show_default="all")
]
AttributesOption = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help="Attributes or groups to include, for example hat,lower-body. Default: all.",
        autocompletion=complete_names,
    ),
]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NAME=]P",
        help="Probability from which an attribute counts as a tag: 0.6 for all, hat=0.3 for one (or for a group). "
        "May be repeated.",
        show_default="the model's, for each attribute",
    ),
]
SureOption = Annotated[bool, typer.Option("--sure", help="Fewer tags, of which nine in ten should be true.")]
MoreOption = Annotated[bool, typer.Option("--more", help="More tags, of which six in ten should be true.")]
BatchSizeOption = Annotated[
    int | None,
    typer.Option(
        min=1, help="How many photos, and how many people, to compute at once.", show_default="1 and 2, on a GPU 64"
    ),
]
MaxMegapixelsOption = Annotated[float, typer.Option(min=0.001, help="Larger photos are not read.")]
MaxMemoryOption = Annotated[
    float,
    typer.Option(min=0.001, metavar="GB", help="Memory for decoding; photos that need more are not read."),
]
PhotoTimeoutOption = Annotated[
    float, typer.Option(min=0.1, metavar="SECONDS", help="Give up on photos that take longer to decode.")
]

ResultsArgument = Annotated[
    str,
    typer.Argument(
        metavar="RESULTS",
        help="Results of `harcli tag`: a .db or .parquet file, or a folder of .parquet files. Parquet may be at a URL, "
        "for example s3://bucket/tags/.",
    ),
]

NoSettingsOption = Annotated[
    bool, typer.Option("--no-settings", help="Ignore harcli.toml, both here and in your folder for settings.")
]


def choice(*names: str, help: str) -> Any:
    """An option with one of these names for a value: help and completion show them; who takes it says what is wrong."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return typer.Option(help=help, metavar="|".join(names), autocompletion=complete)


@contextmanager
def convert(kind: type[HarcliError], option: str = "") -> Iterator[None]:
    """An error of this kind is the command line's: exit code 2, and the option's name, if not given the error's own."""
    try:
        yield
    except kind as error:
        raise typer.BadParameter(str(error), param_hint=option or f"--{error.option}") from error


def typed(context: typer.Context, name: str) -> bool:
    """Whether a parameter stands on the command line, and not only in settings or in the environment."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def results_place(text: str) -> Path | str:
    """Where results are: a path, or a URL as it is."""
    return text if is_url(text) else Path(text)


def words(text: str) -> list[str]:
    """`"sex, age"` -> `["sex", "age"]`."""
    return [word.strip() for word in text.split(",") if word.strip()]


def dataset_names(text: str) -> list[str]:
    """`"peta, ccp"` -> `["peta", "ccp"]`; at least one, of which whoever looks for it will say that there is none."""
    return list(dict.fromkeys(words(text))) or [text]


def parse_thresholds(texts: Sequence[str]) -> dict[str, float]:
    """`["0.6", "hat=0.3"]` -> `{"": 0.6, "hat": 0.3}`.

    Raises:
        typer.BadParameter: one is no probability.
    """
    thresholds: dict[str, float] = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        try:
            thresholds[name.strip()] = probability = float(value)
        except ValueError:
            raise typer.BadParameter(
                f"'{text}': expected a probability, or NAME=PROBABILITY, for example hat=0.3", param_hint="--threshold"
            ) from None
        if not 0 <= probability <= 1:
            raise typer.BadParameter(f"'{text}': expected a probability from 0 to 1", param_hint="--threshold")
    return thresholds


def parse_size(text: str) -> tuple[int, int]:
    """`"192x96"` -> `(192, 96)`, height and width in pixels."""
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if not match:
        raise HarcliError(f"size '{text}': expected height x width, for example 192x96")
    return int(match[1]), int(match[2])


def data_root(root: Path | None, datasets: Sequence[str]) -> Path:
    """The folder that holds the data sets; a `.csv` of one's own has a path of its own and needs none."""
    from harcli.datasets.sample import is_csv

    if root is None and not all(map(is_csv, datasets)):
        raise HarcliError("--root is missing: the folder that holds the data sets (or set HARCLI_DATA)")
    return root or Path()


def parse_weights(text: str) -> dict[str, float]:
    """`"peta=3,ccp=2"` -> `{"peta": 3.0, "ccp": 2.0}`; an empty text gives no weights."""
    weights: dict[str, float] = {}
    for part in words(text):
        name, _, value = part.partition("=")
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            raise HarcliError(f"weight '{part}': expected NAME=NUMBER, for example peta=3") from None
    return weights


def parse_shares(text: str) -> tuple[float, ...]:
    """`"0.5,0.8"` -> `(0.5, 0.8)`, shares of the iterations."""
    try:
        shares = tuple(float(part) for part in words(text))
    except ValueError:
        raise HarcliError(f"steps '{text}': expected shares of the iterations, for example 0.5,0.8") from None
    if any(not 0 < share < 1 for share in shares):
        raise HarcliError(f"steps '{text}': each must lie between 0 and 1")
    return shares
