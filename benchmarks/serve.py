"""How fast `harcli serve` answers beside `harcli tag` on the same photos, and what bad and slow clients do to it.

`python benchmarks/serve.py FOLDER [--clients 8] [--rounds 3]` starts the service on the loopback address. Each good
client sends one photo after the other; then they do so again while `hostile.py`'s clients are at it. Prints seconds
that a photo is waited for (p50, p95), photos a second, and those of `tag`, whose start-up is taken off: that of the
same command on one photo. Processor time a photo is given as well: on a busy machine that ratio is the one to look at.
What holds: at least 85 % of what `tag` does; every photo is answered, also among bad clients; none of these is served.
"""

from __future__ import annotations

import argparse
import http.client
import queue
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from hostile import Hostile
from script import cost
from watched import finish, told

LEAST = 0.85
TOKEN = "a-token-for-this-test"
UPLOAD_TIMEOUT = 3.0  # seconds; slow clients are turned away within the test
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Load:
    """What good clients saw.

    Attributes:
        seconds: that each photo was waited for.
        wall: seconds of all.
        processor: seconds that the service's process used.
        wrong: answers other than 200, and 429, after which a client waits as it is told, and comes again.
        later: how many were told so.
    """

    seconds: list[float]
    wall: float
    processor: float
    wrong: list[int]
    later: int

    def told(self) -> str:
        """The figures in a line."""
        p50, p95 = (statistics.quantiles(self.seconds, n=100)[at - 1] for at in (50, 95))
        return f"p50 {p50:.3f} s, p95 {p95:.3f} s, {len(self.seconds) / self.wall:.2f} photos/s" + (
            f", {self.later} told to come later" if self.later else ""
        )


def metric(port: int, name: str) -> float:
    """A figure of the service's own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    found = re.search(rf"^{name} (\S+)$", connection.getresponse().read().decode(), re.MULTILINE)
    connection.close()
    assert found, name
    return float(found[1])


def load(port: int, photos: list[bytes], clients: int) -> Load:
    """All photos, one after the other from each of so many clients."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for photo in photos:
        waiting.put(photo)
    seconds: list[float] = []
    wrong: list[int] = []
    later: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while True:
            try:
                photo = waiting.get_nowait()
            except queue.Empty:
                return connection.close()
            begin = time.perf_counter()
            while True:
                connection.request("POST", "/tag", photo, {"Authorization": f"Bearer {TOKEN}"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 429:
                    break
                later.append(1)
                time.sleep(int(answer.headers["Retry-After"]))
            seconds.append(time.perf_counter() - begin)
            if answer.status != 200:
                wrong.append(answer.status)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    used, begin = metric(port, "process_cpu_seconds_total"), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - begin
    return Load(seconds, wall, metric(port, "process_cpu_seconds_total") - used, wrong, len(later))


def start(errors: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The service's process, and the port that it listens on."""
    token = errors.with_name("token")
    token.write_text(TOKEN)
    command = [sys.executable, "-m", "harcli", "serve", "--port", "0", "--token-file", str(token), "--no-settings"]
    with errors.open("wb") as stream:
        process = subprocess.Popen([*command, "--upload-timeout", str(UPLOAD_TIMEOUT)], stderr=stream)
    for _ in range(600):
        if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", errors.read_text()):
            return process, int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"the service has not begun:\n{errors.read_text()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("photos", type=Path, help="folder with .jpg files")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3, help="how often all photos are sent, and tagged")
    options = parser.parse_args()
    files = sorted(options.photos.glob("*.jpg"))
    results = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        quietly = ["--no-store", "--no-settings", "--quiet"]
        tag = [sys.executable, "-m", "harcli", "tag", "--out", f"{work}/o.csv", *quietly]
        (work / "all").mkdir()
        for number in range(options.rounds):
            for file in files:
                shutil.copy(file, work / "all" / f"{number}-{file.name}")
        photos = [file.read_bytes() for file in sorted((work / "all").iterdir())]
        first, all_of_them = cost([*tag, str(files[0])]), cost([*tag, str(work / "all")])
        wall, processor = all_of_them.wall - first.wall, all_of_them.processor - first.processor
        more = len(photos) - 1
        print(f"{'tag':16}{more / wall:.2f} photos/s, {processor / more:.3f} s processor a photo")
        process, port = start(work / "errors")
        try:
            load(port, photos[: options.clients], options.clients)  # warm
            calm = load(port, photos, options.clients)
            hostile = Hostile(port, TOKEN, photos[0])
            with hostile:
                among = load(port, photos, options.clients)
            for name, seen in (("serve", calm), ("among bad ones", among)):
                used = seen.processor / len(photos)
                results.append(told(f"{name:15}", f"{seen.told()}, {used:.3f} s processor a photo", not seen.wrong))
            share = wall / more / (calm.wall / len(photos))
            results.append(told("photos a second against tag", f"{share:.2f}", share >= LEAST))
            share = processor / more / (calm.processor / len(photos))
            results.append(told("the same by processor time", f"{share:.2f}", share >= LEAST))
            results += [told(f"  {name}", answers, well) for name, answers, well in hostile.told()]
            left = metric(port, "harcli_photos_waiting")
            results.append(told("photos waiting afterwards", f"{left:.0f}", left == 0))
            memory = metric(port, "process_resident_memory_bytes")
            results.append(told("memory afterwards", f"{memory / 1e6:.0f} MB", memory < 1e9))
        finally:
            process.terminate()
            code = process.wait(PATIENCE)
        results.append(told("exit code", str(code), code == 0))
        said = (work / "errors").read_text().splitlines()
        results.append(told("lines on standard error", str(len(said)), len(said) <= 3))
    finish(results)


if __name__ == "__main__":
    main()
