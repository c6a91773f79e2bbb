"""In what numbers the network is computed."""

from __future__ import annotations

import pytest
import torch

from harcli.errors import HarcliError
from harcli.network.precision import precision

CPU = torch.device("cpu")


@pytest.fixture
def amx(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor with AVX-512 bf16 and AMX, whatever this one is."""
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)


@pytest.mark.usefixtures("amx")
def test_auto_is_float32_where_bfloat16_would_be_wrong() -> None:
    assert precision("auto", CPU, 48) == torch.bfloat16
    assert precision("auto", CPU, 47) == torch.float32
    assert precision("bf16", CPU, 48) == torch.bfloat16


@pytest.mark.usefixtures("amx")
def test_asked_for_where_it_would_be_wrong_is_refused() -> None:
    with pytest.raises(HarcliError, match="narrower than 48 pixels \\(here 32\\)"):
        precision("bf16", CPU, 32)


def test_other_processors_take_any_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert precision("bf16", CPU, 32) == torch.bfloat16
