"""What the shell offers when Tab is pressed. The user waits for it, so nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from harcli.remote.urls import is_url


def complete_model(incomplete: str) -> list[str]:
    """Names of installed attribute models; the shell adds files where none fits."""
    from harcli.models_dir import DETECTOR

    return [name for name in complete_any_model(incomplete) if name != DETECTOR]


def complete_any_model(incomplete: str) -> list[str]:
    """Names of installed models, detectors too."""
    from harcli.errors import HarcliError
    from harcli.models_dir import installed

    try:
        return _starting(incomplete, installed())
    except HarcliError:  # the command will say so
        return []


def complete_names(context: typer.Context, incomplete: str) -> list[str]:
    """Attributes and groups that there are, separated by commas: what comes after the last one is completed."""
    names = _attributes(context)
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    offered = dict.fromkeys([*names.values(), *names])
    return [f"{before}{comma}{name}" for name in _starting(last, offered) if name not in taken]


def complete_query(context: typer.Context, incomplete: str) -> list[str]:
    """Attributes that there are, and the words between them."""
    return _starting(incomplete, [*_attributes(context), "and", "or", "not"])


def _attributes(context: typer.Context) -> dict[str, str]:
    """The attributes of the results or of the model that the line names, with the group of each.

    Those of the vocabulary where that cannot be told: the command will say why.
    """
    from harcli.attributes import ATTRIBUTES
    from harcli.errors import HarcliError

    results = context.params.get("source") or context.params.get("file")
    if results is None and any(parameter.name == "file" for parameter in context.command.params):
        # Before an option that still lacks its value, arguments have not been given their names.
        results = next(iter(context.args), None)
    try:
        if results and is_url(str(results)):  # nobody waits for a server
            raise KeyError(results)
        return _of_results(Path(results)) if results else _of_model(context.params.get("model"))
    except (HarcliError, OSError, ValueError, KeyError):
        return {attribute.name: attribute.group for attribute in ATTRIBUTES.values()}


def _of_results(file: Path) -> dict[str, str]:
    from harcli.results.kept import open_results

    with open_results(file) as results:
        return {attribute.name: attribute.group for attribute in results.info.attributes}


def _of_model(spec: str | None) -> dict[str, str]:
    """Read from the file's end: to load a model takes too long."""
    import mmap

    from harcli.models_dir import DEFAULT_MODEL, find_model, installed
    from harcli.recognition.metadata import KEY, ModelMetadata
    from harcli.runtime.onnx_wire import metadata

    path = find_model(spec) if spec else installed().get(DEFAULT_MODEL)
    if path is None:
        raise FileNotFoundError(spec)
    with path.open("rb") as stream:
        model = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    about = ModelMetadata.from_json(metadata(model)[KEY], str(path))
    return dict(zip(about.names, about.groups, strict=True))


def _starting(text: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(text)]
