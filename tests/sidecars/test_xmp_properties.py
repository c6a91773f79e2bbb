"""Spellings of one thing are equal, different things are not."""

from __future__ import annotations

import pytest

from harcli.sidecars.properties import properties

HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:a="http://example.org/a/" xmlns:b="http://example.org/b/" '
)
TAIL = "</rdf:RDF></x:xmpmeta>"


def document(attributes: str = "", elements: str = "") -> str:
    return f"{HEAD} {attributes}>{elements}</rdf:Description>{TAIL}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document('a:n="1"'), document(elements="<a:n>1</a:n>")),
        (document('a:n="1"'), document('c:n="1" xmlns:c="http://example.org/a/"')),
        (
            document(elements='<a:s a:x="1" b:y="2"/>'),
            document(elements='<a:s rdf:parseType="Resource"><b:y>2</b:y><a:x>1</a:x></a:s>'),
        ),
        (
            document(elements='<a:s a:x="1"/>'),
            document(elements="<a:s><rdf:Description><a:x>1</a:x></rdf:Description></a:s>"),
        ),
        (
            document(
                elements='<a:t><rdf:Alt><rdf:li xml:lang="x-default">1</rdf:li><rdf:li xml:lang="de">2</rdf:li></rdf:Alt></a:t>'
            ),
            document(
                elements='<a:t><rdf:Alt><rdf:li xml:lang="DE">2</rdf:li><rdf:li xml:lang="x-default">1</rdf:li></rdf:Alt></a:t>'
            ),
        ),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert properties(one) == properties(other) != {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document('a:n="1"'), document('a:n="2"')),
        (document('a:n="1"'), document('b:n="1"')),
        (document(elements="<a:n>x</a:n>"), document(elements='<a:n rdf:resource="x"/>')),
        (document(elements="<a:n>x</a:n>"), document(elements='<a:n xml:lang="de">x</a:n>')),
        (document(elements="<a:n>x </a:n>"), document(elements="<a:n>x</a:n>")),
        (
            document(elements="<a:l><rdf:Bag><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Bag></a:l>"),
            document(elements="<a:l><rdf:Bag><rdf:li>2</rdf:li><rdf:li>1</rdf:li></rdf:Bag></a:l>"),
        ),
        (
            document(elements="<a:l><rdf:Bag><rdf:li>1</rdf:li><rdf:li/></rdf:Bag></a:l>"),
            document(elements="<a:l><rdf:Bag><rdf:li>1</rdf:li></rdf:Bag></a:l>"),
        ),
        (document(elements='<a:s a:x="1"/>'), document(elements='<a:s a:x="1" a:y=""/>')),
        (document('a:n="1"'), document('a:n="1"').replace('about=""', 'about="uuid:1"')),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert properties(one) != properties(other)


@pytest.mark.parametrize("bad", ["", "text", "<a>", "<a/>", document('a:n="1"', "<a:n>2</a:n>")])
def test_what_is_not_xmp(bad: str) -> None:
    with pytest.raises(ValueError, match=r"not XM|twice"):
        properties(bad)


def test_very_deep_structures() -> None:
    deep = '<a:s rdf:parseType="Resource">' * 20_000 + "</a:s>" * 20_000
    with pytest.raises(ValueError, match="without end"):
        properties(document(elements=deep))
