"""Where one run of `harcli tag` writes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.errors import HarcliError

if TYPE_CHECKING:
    from harcli.cli.tag_run import Wanted
    from harcli.outputs import Sink
    from harcli.outputs.dataset.folder import Folder
    from harcli.photos.find import Found
    from harcli.pictures.crops import CropWriter
    from harcli.remote.photo import PhotoPlace
    from harcli.results import Record
    from harcli.sidecars.xmp import SidecarWriter
    from harcli.tagging.tagger import Tagger


class Destinations:
    """All outputs of a run, as one context: files appear when it ends without an error."""

    def __init__(self, wanted: Wanted, tagger: Tagger, found: Found[PhotoPlace]) -> None:
        self._wanted = wanted
        self._photos = found.photos
        self._info = replace(tagger.info, left_out=found.summary)
        self._stack = ExitStack()
        self._sinks: list[tuple[Sink, Callable[[Record], Record]]] = []
        self._sidecars: SidecarWriter | None = None
        self._crops: CropWriter | None = None
        self._margin = tagger.model.metadata.input.margin
        self._tagger = tagger
        self._current: list[set[str]] = []

    def __enter__(self) -> Destinations:
        from harcli.outputs import fitting, open_output, path_styler
        from harcli.outputs.dataset.folder import Folder
        from harcli.remote.upload import uploaded

        with ExitStack() as stack:  # what is open closes if a later one fails
            for out in self._wanted.out:
                if isinstance(out, Folder):
                    self._sinks.append(self._dataset(out, stack))
                    continue
                file = stack.enter_context(uploaded(out)) if isinstance(out, str) else out
                info, styled = path_styler(self._wanted.path_style, self._info, file)
                sink = stack.enter_context(open_output(file, info, fitting(file, self._wanted.options)))
                self._sinks.append((sink, styled))
            if self._wanted.xmp:
                from harcli.sidecars.xmp import SidecarWriter

                self._sidecars = SidecarWriter(self._info, regions=self._wanted.xmp_regions)
            if self._wanted.save_crops is not None:
                from harcli.pictures.crops import CropWriter

                self._crops = CropWriter(self._wanted.save_crops, self._margin, _files(self._photos))
            self._stack = stack.pop_all()
        return self

    def _dataset(self, folder: Folder, stack: ExitStack) -> tuple[Sink, Callable[[Record], Record]]:
        """Open a data set."""
        from harcli.outputs.dataset.named import named_photos
        from harcli.outputs.dataset.sink import DatasetSink

        info, styled, photos = named_photos(folder, self._wanted.path_style, self._info, self._photos)
        folder.begin(self._tagger.settings | {"paths": self._wanted.path_style}, {"harcli": info.as_json()})
        sink = stack.enter_context(DatasetSink(folder, info, photos, fresh=self._wanted.fresh))
        both = zip(self._photos, photos, strict=True)
        self._current.append({str(photo) for photo, named in both if named.name in sink.current})
        return sink, styled

    @property
    def needed(self) -> Sequence[PhotoPlace]:
        """The photos that some destination does not have yet."""
        if not self._current or len(self._current) < len(self._sinks) or self._sidecars or self._crops:
            return self._photos
        everywhere = set.intersection(*self._current)
        return [photo for photo in self._photos if str(photo) not in everywhere]

    @property
    def without_boxes(self) -> int:
        """Sidecars that got no boxes though they were asked for."""
        return self._sidecars.without_boxes if self._sidecars is not None else 0

    def write(self, photo: PhotoPlace, records: list[Record]) -> list[str]:
        """Write the records of one photo everywhere.

        Returns:
            What went wrong beside the photo itself, a line each.
        """
        for sink, styled in self._sinks:
            for record in records:
                sink.write(styled(record))
        problems = []
        if self._sidecars is not None and isinstance(photo, Path):
            try:
                self._sidecars.write(records, photo)
            except HarcliError as error:
                problems.append(str(error))
        if self._crops is not None and isinstance(photo, Path):
            try:
                self._crops.write_crops(photo, records, self._wanted.limits)
            except HarcliError as error:
                problems.append(str(error))
        return problems

    def __exit__(self, *about: object) -> None:
        self._stack.__exit__(*about)  # type: ignore[arg-type]


def _files(photos: Sequence[PhotoPlace]) -> list[Path]:
    return [photo for photo in photos if isinstance(photo, Path)]
