"""The folder of a data set, by itself."""

from __future__ import annotations

import errno
from typing import NoReturn

import pytest

from harcli.errors import HarcliError
from harcli.outputs.dataset import folder
from harcli.outputs.dataset.folder import Folder


def test_what_a_server_says_is_told_without_its_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some servers' errors look like those of a file system, and name the URL that was asked for."""
    pytest.importorskip("fsspec", reason="a bucket needs fsspec: pip install '.[dev]'")

    def fail(attempt: object) -> NoReturn:
        raise OSError(errno.EIO, "https://bucket.example.org/tags/?signature=secret")

    monkeypatch.setattr(folder, "persistent", fail)
    with pytest.raises(HarcliError, match="memory://bucket/tags/: cannot be listed: could not be read") as caught:
        Folder("memory://bucket/tags/").names()
    assert "secret" not in str(caught.value)
