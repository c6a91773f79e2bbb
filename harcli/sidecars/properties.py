"""What an XMP document says, in one form however it is written: to see whether two documents say the same.

XMP allows several spellings of one thing (attributes or elements, `rdf:parseType` or a nested `rdf:Description`), and
libraries choose their own. This reader is independent of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harcli.photos.xmp_envelope import RDF_NAMESPACE

RDF = f"{{{RDF_NAMESPACE}}}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NO_LANGUAGE = "x-default"
_ABOUT = f"{RDF}about"
# The order of a bag means nothing, but a bag written as a list keeps it, so both are lists here.
_ARRAYS = {f"{RDF}Bag": "list", f"{RDF}Seq": "list", f"{RDF}Alt": "alternatives"}

Properties = dict[str, Any]
"""By name in ElementTree's form, `{namespace}name`: text, or a pair of kind and content."""


def properties(document: bytes | str) -> Properties:
    """The properties of an XMP document. The subject, if there is one, stands as `rdf:about`.

    Raises:
        ValueError: not XML, not XMP, or a property is there twice.
    """
    try:
        rdf = next(ElementTree.fromstring(document).iter(f"{RDF}RDF"), None)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML ({error})") from error
    if rdf is None:
        raise ValueError("not XMP")
    found: Properties = {}
    for description in rdf:
        attributes = dict(description.attrib)
        if about := attributes.pop(_ABOUT, ""):
            found[_ABOUT] = about
        try:
            fields = _fields(attributes, description)
        except RecursionError as error:
            raise ValueError("structures in structures without end") from error
        for name, value in fields:
            if name in found:
                raise ValueError(f"{plain_name(name)} is there twice")
            found[name] = value
    return found


def texts(found: Properties, name: str) -> list[str]:
    """The items of a property that is a list of texts; empty if it is missing or something else."""
    value = found.get(name)
    if isinstance(value, tuple) and value[0] == "list":
        return [item for item in value[1] if isinstance(item, str)]
    return [value] if isinstance(value, str) else []


def said(value: Any) -> Any:
    """What a property's value says, whatever form it has: two values that say the same are equal. None: nothing.

    A text says the same as a list with nothing else in it, and as the one alternative, of no language. Empty items
    say nothing, except that those of a list that has others keep their places.
    """
    if isinstance(value, str):
        return value if value.strip() else None
    kind, *content = value
    if kind == "list" or (kind == "alternatives" and isinstance(content[0], list)):
        items = [said(item) for item in content[0]]
        return _one(items) if any(item is not None for item in items) else None
    if kind == "structure":
        return _spoken(content[0]) or None
    if kind == "language":
        return said(("alternatives", {content[0]: content[1]}))
    if kind == "alternatives":
        languages = _spoken(content[0])
        return languages.get(_NO_LANGUAGE, languages) if len(languages) == 1 else languages or None
    return value


def _spoken(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: what for name, value in fields.items() if (what := said(value)) is not None}


def _one(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


def plain_name(name: str) -> str:
    """A name without its namespace, for people."""
    return name.rpartition("}")[2]


def _fields(attributes: Mapping[str, str], element: Element) -> list[tuple[str, Any]]:
    """The fields of a structure, which stand as attributes or as elements."""
    named = [(name, value) for name, value in attributes.items() if name.startswith("{")]
    return [*named, *((child.tag, _value(child)) for child in element)]


def _value(element: Element) -> Any:
    """What a property or an item holds."""
    attributes = dict(element.attrib)
    language = attributes.pop(_LANG, None)
    form = attributes.pop(f"{RDF}parseType", None)
    children = list(element)
    value: Any
    if form not in (None, "Resource"):
        value = (form, ElementTree.tostring(element))
    elif f"{RDF}resource" in attributes:
        value = ("resource", attributes)
    elif form is None and len(children) == 1 and children[0].tag in _ARRAYS:
        value = _array(children[0])
    elif form is None and children:
        value = ("structure", dict(_fields({**attributes, **children[0].attrib}, children[0])))
    elif form is not None or attributes:
        value = ("structure", dict(_fields(attributes, element)))
    else:
        value = element.text or ""
    # RFC 3066: the case of a language's name means nothing.
    return value if language is None else ("language", language.lower(), value)


def _array(array: Element) -> tuple[str, Any]:
    kind = _ARRAYS[array.tag]
    values = [_value(item) for item in array]
    by_language = {value[1]: value[2] for value in values if isinstance(value, tuple) and value[0] == "language"}
    if kind == "alternatives" and len(by_language) == len(values):
        return kind, by_language  # the order does not matter
    return kind, values
