"""What Da-HAR costs beside its baseline, as the paper's complexity analysis has it: `python benchmarks/complexity.py`.

Baseline: ResNet and attention head. Da-HAR: all three blocks on top. For both

* parameters, of the network that is trained;
* GMACs: multiply-accumulates of convolutions and matrix products, counted by PyTorch's FlopCounterMode (which counts
  two FLOPs for one of them); norms, activations, products with masks and re-sampling are not counted, as is usual;
* milliseconds for a forward pass in evaluation mode, in fp32, by PyTorch or (`--onnx`) by ONNX Runtime on the CPU. The
  two take turns, and the ratio is the median over the turns, so that a busy or slowing machine strikes both alike.
  Weights are random: the time does not depend on them.

The paper: one image on an NVIDIA 1080 Ti, 1.079 times the time; whether at 224x224 or 256x256 it does not say.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from harcli.cli.options import parse_size
from harcli.export.onnx_file import to_onnx
from harcli.network import DaHar, DaHarConfig

PAPER = {
    "baseline": {"parameters": 45.4e6, "milliseconds": 22.28},
    "Da-HAR": {"parameters": 52.4e6, "milliseconds": 24.04},
}


def configs(depth: int, attributes: int) -> dict[str, DaHarConfig]:
    """The two networks that the paper compares, by name."""
    bare = DaHarConfig(attributes, depth, self_mask=False, fusion=False, masked_attention=False)
    return {"baseline": bare, "Da-HAR": DaHarConfig(attributes, depth)}


def parameters(config: DaHarConfig) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in DaHar(config).parameters())


def macs(config: DaHarConfig, size: tuple[int, int]) -> int:
    """Multiply-accumulates for one image of `size` (height, width); nothing is computed."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        DaHar(config).eval()(torch.empty(1, 3, *size))
    return int(counter.get_total_flops()) // 2


def in_onnx_runtime(network: DaHar, size: tuple[int, int], threads: int | None) -> Callable[[torch.Tensor], object]:
    """The network as `harcli tag` computes it: its probabilities alone."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    model = to_onnx(network, *size).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(["probabilities"], {"images": images.numpy()})


def times(
    networks: Mapping[str, Callable[[torch.Tensor], object]], images: torch.Tensor, repetitions: int, warm_up: int = 3
) -> dict[str, np.ndarray]:
    """Milliseconds of `repetitions` forward passes of each network `(repetitions,)`, the networks taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in networks}
    with torch.inference_mode():
        for _ in range(warm_up + repetitions):
            for name, network in networks.items():
                start = time.perf_counter()
                network(images)
                if images.is_cuda:
                    torch.cuda.synchronize(images.device)
                taken[name].append((time.perf_counter() - start) * 1000)
    return {name: np.array(values[warm_up:]) for name, values in taken.items()}


def processor(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of a run, ready for JSON."""
    size, device = parse_size(options.size), torch.device(options.device)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    kinds = configs(options.depth, options.attributes)
    rows = {name: {"parameters": parameters(c), "macs": macs(c, size)} for name, c in kinds.items()}
    networks: dict[str, Callable[[torch.Tensor], object]] = {}
    for name, config in kinds.items():
        network = DaHar(config).eval()
        networks[name] = in_onnx_runtime(network, size, options.threads) if options.onnx else network.to(device)
    taken = times(networks, torch.randn(options.batch, 3, *size, device=device), options.repeat)
    for name, values in taken.items():
        low, median, high = (round(float(q), 3) for q in np.quantile(values, (0.25, 0.5, 0.75)))
        rows[name] |= {"milliseconds": median, "quartiles": [low, high]}
    ratios = {key: rows["Da-HAR"][key] / rows["baseline"][key] for key in ("parameters", "macs")}
    return {
        "networks": rows,
        "ratios": ratios | {"milliseconds": float(np.median(taken["Da-HAR"] / taken["baseline"]))},
        "run": {
            **{"depth": options.depth, "attributes": options.attributes, "size": options.size, "batch": options.batch},
            **{"repeat": options.repeat, "device": processor(device), "torch": torch.__version__},
            "runtime": "ONNX Runtime" if options.onnx else "PyTorch",
        },
    }


def show(result: dict[str, Any]) -> None:
    """The figures as a table, the paper's beside them."""
    print(", ".join(f"{key} {value}" for key, value in result["run"].items()))
    print(f"{'':10}{'parameters':>12}{'paper':>9}{'GMACs':>9}{'ms':>10}{'quartiles':>20}{'paper, 1080 Ti':>16}")
    for name, row in result["networks"].items():
        low, high = row["quartiles"]
        print(
            f"{name:10}{row['parameters'] / 1e6:>10.3f} M{PAPER[name]['parameters'] / 1e6:>7.1f} M"
            f"{row['macs'] / 1e9:>9.3f}{row['milliseconds']:>10.2f}{f'{low:.2f} .. {high:.2f}':>20}"
            f"{PAPER[name]['milliseconds']:>13.2f} ms"
        )
    ratios = result["ratios"]
    paper = {key: PAPER["Da-HAR"][key] / PAPER["baseline"][key] for key in ("parameters", "milliseconds")}
    print(
        f"{'ratio':10}{ratios['parameters']:>12.3f}{paper['parameters']:>9.3f}{ratios['macs']:>9.3f}"
        f"{ratios['milliseconds']:>10.3f}{'':>20}{paper['milliseconds']:>16.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--depth", type=int, default=101, help="of the ResNet")
    parser.add_argument("--attributes", type=int, default=14, help="14: WIDER-Attribute")
    parser.add_argument("--size", default="224x224", help="input, height x width, multiples of 32")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, ...")
    parser.add_argument("--batch", type=int, default=1, help="images in a pass")
    parser.add_argument("--threads", type=int, help="of the CPU; without: PyTorch's choice")
    parser.add_argument("--repeat", type=int, default=50, help="timed passes of each network")
    parser.add_argument("--onnx", action="store_true", help="time ONNX Runtime instead of PyTorch")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    if options.onnx and options.device != "cpu":
        parser.error("--onnx times the CPU only: leave out --device")

    result = measure(options)
    show(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
