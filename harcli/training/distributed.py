"""Several processes as one: what torchrun starts (`torchrun --nproc-per-node 2 -m harcli train ...`).

Every process takes its share of each batch, and batch norms and losses are computed over the whole batch, so that the
result is that of one process, up to rounding.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce

from harcli.errors import HarcliError


@dataclass(frozen=True, slots=True)
class World:
    """This process among `size` processes."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the process that prints and writes files."""
        return self.rank == 0

    def total(self, count: Tensor) -> Tensor:
        """The count to divide this process's sum by, so that the mean of all processes is the whole batch's mean."""
        if self.size == 1:
            return count
        whole = count.detach().clone()
        dist.all_reduce(whole)
        return whole / self.size

    def mean(self, value: Tensor) -> float:
        """The mean of a number that each process has."""
        whole = value.detach().clone()
        if self.size > 1:
            dist.all_reduce(whole)
        return whole.item() / self.size

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes, in the order of their ranks."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values


@contextmanager
def world() -> Iterator[World]:
    """Join the processes that torchrun started, if it did; leave them at the end."""
    size, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_RANK", "0"))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", local) if cuda else torch.device("cpu")
    if cuda and local >= torch.cuda.device_count():
        raise HarcliError(f"{local + 1} processes on this machine, but only {torch.cuda.device_count()} GPUs")
    if cuda:
        torch.cuda.set_device(device)
    if size == 1:
        yield World(0, 1, device)
        return
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield World(dist.get_rank(), size, device)
    finally:
        dist.destroy_process_group()


class GlobalBatchNorm(nn.BatchNorm2d):
    """Batch norm over the batches of all processes, on any device (torch's SyncBatchNorm is for GPUs only)."""

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` -> the same shape."""
        if not self.training:
            return super().forward(x)
        precision = x.dtype
        x = x.to(torch.promote_types(precision, torch.float32))  # statistics of bfloat16 would be too coarse
        count = x.new_tensor(float(x.numel() // x.shape[1]))
        dist.all_reduce(count)
        mean: Tensor = all_reduce(x.sum(dim=(0, 2, 3))) / count  # type: ignore[no-untyped-call]
        centred = x - mean[:, None, None]
        squares: Tensor = all_reduce((centred * centred).sum(dim=(0, 2, 3)))  # type: ignore[no-untyped-call]
        variance = squares / count
        with torch.no_grad():
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.num_batches_tracked is not None
            self.num_batches_tracked += 1
            momentum = self.momentum if self.momentum is not None else 0.1
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * count / (count - 1), momentum)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        out: Tensor = centred * scale[:, None, None] + self.bias[:, None, None]
        return out.to(precision)


def share_batch_norms(module: nn.Module, device: torch.device) -> None:
    """Let the batch norms that are trained see the batches of all processes; names of parameters stay."""
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(module)  # type: ignore[no-untyped-call]
        return
    for child in module.modules():
        if type(child) is nn.BatchNorm2d:
            child.__class__ = GlobalBatchNorm
