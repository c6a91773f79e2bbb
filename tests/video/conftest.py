"""Videos made on the spot: a photo of people under a moving camera, in any codec, turned, damaged or without picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.tagging.conftest import parts  # noqa: F401  (a fixture)

Pixels = NDArray[np.uint8]
Film = Callable[..., Path]


@pytest.fixture
def make_film(tmp_path: Path) -> Film:
    """`make_film(name, frames, rate=10, times=None, codec="libx264", pixels="yuv420p", turn=None, **options)`."""
    pytest.importorskip("trackers", reason="videos need the extra: pip install '.[video]'")
    av = pytest.importorskip("av", reason="videos need the extra: pip install '.[video]'")

    def make(
        name: str,
        frames: Iterable[Pixels],
        rate: int = 10,
        times: Sequence[float] | None = None,
        codec: str = "libx264",
        pixels: str = "yuv420p",
        turn: dict[str, Any] | None = None,
        aspect: Fraction | None = None,
        **options: str,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with av.open(str(path), "w", options=options) as container:
            stream = None
            for number, frame in enumerate(frames):
                if stream is None:
                    stream = container.add_stream(codec, rate=rate, options={"preset": "ultrafast"})
                    stream.height, stream.width = frame.shape[:2]
                    stream.pix_fmt = pixels
                    stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
                    if aspect is not None:
                        stream.codec_context.sample_aspect_ratio = aspect
                    if turn is not None:
                        stream.set_display_rotation(**turn)
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
                picture.pts = round(1000 * (number / rate if times is None else times[number]))
                picture.time_base = Fraction(1, 1000)
                container.mux(stream.encode(picture))
            if stream is not None:
                container.mux(stream.encode(None))
        return path

    return make


@pytest.fixture
def pan(assets: Path) -> Callable[..., list[Pixels]]:
    """`pan(count, step=4)`: a window of 480 x 640 that moves over the bus photo; three people stay in it."""
    with Image.open(assets / "bus.jpg") as photo:
        small = np.asarray(photo.resize((608, 810)).convert("RGB"))

    def frames(count: int, step: int = 4) -> list[Pixels]:
        return [small[150:790, min(step * i, 128) : min(step * i, 128) + 480] for i in range(count)]

    return frames


@pytest.fixture
def corners() -> Callable[..., list[Pixels]]:
    """`corners(count)`: red at the top left, green at the top right, blue at the bottom left, and black; 96 x 64."""

    def frames(count: int) -> list[Pixels]:
        picture = np.zeros((64, 96, 3), np.uint8)
        picture[:32, :48], picture[:32, 48:], picture[32:, :48] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
        return [picture] * count

    return frames
