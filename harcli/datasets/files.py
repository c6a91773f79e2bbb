"""Reading the data sets' files, with one clear line where one is missing or odd."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli import strict_json
from harcli.datasets.sample import Sample
from harcli.errors import HarcliError
from harcli.folders import folders_in, listing

log = logging.getLogger(__name__)

IMAGES = (".jpg", ".jpeg", ".png", ".bmp")
"""The endings of images in data sets, in small letters."""

_HDF5 = 2
"""The version that scipy tells of a file in MATLAB's form 7.3, which it does not read."""


@functools.cache
def warn_once(text: str) -> None:
    """A remark for the user, not repeated when the same files are read again under another split."""
    log.warning(text)


def seek(root: Path, *names: str) -> Path:
    """The first of these files or folders that is there, in `root` or in a folder within it, as archives unpack.

    Args:
        names: paths below `root`, the published one first; it is what is given where none is there.
    """
    places = [folder / name for folder in (root, *folders_in(root)) for name in names]
    return next((place for place in places if os.path.exists(place)), root / names[0])  # noqa: PTH110


def image_folder(root: Path, *names: str) -> Path:
    """The first of these folders that holds an image, in `root` or in a folder within it; else the first in `root`."""
    folders = [folder / name for folder in (root, *folders_in(root)) for name in names]
    return next((folder for folder in folders if first_image(folder)), root / names[0])


def first_image(folder: Path) -> str:
    """The name of an image in a folder; empty where it holds none, or is no folder."""
    return next((entry.name for entry in listing(folder)[0] if entry.name.lower().endswith(IMAGES)), "")


