"""ONNX Runtime, and which of its providers compute here."""

from __future__ import annotations

import tempfile
from importlib import metadata
from pathlib import Path

from harcli.doctor.check import BROKEN, NOTE, OK, Check
from harcli.doctor.private import anonymous
from harcli.errors import HarcliError
from harcli.runtime import providers
from harcli.runtime.matrix_product import product_model
from harcli.runtime.providers import BY_NAME, Provider

_BUILDS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml", "onnxruntime-rocm")
_CUDA_PACKAGES = ("nvidia-cudnn", "nvidia-cublas", "nvidia-cuda-runtime", "tensorrt")


def onnx_runtime() -> Check:
    """The build that is installed. Of two, the later installed has overwritten the other in part."""
    installed = {
        str(each.metadata["Name"] or "").lower().replace("_", "-"): each.version for each in metadata.distributions()
    }
    found = {name: installed[name] for name in sorted(installed) if name in _BUILDS}
    cuda = {name: installed[name] for name in sorted(installed) if name.startswith(_CUDA_PACKAGES)}
    text = ", ".join(f"{name} {number}" for name, number in found.items())
    try:
        import onnxruntime

        working = str(onnxruntime.__version__)
        available = list(onnxruntime.get_available_providers())
    except Exception as error:  # a broken installation fails in any way
        reason = " ".join(str(error).split())
        remedy = f"pip install --force-reinstall {' '.join(found) or 'onnxruntime-gpu'}"
        return Check("ONNX Runtime", f"{text or 'missing'}: {reason}", {"packages": found}, BROKEN, remedy)
    facts = {"packages": found, "version": working, "providers": available, "CUDA packages": cuda}
    if BY_NAME["cuda"].ort in available:
        facts["CUDA"] = providers.cuda_version()
        text += f", built for CUDA {providers.cuda_version().removeprefix('cu')}"
    if len(found) > 1:
        keep = "onnxruntime-gpu" if "onnxruntime-gpu" in found else max(found)
        remedy = f"pip uninstall -y {' '.join(found)} && pip install {keep}, since they overwrite each other"
        return Check("ONNX Runtime", text, facts, NOTE, remedy)
    return Check("ONNX Runtime", text if found else working, facts)


def all_providers() -> list[Check]:
    """A check for each provider but the CPU, with which the models are tried."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "product.onnx"
        model.write_bytes(product_model())
        return [_provider(each, model) for each in BY_NAME.values() if each.name != "cpu"]


def _provider(provider: Provider, model: Path) -> Check:
    name = f"--provider {provider.name}"
    nvidia = provider.name in ("cuda", "tensorrt")
    if nvidia and not providers.gpu_is_visible():
        return Check(name, "no NVIDIA GPU is visible", {"works": False})
    if reason := providers.why_not(provider):
        # Worth a line of advice only where there is a card that lies idle.
        command = provider.build if nvidia and not provider.system else ""
        return Check(name, reason, {"works": False}, NOTE if command else OK, command)
    from harcli.runtime import open_session

    try:
        open_session(model, provider.name, threads=1)
    except HarcliError as error:
        reason = str(error).partition(f"{model}: ")[2].removesuffix("; or use --provider cpu") or str(error)
        return Check(name, reason, {"works": False, "reason": anonymous(reason)}, NOTE, reason)
    return Check(name, "works", {"works": True})
