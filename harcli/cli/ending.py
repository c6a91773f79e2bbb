"""End within two seconds of Ctrl-C or SIGTERM, whatever the main thread is doing: Python lets a decoder or a network
finish what it has begun before it looks at signals."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

SECONDS = 1.0
"""For the regular way out, which says how far the run has come."""

_NUMBERS = frozenset(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
_SHOW_CURSOR = b"\x1b[?25h"
_own_process = _armed = False


def own_process() -> None:
    """This process runs nothing but harcli: `end_promptly` may end it."""
    global _own_process
    _own_process = True


def end_promptly() -> None:
    """From now on, end `SECONDS` after one of these signals if the process has not ended by then.

    For commands that lose nothing by it: what they write appears whole or not at all, what they keep is kept in steps.
    """
    if not _own_process or threading.current_thread() is not threading.main_thread():
        return
    global _armed
    _armed = True
    import socket

    ours, pythons = socket.socketpair()
    pythons.setblocking(False)
    # Python writes the numbers of signals there when they come, not when the main thread has time for them.
    signal.set_wakeup_fd(pythons.detach(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(ours,), name="signals", daemon=True).start()


def leave(code: int) -> None:
    """End at once with this exit code, if `end_promptly` was called and a signal is why: Python would wait for threads
    that decode before it lets go of its memory."""
    if _armed and code - 128 in _NUMBERS:
        _leave_now(code)


def leave_readers(code: object) -> None:
    """End at once with this exit code, if results were read from a URL: threads of Arrow may still be reading ahead, by
    means of Python, which crashes or hangs if it comes to its own end meanwhile."""
    if _own_process and "harcli.remote.parquet" in sys.modules:
        _leave_now(code if isinstance(code, int) else int(code is not None))


def _leave_now(code: int) -> None:
    _remove_unfinished()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # closed, or its reader has gone
            stream.flush()
    os._exit(code)


def _remove_unfinished() -> None:
    """Temporary files, of modules that are there; not imported here: the main thread may be in the middle of that."""
    if (files := sys.modules.get("harcli.outputs.whole_file")) is not None:
        files.remove_unfinished()
    if (copies := sys.modules.get("harcli.remote.photo")) is not None:
        copies.remove_copies()


def _watch(signals: socket.socket) -> None:
    while number := signals.recv(1):
        if number[0] in _NUMBERS:
            time.sleep(SECONDS)
            _remove_unfinished()
            with contextlib.suppress(OSError, ValueError):
                if os.isatty(terminal := sys.stderr.fileno()):
                    os.write(terminal, _SHOW_CURSOR)  # a progress bar hides it
            os._exit(128 + number[0])
