"""Bring in Ultralytics without its habits: no telemetry, no pip at run time, no patched Pillow."""

from __future__ import annotations

import logging
import os
import sys
from types import ModuleType

from harcli.errors import HarcliError
from harcli.extras import install


def import_ultralytics() -> ModuleType:
    """Import `ultralytics`, tamed, and return the module.

    On import Ultralytics replaces `PIL.Image.open` (ultralytics/utils/patches.py), may install packages with pip while
    running (`YOLO_AUTOINSTALL`) and sends usage events when it believes to be online (`utils/events.py`). Here the
    switches are set before the import, and Pillow's own `open` is put back after it. It logs to standard output, which
    is for data; its handlers are turned to standard error.

    Raises:
        HarcliError: Ultralytics is not installed.
    """
    import PIL.Image

    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_OFFLINE"] = "true"
    os.environ.setdefault("YOLO_VERBOSE", "false")
    try:
        import ultralytics
        import ultralytics.utils.patches
        from ultralytics.utils import LOGGER
        from ultralytics.utils.events import events
    except ImportError as error:
        raise HarcliError(f"Ultralytics is needed for this and is not installed: {install('train')}") from error
    # Pillow's own `open`, also where somebody else imported Ultralytics before.
    PIL.Image.open = ultralytics.utils.patches._image_open
    events.enabled = False
    for handler in LOGGER.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)
    return ultralytics
