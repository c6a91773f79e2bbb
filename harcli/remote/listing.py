"""From URLs to the photos there, by the same rules as in folders."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from harcli.errors import HarcliError
from harcli.photos.errors import PhotoError
from harcli.photos.find import Found, find_photos, natural
from harcli.photos.ignore import FILE_NAME, Rules, named_rules, patterns_in
from harcli.photos.kinds import BINS, HIDDEN, LIVE_VIDEOS, endings_of, is_bin, kind_left_out
from harcli.photos.live import live_videos_of
from harcli.remote.failures import persistent, reason_of
from harcli.remote.photo import PhotoPlace, RemotePhoto, etag_of, size_of
from harcli.remote.urls import is_cut, is_url, is_web, opened, shown
from harcli.remote.walk import everything_below

_TOP = PurePosixPath()


def find_anywhere(
    places: Iterable[str | Path],
    ignore: Sequence[str] = (),
    *,
    raw: bool = False,
    videos: bool = False,
    live_videos: bool = False,
) -> Found[PhotoPlace]:
    """As `find_photos`, of paths and URLs; those that are paths first, nothing twice.

    The video of a Live Photo at a URL is known by its name beside a HEIC; it is not looked into.

    Raises:
        HarcliError: as `find_photos`; or a server cannot be listed.
    """
    places = list(places)
    urls = [place for place in places if isinstance(place, str) and is_url(place)]
    paths = [Path(place) for place in places if not (isinstance(place, str) and is_url(place))]
    found = find_photos(paths, ignore, raw=raw, videos=videos, live_videos=live_videos)
    if not urls:
        return found
    photos: dict[str, RemotePhoto] = {}
    ignored, empty = 0, []
    kinds = {kind: Counter(names) for kind, names in found.left_out.items()}
    endings = endings_of(raw=raw, videos=videos)
    for url in dict.fromkeys(urls):
        walk = _walked(url, ignore, endings)
        if videos and not live_videos:
            walk.leave_out_live_videos()
        ignored += walk.ignored
        for kind, name in walk.left_out:
            kinds.setdefault(kind, Counter())[name] += 1
        if not walk.photos:
            empty.append(shown(url))
        for photo in walk.photos:
            photos.setdefault(photo.name, photo)
    return Found([*found.photos, *photos.values()], found.ignored + ignored, kinds, [*found.empty, *empty])


def remote_photo(url: str) -> RemotePhoto:
    """The photo that a URL names.

    Raises:
        PhotoError: it cannot be read there.
    """
    name = shown(url)
    if is_cut(url):
        raise PhotoError(name, "results do not keep the query of a URL, without which it cannot be fetched")
    try:
        filesystem, path = opened(url)
        return _named(url, path, persistent(lambda: filesystem.info(path)))
    except HarcliError as error:
        raise PhotoError(name, str(error).removeprefix(f"{name}: ")) from None
    except Exception as error:  # each kind of server has errors of its own
        raise PhotoError(name, reason_of(error)) from None


def _walked(url: str, ignore: Sequence[str], endings: frozenset[str]) -> _Walk:
    filesystem, root = opened(url)
    walk = _Walk(url, root, endings, ignore)
    try:
        about = None if url.endswith("/") else persistent(lambda: filesystem.info(root))
        if about is not None and (is_web(url) or about["type"] != "directory"):
            walk.photos.append(_named(url, root, about))
            return walk
        listed, failed = everything_below(url)
    except HarcliError:
        raise
    except Exception as error:  # each kind of server has errors of its own
        raise HarcliError(f"{shown(url)}: cannot be listed: {reason_of(error)}") from None
    walk.take(listed, failed)
    return walk


def _named(url: str, path: str, about: Mapping[str, Any]) -> RemotePhoto:
    """The photo that a URL names itself."""
    return RemotePhoto(shown(url), url, path, size_of(about), etag_of(about), *_sidecar(url, path))


def _sidecar(url: str, path: str) -> tuple[str, str]:
    """Path and etag of the sidecar beside a photo that is named itself; the web has none."""
    if is_web(url):
        return "", ""
    beside = f"{path}.xmp"
    try:
        return beside, etag_of(persistent(lambda: opened(url)[0].info(beside)))
    except FileNotFoundError:
        return "", ""


class _Walk:
    """What is below a URL.

    Attributes:
        photos: to be taken, in natural order.
        ignored: how many photos rules leave out.
        left_out: other objects and folders, each with its kind, and its ending or name.
    """

    def __init__(self, url: str, root: str, endings: frozenset[str], ignore: Sequence[str]) -> None:
        self.photos: list[RemotePhoto] = []
        self.ignored = 0
        self.left_out: list[tuple[str, str]] = []
        self._url, self._root, self._endings = url, root.rstrip("/"), endings
        self._named_rules = named_rules(_TOP, ignore)
        self._folders: dict[PurePosixPath, Rules | str | None] = {}
        self._ignore_files: set[PurePosixPath] = set()

    def take(self, listed: Mapping[str, Mapping[str, Any]], failed: Mapping[str, str]) -> None:
        """Take the photos of a listing, and the folders that may hold some: see `everything_below`."""
        objects = {
            PurePosixPath(relative): (path, about)
            for path, about in listed.items()
            if about.get("type") != "directory" and not path.endswith("/") and (relative := self._relative(path))
        }
        self._ignore_files = {path.parent for path in objects if path.name == FILE_NAME}
        own = _TOP in self._ignore_files
        self._folders[_TOP] = self._inside(self._named_rules, _TOP) if own else self._named_rules
        for path in sorted(objects, key=natural):
            self._take(path, *objects[path], sidecar=objects.get(path.with_name(f"{path.name}.xmp"), ("", {})))
        for full, problem in failed.items():
            if isinstance(self._rules(PurePosixPath(self._relative(full))), Rules):
                self.photos.append(
                    RemotePhoto(self._name(full), self._url, full, problem=f"cannot be listed: {problem}")
                )

    def leave_out_live_videos(self) -> None:
        """As in folders."""
        paths = [PurePosixPath(photo.path) for photo in self.photos]
        videos = live_videos_of(paths)
        self.photos = [photo for photo, path in zip(self.photos, paths, strict=True) if path not in videos]
        self.left_out += [(LIVE_VIDEOS, video.suffix.lower()) for video in videos]

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._root).lstrip("/")

    def _name(self, full: str) -> str:
        return f"{shown(self._url).rstrip('/')}/{self._relative(full)}"

    def _take(
        self, path: PurePosixPath, full: str, about: Mapping[str, Any], sidecar: tuple[str, Mapping[str, Any]]
    ) -> None:
        rules = self._rules(path.parent)
        photo = path.suffix.lower() in self._endings
        if rules is None:
            return
        if isinstance(rules, str):
            self.ignored += photo and not path.name.startswith(".")
        elif path.name.startswith("."):
            if photo and not path.name.startswith("._"):
                self.left_out.append((HIDDEN, path.suffix.lower()))
        elif rules.leave_out(path, False):
            self.ignored += photo
        elif photo:
            beside = (sidecar[0], etag_of(sidecar[1]))
            self.photos.append(RemotePhoto(self._name(full), self._url, full, size_of(about), etag_of(about), *beside))
        elif kind := kind_left_out(path):
            self.left_out.append((kind, path.suffix.lower() or "no ending"))

    def _rules(self, folder: PurePosixPath) -> Rules | str | None:
        """What holds in a folder; None if it is left out as such, `ignored` if rules leave it out."""
        if folder not in self._folders:
            self._folders[folder] = self._looked_into(folder)
        return self._folders[folder]

    def _looked_into(self, folder: PurePosixPath) -> Rules | str | None:
        above = self._rules(folder.parent)
        if is_bin(folder) or folder.name.startswith("."):
            if isinstance(above, Rules):
                self.left_out.append((BINS if is_bin(folder) else HIDDEN, folder.name))
            return None
        if not isinstance(above, Rules):
            return above
        if above.leave_out(folder, True):
            return "ignored"
        return self._inside(above, folder) if folder in self._ignore_files else above

    def _inside(self, rules: Rules, folder: PurePosixPath) -> Rules:
        """The rules with those of the `.harcliignore` in a folder."""
        path = posixpath.join(self._root, str(folder / FILE_NAME))
        name = f"{shown(self._url).rstrip('/')}/{folder / FILE_NAME}"
        try:
            content = persistent(lambda: opened(self._url)[0].cat_file(path))
        except Exception as error:
            raise HarcliError(
                f"{name}: cannot be read ({reason_of(error)}), so it is not known what to leave out"
            ) from None
        return rules.inside(folder, patterns_in(content, name))
