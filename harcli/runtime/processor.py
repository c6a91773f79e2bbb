"""Which processor this is, and what it can do that matters to a network: `AVX-512 VNNI` multiplies bytes, and so on."""

from __future__ import annotations

import platform
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

_FEATURES = {
    "AVX2": {"avx2", "AVX2", "X86_V3"},
    "AVX-512": {"avx512f", "AVX512F", "X86_V4"},
    "AVX-VNNI": {"avx_vnni", "avxvnni"},
    "AVX-512 VNNI": {"avx512_vnni", "avx512vnni", "AVX512_ICL"},
    "AVX-512 FP16": {"avx512_fp16", "avx512fp16", "AVX512_SPR"},
    "AMX int8": {"amx_int8"},
    "AMX bf16": {"amx_bf16"},
    "NEON": {"asimd", "NEON", "ASIMD"},
    "dot product": {"asimddp", "ASIMDDP"},
    "i8mm": {"i8mm"},
    "SVE": {"sve", "SVE"},
}
"""By name: how Linux, macOS or numpy calls it. numpy's last ones stand for a generation of processors."""


@lru_cache(1)
def processor_name() -> str:
    """The model, as its maker calls it; at least the architecture."""
    if sys.platform == "darwin":
        name = _sysctl("machdep.cpu.brand_string")
    elif sys.platform == "win32":
        name = _windows_name()
    else:
        name = _cpuinfo("model name")
    return " ".join((name or platform.processor() or platform.machine() or "unknown").split())


@lru_cache(1)
def processor_features() -> tuple[str, ...]:
    """Those of `_FEATURES` that it has."""
    said = _cpuinfo("flags") or _cpuinfo("Features")
    if sys.platform == "darwin":
        said = _sysctl("machdep.cpu.leaf7_features").replace(".", "_").lower()
    words = set(said.split()) or _numpys()
    return tuple(name for name, calls in _FEATURES.items() if calls & words)


def _cpuinfo(key: str) -> str:
    """What Linux says of the first processor; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")


def _sysctl(key: str) -> str:
    try:
        return subprocess.run(["sysctl", "-n", key], capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _windows_name() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    except OSError:
        return ""


def _numpys() -> set[str]:
    """What numpy found when it was imported."""
    import numpy as np

    try:
        extensions = np.show_config(mode="dicts").get("SIMD Extensions", {})
    except TypeError:  # before numpy 1.26, which only prints
        return set()
    return {*extensions.get("baseline", ()), *extensions.get("found", ())}
