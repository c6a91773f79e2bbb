"""Processor, memory and graphics cards."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from harcli.doctor.check import NOTE, Check
from harcli.runtime.processor import processor_features, processor_name
from harcli.runtime.threads import processor_count

_ASK = "name,driver_version,memory.total"
_SECONDS = 20  # a card that has fallen asleep takes some


def system() -> Check:
    """The operating system."""
    text = platform.platform()
    return Check("system", text, {"platform": text, "machine": platform.machine()})


def processor() -> Check:
    """The processor, how much of it this process may use, and what it can do."""
    name, usable, there = processor_name(), processor_count(), os.cpu_count() or 1
    features = processor_features()
    cores = f"{usable} of {there} cores usable" if usable != there else f"{there} core{'s' if there > 1 else ''}"
    text = f"{name}, {cores}; {', '.join(features) or 'none of the extensions that matter'}"
    return Check("processor", text, {"model": name, "usable": usable, "cores": there, "features": list(features)})


def memory() -> Check:
    """The machine's memory, and a container's limit."""
    import psutil

    found = psutil.virtual_memory()
    limit = _limit()
    facts = {"total": found.total, "available": found.available, "limit": limit}
    text = f"{found.total / 1e9:.1f} GB, {found.available / 1e9:.1f} GB available"
    return Check("memory", text + (f", limited to {limit / 1e9:.1f} GB" if limit else ""), facts)


def gpu() -> Check:
    """NVIDIA's cards, with their driver."""
    try:
        command = ["nvidia-smi", f"--query-gpu={_ASK}", "--format=csv,noheader,nounits"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except FileNotFoundError:
        return Check("GPU", "no NVIDIA GPU (there is no nvidia-smi)", {"cards": []})
    except (OSError, subprocess.SubprocessError) as error:
        return Check("GPU", f"nvidia-smi does not answer ({error})", {"cards": []}, NOTE, "look at the driver")
    cards = cards_of(done.stdout) if done.returncode == 0 else []
    if not cards:
        said = " ".join((done.stdout or done.stderr).split())
        return Check("GPU", f"nvidia-smi names no card: {said}", {"cards": []}, NOTE, "look at the driver")
    text = "; ".join(f"{each['name']}, {each['memory']} MiB, driver {each['driver']}" for each in cards)
    return Check("GPU", text, {"cards": cards})


def cards_of(text: str) -> list[dict[str, Any]]:
    """The cards of `nvidia-smi`'s answer, a line for each: `NVIDIA H100, 550.54, 81559`."""
    rows = [[part.strip() for part in line.rsplit(",", 2)] for line in text.splitlines()]
    return [{"name": row[0], "driver": row[1], "memory": row[2]} for row in rows if len(row) == 3]


def _limit() -> int | None:
    """Bytes that the container may use; None where there is no limit."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            limit = int(Path("/sys/fs/cgroup", name).read_text(encoding="utf-8"))
            return limit if limit < 1 << 60 else None  # the older form says no limit by a number beyond all memory
    return None
