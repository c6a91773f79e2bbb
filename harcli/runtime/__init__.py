"""ONNX Runtime sessions: which provider computes, checked."""

from harcli.runtime.session import active_provider, open_session

__all__ = ["active_provider", "open_session"]
