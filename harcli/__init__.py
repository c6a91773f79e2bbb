"""harcli finds the people in photos and tags each with attributes.

from harcli import Tagger

for record in Tagger().tag("photo.jpg"):
    print(record.tags)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harcli.errors import HarcliError
    from harcli.results import Record
    from harcli.tagging.tagger import Tagger

# ONNX Runtime from 1.31 on keeps a device id in the user's cache and sends events to its maker, unless this is set
# before it is loaded. Nothing of the kind happens here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
__all__ = ["HarcliError", "Record", "Tagger"]

_HOMES = {"Tagger": "harcli.tagging.tagger", "Record": "harcli.results", "HarcliError": "harcli.errors"}


def __getattr__(name: str) -> object:
    """Imported when first used: `harcli --help` does without."""
    if name not in _HOMES:
        raise AttributeError(f"module 'harcli' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
