"""HEIC and AVIF, against pixels that are known. pillow-heif makes the HEIC files; harcli only has a decoder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from harcli.photos.decode import decode
from harcli.photos.errors import PhotoError

RED, GREEN, BLUE, GREY = (250, 10, 10), (10, 250, 10), (10, 10, 250), (120, 120, 120)
ORIENTATION, CELL_WIDTH = 0x0112, 0x0108

needs_avif = pytest.mark.skipif(
    not features.check("avif"),
    reason="this Pillow was built without libavif: pip install --force-reinstall --only-binary :all: pillow",
)


def exif(tag: int, value: int) -> bytes:
    data = Image.Exif()
    data[tag] = value
    return data.tobytes()


@pytest.fixture
def write_heic() -> Callable[..., None]:
    """`write_heic(path, pixels, mode="RGB", container=1, tag=None)`: lossless; the orientation that the container says,
    and the one that the EXIF tag says, if there is to be one."""
    pytest.importorskip("pi_heif", reason="reading HEIC needs pip install '.[heif]'")
    encoder = pytest.importorskip("pillow_heif", reason="making HEIC files needs pip install '.[dev]'")

    def write(path: Path, pixels: np.ndarray, mode: str = "RGB", container: int = 1, tag: int | None = None) -> None:
        size = (pixels.shape[1], pixels.shape[0])
        options = {"exif": exif(ORIENTATION, container)} if container > 1 or tag else {}
        encoder.encode(mode, size, np.ascontiguousarray(pixels).tobytes(), path, quality=-1, chroma=444, **options)
        if tag:  # the encoder writes the same into both
            data = path.read_bytes()
            assert data.count(options["exif"][6:]) == 1
            path.write_bytes(data.replace(options["exif"][6:], exif(ORIENTATION, tag)[6:]))

    return write


def write_avif(path: Path, pixels: np.ndarray, container: int = 1, tag: int | None = None) -> None:
    """Like `write_heic`. Pillow moves the orientation into the container; the tag is smuggled in as another one."""
    data = Image.Exif()
    data[ORIENTATION] = container
    if tag:
        data[CELL_WIDTH] = tag
    Image.fromarray(np.ascontiguousarray(pixels)).save(path, quality=100, subsampling="4:4:4", exif=data)
    head = {tag: tag.to_bytes(2, "big") + b"\0\3\0\0\0\1" for tag in (ORIENTATION, CELL_WIDTH)}
    raw = path.read_bytes()
    assert raw.count(head[CELL_WIDTH]) == bool(tag)
    path.write_bytes(raw.replace(head[CELL_WIDTH], head[ORIENTATION]))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_container_turns_a_heic_once_whatever_exif_says(
    tmp_path: Path,
    write_heic: Callable[..., None],
    orientation: int,
    scene: np.ndarray,
    stored: Callable[[int], np.ndarray],
) -> None:
    path = tmp_path / "photo.heic"
    for tag in (None, 1, orientation, 9 - orientation):
        write_heic(path, stored(orientation), container=orientation, tag=tag)
        pixels = decode(path)
        assert pixels.shape == (48, 80, 3)
        assert np.abs(pixels.astype(int) - scene).max() <= 4, f"EXIF says {tag}"


@needs_avif
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_container_turns_an_avif_once_whatever_exif_says(
    tmp_path: Path, orientation: int, scene: np.ndarray, stored: Callable[[int], np.ndarray]
) -> None:
    path = tmp_path / "photo.avif"
    for tag in (None, 1, orientation, 9 - orientation):
        write_avif(path, stored(orientation), container=orientation, tag=tag)
        pixels = decode(path)
        assert pixels.shape == (48, 80, 3)
        assert np.abs(pixels.astype(int) - scene).max() <= 12, f"EXIF says {tag}"


def test_10_bits_are_scaled_not_clipped(tmp_path: Path, write_heic: Callable[..., None], scene: np.ndarray) -> None:
    path = tmp_path / "deep.heic"
    write_heic(path, scene.astype(np.uint16) * 257, mode="RGB;16")
    assert np.abs(decode(path).astype(int) - scene).max() <= 2
    write_heic(path, np.array([[0, 0x0400, 0x8000, 0xFFFF]] * 4, np.uint16), mode="I;16L")
    assert decode(path)[0].tolist() == [[0] * 3, [4] * 3, [128] * 3, [255] * 3]


@pytest.mark.parametrize("ending", ["heic", pytest.param("avif", marks=needs_avif)])
def test_transparent_parts_are_white(
    tmp_path: Path, request: pytest.FixtureRequest, ending: str, scene: np.ndarray
) -> None:
    path = tmp_path / f"clear.{ending}"
    pixels = np.dstack([scene, np.full((48, 80), 255, np.uint8)])
    pixels[:24, :40, 3], pixels[24:, :40, 3] = 0, 128
    if ending == "heic":
        request.getfixturevalue("write_heic")(path, pixels, mode="RGBA")
    else:
        Image.fromarray(pixels).save(path, quality=100, subsampling="4:4:4")
    shown = decode(path).astype(int)
    for place, colour in (((5, 5), (255, 255, 255)), ((40, 5), (132, 132, 252)), ((5, 60), GREEN)):
        assert np.abs(shown[place] - colour).max() <= 2


def test_the_main_photo_of_several(tmp_path: Path, write_heic: Callable[..., None]) -> None:
    import pillow_heif

    several = pillow_heif.HeifFile()
    for colour, size in ((RED, (64, 64)), (GREEN, (96, 64)), (BLUE, (64, 64))):
        several.add_frombytes("RGB", size, bytes(colour) * (size[0] * size[1]))
    several.save(tmp_path / "several.heic", quality=-1, chroma=444, primary_index=1)
    pixels = decode(tmp_path / "several.heic")
    assert pixels.shape == (64, 96, 3)
    assert np.abs(pixels[5, 5].astype(int) - GREEN).max() <= 2


def test_the_content_decides_not_the_name(tmp_path: Path, write_heic: Callable[..., None], scene: np.ndarray) -> None:
    write_heic(tmp_path / "photo.jpg", scene)
    assert decode(tmp_path / "photo.jpg").shape == (48, 80, 3)
    Image.fromarray(scene).save(tmp_path / "photo.heic", "PNG")
    assert np.array_equal(decode(tmp_path / "photo.heic"), scene)
    (tmp_path / "film.heic").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100))
    with pytest.raises(PhotoError, match="not a photo in a format"):
        decode(tmp_path / "film.heic")


def test_a_container_of_any_codec_is_read_by_its_further_brands(
    tmp_path: Path, write_heic: Callable[..., None], scene: np.ndarray
) -> None:
    """Some programs say `mif1`, an image container, in front, and only then which codec it is."""
    writers = {"photo.heic": write_heic} | ({"photo.avif": write_avif} if features.check("avif") else {})
    for name, write in writers.items():
        path = tmp_path / name
        write(path, scene)
        data = path.read_bytes()
        assert data.count(b"mif1", 0, 64) == 1
        path.write_bytes(data[:8] + b"mif1" + data[12:64].replace(b"mif1", data[8:12]) + data[64:])
        assert decode(path).shape == (48, 80, 3)


@pytest.mark.parametrize("ending", ["heic", pytest.param("avif", marks=needs_avif)])
def test_large_and_damaged_ones_say_so(
    tmp_path: Path, request: pytest.FixtureRequest, ending: str, scene: np.ndarray
) -> None:
    path = tmp_path / f"photo.{ending}"
    write = request.getfixturevalue("write_heic") if ending == "heic" else write_avif
    write(path, scene, container=6)
    with pytest.raises(PhotoError, match="--max-megapixels"):
        decode(path, max_megapixels=0.003)
    assert decode(path, max_megapixels=0.004).shape == (80, 48, 3)
    data = path.read_bytes()
    for length in (24, 100, len(data) // 2, len(data) - 10):
        path.write_bytes(data[:length])
        with pytest.raises(PhotoError, match="damaged"):
            decode(path)


def test_without_the_extra_the_photo_has_an_error(
    tmp_path: Path, write_heic: Callable[..., None], monkeypatch: pytest.MonkeyPatch, scene: np.ndarray
) -> None:
    write_heic(tmp_path / "photo.heic", scene)
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    monkeypatch.delitem(sys.modules, "pi_heif.HeifImagePlugin", raising=False)
    with pytest.raises(PhotoError) as caught:
        decode(tmp_path / "photo.heic")
    assert caught.value.reason == "HEIC needs an extra: pip install 'harcli[heif]' (in a clone: '.[heif]')"


@needs_avif
def test_a_pillow_without_avif_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: np.ndarray
) -> None:
    write_avif(tmp_path / "photo.avif", scene)
    monkeypatch.setattr("PIL.AvifImagePlugin.SUPPORTED", False)
    with pytest.raises(PhotoError, match="libavif"):
        decode(tmp_path / "photo.avif")


def test_decoders_come_with_the_first_photo_and_in_several_threads(
    tmp_path: Path, write_heic: Callable[..., None], scene: np.ndarray
) -> None:
    Image.fromarray(scene).save(tmp_path / "0.png")
    for number in range(1, 9):
        write_heic(tmp_path / f"{number}.heic", scene)
    code = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from harcli.photos.decode import decode
folder = Path(sys.argv[1])
decode(folder / "0.png")
assert not {"pi_heif", "PIL.AvifImagePlugin"} & set(sys.modules)
with ThreadPoolExecutor(8) as pool:
    assert all(p.shape == (48, 80, 3) for p in pool.map(decode, [folder / f"{i}.heic" for i in range(1, 9)]))
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
