"""Another Python process that runs a module of harcli, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import harcli


def child_command(module: str) -> list[str]:
    """The command that calls `main()` of a module of harcli; arguments may be added to it, from `sys.argv[2]` on.

    Isolated, with the paths of this process: no module of a folder with photos is taken for one of ours.
    """
    start = f"import sys, json; sys.path[:] = json.loads(sys.argv[1]); from {module} import main; main()"
    packages = str(Path(harcli.__file__).parents[1])
    return [sys.executable, "-I", "-c", start, json.dumps([packages, *filter(None, sys.path)])]
