"""Da-HAR in torch, a block a file."""

from harcli.network.da_har import DaHar, DaHarConfig, DaHarOutput

__all__ = ["DaHar", "DaHarConfig", "DaHarOutput"]
