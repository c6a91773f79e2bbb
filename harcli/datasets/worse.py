"""Views made worse, as phones, old cameras, messengers and passers-by make photos worse: so a network does not mind."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

_EACH = 0.22  # chance of each of the five, at `share` 1


def worsen(image: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    """An RGB image, each kind of damage with probability `_EACH * share`; colours keep their names."""
    for damage in (_tint, _low_resolution, _blur, _noise, _jpeg, _erase):
        if rng.random() < _EACH * share:
            image = damage(image, rng)
    return image


def _tint(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Warmer or colder light, brighter or darker middle tones."""
    gains, gamma = rng.normal(1, 0.05, 3), rng.uniform(0.75, 1.35)
    ramp = (np.arange(256) / 255) ** gamma * 255
    tables = np.clip(ramp * gains[:, None], 0, 255).round().astype(int)  # (3, 256)
    return image.point(tables.ravel().tolist())


def _low_resolution(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    scale = rng.uniform(0.25, 0.7)
    small = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    filters = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    return image.resize(small, Image.Resampling.BILINEAR).resize(image.size, filters[rng.integers(3)])


def _blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6)))


def _noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    pixels = np.asarray(image, dtype=np.float32)
    noise = rng.standard_normal((image.height, image.width, 1), dtype=np.float32) * rng.uniform(4, 18)
    return Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))


def _jpeg(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(15, 70)))
    with Image.open(buffer) as again:
        return again.convert("RGB")


def _erase(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A rectangle of one colour over 3 to 15 % of the view (Zhong et al. 2017), as a pole may hide."""
    area, ratio = rng.uniform(0.03, 0.15) * image.width * image.height, np.exp(rng.uniform(-1, 1))
    w = int(min(image.width - 1, max(1, (area * ratio) ** 0.5)))
    h = int(min(image.height - 1, max(1, (area / ratio) ** 0.5)))
    x, y = int(rng.integers(image.width - w)), int(rng.integers(image.height - h))
    image = image.copy()
    image.paste(tuple(int(v) for v in rng.integers(0, 256, 3)), (x, y, x + w, y + h))
    return image
