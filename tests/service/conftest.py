"""A service in a thread, on a real socket, with a detector and a model that cost nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from harcli.people import Detection
from harcli.tagging.tagger import Tagger

httpx = pytest.importorskip("httpx", reason="the service needs pip install '.[serve]'")
pytest.importorskip("fastapi_offline", reason="the service needs pip install '.[serve]'")

LONG = 20.0  # seconds


class Halves:
    """Two people in every photo; it can be told to wait, or to fail."""

    name, provider, batch_size = "halves", "cpu", 4

    def __init__(self) -> None:
        self.photos = 0
        self.go = threading.Event()
        self.go.set()
        self.error: Exception | None = None

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        assert self.go.wait(LONG)
        if self.error is not None:
            raise self.error
        self.photos += len(images)
        sizes = [image.shape[:2] for image in images]
        return [[Detection((0.0, 0.0, w / 2, h), 0.9), Detection((w / 2, 0.0, w, h), 0.6)] for h, w in sizes]


@dataclass
class Served:
    """A running service.

    Attributes:
        http: a client whose addresses begin at the service.
    """

    tagger: Tagger
    detector: Halves
    server: Any
    port: int
    thread: threading.Thread
    http: Any = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=LONG, trust_env=False)

    def stop(self) -> None:
        self.detector.go.set()
        self.server.should_exit = True
        self.thread.join(LONG)
        assert not self.thread.is_alive()


@pytest.fixture
def serve(tiny_model: Path) -> Iterator[Callable[..., Served]]:
    """`serve(**settings)` starts a service."""
    from harcli.service.run import bound, make_server
    from harcli.service.settings import ServiceSettings

    started: list[Served] = []

    def start(**settings: Any) -> Served:
        detector = Halves()
        tagger = Tagger(tiny_model, detector, provider="cpu", min_height=0)
        listener, ready = bound("127.0.0.1", 0), threading.Event()
        server = make_server(tagger, ServiceSettings(**{"stop_timeout": 5.0} | settings), ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert ready.wait(LONG)
        started.append(Served(tagger, detector, server, listener.getsockname()[1], thread))
        return started[-1]

    yield start
    for each in started:
        each.http.close()
        each.stop()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    path = tmp_path / "photo.png"
    Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(path)
    return path
