"""The driver: photos to blocks, blocks to Ray Data, and what comes back."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harcli.cluster.blocks import block_rows
from harcli.cluster.connect import connected, is_client, one_line_of
from harcli.cluster.ledger import Ledger
from harcli.cluster.worker import Job, Worker
from harcli.errors import HarcliError
from harcli.outputs.dataset.stamps import Named
from harcli.tagging.tally import Tally

_ON_FIRST_NODE = {"num_cpus": 0, "resources": {"node:__internal_head__": 0.001}}
"""What Ray is asked for to put a process there: that node alone has this resource, and the process takes no CPU."""

_DEATHS_AT_THE_START = 20
"""Of processes, one after the other and before they could begin, until Ray gives up the run."""

_NO_PROGRESS = 6 * 3600.0
"""Seconds until Ray gives up a run of which no block ends: it may wait for machines."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The processes that tag.

    Attributes:
        address: of the cluster.
        most: how many; None: as many as the cluster has room for.
        threads: of each, which takes so many CPUs; None: two, or one where no node has two.
        gpus: of each.
    """

    address: str
    most: int | None = None
    threads: int | None = None
    gpus: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """A block that is tagged and written.

    Attributes:
        computed_on: provider and precision.
    """

    tally: Tally
    computed_on: str


def tag_on(pool: Pool, job: Job, photos: Sequence[Named]) -> Iterator[Done]:
    """Tag photos on a cluster, and write a part for each block.

    Yields:
        Each block as it is done, in any order.

    Raises:
        HarcliError: there is no cluster, no room on it, or a node cannot do its work.
    """
    with connected(pool.address) as ray, _one_line():
        yield from (_through_client if is_client(pool.address) else _driven)(ray, pool, job, photos)


def _driven(ray: Any, pool: Pool, job: Job, photos: Sequence[Named]) -> Iterator[Done]:
    threads, most = _sizes(ray, pool)
    job = replace(job, options={**job.options, "threads": threads})
    rows = block_rows(photos, most)
    ledger = ray.remote(Ledger).options(**_ON_FIRST_NODE).remote()
    for row in _pooled(pool, threads, min(most, len(rows)), rows, job, ledger):
        if row["failure"]:
            raise HarcliError(str(row["failure"]))
        yield Done(pickle.loads(row["tally"]), str(row["computed_on"]))


class _Driver:
    """The driver on the cluster's first node, for somebody at `ray://...`: Ray Data does not work through a client."""

    def __init__(self, pool: Pool, job: Job, photos: Sequence[Named]) -> None:
        import ray

        self._done = _driven(ray, pool, job, photos)

    def next(self) -> Done | str | None:
        """The next block; why there is none; None at the end."""
        try:
            with _one_line():
                return next(self._done, None)
        except HarcliError as error:
            return str(error)


def _through_client(ray: Any, pool: Pool, job: Job, photos: Sequence[Named]) -> Iterator[Done]:
    driver = ray.remote(_Driver).options(**_ON_FIRST_NODE).remote(pool, job, photos)
    while (done := ray.get(driver.next.remote())) is not None:
        if isinstance(done, str):
            raise HarcliError(done)
        yield done


def _pooled(
    pool: Pool, threads: int, most: int, rows: list[dict[str, Any]], job: Job, ledger: Any
) -> Iterator[dict[str, Any]]:
    """The rows that the workers return for those of blocks."""
    import ray.data as data

    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_consecutive_actor_init_deaths = _DEATHS_AT_THE_START
    context.execution_no_progress_timeout_s = _NO_PROGRESS
    # Ray restarts processes that die and does their blocks again, without end, unless told otherwise. A process of a
    # node that has gone may find room only when another one has nothing to do any more: so there may be fewer.
    strategy = data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most, max_tasks_in_flight_per_actor=1)
    tagged = data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        Worker,
        fn_constructor_args=(job, ledger),
        batch_size=None,
        compute=strategy,
        num_cpus=threads,
        num_gpus=pool.gpus or None,
    )
    batches: Any = tagged.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow")  # as they are done
    for batch in batches:
        yield from batch.to_pylist()


def _sizes(ray: Any, pool: Pool) -> tuple[int, int]:
    """Threads of each process, and how many processes there are."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    threads = pool.threads or min(2, max((int(node.get("CPU", 0)) for node in nodes), default=1) or 1)
    room = 0
    for node in nodes:
        by_gpu = int(node.get("GPU", 0) / pool.gpus) if pool.gpus else None
        by_cpu = int(node.get("CPU", 0)) // threads
        room += by_cpu if by_gpu is None else min(by_cpu, by_gpu)
    if not (pool.most or room):
        gpus = f" and {pool.gpus:g} GPUs" if pool.gpus else ""
        raise HarcliError(
            f"--on {pool.address}: no node has {threads} CPUs{gpus} for a process; see --threads, or "
            "name --concurrency where nodes are still to come"
        )
    return threads, pool.most or room


@contextlib.contextmanager
def _one_line() -> Iterator[None]:
    """Errors of Ray, and of what it runs, as one line."""
    try:
        yield
    except HarcliError:
        raise
    except Exception as error:  # Ray's errors have no common class, and wrap those of the nodes
        said = one_line_of(error)
        if "No module named 'harcli" in str(error):
            said = "its nodes do not have harcli; install the same version on all of them"
        elif "cancelled before it started" in said:  # its first node may not ask this process, which wants a token
            said = "its processes end before they start; if it runs without tokens, set RAY_AUTH_MODE=disabled here"
        raise HarcliError(f"the cluster has failed: {said}") from None
