"""The main job, for the command and for notebooks alike: photos to records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from harcli.errors import HarcliError
from harcli.photos.limits import MAX_MEGAPIXELS, MAX_MEMORY, PHOTO_TIMEOUT
from harcli.remote.listing import find_anywhere
from harcli.remote.photo import PhotoPlace
from harcli.results import Record
from harcli.runtime import limit_threads
from harcli.tagging.description import description, record_settings
from harcli.tagging.pipeline import Pipeline
from harcli.tagging.places import named_places, opened_store
from harcli.tagging.reader import Pixels
from harcli.tagging.selection import select
from harcli.tagging.videos import FPS, Videos, in_order
from harcli.video import video_installed

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.model import AttributeModel
    from harcli.tagging.busy import Busy
    from harcli.tagging.live import Live


class Tagger:
    """Finds the people in photos and videos and tags each with attributes.

        from harcli import Tagger

        tagger = Tagger(without=["sex", "age"])
        for record in tagger.tag("photo.jpg"):
            print(record.person, record.box, record.tags)

    Attributes:
        info: attributes with their thresholds, model and detector.
        model: the attribute model in use.
        detector: the person detector in use.
    """

    def __init__(
        self,
        model: str | Path | AttributeModel | None = None,
        detector: str | Path | PersonDetector | None = None,
        *,
        detect: bool = True,
        confidence: float | None = None,
        attributes: Collection[str] = (),
        without: Collection[str] = (),
        threshold: float | Mapping[str, float] | None = None,
        level: str = "",
        min_height: float | None = None,
        max_people: int | None = None,
        ignore: Sequence[str] = (),
        raw_preview: bool = False,
        fps: float = FPS,
        live_videos: bool = False,
        provider: str = "auto",
        precision: str = "auto",
        batch_size: int | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
        max_memory: float = MAX_MEMORY,
        photo_timeout: float = PHOTO_TIMEOUT,
        workers: int | None = None,
        threads: int | None = None,
        store: str | Path | None = None,
        fresh: bool = False,
        again: bool = False,
    ) -> None:
        """
        Args:
            model: name, folder or `.onnx` file of an attribute model; None: the one that comes with harcli.
            detector: a YOLO `.onnx` or `.pt` file; None: the one that comes with harcli.
            detect: False takes each image as one person.
            confidence: lowest score of a person, 0..1; None: the detector's own.
            attributes: names or groups to give; empty: all.
            without: names or groups to leave out.
            threshold: probability from which an attribute is a tag, for all or by name or group (`""`: all others);
                None: the model's, chosen for each attribute on validation data.
            level: which of the model's thresholds: `sure` gives fewer tags, more of them true; `more` gives more.
            min_height: people smaller than this, in pixels of height, get no tags; None: the model's.
            max_people: of more people in a photo the largest are taken.
            ignore: patterns of files in folders to leave out, in the syntax of gitignore.
            raw_preview: take RAW files from folders too, by their embedded preview.
            fps: frames of a video that are looked at each second.
            live_videos: take the videos of Live Photos from folders too, beside the photos.
            provider: what computes: `auto`, `cpu`, `cuda`, `tensorrt`, `openvino`, `coreml` or `dml`.
            precision: of the models, the detector's where it has it: `fp32`, `fp16` or `int8`; `auto`: the quickest
                that is there for what computes, and the file itself where one is named.
            batch_size: photos and persons computed at once; None: 1 and 2, on a GPU 64.
            max_megapixels: larger photos are not read.
            max_memory: gigabytes for decoding, of all photos together; what needs more is not read.
            photo_timeout: seconds; what takes longer to decode is given up.
            workers: threads that decode; None: 2 to 8 by the processors that the process may use.
            threads: of models and decoders, for the whole process from now on; None: as many as it may use processors.
            store: file that keeps what is found for later runs; None: nothing is kept.
            fresh: do not use what the store has.
            again: each photo will be decoded again when its records are there, for crops of it: `max_memory` is for
                that too.

        Raises:
            HarcliError: one of these is wrong or missing; the message says which.
        """
        from harcli.people import WholeImage, load_detector
        from harcli.recognition.model import AttributeModel

        for name, words in (("attributes", attributes), ("without", without), ("ignore", ignore)):
            if isinstance(words, str):
                raise HarcliError(f"{name}={words!r}: expected a list, for example [{words!r}]")
        if not 0.01 <= fps <= 1000:
            raise HarcliError(f"fps={fps:g}: expected 0.01 to 1000 frames a second")
        if (min_height or 0) < 0 or any(count is not None and count < 1 for count in (max_people, batch_size, threads)):
            raise HarcliError("min_height must be 0 or more, max_people, batch_size and threads 1 or more")
        if threads is not None:
            limit_threads(threads)
        if model is None or isinstance(model, (str, Path)):
            model = AttributeModel.load(model, provider, batch_size, precision=precision, in_lanes=True)
        self.model: AttributeModel = model
        thresholds = {"": threshold} if isinstance(threshold, (int, float)) else threshold
        self._selection = select(
            self.model.metadata,
            without=without,
            only=attributes,
            thresholds=thresholds,
            level=level,
            min_height=min_height,
            max_people=max_people,
        )
        self._ignore, self._raw_preview, self._live_videos = ignore, raw_preview, live_videos
        self._asked = {"precision": precision, "fps": f"{fps:g}"}
        if not detect:
            detector = WholeImage()
        elif detector is None or isinstance(detector, (str, Path)):
            one = None if detector is None else str(detector)
            detector = load_detector(
                one, confidence=confidence, provider=provider, batch_size=batch_size, precision=precision, in_lanes=True
            )
        self.detector: PersonDetector = detector
        self.info = description(self.model, self.detector, self._selection.attributes)
        self._store = opened_store(store, self.model, self.detector, fresh=fresh)
        self._pipeline = Pipeline(
            self.detector,
            self.model,
            max_megapixels=max_megapixels,
            max_memory=max_memory,
            photo_timeout=photo_timeout,
            workers=workers,
            store=self._store,
            again=again,
        )
        self._videos = Videos(
            self._pipeline.look_all, self._pipeline.photos_at_once, self._pipeline.limits, self._store, fps
        )

    def __enter__(self) -> Tagger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is not None:
            self._store.__exit__(kind, error, trace)

    @property
    def computed(self) -> int:
        """Photos and videos that were computed, and not taken from the store."""
        return self._pipeline.computed + self._videos.computed

    @property
    def watching(self) -> str:
        """The video that is being looked at, and how far that is: `clip.mp4 at 1:02`; empty while there is none."""
        return self._videos.watching

    @property
    def busy(self) -> Busy:
        """How long each stage was at work."""
        return self._pipeline.busy

    @property
    def keeps(self) -> bool:
        """Whether what is found is kept for later runs."""
        return self._store is not None

    @property
    def settings(self) -> dict[str, str]:
        """What decides about the records, in words."""
        return record_settings(self.model, self.detector, self._selection, self._asked)

    @property
    def other_settings(self) -> str:
        """In what kept findings of these photos differ from this run's settings; empty if there are none such."""
        return self._store.other_settings if self._store is not None else ""

    def tag(self, photo: str | Path | Pixels | Iterable[str | Path]) -> list[Record]:
        """The records of a photo, of a folder with everything below it, or of several of them.

        Args:
            photo: paths, or URLs as fsspec reads them (`s3://bucket/photos/`); or the pixels of one photo, uint8
                `(H, W, 3)` RGB, whose records have an empty path.

        Returns:
            One record per person, in a video too, however long the person is seen; photos and videos without people,
            and files that cannot be read (`record.error`), get one as well.

        Raises:
            HarcliError: there is no such file or folder, or pixels of another shape or type.
        """
        if isinstance(photo, np.ndarray):
            finding = self._pipeline.look(photo)
            return [replace(record, path="") for record in self._selection.records(Path(), finding)]
        return [record for records in self.tag_each(photo) for record in records]

    def tag_each(self, photos: str | Path | Iterable[str | Path]) -> Iterator[list[Record]]:
        """For each file in turn its records, as they are computed; folders with everything below them.

        Raises:
            HarcliError: there is no such file or folder; or detection or recognition failed as such, out of memory for
                example.
        """
        found = find_anywhere(
            named_places(photos),
            self._ignore,
            raw=self._raw_preview,
            videos=video_installed(),
            live_videos=self._live_videos,
        )
        return self.tag_files(found.photos)

    def tag_files(self, files: Iterable[PhotoPlace]) -> Iterator[list[Record]]:
        """For each file in turn its records; one that is not there has an error in its record.

        Raises:
            HarcliError: detection or recognition failed as such.
        """
        for path, finding in in_order(files, self._pipeline.findings, self._videos.finding):
            yield self._selection.records(path, finding)

    def live(self) -> Live:
        """For photos that come one at a time and are waited for by many, as in a service; see `harcli.tagging.live`."""
        from harcli.tagging.live import Live

        return Live(self._pipeline, self._selection)
