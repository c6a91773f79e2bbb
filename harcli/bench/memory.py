"""The most memory that this process has had."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_memory() -> int:
    """Bytes in memory at their height, of this process alone."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # Not `ru_maxrss`, in which Linux counts the process that started this one, from before it became harcli.
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
