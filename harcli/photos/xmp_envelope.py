"""The part of an XMP document that matters, whatever is around it.

Programs wrap the RDF in different roots (`x:xmpmeta`, `x:xml_doc`, none), begin with a blank or a comment, and choose
their encoding. Exiv2 goes by the first bytes, and knows only some of these.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from xml.parsers import expat

RDF_NAMESPACE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_BEFORE = '<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
_AFTER = "\n</x:xmpmeta>\n"
_SKIPPED = re.compile(rb"[ \t\r\n]+|<!--.*?-->", re.DOTALL)
_SAYS_WIDE = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](?:utf-?16|utf-?32|ucs-?[24]|unicode)""", re.IGNORECASE)
_ELSE = "not XMP, or there is something else beside it"
_ENCODINGS = (  # the longer marks first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("<".encode("utf-32-le"), "utf-32-le"),
    ("<".encode("utf-32-be"), "utf-32-be"),
    ("<".encode("utf-16-le"), "utf-16-le"),
    ("<".encode("utf-16-be"), "utf-16-be"),
)


def normalised(document: bytes) -> str:
    """The RDF of an XMP document in the envelope that every reader knows, without comments and instructions.

    Prefixes stay as they are.

    Raises:
        ValueError: not XML, not XMP, or there is something else beside the RDF.
    """
    document, encoding = _decoded(document)
    rdf = _Rdf()
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = rdf.start
    parser.EndElementHandler = rdf.end
    parser.CharacterDataHandler = rdf.text
    parser.StartDoctypeDeclHandler = rdf.refuse_type
    try:
        parser.Parse(_from_declaration(document), True)
    except expat.ExpatError as error:
        raise ValueError(f"not XML ({error})") from error
    return f"{_BEFORE}{''.join(rdf.written)}{_AFTER}"


def _decoded(document: bytes) -> tuple[bytes, str | None]:
    """The document in UTF-8 if its first bytes tell another encoding of more bytes a letter; and what it is in now,
    None if its declaration is to be asked."""
    for mark, encoding in _ENCODINGS:
        if document.startswith(mark):
            try:
                return document.decode(encoding).rstrip("\0 \t\r\n").encode(), "utf-8"
            except UnicodeDecodeError as error:
                raise ValueError(f"not XML (damaged {encoding.upper()})") from error
    document = document.removeprefix(codecs.BOM_UTF8).rstrip(b"\0 \t\r\n")
    # Programs write text that says UTF-16 of itself as UTF-8: letters of one byte each show that it is not.
    return document, "utf-8" if _SAYS_WIDE.match(_from_declaration(document)) else None


def _from_declaration(document: bytes) -> bytes:
    """Without blanks and comments before the XML declaration, which must come first."""
    start = 0
    while skipped := _SKIPPED.match(document, start):
        start = skipped.end()
    return document[start:]


class _Rdf:
    """Writes the RDF element while it is parsed, with the prefix `rdf`, which Exiv2 takes for granted.

    Attributes:
        written: the pieces.
    """

    def __init__(self) -> None:
        self.written: list[str] = []
        self._ended = False
        self._scopes: list[dict[str, str]] = [{}]
        self._open: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._ended:
            raise ValueError(_ELSE)
        declared = {key: value for key, value in attributes.items() if key == "xmlns" or key.startswith("xmlns:")}
        self._scopes.append({**self._scopes[-1], **declared} if declared else self._scopes[-1])
        if self._scopes[-1].get("xmlns:rdf", RDF_NAMESPACE) != RDF_NAMESPACE:
            raise ValueError("not XMP: the prefix 'rdf' stands for something else in it")
        if self._open:
            self._write(self._usual(name), attributes)
        elif self._usual(name) == "rdf:RDF":
            self._write("rdf:RDF", {**self._scopes[-1], **attributes, "xmlns:rdf": RDF_NAMESPACE})

    def end(self, _: str) -> None:
        self._scopes.pop()
        if self._open:
            self.written.append(f"</{self._open.pop()}>")
            self._ended = not self._open
        elif not self._ended:
            raise ValueError(_ELSE)

    def text(self, text: str) -> None:
        from xml.sax.saxutils import escape  # not above: it loads urllib, for which every start would pay

        if self._open:
            self.written.append(escape(text, {"\r": "&#13;"}))
        elif text.strip():
            raise ValueError(_ELSE)

    def refuse_type(self, *_: object) -> None:
        """Nobody's XMP has one, and the entities in it could grow without end."""
        raise ValueError("not XMP: it declares a document type")

    def _usual(self, name: str) -> str:
        """The name with the prefix `rdf`, if it is one of RDF's."""
        prefix, colon, local = name.rpartition(":")
        return f"rdf:{local}" if self._scopes[-1].get(f"xmlns{colon}{prefix}") == RDF_NAMESPACE else name

    def _write(self, name: str, attributes: Mapping[str, str]) -> None:
        from xml.sax.saxutils import quoteattr

        named = {self._usual(key) if ":" in key else key: value for key, value in attributes.items()}
        self.written.append(f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in named.items())}>")
        self._open.append(name)