def load_mat(path: Path, *keys: str) -> dict[str, Any]:
    """A MATLAB file that must hold the variables `keys`.

    Raises:
        HarcliError: it is missing, unreadable or holds something else.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import matfile_version

    _check_file(path)
    try:
        version, _ = matfile_version(path)
        mat: dict[str, Any] = loadmat(path) if version != _HDF5 else {}
    except Exception as error:  # scipy raises what its parser happens to hit in a damaged file
        raise HarcliError(f"{path}: not a readable MATLAB file ({error})") from error
    if version == _HDF5:
        raise HarcliError(f"{path}: is in MATLAB's form 7.3; save it anew in MATLAB with save(..., '-v7')")
    for key in keys:
        if key not in mat:
            found = ", ".join(k for k in mat if not k.startswith("_"))
            raise HarcliError(f"{path}: expected a variable '{key}', found: {found or 'none'}")
    return mat


def load_json(path: Path) -> Any:
    """A JSON file.

    Raises:
        HarcliError: it is missing, or not JSON.
    """
    _check_file(path)
    try:
        return strict_json.loads(path.read_bytes(), finite=False)
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise HarcliError(f"{path}: not JSON ({error})") from error


def field(path: Path, struct: Any, name: str) -> NDArray[Any]:
    """A field of a MATLAB struct as scipy gives it: a 1x1 array with named fields.

    Raises:
        HarcliError: it is no such struct, or lacks the field.
    """
    while isinstance(struct, np.ndarray) and struct.dtype == object and struct.size == 1:
        struct = struct.ravel()[0]  # a cell with a struct in it
    names = struct.dtype.names if isinstance(struct, np.ndarray) and struct.size == 1 else None
    if not names or name not in names:
        found = f"the fields {', '.join(names)}" if names else "no struct"
        raise HarcliError(f"{path}: expected a struct with the field '{name}', found {found}")
    return np.asarray(struct[name].ravel()[0])


def texts(path: Path, cells: NDArray[Any], what: str) -> list[str]:
    """The strings of a MATLAB cell array of any orientation.

    Raises:
        HarcliError: a cell holds something else, or nothing.
    """
    found = []
    for i, cell in enumerate(np.asarray(cells).ravel().tolist() if cells.dtype.kind == "U" else cells.ravel()):
        while isinstance(cell, np.ndarray) and cell.size == 1:
            cell = cell.ravel()[0]
        if not isinstance(cell, str):
            raise HarcliError(f"{path}: entry {i + 1} of {what} is not one string")
        found.append(str(cell))
    return found


def table(
    path: Path, array: NDArray[Any], what: str, shape: tuple[int | None, int | None], allowed: Collection[int] = ()
) -> NDArray[np.int64]:
    """A matrix of whole numbers, checked.

    Args:
        shape: rows and columns that it must have; None: any number.
        allowed: the values that may occur; empty: any.

    Raises:
        HarcliError: another shape, another type, or another value.
    """
    expected = " x ".join("any" if n is None else str(n) for n in shape)
    sizes = " x ".join(map(str, array.shape))
    if array.ndim != 2 or any(n is not None and n != m for n, m in zip(shape, array.shape, strict=True)):
        raise HarcliError(f"{path}: {what} is {sizes}, expected {expected}")
    if array.dtype.kind not in "iufb" or (array.dtype.kind == "f" and not (array == np.floor(array)).all()):
        raise HarcliError(f"{path}: {what} is of type {array.dtype}, expected whole numbers")
    numbers = array.astype(np.int64)
    odd = set(np.unique(numbers).tolist()) - set(allowed) if allowed else set()
    if odd:
        listed = ", ".join(map(str, sorted(allowed)))
        raise HarcliError(f"{path}: {what} holds the value {min(odd)}, expected only {listed}")
    return numbers


def partition(path: Path, listed: Mapping[str, NDArray[Any]], count: int, what: str) -> dict[int, str]:
    """Row (from 0) -> part, from the lists of a partition, which count rows from 1.

    Raises:
        HarcliError: a list names a row that is not one of the `count`, or two name the same.
    """
    parts: dict[int, str] = {}
    for part, numbers in listed.items():
        if numbers.dtype.kind not in "iuf":
            raise HarcliError(f"{path}: {part} of {what} is of type {numbers.dtype}, expected row numbers")
        for number in numbers.ravel().tolist():
            if number != int(number) or not 1 <= number <= count:
                raise HarcliError(f"{path}: {part} of {what} names row {number}, expected 1 to {count}")
            if parts.setdefault(int(number) - 1, part) != part:
                raise HarcliError(f"{path}: {what} has row {number} in {parts[int(number) - 1]} and in {part}")
    return parts


def choice(path: Path, partitions: NDArray[Any], split: str) -> NDArray[Any]:
    """Partition `split` ("0", "1", ...) of a cell array of them.

    Raises:
        HarcliError: there are fewer.
    """
    if int(split) >= partitions.size:
        raise HarcliError(f"{path}: has {partitions.size} partitions, expected a partition {split} counted from 0")
    return np.asarray(partitions.ravel()[int(split)])


def require(path: Path, found: Sequence[str], expected: Sequence[str]) -> None:
    """All the labels that the protocol scores must be there, and no name twice.

    Raises:
        HarcliError: one is not.
    """
    missing = [name for name in expected if name not in found]
    if missing:
        raise HarcliError(f"{path}: has no label '{missing[0]}' ({len(missing)} of {len(expected)} are missing)")
    if len(set(found)) < len(found):
        twice = next(n for n in found if list(found).count(n) > 1)
        raise HarcliError(f"{path}: has the label '{twice}' twice")


def photo_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels as the photo is shown, from the file's header.

    Raises:
        PhotoError: it cannot be read as a photo, or is larger than `harcli.photos.limits` has it.
    """
    from harcli.photos.decode import opened, turn_of
    from harcli.photos.modes import turned_size

    with opened(path) as image:
        return turned_size(image, turn_of(image))


def on_disk(samples: Sequence[Sample]) -> list[bool]:
    """Whether the image of each sample is there; every folder is listed once."""
    names: dict[str, set[str]] = {}
    here = []
    for sample in samples:
        folder, name = os.path.split(sample.image)
        if folder not in names:
            names[folder] = {entry.name for entry in listing(Path(folder))[0]}
        here.append(name in names[folder])
    return here


def existing(samples: Sequence[Sample], root: Path) -> list[Sample]:
    """The samples whose image is on disk; says how many are not.

    Raises:
        HarcliError: none is.
    """
    found = [s for s, here in zip(samples, on_disk(samples), strict=True) if here]
    if not found:
        example = f", for example {samples[0].image}" if samples else ""
        raise HarcliError(f"{root}: none of the {len(samples)} images that the labels name is here{example}")
    if len(found) < len(samples):
        warn_once(f"{root}: {len(samples) - len(found)} of {len(samples)} labelled images are not here")
    return found


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise HarcliError(f"{path}: not found; give the folder of the data set in its published layout")
