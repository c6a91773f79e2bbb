"""Person detectors in ONNX Runtime: the embedded one, and any that Ultralytics exports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harcli.errors import HarcliError
from harcli.people.detection import Detection
from harcli.people.letterbox import Letterbox, letterbox, rectangle
from harcli.people.nms import nms
from harcli.people.yolo_metadata import YoloMetadata
from harcli.runtime import Buffer, Runner, active_provider, lane_count, lane_threads, on_gpu, open_session
from harcli.runtime.precision import PRECISION_KEY

CHUNK = 16  # photos per run: 8 MB of input each at 640 x 640
OVERLAP = 0.7  # Ultralytics' IoU for NMS
CANDIDATES = 1000  # boxes per image that NMS looks at


class OnnxDetector:
    """A YOLO model file, end to end or with a raw head.

    Input float32 or float16 `(N, 3, H, W)`, RGB 0..1, letterboxed: into H and W of the file, or where it leaves both
    open, into the smallest rectangle of multiples of 32 whose long side is its metadata's `imgsz`. Output either
    `(N, K, 6)`, rows of x1, y1, x2, y2, score, class in input pixels (YOLO26, YOLOv10), or
    `(N, 4 + classes, anchors)` with rows of x centre, y centre, width, height and a score a class (YOLOv8, YOLO11). NMS
    thins out both.

    Attributes:
        precision: `fp32`, `fp16` or `int8`, as the file says.
        long_side: of the input, in pixels, where the file leaves its height and width open; else None.
    """

    def __init__(
        self,
        path: Path,
        *,
        confidence: float | None = None,
        provider: str = "auto",
        batch_size: int | None = None,
        in_lanes: bool = False,
    ) -> None:
        """Open the model file.

        Args:
            path: an `.onnx` file with Ultralytics' metadata.
            confidence: the lowest score to report; None: what the file recommends.
            provider: one of `harcli.runtime.providers.NAMES`.
            batch_size: photos that are best given at once; None: on a processor one, since more take more memory and
                are no faster; on a GPU 64, of which those of one shape go together.
            in_lanes: several threads are to call `detect` at the same time, see `harcli.runtime.lane_count`.

        Raises:
            HarcliError: the file is missing, broken, or not a detector of people.
        """
        self._session = open_session(path, provider, lane_threads() if in_lanes else None)
        self.lanes = lane_count() if in_lanes else 1
        self._runner = Runner(self._session)
        self._buffer = Buffer()
        self.path = path
        self._input = self._session.get_inputs()[0]
        shape = self._input.shape
        properties = self._session.get_modelmeta().custom_metadata_map
        metadata = YoloMetadata.read(properties, path)
        self.precision = properties.get(PRECISION_KEY, "fp32")
        if len(self._session.get_inputs()) != 1 or len(shape) != 4 or shape[1] != 3:
            raise HarcliError(f"{path} is not a YOLO detector: its input is {shape}, expected one of (N, 3, H, W)")
        self._batch = shape[0] if isinstance(shape[0], int) else None
        height, width = (s if isinstance(s, int) else None for s in shape[2:])
        free = height is None and width is None
        # Where the file leaves both sides open, each photo gets a rectangle of its own proportions.
        self.long_side = max(metadata.image_size) if free else None
        self._size = (height or metadata.image_size[0], width or metadata.image_size[1])
        self._person = metadata.person
        self._classes = metadata.classes
        self.confidence = metadata.confidence if confidence is None else confidence
        self.name = metadata.name or path.stem
        self.provider = active_provider(self._session)
        self._pad = on_gpu(self.provider)
        self.batch_size = batch_size or (64 if self._pad else 1)

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        """The people of each image, best score first.

        Args:
            images: uint8 `(H, W, 3)` RGB, each of its own size.

        Raises:
            HarcliError: the model's output has neither of the two forms.
        """
        chunk = self._batch or CHUNK
        by_size: dict[tuple[int, int], list[int]] = {}
        for index, image in enumerate(images):
            by_size.setdefault(self._size_for(image), []).append(index)
        found: list[list[Detection]] = [[] for _ in images]
        for size, indices in by_size.items():
            for start in range(0, len(indices), chunk):
                part = indices[start : start + chunk]
                for index, people in zip(part, self._detect_chunk([images[i] for i in part], size), strict=True):
                    found[index] = people
        return found

    def _size_for(self, image: np.ndarray) -> tuple[int, int]:
        """Height and width of the input that this photo is fitted into."""
        if self.long_side is None:
            return self._size
        return rectangle(image.shape[0], image.shape[1], self.long_side)

    def _detect_chunk(self, images: Sequence[np.ndarray], size: tuple[int, int]) -> list[list[Detection]]:
        fitted = [letterbox(image, *size) for image in images]
        dtype = np.float16 if self._input.type == "tensor(float16)" else np.float32
        batch = self._buffer.array((self._count(len(images)), 3, *size), dtype)
        for row, (canvas, _) in zip(batch, fitted, strict=False):
            np.divide(canvas.transpose(2, 0, 1), 255, out=row, dtype=np.float32, casting="same_kind")
        batch[len(images) :] = 0
        try:
            output = np.asarray(self._runner.run(None, {self._input.name: batch})[0], dtype=np.float32)
        except Exception as error:  # ONNX Runtime's own exception types are not public
            reason = " ".join(str(error).split())[:200]
            raise HarcliError(f"{self.path} failed on {len(images)} photos: {reason}") from error
        if not np.isfinite(output).all():
            raise HarcliError(f"{self.path} gives numbers that are no boxes (nan): its file is damaged; take another")
        rows = [self._rows(image_output) for image_output in output[: len(images)]]
        return [self._detections(boxes, place) for boxes, (_, place) in zip(rows, fitted, strict=True)]

    def _count(self, images: int) -> int:
        """How many go in: black ones fill up a fixed batch, and on a GPU, which plans every new shape anew, those that
        are missing to a power of two."""
        return self._batch or (min(1 << (images - 1).bit_length(), CHUNK) if self._pad else images)

    def _rows(self, output: np.ndarray) -> np.ndarray:
        """One image's people above the confidence, `(N, 5)`: xyxy in input pixels and score, best first."""
        if output.ndim == 2 and output.shape[1] == 6:  # (K, 6), end to end
            people = output[(output[:, 5] == self._person) & (output[:, 4] >= self.confidence), :5]
            # Trained to give each person one box, such a model still gives one in some hundred people two.
            return people[nms(people[:, :4], people[:, 4], OVERLAP)]
        if output.ndim == 2 and output.shape[0] == 4 + self._classes:  # (4 + classes, anchors)
            scores = output[4 + self._person]
            best = np.argsort(-scores, kind="stable")[:CANDIDATES]
            best = best[scores[best] >= self.confidence]
            centre, size = output[:2, best].T, output[2:4, best].T
            boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
            keep = nms(boxes, scores[best], OVERLAP)
            return np.concatenate([boxes[keep], scores[best][keep, None]], axis=1)
        raise HarcliError(
            f"{self.path} is not a YOLO detector: its output per image is {output.shape}, "
            f"expected (boxes, 6) or ({4 + self._classes}, anchors)"
        )

    @staticmethod
    def _detections(rows: np.ndarray, place: Letterbox) -> list[Detection]:
        boxes = place.to_photo(rows[:, :4].astype(np.float64))
        inside = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(axis=1)  # a box in the padding has no pixel of the photo
        return [
            Detection((x1, y1, x2, y2), float(score))
            for (x1, y1, x2, y2), score in zip(boxes[inside].tolist(), rows[inside, 4], strict=True)
        ]
