"""What can compute a model: ONNX Runtime's execution providers by harcli's names, and what each one needs."""

from __future__ import annotations

import contextlib
import ctypes
import io
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harcli.extras import install
from harcli.runtime.engines import engine_dir

CPU = "CPUExecutionProvider"

_SWAP = "pip uninstall -y onnxruntime onnxruntime-gpu && pip install {}"
"""All builds of ONNX Runtime share one folder: the one that is there has to go first."""

_CUDA_EXTRA = install("cuda")

# EXHAUSTIVE, ONNX Runtime's default, tries every algorithm anew for each new input shape: seconds a shape.
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to compute.

    Attributes:
        name: as `--provider` takes it.
        shown: as people write it.
        ort: ONNX Runtime's name for it.
        build: the package of ONNX Runtime that has it, as a command.
        system: the only system that has it, as `sys.platform` says it; empty: several.
        on_gpu: whether it computes on a graphics card, where large batches of one shape pay.
        options: what ONNX Runtime is told, for a model file and a number of threads.
    """

    name: str
    shown: str
    ort: str
    build: str = ""
    system: str = ""
    on_gpu: bool = False
    options: Callable[[Path, int], dict[str, Any]] = lambda path, threads: {}


def _tensorrt_options(path: Path, threads: int) -> dict[str, Any]:
    """Building an engine takes minutes, so it is kept."""
    folder = str(engine_dir(path))
    return {
        **{"trt_engine_cache_enable": True, "trt_engine_cache_path": folder},
        **{"trt_timing_cache_enable": True, "trt_timing_cache_path": folder},
    }


def _openvino_options(path: Path, threads: int) -> dict[str, Any]:
    """An Intel GPU if there is one; in the model's own precision, which on a GPU would be halved otherwise."""
    from onnxruntime.capi import _pybind_state

    devices: list[str] = getattr(_pybind_state, "get_available_openvino_device_ids", list)()
    if any(str(device).startswith("GPU") for device in devices):
        return {"device_type": "GPU", "precision": "ACCURACY"}
    return {"device_type": "CPU", "precision": "ACCURACY", "num_of_threads": str(threads)}


_ALL = (
    Provider("cpu", "the CPU", CPU),
    Provider(
        *("cuda", "CUDA", "CUDAExecutionProvider", _SWAP.format("onnxruntime-gpu")),
        on_gpu=True,
        options=lambda path, threads: _CUDA_OPTIONS,
    ),
    Provider(
        *("tensorrt", "TensorRT", "TensorrtExecutionProvider", _SWAP.format("onnxruntime-gpu")),
        on_gpu=True,
        options=_tensorrt_options,
    ),
    Provider(
        *("openvino", "OpenVINO", "OpenVINOExecutionProvider", _SWAP.format("onnxruntime-openvino")),
        options=_openvino_options,
    ),
    Provider(
        *("coreml", "Core ML", "CoreMLExecutionProvider", _SWAP.format("onnxruntime"), "darwin"),
        options=lambda path, threads: {"ModelFormat": "MLProgram"},
    ),
    Provider(
        *("dml", "DirectML", "DmlExecutionProvider", _SWAP.format("onnxruntime-directml"), "win32"),
        on_gpu=True,
    ),
)
BY_NAME = {provider.name: provider for provider in _ALL}
NAMES = ("auto", *BY_NAME)
"""What `--provider` takes."""

_SYSTEMS = {"darwin": "macOS", "win32": "Windows"}


def name_of(ort: str) -> str:
    """harcli's name for one of ONNX Runtime's; its own, if it is none of these."""
    return next((provider.name for provider in _ALL if provider.ort == ort), ort)


def on_gpu(name: str) -> bool:
    """Whether what `active_provider` says computes on a graphics card."""
    return name in BY_NAME and BY_NAME[name].on_gpu


def gpu_is_visible() -> bool:
    """Whether an NVIDIA driver is at hand, without loading any library."""
    devices = (Path("/dev/nvidia0"), Path("/dev/dxg"))  # Linux; Windows' Linux (WSL)
    return any(device.exists() for device in devices) or shutil.which("nvidia-smi") is not None


def why_not(provider: Provider) -> str:
    """What is missing before the provider can be tried, with the command that brings it; empty if nothing is known to
    be."""
    import onnxruntime as ort

    if provider.system and provider.system != sys.platform:
        return f"it is a part of {_SYSTEMS[provider.system]}"
    if provider.ort not in ort.get_available_providers():
        return f"the installed ONNX Runtime is built without it; {provider.build} brings it"
    return ""


def load_libraries(provider: Provider) -> None:
    """Load what the provider's own library needs from Python packages, where the system's loader does not look."""
    import onnxruntime as ort

    if not hasattr(ort, "preload_dlls") or provider.name not in ("cuda", "tensorrt"):
        return
    # It reports with print() what it lacks; `missing_library` says it in one line.
    with contextlib.redirect_stdout(io.StringIO()):
        ort.preload_dlls()
    if provider.name == "tensorrt":
        with contextlib.suppress(ImportError, OSError):  # it loads what it carries when it is imported
            import tensorrt_libs  # noqa: F401


def missing_library(provider: Provider) -> str:
    """After the provider has failed: the first library that its own needs and that is not there, with the command that
    brings it; empty if it has all of them."""
    import onnxruntime as ort

    library = f"libonnxruntime_providers_{provider.name}.so"
    found = Path(ort.__file__).parent / "capi" / library
    if not found.is_file():  # not Linux, or no library of its own
        return ""
    try:
        ctypes.CDLL(str(found))
    except OSError as error:
        missing = str(error).partition(": ")[0]
        if missing != str(found) and ".so" in missing:
            return f"{missing} is missing; {_brings(missing)} brings it"
    return ""


def _brings(library: str) -> str:
    if library.startswith("libcuda.so"):
        return "the driver of NVIDIA, from the system's package manager,"
    if found := re.match(r"libnv(?:infer|onnxparser)\w*\.so\.(\d+)", library):
        return f"pip install 'tensorrt-{cuda_version()}<{int(found[1]) + 1}'"
    if library.startswith("libopenvino"):
        return "pip install --force-reinstall onnxruntime-openvino"
    return _CUDA_EXTRA


def cuda_version() -> str:
    """Which CUDA the installed ONNX Runtime was built for, as NVIDIA's packages name it: `cu13`."""
    from onnxruntime.capi import build_and_package_info

    version = str(getattr(build_and_package_info, "cuda_version", "") or "13")
    return f"cu{version.partition('.')[0]}"
