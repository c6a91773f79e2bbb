"""The optional packages, by the extra that brings them."""

from __future__ import annotations


def install(extra: str) -> str:
    """The command that installs an extra, for those who have harcli from PyPI and for those who have a clone."""
    return f"pip install 'harcli[{extra}]' (in a clone: '.[{extra}]')"
