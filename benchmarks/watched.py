"""For the benchmarks of reliability: harcli as a process, watched from outside, with a model that costs nothing."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK = 0.02  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        code: its exit code, negative for a signal.
        seconds: how long it ran, or from the signal on that was to stop it.
        peak: bytes of memory at its height, of it and all processes that it started.
        said: what it wrote to standard error.
    """

    code: int
    seconds: float
    peak: int
    said: str


def harcli(
    *arguments: str | Path, listed: bytes = b"", stop: signal.Signals | None = None, after: float = 0.0
) -> Ended:
    """Run the command to its end.

    Args:
        listed: what it reads on standard input.
        stop: a signal that it gets `after` so many seconds.
    """
    command = [sys.executable, "-m", "harcli", *map(str, arguments)]
    begin = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: said.append(child.communicate(listed)[1])),
        *([threading.Timer(after, child.send_signal, [stop])] if stop else []),
    ]
    for thread in threads:
        thread.start()
    peak = 0
    while threads[0].is_alive():
        peak = max(peak, _memory(child.pid))
        threads[0].join(LOOK)
    seconds = time.monotonic() - begin
    for timer in threads[1:]:
        timer.cancel()  # type: ignore[attr-defined]
    return Ended(child.returncode, max(seconds - after, 0.0), peak, said[0].decode("utf-8", "replace"))


def _memory(process: int) -> int:
    """Bytes that a process and those it started have in memory now."""
    total = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        total = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                total += sum(map(_memory, map(int, children.read_text().split())))
    return total


def tiny_model(path: Path) -> Path:
    """Write an attribute model whose three attributes are how red, green and blue a picture is."""
    from onnx import TensorProto, helper

    from harcli.recognition.metadata import KEY, AttributeSpec, InputSpec, ModelMetadata

    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, 16, 8])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3])
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])
    nodes = [
        helper.make_node("ReduceMean", ["images", "axes"], ["means"], keepdims=0),
        helper.make_node("Sigmoid", ["means"], ["probabilities"]),
    ]
    graph = helper.make_graph(nodes, "tiny", [images], [probabilities], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    groups = {"hat": "head", "female": "sex", "jeans": "lower-body"}
    specs = tuple(AttributeSpec(name, group, 0.5) for name, group in groups.items())
    helper.set_model_props(model, {KEY: ModelMetadata("tiny", "1", specs, InputSpec(16, 8)).to_json()})
    path.write_bytes(model.SerializeToString())
    return path


def told(name: str, value: str, well: bool) -> bool:
    """Print a line of the result; give on whether it is well."""
    print(f"{name}: {value}{'' if well else '   <-- not as promised'}", flush=True)
    return well


def finish(results: Sequence[bool]) -> None:
    """End with exit code 1 if anything was not well."""
    raise SystemExit(0 if all(results) else 1)
