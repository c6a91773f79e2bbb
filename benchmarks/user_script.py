"""What somebody would write without harcli: Ultralytics' detector, then a torch Da-HAR crop by crop, into a CSV file.

`python benchmarks/user_script.py FOLDER OUT.csv --yolo yolo26n.pt --checkpoint best.safetensors`; see `script.py`.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import torch
from PIL import Image
from torchvision.transforms import functional
from ultralytics import YOLO

from harcli.network import checkpoint

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--yolo", required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    detector = YOLO(options.yolo)
    model, about = checkpoint.load(options.checkpoint)
    size = list(map(int, about["train"].get("full") or about["train"]["size"]))
    with options.out.open("w", newline="") as stream:
        writer = csv.writer(stream)
        for path in sorted(options.photos.glob("*.jpg")):
            image = Image.open(path).convert("RGB")
            [found] = detector.predict(image, classes=[0], conf=0.4, verbose=False)
            for box in found.boxes.xyxy.tolist():
                crop = functional.to_tensor(image.crop(tuple(map(int, box))).resize((size[1], size[0])))
                logits = model(functional.normalize(crop, MEAN, STD)[None]).logits
                writer.writerow([path, *box, *logits.sigmoid()[0].tolist()])


if __name__ == "__main__":
    main()
