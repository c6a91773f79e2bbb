"""Open an ONNX model on the provider that was asked for, and never quietly on another one."""

from __future__ import annotations

import contextlib
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harcli.errors import HarcliError
from harcli.near import did_you_mean
from harcli.runtime import providers
from harcli.runtime.engines import remove_unused
from harcli.runtime.providers import CPU, Provider, gpu_is_visible
from harcli.runtime.threads import thread_count
from harcli.runtime.unchanged import check_carried, check_shipped

if TYPE_CHECKING:
    import onnxruntime as ort


def open_session(path: Path, provider: str = "auto", threads: int | None = None) -> ort.InferenceSession:
    """Open the model at `path`.

    Args:
        path: an `.onnx` file.
        provider: one of `harcli.runtime.providers.NAMES`, or an error where it does not work; `auto`: CUDA where an
            NVIDIA GPU is visible, else the CPU. Where one is visible and cannot be used, `auto` warns
            (`RuntimeWarning`) and takes the CPU.
        threads: threads inside an operator, if there are others at work beside; None: `thread_count`.

    Raises:
        HarcliError: no such file, not an ONNX model, an unknown provider, or one asked for by name that does not
            compute; or the file is not what it was when it was made.
    """
    if provider not in providers.NAMES:
        advice = did_you_mean([provider], providers.NAMES, f"choose one of {', '.join(providers.NAMES)}")
        raise HarcliError(f"unknown provider {provider!r}: {advice}")
    if not path.is_file():
        raise HarcliError(f"model file {path} does not exist: check the path")
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(check_shipped, path)
        try:
            session = _open_anywhere(path, provider, threads)
        finally:
            shipped = check.result()
    try:
        properties = session.get_modelmeta().custom_metadata_map
        for end in (*session.get_inputs(), *session.get_outputs()):
            _ = end.name, end.shape, end.type
    except UnicodeDecodeError as error:
        raise HarcliError(f"{path}: damaged (a text in it is not UTF-8); take another copy") from error
    if not shipped:  # else all of the file has just been checked
        check_carried(path, properties)
    return session


def _open_anywhere(path: Path, provider: str, threads: int | None) -> ort.InferenceSession:
    name = provider if provider != "auto" else "cuda" if gpu_is_visible() else "cpu"
    if name == "cpu":
        return _open(path, [CPU], threads)
    wanted = providers.BY_NAME[name]
    session, reason = _open_on(wanted, path, threads)
    if session is not None:
        return session
    if name == "tensorrt":
        remove_unused(path)
    if provider != "auto":
        raise HarcliError(f"{wanted.shown} cannot be used for {path}: {reason}; or use --provider cpu")
    warnings.warn(f"the GPU cannot be used, computing on the CPU: {reason}", RuntimeWarning, stacklevel=2)
    return _open(path, [CPU], threads)


def active_provider(session: ort.InferenceSession) -> str:
    """What really computes: `cpu`, `cuda`, `tensorrt`, `openvino`, `coreml` or `dml`."""
    return providers.name_of(session.get_providers()[0])


def _open_on(provider: Provider, path: Path, threads: int | None) -> tuple[ort.InferenceSession | None, str]:
    """A session that computes there, or None and why not."""
    if reason := providers.why_not(provider):
        return None, reason
    providers.load_libraries(provider)
    # TensorRT's leaves to CUDA what it cannot do, and all leave the rest to the CPU.
    others = [providers.BY_NAME["cuda"]] if provider.name == "tensorrt" else []
    count = threads or thread_count()
    chain = [(each.ort, each.options(path, count)) for each in (provider, *others)]
    try:
        session = _open(path, [*chain, CPU], threads)
    except HarcliError as error:
        return None, providers.missing_library(provider) or str(error)
    if active_provider(session) != provider.name:
        return None, providers.missing_library(provider) or "ONNX Runtime fell back to the CPU and does not say why"
    if _nodes_on(provider, session) == 0:
        return None, "it takes no part of this model, all of which the CPU would compute"
    return session, ""


def _nodes_on(provider: Provider, session: ort.InferenceSession) -> int | None:
    """How many parts of the graph the provider really took; None where this ONNX Runtime does not say."""
    if not hasattr(session, "get_provider_graph_assignment_info"):
        return None
    try:
        parts = session.get_provider_graph_assignment_info()
        return [part.ep_name for part in parts].count(provider.ort)
    except Exception:  # ONNX Runtime's exceptions share no base class; not all its builds keep account
        return None


def _open(path: Path, chain: list[Any], threads: int | None) -> ort.InferenceSession:
    import onnxruntime as ort

    ort.set_default_logger_severity(4)  # what fails is raised as well; its lines would stand in the progress bar
    options = ort.SessionOptions()
    options.log_severity_level = 4  # what fails is raised; its lines would bring a model's own names to the terminal
    # Never ONNX Runtime's own choice: it counts the machine's cores and ties a thread to each, whatever this process
    # may use, and complains where that is refused.
    options.intra_op_num_threads = threads or thread_count()
    if threads is not None:  # the caller has others at work, whose cores are not to be spent on waiting
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if chain[0] != CPU:
        options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")  # for `_nodes_on`
    if any(each[0] == providers.BY_NAME["dml"].ort for each in chain):
        options.enable_mem_pattern = False  # DirectML refuses it
    try:
        with contextlib.redirect_stdout(sys.stderr):
            # enable_fallback=0: a provider that fails raises here, where ONNX Runtime would print and change provider.
            return ort.InferenceSession(str(path), options, providers=chain, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's exceptions share no base class
        cause = " ".join(str(error).split())
        raise HarcliError(f"{path} cannot be opened as an ONNX model (broken or incomplete file?): {cause}") from error
