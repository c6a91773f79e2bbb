"""In what numbers the network is computed."""

from __future__ import annotations

import torch

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
"""By option value; there is also `auto`."""


def precision(name: str, device: torch.device) -> torch.dtype:
    """`auto` is bfloat16 where it is computed natively; elsewhere it would be slower than float32."""
    if name != "auto":
        return PRECISIONS[name]
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.ops.mkldnn._is_mkldnn_bf16_supported() and torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32
