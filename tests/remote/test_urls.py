"""How URLs are told from paths, and named without what must stay secret."""

from __future__ import annotations

import pytest

from harcli.remote import failures
from harcli.remote.urls import is_url, shown


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://bucket/a b#1.jpg", "s3://bucket/a b#1.jpg"),
        ("sftp://ann:secret@host:22/x.jpg", "sftp://host:22/x.jpg"),
        ("HTTPS://token@host/x.jpg#part", "https://host/x.jpg"),
        ("abfs://photos@account.dfs.core.windows.net/x.jpg", "abfs://photos@account.dfs.core.windows.net/x.jpg"),
    ],
)
def test_names_hold_no_credentials(url: str, name: str) -> None:
    assert shown(url) == name
    assert shown(name) == name


def test_signatures_differ_in_names_and_are_not_in_them() -> None:
    one, other = (shown(f"https://host/x.jpg?X-Amz-Signature={each}") for each in ("abc", "abd"))
    assert one != other
    assert one.startswith("https://host/x.jpg?~")
    assert "abc" not in one


@pytest.mark.parametrize(("text", "url"), [("s3://b/x", True), ("C://x", False), ("a/b.jpg", False), ("-", False)])
def test_what_is_a_url(text: str, url: bool) -> None:
    assert is_url(text) == url


def test_no_error_tells_a_url() -> None:
    error = RuntimeError("failed: https://host/x.jpg?sig=abc, message='x'")
    assert "abc" not in failures.reason_of(error)
