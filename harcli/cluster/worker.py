"""What runs on the cluster: one `Tagger` in each process, which takes a block of photos at a time."""

from __future__ import annotations

import pickle
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harcli import __version__
from harcli.cluster.blocks import blocks_in
from harcli.cluster.ledger import given_up, hopeless
from harcli.errors import HarcliError
from harcli.outputs.dataset.folder import ABOUT, Folder
from harcli.outputs.dataset.known import DEADLY
from harcli.outputs.dataset.parts import part_name, write_part
from harcli.outputs.dataset.stamps import Named
from harcli.results import Record, RunInfo
from harcli.tagging.tally import Tally


@dataclass(frozen=True, slots=True)
class Job:
    """What all processes have to know.

    Attributes:
        options: of the `Tagger`.
        settings: those of the driver's tagger; where a node's differ, its records would.
        info: what the driver says of the run; what computes is each node's own.
        run: how the names of parts begin.
    """

    options: Mapping[str, Any]
    settings: Mapping[str, str]
    info: RunInfo
    folder: Folder
    run: str
    version: str = __version__


class Worker:
    """One process of the pool; Ray Data calls it with a block, and gets the tally, or why there is none."""

    def __init__(self, job: Job, ledger: Any) -> None:
        """
        Args:
            ledger: the actor that is a `Ledger`.
        """
        self._job, self._ledger = job, ledger
        self._failure = ""
        try:
            self._start()
        except HarcliError as error:  # told by the first block: Ray would tell it with a traceback
            self._failure = f"{_node()}: {error}"

    def _start(self) -> None:
        from harcli.tagging.tagger import Tagger

        job = self._job
        if job.version != __version__:
            raise HarcliError(f"has harcli {__version__}, the driver {job.version}; install the same on all nodes")
        if isinstance(job.folder.place, Path) and not (job.folder.place / ABOUT).is_file():
            raise HarcliError(f"does not see the folder {job.folder}; name one that all nodes see, or a bucket")
        self._tagger = Tagger(**job.options)
        own = self._tagger.settings
        if changed := [name for name, value in job.settings.items() if own.get(name) != value]:
            raise HarcliError(f"has another {changed[0]} than the driver; install the same on all nodes")
        model, detector = self._tagger.info.model, self._tagger.info.detector
        self._info = replace(job.info, model=model, detector=detector)
        self._computed_on = f"{model['provider']} {model['precision']}"

    def __call__(self, rows: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Tag blocks and write a part for each.

        Args:
            rows: those of `block_rows`; Ray Data hands over one at a time.
        """
        answers: dict[str, list[Any]] = {"tally": [], "failure": [], "computed_on": []}
        for number, photos in blocks_in(rows):
            tally, failure = Tally(), self._failure
            if not failure:
                try:
                    tally = self._tag(number, photos)
                except HarcliError as error:
                    failure = f"{_node()}: {error}"
            answers["tally"].append(pickle.dumps(tally))
            answers["failure"].append(failure)
            answers["computed_on"].append("" if failure else self._computed_on)
        return answers

    def _tag(self, number: int, photos: Sequence[Named]) -> Tally:
        import ray

        _check_files(photos)
        block = part_name(self._job.run, number, photos)
        before, deaths = ray.get(self._ledger.begin.remote(block))
        if hopeless(before, deaths):
            raise HarcliError(
                f"{before} processes have died with the {len(photos)} photos from {photos[0].name} on, and none of "
                "these is at fault; is there too little memory?"
            )
        found = self._carefully(block, photos, before, deaths) if before else self._swiftly(photos)
        ray.get(self._ledger.past.remote(block))
        write_part(self._job.folder, block, self._info, photos, found)
        ray.get(self._ledger.done.remote(block))
        tally = Tally()
        for records in found:
            tally.add(records)
        return tally

    def _swiftly(self, photos: Sequence[Named]) -> list[list[Record]]:
        found = self._tagger.tag_files(photo.place for photo in photos)
        return [_renamed(records, photo) for photo, records in zip(photos, found, strict=True)]

    def _carefully(
        self, block: str, photos: Sequence[Named], before: int, deaths: Mapping[int, int]
    ) -> list[list[Record]]:
        """One photo at a time, those first that a process has died of: another death costs little then."""
        import ray

        found: dict[int, list[Record]] = {}
        for number in sorted(range(len(photos)), key=lambda number: (-deaths.get(number, 0), number)):
            photo = photos[number]
            if given_up(number, before, deaths):
                found[number] = [Record(photo.name, error=DEADLY)]
                continue
            ray.get(self._ledger.at.remote(block, number))
            [records] = self._tagger.tag_files([photo.place])
            found[number] = _renamed(records, photo)
        return [found[number] for number in range(len(photos))]


def _renamed(records: Sequence[Record], photo: Named) -> list[Record]:
    return [replace(record, path=photo.name) for record in records]


def _check_files(photos: Sequence[Named]) -> None:
    """See that this node has the folders in which the driver found the photos: else all would be called missing.

    Raises:
        HarcliError: it has not.
    """
    for folder in dict.fromkeys(photo.place.parent for photo in photos if isinstance(photo.place, Path)):
        if not folder.is_dir():
            raise HarcliError(f"there is no folder {folder}; a cluster tags photos that all nodes see, or in a bucket")


def _node() -> str:
    return f"node {platform.node()}"
