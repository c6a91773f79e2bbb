"""A real Ray cluster of two nodes on this machine, and photos that kill whoever opens them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = 80 * 2**20  # bytes of Ray's object store: lists of photos are all that lies there
KILLER = "killer"

_SITE = f'''"""In processes of Ray: opening a photo whose name says so ends the process, as a fault in a decoder would."""
import os, signal, sys

if "default_worker.py" in " ".join(sys.orig_argv):
    from PIL import Image

    plainly = Image.open

    def open(file, *args, **options):
        if "{KILLER}" in str(file):
            with builtins_open(os.environ["HARCLI_TEST_DEATHS"], "a") as log:
                log.write("died\\n")
            os.kill(os.getpid(), signal.SIGKILL)
        return plainly(file, *args, **options)

    builtins_open = __builtins__["open"] if isinstance(__builtins__, dict) else __builtins__.open
    Image.open = open
'''


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A line for each process that a photo has killed."""
    return tmp_path_factory.mktemp("deaths") / "deaths.txt"


@pytest.fixture(scope="module")
def make_cluster(tmp_path_factory: pytest.TempPathFactory, deaths: Path) -> Iterator[Callable[[], Any]]:
    """`make_cluster()`: two nodes with one CPU each; `.address` is that of the first."""
    pytest.importorskip("ray", reason="a cluster needs ray: pip install '.[dev]'")
    from ray._private import services
    from ray.cluster_utils import Cluster

    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(_SITE)
    made = []

    def make() -> Any:
        path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", path)
            patch.setenv("HARCLI_TEST_DEATHS", str(deaths))
            patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
            patch.setattr(services, "get_node", _patiently(services.get_node))
            about = {"num_cpus": 1, "object_store_memory": SHARED, "include_dashboard": False}
            cluster = Cluster(initialize_head=True, head_node_args=about)
            made.append(cluster)
            cluster.second = cluster.add_node(num_cpus=1, object_store_memory=SHARED)
            cluster.wait_for_nodes(300)
        return cluster

    yield make
    for cluster in made:
        with contextlib.suppress(Exception):  # a node that a test has killed
            cluster.shutdown()


def _patiently(get_node: Callable[..., Any]) -> Callable[..., Any]:
    """Ray gives a node 30 s to start, which a machine that is busy with other tests takes longer for."""

    def get(*about: Any, **more: Any) -> Any:
        for _ in range(200):
            with contextlib.suppress(RuntimeError):
                return get_node(*about, **more)
            time.sleep(1)
        return get_node(*about, **more)

    return get
