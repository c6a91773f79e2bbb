"""Photos come in order and within the bound on memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harcli.photos.limits import Limits
from harcli.tagging import reader, source, store
from harcli.tagging.finding import Finding
from harcli.tagging.reader import Photo, read_ahead
from harcli.tagging.source import Source
from harcli.tagging.tagger import Tagger


def photos_of(read: Iterable[Photo | None]) -> list[Photo]:
    return [photo for photo in read if photo is not None]


def test_order_and_errors(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(20)]
    for i, path in enumerate(paths):
        # The first ones take longest: order must not depend on who is done first.
        Image.new("L", (2000 // (i + 1), 1000), i).save(path)
    paths.insert(7, tmp_path / "gone.png")
    paths.insert(9, tmp_path / "no\0name.png")
    result = photos_of(
        read_ahead(map(Photo, paths), Source(Limits(100), None).read, workers=4, ahead=6, budget=1 << 30)
    )
    assert [photo.path for photo in result] == paths
    errors = {i: photo.finding.error for i, photo in enumerate(result) if photo.finding is not None}
    assert list(errors) == [7, 9]
    assert errors[7] == "no such file"
    assert [int(photo.pixels[0, 0, 0]) for photo in result if photo.pixels is not None] == list(range(20))


@pytest.mark.parametrize(("budget", "most"), [(1, 2), (1 << 30, 7)])
def test_how_many_are_decoded_beyond_the_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: int, most: int
) -> None:
    Image.new("L", (10, 10)).save(tmp_path / "a.png")
    begun = 0
    decode = source.decode_guarded

    def counted(*arguments: Any, **more: Any) -> object:
        nonlocal begun
        begun += 1
        return decode(*arguments, **more)

    monkeypatch.setattr(source, "decode_guarded", counted)
    beyond = []
    photos = read_ahead(
        map(Photo, [tmp_path / "a.png"] * 40), Source(Limits(100), None).read, workers=2, ahead=6, budget=budget
    )
    for done, _ in enumerate(photos, 1):
        beyond.append(begun - done)
    assert begun == 40
    # The first ones are begun before the size of a photo is known.
    assert max(beyond[10:]) <= most


def test_photos_in_use_are_let_go_where_the_next_one_needs_their_memory() -> None:
    def read(photo: Photo) -> None:
        photo.share.take(60_000)

    given: list[Photo] = []
    order = []
    for photo in read_ahead([Photo(Path(str(i))) for i in range(5)], read, 2, 4, 1 << 30, Limits(memory=1e-4)):
        if photo is None:
            for used in given:
                used.share.give_back()
            given = []
        else:
            given.append(photo)
            order.append(photo.path.name)
    assert order == list("01234")


def test_a_decoder_that_hangs_costs_its_photo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "GRACE", 0.2)
    over = threading.Event()

    def read(photo: Photo) -> None:
        photo.share.begin()
        photo.share.take(100)
        if photo.path.name in "13":
            over.wait(60)
        photo.finding = Finding(size=(1, 1))
        photo.share.keep(50)

    start = time.monotonic()
    paths = [Path(str(i)) for i in range(6)]
    # Both threads hang, and hold all of the memory.
    photos = photos_of(read_ahead(map(Photo, paths), read, 2, 4, 1 << 30, Limits(memory=3e-7, seconds=0.1)))
    assert [photo.path.name for photo in photos] == list("012345")
    errors = [photo.finding.error for photo in photos if photo.finding is not None]
    late = "takes longer than 0.1 s to decode; raise --photo-timeout to read it"
    assert errors == ["", late, "", late, "", ""]
    assert time.monotonic() - start < 20
    over.set()


def test_a_large_file_that_is_no_photo_is_not_read_whole_for_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: Any
) -> None:
    film = tmp_path / "film.jpg"
    with film.open("wb") as stream:
        stream.write(b"\0\0\0\x18ftypmp42")
        stream.truncate(3 << 30)
    Image.new("L", (10, 10)).save(tmp_path / "a.png")
    hashed = []
    digest = store.digest

    def told(path: Path) -> bytes:
        hashed.append(path.name)
        return digest(path)

    monkeypatch.setattr(store, "digest", told)
    tagger = Tagger(parts.model, parts.detector, store=tmp_path / "store.db")
    with tagger:
        one, other = (records[0] for records in tagger.tag_files([film, tmp_path / "a.png"]))
    assert one.error.startswith("not a photo")
    assert not other.error
    assert hashed == ["a.png"]
