"""`harcli untag`: take harcli's keywords out of sidecars."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

ENDING = ".xmp"
INCOMPLETE = 3


def untag(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Photos, sidecars, or folders (with everything in them)."),
    ],
) -> None:
    """Remove from sidecars (photo.jpg.xmp) the keywords and boxes that harcli wrote.

    What you or other programs wrote stays. A sidecar that harcli made is deleted, unless somebody else wrote to it.
    Photos are not touched.

    Example: harcli untag photos/

    Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done, but some sidecars could not be changed or some
    folders could not be listed.
    """
    from harcli.photos.sidecar import sidecar_of
    from harcli.sidecars.xmp import SidecarError, remove

    changed = failed = 0
    closed: list[str] = []
    sidecars = list(_sidecars(paths, closed))
    for photo in sidecars:
        try:
            changed += remove(photo)
        except SidecarError as error:
            failed += 1
            typer.echo(f"harcli: {error}", err=True)
    for problem in closed:
        typer.echo(f"harcli: {problem}", err=True)
    gone = sum(not _exists(sidecar_of(photo)) for photo in sidecars)
    typer.echo(_summary(len(sidecars), changed, gone), err=True)
    if failed or closed:
        raise typer.Exit(INCOMPLETE)


def _summary(sidecars: int, changed: int, gone: int) -> str:
    """What was done, in a sentence."""
    noun = f"{sidecars or 'no'} sidecar{'' if sidecars == 1 else 's'}"
    if not changed:
        return f"{noun} found; nothing was to be taken out"
    removed = f"; {gone} held nothing else and {'was' if gone == 1 else 'were'} removed" if gone else ""
    return f"took harcli's keywords and boxes out of {changed} of {noun}{removed}"


def _sidecars(paths: Iterable[Path], closed: list[str]) -> Iterator[Path]:
    """The photos, there or not, whose sidecars are there; none twice. Folders that cannot be listed go to `closed`."""
    from harcli.photos.sidecar import sidecar_of

    seen: set[Path] = set()
    for path in paths:
        photo = path.with_suffix("") if path.suffix == ENDING else path
        if path.is_dir():
            found: Iterable[Path] = _below(path, closed)
        elif _exists(path) or _exists(sidecar_of(photo)):
            found = [photo]
        else:
            raise typer.BadParameter(f"there is no file or folder '{path}'", param_hint="PATH")
        for each in found:
            if each not in seen and _exists(sidecar_of(each)):
                seen.add(each)
                yield each


def _below(top: Path, closed: list[str]) -> Iterator[Path]:
    """The photos of all sidecars in a folder. Folders behind links too, as `harcli tag` walks them, each once."""

    def note(error: OSError) -> None:
        closed.append(f"{error.filename}: cannot be listed ({error.strerror})")

    seen: set[str] = set()
    for folder, folders, names in os.walk(top, onerror=note, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield from (Path(folder, name).with_suffix("") for name in sorted(names) if name.endswith(ENDING))


def _exists(path: Path) -> bool:
    """Whether there is a file, or it cannot be told, which `remove` will say. A link to nothing is no file."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
