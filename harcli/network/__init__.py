"""Da-HAR in torch, one file per block."""

from harcli.network.da_har import DaHar, DaHarConfig, DaHarOutput

__all__ = ["DaHar", "DaHarConfig", "DaHarOutput"]
