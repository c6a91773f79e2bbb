"""Open an ONNX model on the provider that was asked for, and never quietly on another one."""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harcli.errors import HarcliError
from harcli.runtime.threads import thread_count
from harcli.runtime.unchanged import check_carried, check_shipped

if TYPE_CHECKING:
    import onnxruntime as ort

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
PROVIDERS = ("auto", "cpu", "cuda")

# EXHAUSTIVE, ONNX Runtime's default, tries every algorithm anew for each new input shape: seconds a shape.
_CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}


def open_session(path: Path, provider: str = "auto", threads: int | None = None) -> ort.InferenceSession:
    """Open the model at `path`.

    Args:
        path: an `.onnx` file.
        provider: `cpu`; `cuda`, or an error where it does not work; `auto`: CUDA where a GPU is visible, else the CPU.
            Where a GPU is visible and cannot be used, `auto` warns (`RuntimeWarning`) and takes the CPU.
        threads: threads inside an operator; None: `thread_count`.

    Raises:
        HarcliError: no such file, not an ONNX model, an unknown provider, or an explicit `cuda` that is not active; or
            the file is not what it was when it was made.
    """
    if provider not in PROVIDERS:
        raise HarcliError(f"unknown provider {provider!r}: choose one of {', '.join(PROVIDERS)}")
    if not path.is_file():
        raise HarcliError(f"model file {path} does not exist: check the path")
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(check_shipped, path)
        try:
            session = _open_anywhere(path, provider, threads)
        finally:
            check.result()
    try:
        properties = session.get_modelmeta().custom_metadata_map
        for end in (*session.get_inputs(), *session.get_outputs()):
            _ = end.name, end.shape, end.type
    except UnicodeDecodeError as error:
        raise HarcliError(f"{path}: damaged (a text in it is not UTF-8); take another copy") from error
    check_carried(path, properties)
    return session


def _open_anywhere(path: Path, provider: str, threads: int | None) -> ort.InferenceSession:
    if provider == "cuda" or (provider == "auto" and gpu_is_visible()):
        session, reason = _open_on_cuda(path, threads)
        if session is not None:
            return session
        if provider == "cuda":
            raise HarcliError(f"CUDA cannot be used for {path}: {reason}; use --provider cpu or auto")
        warnings.warn(f"the GPU cannot be used, computing on the CPU: {reason}", RuntimeWarning, stacklevel=2)
    return _open(path, [CPU], threads)


def active_provider(session: ort.InferenceSession) -> str:
    """What really computes: `cuda` or `cpu`."""
    return "cuda" if session.get_providers()[0] == CUDA else "cpu"


def gpu_is_visible() -> bool:
    """Whether an NVIDIA driver is at hand, without loading any library."""
    devices = (Path("/dev/nvidia0"), Path("/dev/dxg"))  # Linux; Windows' Linux (WSL)
    return any(device.exists() for device in devices) or shutil.which("nvidia-smi") is not None


def _open_on_cuda(path: Path, threads: int | None) -> tuple[ort.InferenceSession | None, str]:
    """A session that computes on CUDA, or None and why not."""
    import onnxruntime as ort

    if CUDA not in ort.get_available_providers():
        return None, "the installed ONNX Runtime is a CPU build (onnxruntime-gpu is the other one)"
    # It reports with print() what it lacks; the reason that is returned says it in one line.
    with contextlib.redirect_stdout(io.StringIO()):
        ort.preload_dlls()
    try:
        session = _open(path, [(CUDA, _CUDA_OPTIONS), CPU], threads)
    except HarcliError as error:
        return None, str(error)
    if active_provider(session) != "cuda":
        return None, "ONNX Runtime fell back to the CPU; its CUDA and cuDNN libraries come with the extra harcli[cuda]"
    return session, ""


def _open(path: Path, providers: list[Any], threads: int | None) -> ort.InferenceSession:
    import onnxruntime as ort

    ort.set_default_logger_severity(4)  # what fails is raised as well; its lines would stand in the progress bar
    options = ort.SessionOptions()
    options.log_severity_level = 4  # what fails is raised; its lines would bring a model's own names to the terminal
    # Never ONNX Runtime's own choice: it counts the machine's cores and ties a thread to each, whatever this process
    # may use, and complains where that is refused.
    options.intra_op_num_threads = threads or thread_count()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            # enable_fallback=0: a provider that fails raises here, where ONNX Runtime would print and change provider.
            return ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's exceptions share no base class
        cause = " ".join(str(error).split())
        raise HarcliError(f"{path} cannot be opened as an ONNX model (broken or incomplete file?): {cause}") from error
