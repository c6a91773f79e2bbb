"""What `benchmarks/script.py` measures with."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "script.py"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no os.wait4: run this on Linux or macOS")
def test_the_cost_of_a_process() -> None:
    spec = importlib.util.spec_from_file_location("script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules["script"] = script  # where its dataclass looks
    spec.loader.exec_module(script)
    waits = script.cost([sys.executable, "-c", "import time; time.sleep(0.3)"])
    works = script.cost([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"])
    assert waits.wall > 0.3
    assert works.processor > 0.3
    assert waits.processor < works.processor
    with pytest.raises(SystemExit, match="no such thing"):
        script.cost([sys.executable, "-c", "raise SystemExit('no such thing')"])
