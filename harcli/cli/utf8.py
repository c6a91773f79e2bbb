"""Names of files as bytes, whatever the locale."""

from __future__ import annotations

import contextlib
import os
import sys


def use_utf8() -> None:
    """Start this process anew in Python's UTF-8 mode, if the locale has another encoding.

    Names of files are bytes. Python turns them into text by the locale's encoding, once and for all when it starts;
    results are UTF-8. In Latin-1 `MÃ¼ller.jpg` would stand in them for a file whose name is `Müller.jpg` in UTF-8,
    and a name in Japanese could not be written back at all. Messages keep the terminal's encoding.
    """
    if sys.getfilesystemencoding().lower() in ("utf-8", "utf8") or sys.flags.utf8_mode or os.name == "nt":
        return
    terminal = getattr(sys.stderr, "encoding", None) or "ascii"
    environment = {"PYTHONIOENCODING": f"{terminal}:backslashreplace", **os.environ}
    with contextlib.suppress(OSError):  # then it goes on as it is
        os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]], environment)
