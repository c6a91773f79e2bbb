"""Photos a second, from files to records: `child` does it, so that memory is that of tagging alone."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass

from harcli.bench.child import Answer, Request, Run
from harcli.bench.turns import Runs
from harcli.errors import HarcliError
from harcli.runtime.child import child_command


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """Tagging some photos.

    Attributes:
        photos: which ones, in words.
        photos_per_second: over the runs.
        people_per_photo: on average.
        busy: by stage, the share of the time that it was at work, 0..1, in the median run, the busiest first.
        bound_by: the stage that the others wait for.
        start: seconds for opening the models and the first photos, which do not count.
        peak_memory: bytes, of the whole process.
        provider: what computed.
    """

    photos: str
    photos_per_second: Runs
    people_per_photo: float
    busy: dict[str, float]
    bound_by: str
    start: float
    peak_memory: int
    provider: str


def tag_photos(what: str, request: Request) -> EndToEnd:
    """Measure it in another process.

    Args:
        what: the photos, in words.

    Raises:
        HarcliError: it failed; the message says why.
    """
    done = subprocess.run(
        child_command("harcli.bench.child"),
        input=json.dumps(asdict(request)).encode(),
        capture_output=True,
    )
    try:
        said = json.loads(done.stdout)
    except ValueError:
        last = " ".join(done.stderr.decode("utf-8", "replace").split())[-300:]
        raise HarcliError(f"tagging {what} broke down (exit code {done.returncode}): {last}") from None
    if "error" in said:
        raise HarcliError(said["error"])
    return _summary(what, Answer(**said | {"runs": [Run(**run) for run in said["runs"]]}))


def _summary(what: str, answer: Answer) -> EndToEnd:
    runs = sorted(answer.runs, key=lambda run: run.photos / run.seconds)
    middle = runs[len(runs) // 2]
    return EndToEnd(
        photos=what,
        photos_per_second=Runs.of([run.photos / run.seconds for run in runs]),
        people_per_photo=sum(run.people for run in runs) / max(sum(run.photos for run in runs), 1),
        busy=middle.busy,
        bound_by=next(iter(middle.busy), ""),
        start=answer.start,
        peak_memory=answer.peak_memory,
        provider=answer.provider,
    )
