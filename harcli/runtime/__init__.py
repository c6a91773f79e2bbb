"""ONNX Runtime sessions: which provider computes, checked; and how many threads."""

from harcli.runtime.binding import Runner
from harcli.runtime.buffer import Buffer
from harcli.runtime.providers import on_gpu
from harcli.runtime.session import active_provider, open_session
from harcli.runtime.threads import (
    lane_count,
    lane_threads,
    limit_threads,
    limit_torch,
    processor_count,
    reader_count,
    thread_count,
)

__all__ = [
    "Buffer",
    "Runner",
    "active_provider",
    "lane_count",
    "lane_threads",
    "limit_threads",
    "limit_torch",
    "on_gpu",
    "open_session",
    "processor_count",
    "reader_count",
    "thread_count",
]
