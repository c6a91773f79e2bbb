"""Slow, failing and truncating answers, and what is listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harcli.errors import HarcliError
from harcli.photos.errors import PhotoError
from harcli.photos.kinds import HIDDEN, OTHERS
from harcli.remote import failures
from harcli.remote.listing import find_anywhere
from harcli.remote.photo import RemotePhoto, at_hand, remove_copies

LARGE = 2**30


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_WAIT", 0.01)


@pytest.fixture
def listed(bucket: Any) -> RemotePhoto:
    """An object of 100,000 bytes that looks like a photo by name."""
    bucket.put("a/b.jpg", bytes(range(250)) * 400)
    [found] = find_anywhere(["s3://photos/a/"]).photos
    assert isinstance(found, RemotePhoto)
    return found


def _times(count: int, what: str) -> Callable[[str, str], str | None]:
    """Trouble with the first reads of the object, then none."""
    left = [what] * count
    return lambda method, path: left.pop() if left and method == "GET" and path.startswith("/photos/a/b.jpg") else None


@pytest.mark.parametrize("what", ["500", "503", "429", "close", "cut off", "shorter"])
def test_what_passes_is_tried_again(listed: RemotePhoto, trouble: Any, what: str) -> None:
    trouble.answer = _times(2, what)
    with at_hand(listed, LARGE) as copy:
        assert copy.file.read_bytes() == bytes(range(250)) * 400
        assert copy.vouched
    assert trouble.gets("b.jpg") >= 3


@pytest.mark.parametrize(
    ("what", "said"),
    [("shorter", "only 50000 of 100000 bytes came"), ("404", "no such object"), ("403", "access denied")],
)
def test_what_does_not_pass_is_said(listed: RemotePhoto, trouble: Any, what: str, said: str) -> None:
    trouble.answer = _times(1000, what)
    with pytest.raises(PhotoError) as caught, at_hand(listed, LARGE):
        pass
    assert said in caught.value.reason


def test_no_permission_is_not_asked_for_again(listed: RemotePhoto, trouble: Any) -> None:
    trouble.answer = _times(1000, "403")
    trouble.seen.clear()
    with pytest.raises(PhotoError), at_hand(listed, LARGE):
        pass
    assert trouble.gets("b.jpg") == 1


def test_a_server_that_stalls_is_given_up(listed: RemotePhoto, trouble: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "PATIENCE", 0.2)
    monkeypatch.setattr(failures, "SLOWEST", 10**9)
    monkeypatch.setattr(failures, "ATTEMPTS", 2)
    trouble.answer = _times(1000, "stall")
    with pytest.raises(PhotoError) as caught, at_hand(listed, LARGE):
        pass
    assert caught.value.reason == "no answer in time"


def test_an_object_replaced_since_it_was_listed_is_not_vouched_for(listed: RemotePhoto, bucket: Any) -> None:
    bucket.put("a/b.jpg", bytes(100_000))
    with at_hand(listed, LARGE) as copy:
        assert copy.file.read_bytes() == bytes(100_000)
        assert not copy.vouched


def test_what_is_too_large_is_not_read(listed: RemotePhoto, trouble: Any) -> None:
    with pytest.raises(PhotoError, match="raise --max-memory"), at_hand(listed, 99_999):
        pass
    assert trouble.gets("b.jpg") == 0


def test_copies_go(listed: RemotePhoto) -> None:
    with at_hand(listed, LARGE) as copy:
        folder = copy.file.parent
    assert not folder.exists()
    with at_hand(listed, LARGE) as copy:
        remove_copies()
        assert not copy.file.parent.exists()


def test_listing_by_the_rules_of_folders(bucket: Any) -> None:
    for key in (
        "p/img10.jpg",
        "p/img2.jpg",
        "p/.hidden/x.jpg",
        "p/a.txt",
        "p/old/x.jpg",
        "p/new/x.JPG",
        "p/new/x.JPG.xmp",
    ):
        bucket.put(key, b"content")
    bucket.put("p/.harcliignore", b"/old/\n")
    bucket.put("pq/elsewhere.jpg", b"content")
    found = find_anywhere(["s3://photos/p"], ["img10*"])
    assert list(map(str, found.photos)) == ["s3://photos/p/img2.jpg", "s3://photos/p/new/x.JPG"]
    assert [one.sidecar for one in found.photos if isinstance(one, RemotePhoto)] == ["", "photos/p/new/x.JPG.xmp"]
    assert found.ignored == 2
    assert {kind: dict(names) for kind, names in found.left_out.items()} == {
        HIDDEN: {".hidden": 1},
        OTHERS: {".txt": 1},
    }


def test_rules_that_cannot_be_read_end_the_listing(bucket: Any) -> None:
    bucket.put("p/a.jpg", b"content")
    bucket.put("p/.harcliignore", b"\0")
    with pytest.raises(HarcliError, match=r"s3://photos/p/.harcliignore: not a text file"):
        find_anywhere(["s3://photos/p/"])


def test_paths_and_urls_together(bucket: Any, photos: Path) -> None:
    bucket.put("p/a.jpg", b"content")
    found = find_anywhere(["s3://photos/p/", "s3://photos/p/a.jpg", photos])
    assert list(map(str, found.photos)) == [str(photos / "bus.jpg"), str(photos / "zidane.jpg"), "s3://photos/p/a.jpg"]


def test_a_server_that_nobody_answers_at_is_not_an_empty_folder() -> None:
    with pytest.raises(HarcliError, match=r"^http://127.0.0.1:9/p/: cannot be listed: .*Cannot connect"):
        find_anywhere(["http://127.0.0.1:9/p/"])


def test_folders_that_cannot_be_listed_get_a_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in folders on this machine; those that rules leave out are nobody's business."""
    from fsspec.implementations.local import LocalFileSystem

    plainly = LocalFileSystem.ls

    def ls(self: LocalFileSystem, path: str, detail: bool = False, **more: Any) -> Any:
        if "locked" in path:
            raise PermissionError(path)
        return plainly(self, path, detail, **more)

    monkeypatch.setattr(LocalFileSystem, "ls", ls)
    for name in ("a/1.jpg", "locked/2.jpg", "b/locked/3.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"content")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    url = tmp_path.as_uri()
    found = find_anywhere([f"{url}/"], ["b/locked/"])
    assert list(map(str, found.photos)) == [f"{url}/a/1.jpg", f"{url}/locked"]
    folder = found.photos[1]
    assert isinstance(folder, RemotePhoto)
    with pytest.raises(PhotoError) as caught, at_hand(folder):
        pass
    assert caught.value.reason.startswith("cannot be listed: access denied")


def test_connections_that_threads_cannot_share_are_their_own() -> None:
    """paramiko's deadlocks when two threads wait for answers on it; file systems that are asynchronous are shared."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from harcli.remote.urls import opened

    both = Barrier(2)

    def own(_: int) -> tuple[object, object, object]:
        both.wait(30)
        first, again, web = (opened(url)[0] for url in ("memory://a", "memory://b", "http://host/"))
        both.wait(30)
        return first, again, web

    web = opened("http://host/")[0]
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(own, range(2))
    assert one[0] is one[1]
    assert one[0] is not other[0]
    assert one[2] is other[2] is web


def test_a_closed_connection_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    from harcli.remote.urls import opened

    class Client:
        active = True

        def get_transport(self) -> Client:
            return self

        def is_active(self) -> bool:
            return self.active

    monkeypatch.setattr(MemoryFileSystem, "client", Client(), raising=False)
    first = opened("memory://a")[0]
    assert opened("memory://a")[0] is first
    monkeypatch.setattr(Client, "active", False)
    assert opened("memory://a")[0] is not first


def test_a_wrong_password_is_not_tried_again() -> None:
    class AuthenticationException(OSError):
        pass

    assert not failures.may_pass(AuthenticationException())
    assert failures.reason_of(AuthenticationException("for ann")).startswith("access denied")


def test_a_folder_of_results_is_made_where_its_parent_is(tmp_path: Path) -> None:
    from harcli.outputs.dataset.folder import Folder

    Folder(f"{tmp_path.as_uri()}/tags/").check()
    with pytest.raises(HarcliError, match="make it first"):
        Folder(f"{tmp_path.as_uri()}/none/tags/").check()
