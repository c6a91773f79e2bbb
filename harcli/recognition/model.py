"""A trained attribute model, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.models_dir import DEFAULT_MODEL, DETECTOR, find_model, installed
from harcli.near import did_you_mean
from harcli.photos.crop import Box, crop, resize
from harcli.recognition.metadata import KEY, ModelMetadata
from harcli.runtime.precision import PRECISION_KEY

if TYPE_CHECKING:
    import onnxruntime


class AttributeModel:
    """Person crops in, one probability per attribute out.

    Attributes:
        metadata: what the model file says about itself.
        provider: what really runs it, as `harcli.runtime.active_provider` says.
        batch_size: crops in one run of the network.
        lanes: batches that may be computed at the same time.
        path: the model's file, if it came from one.
        precision: `fp32`, `fp16` or `int8`.
    """

    def __init__(self, session: onnxruntime.InferenceSession, metadata: ModelMetadata, batch_size: int | None = None):
        """Use `AttributeModel.load`. `batch_size` None: 2 on a CPU (more takes memory, and is hardly faster), 64 on a
        GPU."""
        from harcli.runtime import Buffer, Runner, active_provider, on_gpu

        self.metadata = metadata
        self.lanes = 1
        self.path: Path | None = None
        self.precision = "fp32"
        self.provider = active_provider(session)
        gpu = on_gpu(self.provider)
        self.batch_size = batch_size or (64 if gpu else 2)
        # A GPU tunes itself anew for every new shape; a CPU only loses time on the padding.
        self._pad = gpu
        self._session = session
        self._runner = Runner(session)
        self._buffer = Buffer()
        self._mean, self._std = (
            (np.array(values, np.float32) * 255)[:, None, None] for values in (metadata.input.mean, metadata.input.std)
        )

    @classmethod
    def load(
        cls,
        spec: str | Path | None = None,
        provider: str = "auto",
        batch_size: int | None = None,
        *,
        precision: str = "auto",
        in_lanes: bool = False,
    ) -> AttributeModel:
        """Open a model.

        Args:
            spec: an `.onnx` file, a folder with a `model.onnx`, or the name of an installed model; None for the default
                one.
            provider: one of `harcli.runtime.providers.NAMES`.
            batch_size: see `AttributeModel`.
            precision: one of `harcli.runtime.precision.CHOICES`; `auto` takes an `.onnx` file that is named as it is.
            in_lanes: several threads are to call it at the same time, see `harcli.runtime.lane_count`.

        Raises:
            HarcliError: no such model, not an ONNX file, no or unusable harcli metadata, no such provider, or
                not in this precision.
        """
        from harcli.runtime import lane_count, lane_threads

        threads = lane_threads() if in_lanes else None
        session, path = _open(spec, provider, precision, threads)
        properties = session.get_modelmeta().custom_metadata_map
        text = properties.get(KEY)
        if text is None:
            raise HarcliError(
                f"{path}: not a harcli attribute model (it has no harcli metadata); "
                "make one with `harcli export-onnx`, and name a person detector by --detector."
            )
        metadata = ModelMetadata.from_json(text, str(path))
        _check_shapes(session, metadata, path)
        model = cls(session, metadata, batch_size)
        model.path = path
        model.precision = properties.get(PRECISION_KEY, "fp32")
        model.lanes = lane_count() if in_lanes else 1
        return model

    def cut(self, rgb: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
        """A person of a photo as the network wants to see it.

        Args:
            rgb: the photo, uint8 `(H, W, 3)`.
            box: `(x1, y1, x2, y2)` in its pixels.

        Returns:
            uint8 `(height, width, 3)` of the model's input size, a copy.
        """
        return resize(crop(rgb, box, self.metadata.input.margin), self.metadata.input.height, self.metadata.input.width)

    def probabilities(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Recognise N persons, `batch_size` at a time.

        Args:
            crops: N arrays, uint8 `(h, w, 3)` RGB of any size.

        Returns:
            float32 `(N, A)` in 0..1, columns in the order of `metadata.attributes`.

        Raises:
            HarcliError: ONNX Runtime failed, out of memory for example.
        """
        parts = [self._run(batch)[0] for batch in _batches(crops, self.batch_size)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.metadata.attributes)), np.float32)

    @property
    def outputs(self) -> list[str]:
        """What the network gives: `probabilities`, and, where it has them, `mask` and `attention`."""
        return [output.name for output in self._session.get_outputs()]

    def look(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Recognise one person, and say where the network looked.

        Args:
            pixels: the crop with its margin, uint8 `(h, w, 3)` RGB of any size.

        Returns:
            float32 by name: `probabilities` `(A,)`, and, if the network has them, `mask` `(1, h, w)`, 0..1, where the
            person is, and `attention` `(A, h, w)`, where each attribute is looked for, weights that sum to 1.

        Raises:
            HarcliError: ONNX Runtime failed, or an output has not the shape that is said here.
        """
        wanted = {"probabilities": (len(self.metadata.attributes),), "mask": (1, -1, -1)}
        wanted["attention"] = (*wanted["probabilities"], -1, -1)
        names = [name for name in wanted if name in self.outputs]
        found = {name: output[0] for name, output in zip(names, self._run([pixels], names), strict=True)}
        for name, values in found.items():
            shape = wanted[name]
            if values.ndim != len(shape) or any(w not in (-1, n) for w, n in zip(shape, values.shape, strict=True)):
                raise HarcliError(f"{self.path}: '{name}' has shape {values.shape}; export the model again.")
        return found

    def _run(
        self, crops: Sequence[NDArray[np.uint8]], names: Sequence[str] = ("probabilities",)
    ) -> list[NDArray[np.float32]]:
        """The named outputs for a batch, a row for each crop."""
        count = self.batch_size if self._pad else len(crops)
        size = self.metadata.input
        images = self._buffer.array((count, 3, size.height, size.width), np.float32)
        for image, pixels in zip(images, crops, strict=False):
            fits = pixels.shape[:2] == (size.height, size.width)
            sized = pixels if fits else resize(pixels, size.height, size.width)
            np.subtract(sized.transpose(2, 0, 1), self._mean, out=image)
            np.divide(image, self._std, out=image)
        images[len(crops) :] = 0
        try:
            outputs: list[NDArray[np.float32]] = self._runner.run(names, {"images": images})
        except Exception as error:  # ONNX Runtime's own exception types are not public
            reason = " ".join(str(error).split())[:200]
            raise HarcliError(
                f"{self.metadata.name} failed on a batch of {count}: {reason}; try a smaller --batch-size."
            ) from error
        found = [output[: len(crops)] for output in outputs]
        for name, values in zip(names, found, strict=True):
            if not ((values >= 0) & (values <= 1.001)).all() or (name == "probabilities" and (values > 1).any()):
                raise HarcliError(  # nan is neither below nor above anything
                    f"{self.metadata.name} gives numbers as '{name}' that are not in 0..1: its file is damaged, or "
                    "computes with too little precision; export it again."
                )
        return found


def _open(
    spec: str | Path | None, provider: str, precision: str, threads: int | None
) -> tuple[onnxruntime.InferenceSession, Path]:
    """The session, and the file that it has: the model's own, or that of another precision beside it."""
    from harcli.runtime import active_provider, open_session
    from harcli.runtime.precision import choose

    model = _find(spec)
    named = spec is not None and Path(spec).is_file()
    if named and precision == "auto":
        return open_session(model, provider, threads), model
    path = choose(model, provider, precision)
    session = open_session(path, provider, threads)
    if provider == "auto" and precision == "auto":  # a GPU that is there, but cannot be used, changes what is quickest
        other = choose(model, active_provider(session), precision)
        if other != path:
            return open_session(other, "cpu", threads), other
    return session, path


def _find(spec: str | Path | None) -> Path:
    """Raises HarcliError, with the names that there are."""
    path = installed().get(DEFAULT_MODEL) if spec is None else find_model(spec)
    if path is None:
        # The person detector is among them, and is no attribute model.
        known = [name for name in installed() if name != DETECTOR]
        name = str(spec or DEFAULT_MODEL)
        others = did_you_mean([name], known, f"installed: {', '.join(known) or 'none'}")
        raise HarcliError(
            f"No model '{name}': neither an .onnx file, nor a folder with a model.onnx, nor an installed one; {others}"
        )
    return path


def _check_shapes(session: Any, metadata: ModelMetadata, path: Path) -> None:
    """The network's input and output are those that the metadata promises; dynamic sizes are strings or None."""
    size = metadata.input
    ends: list[tuple[str, Any, list[int]]] = [
        ("images", session.get_inputs(), [3, size.height, size.width]),
        ("probabilities", session.get_outputs(), [len(metadata.attributes)]),
    ]
    for name, found, wanted in ends:
        shape = next((end.shape for end in found if end.name == name), None)
        if shape is None:
            raise HarcliError(f"{path}: the network has no '{name}'; export the model again.")
        fits = len(shape) == len(wanted) + 1 and all(
            a == b for a, b in zip(shape[1:], wanted, strict=True) if isinstance(a, int)
        )
        if not fits:
            raise HarcliError(
                f"{path}: '{name}' has shape {shape}, its metadata says (N, {', '.join(map(str, wanted))}); "
                "export the model again."
            )


def _batches(items: Sequence[NDArray[np.uint8]], size: int) -> Iterator[Sequence[NDArray[np.uint8]]]:
    return (items[start : start + size] for start in range(0, len(items), size))
