"""Records as a COCO file of person boxes, each with its attributes, as FiftyOne and CVAT load it."""

from __future__ import annotations

import json
import shutil
import tempfile
from types import TracebackType
from typing import Any, TextIO

from harcli.outputs.json import as_object
from harcli.outputs.rows import BOX_COLUMNS
from harcli.results import Record, RunInfo
from harcli.results.columns import TIME_COLUMNS, column_names

_CATEGORY = {"id": 1, "name": "person", "supercategory": "person"}

_TAKEN = (
    *("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "keypoints", "score", "person"),
    *("probabilities", "attributes", "label", "supercategory", "bounding_box", "mask", "mask_path", "confidence"),
    *("index", "instance", "tags", *TIME_COLUMNS),
)
"""Names that attributes may not have: FiftyOne puts them beside an annotation's own keys and its own fields."""


class CocoSink:
    """One object with `info`, `licenses`, `categories`, `images`, `annotations`; see docs/columns.md.

    COCO has no place for a file that could not be read, since such a file has no size: `unreadable` lists them.
    """

    def __init__(self, stream: TextIO, info: RunInfo) -> None:
        self._stream, self._info = stream, info
        self._names = column_names(info.names, _TAKEN)
        # Both lists grow at once, but follow one another in the file: the second waits on the disk.
        self._annotations = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115
        self._unreadable: list[dict[str, str]] = []
        self._images = self._people = 0
        self._last: Record | None = None

    def __enter__(self) -> CocoSink:
        about = self._info.as_json()
        info = {"description": "People and their attributes", "version": self._info.version, "harcli": about}
        head = {"info": info, "licenses": [], "categories": [_CATEGORY]}
        self._stream.write(json.dumps(head)[:-1] + ',\n"images": [')
        return self

    def write(self, record: Record) -> None:
        """Add an image with the first record of a photo, and an annotation with each person."""
        if record.width is None:
            self._unreadable.append({"file_name": record.path, "error": record.error})
            return
        last = self._last
        if last is None or record.path != last.path or record.person <= last.person:
            self._images += 1
            size = {"width": record.width, "height": record.height}
            note = {"note": record.note} if record.note else {}
            image = {"id": self._images, "file_name": record.path, **size, **note}
            self._stream.write(_item(image, first=self._images == 1))
        self._last = record
        if record.box is not None:
            self._people += 1
            self._annotations.write(_item(self._annotation(record), first=self._people == 1))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._annotations:
            if kind is None:
                self._stream.write('\n],\n"annotations": [')
                self._annotations.seek(0)
                shutil.copyfileobj(self._annotations, self._stream)
                self._stream.write(f'\n],\n"unreadable": {json.dumps(self._unreadable)}}}\n')

    def _annotation(self, record: Record) -> dict[str, Any]:
        values = as_object(record, self._info)
        x1, y1, x2, y2 = (values[name] for name in BOX_COLUMNS)
        width, height = round(x2 - x1, 1), round(y2 - y1, 1)
        tags = (name in record.tags for name in self._info.names)
        return {
            **{"id": self._people, "image_id": self._images, "category_id": _CATEGORY["id"]},
            **{"bbox": [x1, y1, width, height], "area": round(width * height, 2), "iscrowd": 0},
            "segmentation": [],  # CVAT's reader wants the key
            **{"score": values["score"], "person": record.person, "probabilities": values["probabilities"]},
            **({name: values[name] for name in TIME_COLUMNS} if record.seen else {}),
            "attributes": dict(zip(self._names, tags, strict=True)),
        }


def _item(value: dict[str, Any], *, first: bool) -> str:
    return ("\n" if first else ",\n") + json.dumps(value)
