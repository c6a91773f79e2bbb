"""The properties of a sidecar, read and written by the library Exiv2 (the one in digiKam and darktable)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from types import ModuleType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from harcli.errors import HarcliError
from harcli.photos.xmp_envelope import normalised
from harcli.sidecars.properties import RDF, Properties, plain_name, properties, said

NAMESPACE = "harcli:ns:1.0/"
"""Of the properties with the prefix `harcli`, in which a sidecar keeps what harcli put into it."""


_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_EMPTY = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '  <rdf:Description rdf:about=""/>\n'
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
)


_PREFIXES = ("dc", "lr", "digiKam", "MicrosoftPhoto", "mediapro", "mwg-rs", "stArea", "stDim", "harcli")
"""Those of properties that harcli reads or writes."""

_RESOURCE = f"{RDF}resource"
_DECLARED = re.compile(r'\sxmlns:[^\s=]+="([^"]+)"')


@cache
def load_exiv2() -> ModuleType:
    """The library, silent.

    Raises:
        HarcliError: it is not installed.
    """
    try:
        import exiv2
    except ModuleNotFoundError as error:
        raise HarcliError("exiv2 is not installed; it comes with harcli[xmp] (in a clone: .[xmp])") from error
    exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
    return exiv2  # type: ignore[no-any-return]


class Packet:
    """The properties of one sidecar, by Exiv2's keys, for example `Xmp.dc.subject`.

    One at a time: Exiv2 keeps what prefixes stand for per process.
    """

    def __init__(self, document: bytes | None = None) -> None:
        """
        Args:
            document: an XMP document; None for an empty one.

        Raises:
            ValueError: not XMP, or Exiv2 would lose some of it in writing.
        """
        self._exiv2 = load_exiv2()
        # A document may call its own namespace `dc`. Exiv2 would keep that for the next one.
        self._exiv2.XmpProperties.unregisterNs()
        self._exiv2.XmpProperties.registerNs(NAMESPACE, "harcli")
        self._data: Any = self._exiv2.XmpData()
        self._about = ""
        self._open_ended: set[str] = set()
        self._links: dict[str, str] = {}
        if document is not None:
            self._read(document)

    def _read(self, document: bytes) -> None:
        text = normalised(document)
        before = properties(text)
        self._about = before.get(f"{RDF}about", "")
        declared = set(_DECLARED.findall(text))
        self._open_ended = {name for name in declared if name[-1] not in "/#" and f"{name}/" not in declared}
        known = self._namespaces()
        try:
            image = self._exiv2.ImageFactory.open(text.encode())
            image.readMetadata()
            for datum in image.xmpData():
                self._data.add(self._exiv2.XmpKey(datum.key()), datum.value())
            self._restore(before)
            after = properties(self.serialise())
        except self._exiv2.Exiv2Error as error:
            raise ValueError(f"not read by Exiv2 ({error.message})") from error
        if self._namespaces() != known:
            raise ValueError("a namespace in it has the prefix of another one")
        # Exiv2 drops markup, for example. Rare, but then a sidecar must stay as it is.
        if lost := [plain_name(name) for name in before if said(before[name]) != said(after.get(name, ""))]:
            raise ValueError(f"Exiv2 would not keep all of it ({', '.join(lost[:3])})")

    def _restore(self, before: Properties) -> None:
        """Put back what Exiv2 changes in reading: empty items of lists, texts that it mends, links."""
        there = set(self.keys_under())
        for name, value in before.items():
            namespace, _, local = name[1:].partition("}")
            prefix = self._exiv2.XmpProperties.prefix(namespace)
            key = f"Xmp.{prefix}.{local}"
            if key not in there:  # asking Exiv2 for a key of no namespace ends the process
                continue
            kind = self._data[key].typeId()
            if value == ("resource", {_RESOURCE: self.text(key)}):
                self._links[f"{prefix}:{local}"] = self.text(key)
            elif kind == self._exiv2.TypeId.xmpText and isinstance(value, str):
                self.set_text(key, value)
            elif kind == self._exiv2.TypeId.langAlt:
                self._mend_languages(key)
            elif items := _with_gaps(value):
                self.set_list(key, kind)
                for number, item in enumerate(items, 1):
                    self.set_text(f"{key}[{number}]", item)

    def _mend_languages(self, key: str) -> None:
        """Exiv2 names an alternative without a language `x-repair`."""
        languages = dict(self.value(key).items())
        if "x-repair" in languages and "x-default" not in languages:
            mended = {"x-default": languages.pop("x-repair"), **languages}
            self._data[key] = self._exiv2.LangAltValue(mended)

    def _namespaces(self) -> list[str]:
        """What the prefixes that are used here stand for at this moment."""
        return [str(self._exiv2.XmpProperties.ns(prefix)) for prefix in _PREFIXES]

    def serialise(self) -> str:
        """The properties as an XMP document, the same text for the same properties.

        Raises:
            ValueError: a value cannot be written.
        """
        flags = self._exiv2.XmpParser.XmpFormatFlags
        layout = flags.omitPacketWrapper
        if not self._links:  # to be put back in elements; here texts may be attributes
            layout |= flags.useCompactFormat
        code, text = self._exiv2.XmpParser.encode(self._data, layout)
        if code:
            raise ValueError("Exiv2 cannot write it")
        for name, link in self._links.items():
            text = text.replace(f"<{name}>{escape(link)}</{name}>", f"<{name} rdf:resource={quoteattr(link)}/>")
        # Exiv2 ends all namespaces by a slash; that of Microsoft's ratings has none.
        for name in self._open_ended:
            text = re.sub(rf'(xmlns:[^\s=]+="{re.escape(name)})/"', r'\1"', text)
        # Exiv2 drops the subject, which old Adobe and Microsoft programs set.
        about = f"rdf:about={quoteattr(self._about)}"
        return _HEAD + (text or _EMPTY).replace('rdf:about=""', about, 1)

    def keys_under(self, start: str = "") -> list[str]:
        """All keys that begin with `start`, in order."""
        return [datum.key() for datum in self._data if datum.key().startswith(start)]

    def text(self, key: str) -> str:
        """A simple value; empty if there is none."""
        return str(self._data[key].toString()) if key in self._data else ""

    def items(self, key: str) -> list[str]:
        """The items of a list of texts; empty if there is none.

        Raises:
            ValueError: it is something else.
        """
        if key not in self._data:
            return []
        value = self._data[key].value()
        if isinstance(value, self._exiv2.XmpArrayValue):
            return [str(value.toString(i)) for i in range(value.count())]
        if items := self.keys_under(f"{key}["):
            return list(filter(None, map(self._item, items)))
        if value.xmpStruct() or value.xmpArrayType() != self._exiv2.XmpArrayValue.XmpArrayType.xaNone:
            raise ValueError(f"{key.partition('.')[2]} is not a list of words")
        return list(filter(None, [str(value.toString())]))

    def _item(self, key: str) -> str:
        value = self._data[key].value()
        if not key.endswith("]") or value.xmpStruct() or isinstance(value, self._exiv2.XmpArrayValue):
            raise ValueError(f"{key.partition('.')[2].partition('[')[0]} is not a list of words")
        return str(value.toString())

    def set_items(self, key: str, items: Sequence[str], *, ordered: bool = False) -> None:
        """Put a list of texts in place; without items the property goes. The kind of a list that is there stays."""
        kinds = self._exiv2.TypeId
        kind = kinds.xmpSeq if ordered else kinds.xmpBag
        if key in self._data:
            if items == self.items(key):
                return
            if self._data[key].typeId() in (kinds.xmpSeq, kinds.xmpBag):
                kind = self._data[key].typeId()
            self.erase([*self.keys_under(f"{key}["), key])
        if items:
            self._data[key] = self._exiv2.XmpArrayValue(list(items), kind)

    def set_text(self, key: str, text: str) -> None:
        """Put a simple value in place."""
        self._data[key] = self._exiv2.XmpTextValue(text)

    def set_structure(self, key: str) -> None:
        """Begin a structure; its fields follow as `KEY/prefix:field`."""
        value = self._exiv2.XmpTextValue()
        value.setXmpStruct()
        self._data[key] = value

    def set_list(self, key: str, kind: Any = None) -> None:
        """Begin a list of structures, or of texts that may be empty; they follow as `KEY[1]`.

        Args:
            kind: Exiv2's number for lists of texts; None: a Bag.
        """
        kinds, arrays = self._exiv2.TypeId, self._exiv2.XmpArrayValue.XmpArrayType
        value = self._exiv2.XmpTextValue()
        value.setXmpArrayType({kinds.xmpSeq: arrays.xaSeq, kinds.xmpAlt: arrays.xaAlt}.get(kind, arrays.xaBag))
        self._data[key] = value

    def value(self, key: str) -> Any:
        """Any value, to be put back with `set_value`."""
        return self._data[key].value().clone()

    def set_value(self, key: str, value: Any) -> None:
        """Put back what `value` gave."""
        self._data[key] = value

    def erase(self, keys: Iterable[str]) -> None:
        """Take properties out."""
        for key in keys:
            if key in self._data:
                del self._data[key]

    @property
    def empty(self) -> bool:
        """Whether it has no property at all."""
        return bool(self._data.empty())


def _with_gaps(value: Any) -> list[str]:
    """The items of a list of texts of which some, not all, are empty; of other values none."""
    items = value[1] if isinstance(value, tuple) and isinstance(value[1], list) else []
    return items if "" in items and any(items) and all(isinstance(item, str) for item in items) else []
