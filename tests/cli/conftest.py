"""The places of a `harcli.toml`: the folder that one is in, and the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that one is in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own file."""
    path = tmp_path_factory.mktemp("config") / "harcli.toml"
    path.touch()
    monkeypatch.setenv("HARCLI_SETTINGS", str(path))
    return path
