"""In what numbers the network is computed."""

from __future__ import annotations

import torch

from harcli.errors import HarcliError

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
"""By option value; there is also `auto`."""


NARROW = 48
"""Inputs narrower than this (pixels) reach the last stage two cells wide or one, see `precision`."""


def autocast(device: torch.device, dtype: torch.dtype) -> torch.autocast:
    """Within it networks compute in `dtype`, their weights staying as they are; float32 changes nothing."""
    low = dtype is not torch.float32
    return torch.autocast(device.type, dtype if low else None, enabled=low)


def precision(name: str, device: torch.device, width: int) -> torch.dtype:
    """`auto` is bfloat16 where it is computed natively; elsewhere it would be slower than float32.

    Args:
        width: of the narrowest input, pixels. With PyTorch 2.14, bfloat16 convolutions of stride 2 on processors with
            AMX give wrong outputs and gradients, often nan, for maps one or two cells wide.

    Raises:
        HarcliError: bf16 is asked for where it would be computed wrongly.
    """
    wrong = device.type == "cpu" and width < NARROW and torch.cpu._is_amx_tile_supported()
    if name == "bf16" and wrong:
        raise HarcliError(
            f"--precision bf16: inputs narrower than {NARROW} pixels (here {width}) are computed wrongly on this "
            "processor (AMX); choose fp32 or auto"
        )
    if name != "auto":
        return PRECISIONS[name]
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.ops.mkldnn._is_mkldnn_bf16_supported() and torch.cpu._is_avx512_bf16_supported() and not wrong
    return torch.bfloat16 if native else torch.float32
