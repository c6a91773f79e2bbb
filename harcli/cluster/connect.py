"""The way to a cluster: one that runs, or one of this machine alone for as long as the run takes."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

from harcli.errors import HarcliError
from harcli.extras import install
from harcli.runtime import processor_count

HERE = "ray"
"""The cluster that `RAY_ADDRESS` names or that runs on this machine, or else this machine."""

_PREFIX = "ray://"
_PATIENCE = 10.0
"""Seconds to wait for an answer of the cluster's port."""

_OBJECT_STORE = 200 * 2**20
"""Bytes of shared memory on this machine: what passes through it are lists of photos, not photos."""


def is_client(address: str) -> bool:
    """Whether the cluster is reached by Ray's client, and this process is no part of it."""
    return _named(address).startswith(_PREFIX)


def _named(address: str) -> str:
    """The address itself, or in place of `ray` that of the environment, which may be empty."""
    return os.environ.get("RAY_ADDRESS", "") if address == HERE else address


def check_address(address: str) -> None:
    """See that the cluster can be asked.

    Raises:
        HarcliError: Ray is not installed, the address is none, or nobody answers there.
    """
    if importlib.util.find_spec("ray") is None or importlib.util.find_spec("pyarrow") is None:
        raise HarcliError(f"--on: a cluster needs an extra: {install('ray')}")
    named = _named(address)
    if named in ("", "auto", "local"):
        return
    if address != HERE and not address.startswith(_PREFIX):
        raise HarcliError(f"--on {address}: expected ray, or an address such as ray://host:10001")
    if named.startswith(_PREFIX) and importlib.util.find_spec("grpc") is None:
        raise HarcliError(f"--on {named}: needs grpcio: {install('ray')}")
    host, _, port = named.removeprefix(_PREFIX).partition("/")[0].rpartition(":")
    if not host or not port.isdigit():
        raise HarcliError(f"--on {named}: expected host and port, for example ray://host:10001")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or f"no answer in {_PATIENCE:g} s"
        raise HarcliError(f"--on {named}: no cluster answers at {host}:{port} ({reason})") from None


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """The module `ray`, connected; quiet, and without a word to anybody else.

    Raises:
        HarcliError: there is no connection.
    """
    check_address(address)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is sent to Ray's makers
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # what Ray will do by itself; it warns otherwise
    import ray

    terminated = signal.getsignal(signal.SIGTERM)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL, "configure_logging": True}
    try:
        if address != HERE:
            ray.init(address, **quiet)
        else:
            _init_here(ray, quiet)
    except Exception as error:  # ConnectionError, RuntimeError for another version, and many more
        raise HarcliError(f"--on {address}: no connection to the cluster ({one_line_of(error)})") from None
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, terminated)  # Ray has put an end of its own in its place
    try:
        yield ray
    finally:
        with contextlib.suppress(Exception):  # a cluster that has gone
            ray.shutdown()


def _init_here(ray: Any, quiet: dict[str, Any]) -> None:
    if os.environ.get("RAY_ADDRESS", "") != "local":
        try:
            ray.init("auto", **quiet)
            return
        except ConnectionError:
            if os.environ.get("RAY_ADDRESS"):
                raise
    ray.init(
        "local",
        num_cpus=processor_count(),
        object_store_memory=_OBJECT_STORE,
        include_dashboard=False,
        **quiet,
    )


def one_line_of(error: BaseException) -> str:
    """What an error says, without the traceback that Ray puts into it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if not line.startswith(("File ", "^"))), "")
    return " ".join((last or type(error).__name__).split())[:300]
