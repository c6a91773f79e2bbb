"""Keywords in a sidecar: which there are, and putting harcli's among them without touching others'.

A keyword stands there as a word (`hat`, in `dc:subject`) and as a branch of a tree (`harcli|head|hat`), in one or more
lists. Programs read the first list that holds anything, each in its own order, so all lists must say the same. What
harcli put in is also kept in two lists of its own, to be found again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harcli.results import Record, RunInfo
from harcli.sidecars.packet import Packet

Branch = tuple[str, ...]

WORDS = "Xmp.dc.subject"
_OUR_WORDS = "Xmp.harcli.Keywords"
_OUR_BRANCHES = "Xmp.harcli.HierarchicalKeywords"


@dataclass(frozen=True, slots=True)
class Keywords:
    """Keywords of a photo.

    Attributes:
        words: each by itself.
        branches: each with what it is under, from the root on.
    """

    words: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A list of branches.

    Attributes:
        key: Exiv2's name.
        separator: between the parts of a branch.
        ordered: a list (Seq) by its definition, not a set (Bag).
        always: written wherever there are keywords; others are only kept up where a program has begun them.
    """

    key: str
    separator: str
    ordered: bool = False
    always: bool = False

    def write(self, branch: Branch) -> str:
        """A branch as an item. A separator in a part becomes a backslash, as digiKam does it."""
        return self.separator.join(part.replace(self.separator, "\\") for part in branch)

    def read(self, item: str) -> Branch:
        """The opposite of `write`."""
        return tuple(item.split(self.separator))


TREES = (
    Tree("Xmp.digiKam.TagsList", "/", ordered=True, always=True),
    Tree("Xmp.lr.hierarchicalSubject", "|", always=True),
    Tree("Xmp.MicrosoftPhoto.LastKeywordXMP", "/"),
    Tree("Xmp.mediapro.CatalogSets", "|"),
)
"""In the order in which digiKam reads them."""


def keywords_of(records: Iterable[Record], info: RunInfo, root: str) -> Keywords:
    """The tags of all people in a photo, in the order of the attributes, under `root` and their groups."""
    tags = {tag for record in records for tag in record.tags}
    branches = tuple(
        tuple(_part(name) for name in (root, attribute.group, attribute.name) if name)
        for attribute in info.attributes
        if attribute.name in tags
    )
    return Keywords(tuple(branch[-1] for branch in branches), branches)


def merge(packet: Packet, wanted: Keywords, embedded: Keywords) -> None:
    """Take harcli's former keywords out and put `wanted` in. Does nothing if that is how it is.

    Args:
        embedded: keywords in the photo file. Programs do not look at these any more when a sidecar has some, so they
            are repeated in one that had none.

    Raises:
        ValueError: a list of keywords is something else.
    """
    ours = _ours(packet)
    others = _others(packet, ours)
    beside = others if others.words else embedded
    for tree in TREES:
        _merge_tree(packet, tree, ours, wanted, beside)
    _merge_words(packet, ours, wanted, others, beside)
    packet.set_items(_OUR_BRANCHES, [_RECORD.write(branch) for branch in wanted.branches])


def is_copy(packet: Packet, embedded: Keywords) -> bool:
    """Whether there is nothing but keywords that the photo file has too."""
    known = {WORDS: set(embedded.words)}
    known |= {tree.key: {tree.write(branch) for branch in embedded.branches} for tree in TREES}
    return all(key in known and known[key].issuperset(packet.items(key)) for key in packet.keys_under())


_RECORD = Tree(_OUR_BRANCHES, "|")


def _ours(packet: Packet) -> Keywords:
    """What harcli put in."""
    branches = (_RECORD.read(item) for item in packet.items(_OUR_BRANCHES))
    return Keywords(tuple(packet.items(_OUR_WORDS)), tuple(branches))


def _others(packet: Packet, ours: Keywords) -> Keywords:
    """What others put in, by the first list that holds anything."""
    words = tuple(word for word in packet.items(WORDS) if word not in ours.words)
    for tree in TREES:
        branches = [tree.read(item) for item in packet.items(tree.key)]
        if found := tuple(branch for branch in branches if branch not in ours.branches):
            return Keywords(words or tuple(dict.fromkeys(branch[-1] for branch in found)), found)
    return Keywords(words, tuple((word,) for word in words))


def _merge_tree(packet: Packet, tree: Tree, ours: Keywords, wanted: Keywords, beside: Keywords) -> None:
    items = packet.items(tree.key)
    if not (items or (tree.always and wanted.branches)):
        return
    new = [tree.write(branch) for branch in wanted.branches]
    old = {tree.write(branch) for branch in ours.branches}
    kept = [item for item in items if item in new or item not in old]
    if wanted.branches and old.issuperset(items):  # begun by harcli: it must hold what is in other lists
        kept = [*map(tree.write, beside.branches), *kept]
    packet.set_items(tree.key, _unique([*kept, *new]), ordered=tree.ordered)


def _merge_words(packet: Packet, ours: Keywords, wanted: Keywords, others: Keywords, beside: Keywords) -> None:
    words = packet.items(WORDS)
    # Somebody may have come to use a word of ours in a branch of their own.
    adopted = {branch[-1] for branch in others.branches}
    kept = [word for word in words if word in wanted.words or word in adopted or word not in ours.words]
    if wanted.words and set(ours.words).issuperset(words):
        kept = [*beside.words, *kept]
    packet.set_items(WORDS, _unique([*kept, *wanted.words]))
    # A word that was there before is not ours.
    packet.set_items(_OUR_WORDS, [word for word in wanted.words if word in ours.words or word not in kept])


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _part(name: str) -> str:
    """A part of a branch, without what separates parts in one list or another."""
    return re.sub(r"[/|\\]", "-", name)
