"""The README's pictures, of a photo that the package ultralytics carries: `python benchmarks/picture.py` makes them.

* docs/shown.jpg: `harcli show` of its bus.jpg, made smaller.
* docs/report.webp: the report of it, as Chromium shows it on a desktop and on a phone, details open there
  (needs playwright, of harcli[dev], and Chromium).

Run it again when the model has changed.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parents[1] / "docs"
DESKTOP = {"viewport": {"width": 1120, "height": 640}}
PHONE = {"viewport": {"width": 390, "height": 640}, "has_touch": True, "is_mobile": True}


def main() -> None:
    spec = importlib.util.find_spec("ultralytics")
    if spec is None or spec.origin is None:
        raise SystemExit("the photos come with ultralytics: pip install '.[dev]'")
    assets = Path(spec.origin).parent / "assets"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        shutil.copyfile(assets / "bus.jpg", folder / "photos" / "bus.jpg")
        harcli(folder, "show", "photos/bus.jpg", "--out", "shown.jpg")
        harcli(folder, "tag", "photos", "--out", "attrs.db", "--no-store")
        harcli(folder, "report", "attrs.db", "--out", "report.html", "--title", "My photos")
        with Image.open(folder / "shown.jpg") as shown:
            shown.thumbnail((720, 960))
            shown.save(DOCS / "shown.jpg", quality=85, optimize=True)
        screens(folder / "report.html").save(DOCS / "report.webp", quality=82, method=6)


def harcli(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "harcli", *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL)


def screens(report: Path) -> Image.Image:
    """The page on a desktop and, right of it, on a phone with the details of a person."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=chromium, args=arguments)
        desktop, phone = screen(browser, report, DESKTOP, False), screen(browser, report, PHONE, True)
        browser.close()
    both = Image.new("RGB", (desktop.width + 24 + phone.width, desktop.height), "white")
    both.paste(desktop, (0, 0))
    both.paste(phone, (desktop.width + 24, 0))
    return both


def screen(browser: Browser, report: Path, context: dict[str, object], details: bool) -> Image.Image:
    page = browser.new_context(**context, color_scheme="light").new_page()  # type: ignore[arg-type]
    page.goto(report.as_uri())
    page.wait_for_selector("#found:not(:empty)")
    if details:
        page.locator(".card").nth(1).click()
    page.wait_for_function("[...document.images].every(image => image.complete)")
    return Image.open(io.BytesIO(page.screenshot()))


if __name__ == "__main__":
    main()
