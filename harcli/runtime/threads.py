"""How many threads this process may use: by the processors that it may run on, by its cgroup's quota, or as told."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

MOST_LANES = 8
"""Each lane takes memory of its own, some 50 MB; 1: one network at a time, which has all threads."""

_told: int | None = None


def limit_threads(count: int | None) -> None:
    """Let models and decoders of this process use `count` threads; None: as many as it has processors for.

    It holds for what is opened after it: models keep their threads.
    """
    global _told
    _told = count


def limit_torch() -> None:
    """Let torch follow, if it is loaded: as told, or not more than there are processors. It knows nothing of quotas."""
    if (torch := sys.modules.get("torch")) is not None and (_told or torch.get_num_threads() > processor_count()):
        torch.set_num_threads(thread_count())


def thread_count() -> int:
    """Threads for what computes: what `limit_threads` was told, else `processor_count`."""
    return _told or processor_count()


def lane_count() -> int:
    """How many batches are computed at the same time on the processor, each in a thread that calls the network.

    Several networks at work, each in a thread of its own, share the cores without waiting for one another; the threads
    inside of one network wait for the slowest after every layer (`benchmarks/lanes.py`).
    """
    return min(thread_count(), MOST_LANES)


def lane_threads() -> int | None:
    """Threads inside of a session that `lane_count` threads call, for `open_session`: the caller's own, and those that
    are left over, which help all of them."""
    lanes = lane_count()
    return thread_count() - lanes + 1 if lanes > 1 else None


def reader_count() -> int:
    """Threads that read photos, 1 to 8. Two where nothing else was told: one waits for the disk, the other decodes."""
    return min(_told or max(processor_count(), 2), 8)


def processor_count(processes: Path = Path("/proc")) -> int:
    """Processors that this process has to itself: those that it may run on (`taskset`), or fewer by its cgroup's quota
    (`docker run --cpus 1.5` makes two).

    Args:
        processes: where the kernel tells of processes; for tests.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([allowed, *map(math.ceil, _quotas(processes / "self"))]))


def _quotas(process: Path) -> Iterator[float]:
    """Of the process's cgroup and all above it: processors worth of time, where there is a limit."""
    try:
        groups = [line.split(":", 2) for line in (process / "cgroup").read_text(encoding="utf-8").splitlines()]
        mounts = [line.split(" ") for line in (process / "mountinfo").read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):  # not Linux, or nothing is told here
        return
    for _, controllers, group in (each for each in groups if len(each) == 3):
        for mount in mounts:
            kind = mount[mount.index("-") + 1] if "-" in mount else ""
            if kind == "cgroup2" and not controllers:
                quota = _quota_v2
            elif kind == "cgroup" and "cpu" in controllers.split(",") and "cpu" in mount[-1].split(","):
                quota = _quota_v1
            else:
                continue
            for folder in _up(mount[3], Path(_plain(mount[4])), group):
                try:
                    limit = quota(folder)
                except (OSError, ValueError, ZeroDivisionError):  # no limits are kept at this level
                    continue
                if limit > 0:
                    yield limit


def _up(root: str, mounted: Path, group: str) -> Iterator[Path]:
    """The folder of a cgroup and those above it.

    Args:
        root: the cgroup that is seen at `mounted`; in a container it is often the process's own, and not `/`.
    """
    inner = Path(group)
    if root != "/" and inner.is_relative_to(root):
        inner = Path("/") / inner.relative_to(root)
    folder = mounted / str(inner).lstrip("/")
    yield folder
    while folder != mounted and mounted in folder.parents:
        folder = folder.parent
        yield folder
    yield mounted


def _quota_v2(folder: Path) -> float:
    quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
    return int(quota) / int(period)


def _quota_v1(folder: Path) -> float:
    quota, period = (int((folder / f"cpu.cfs_{name}_us").read_text(encoding="utf-8")) for name in ("quota", "period"))
    return quota / period


def _plain(path: str) -> str:
    """A path of mountinfo: blanks in it stand as octal numbers."""
    return path.replace(r"\040", " ")
