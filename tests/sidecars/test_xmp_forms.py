"""The forms in which others may say things in a sidecar: they stay; what cannot be kept is not touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from harcli.results import Record
from harcli.sidecars.properties import RDF, properties, said
from harcli.sidecars.xmp import SidecarError, remove
from tests.sidecars.conftest import needs_exiftool, told, write

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

HEAD = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:foo="http://example.org/unknown/" xmlns:bar="http://example.org/other#" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
)
TAIL = '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'

ODD = {
    "structures": (
        '<foo:S rdf:parseType="Resource"><foo:a>1</foo:a><bar:b><rdf:Seq><rdf:li>x</rdf:li>'
        '<rdf:li rdf:parseType="Resource"><foo:c>2</foo:c></rdf:li></rdf:Seq></bar:b></foo:S>'
    ),
    "qualifiers": (
        '<foo:Q rdf:parseType="Resource"><rdf:value>v</rdf:value><foo:q>w</foo:q></foo:Q><foo:L xml:lang="de">x</foo:L>'
    ),
    "languages": (
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">T</rdf:li><rdf:li xml:lang="de-DE">Ü</rdf:li></rdf:Alt>'
        '</dc:title><foo:B><rdf:Bag><rdf:li xml:lang="fr">un</rdf:li><rdf:li>deux</rdf:li></rdf:Bag></foo:B>'
    ),
    "alternatives": "<foo:A><rdf:Alt><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Alt></foo:A>",
    "lists in lists": "<foo:N><rdf:Bag><rdf:li><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></rdf:li></rdf:Bag></foo:N>",
    "empty": "<foo:E/><foo:M><rdf:Bag/></foo:M>",
    "empty items": "<foo:L><rdf:Bag><rdf:li>1</rdf:li><rdf:li/></rdf:Bag></foo:L>",
    "empty items in places": "<foo:L><rdf:Seq><rdf:li/><rdf:li>1</rdf:li><rdf:li/><rdf:li>2</rdf:li></rdf:Seq></foo:L>",
    "an empty alternative": "<foo:A><rdf:Alt><rdf:li>1</rdf:li><rdf:li/></rdf:Alt></foo:A>",
    "a time without a date": '<e:GPSTimeStamp xmlns:e="http://ns.adobe.com/exif/1.0/">10:11:12</e:GPSTimeStamp>',
    "a namespace without an end": '<n:x xmlns:n="noslash">1</n:x><m:y xmlns:m="urn:a:b">1</m:y>',
    "Microsoft's namespace": '<M:RatingPercent xmlns:M="http://ns.microsoft.com/photo/1.0">75</M:RatingPercent>',
    "links": (
        '<c:license xmlns:c="http://creativecommons.org/ns#" rdf:resource="https://example.org/?a&amp;b=\'&lt;&quot;"/>'
        '<foo:R rdf:resource="http://example.org/"/><foo:T>http://example.org/</foo:T>'
    ),
    "white space": "<foo:W>  two  spaces\nand&#x9;tab, &quot;quoted&quot; &lt;b&gt; </foo:W>",
    "a long value": f"<foo:V>{'0123456789' * 20_000}</foo:V>",
}


@pytest.mark.parametrize("elements", ODD.values(), ids=ODD)
def test_unusual_properties_stay(photo: Path, sidecar: Path, elements: str) -> None:
    sidecar.write_text(HEAD + elements + TAIL)
    before = properties(sidecar.read_bytes())
    assert write(photo, regions=True)
    after = properties(sidecar.read_bytes())
    assert {name: after[name] for name in before} == before
    assert remove(photo)
    assert properties(sidecar.read_bytes()) == before


def test_the_subject_stays(photo: Path, sidecar: Path) -> None:
    sidecar.write_text((HEAD + "<foo:a>1</foo:a>" + TAIL).replace('about=""', 'about="uuid:&quot;1&quot;"'))
    assert write(photo)
    assert "about='uuid:\"1\"'" in sidecar.read_text()
    assert not write(photo)


NOTHING = {
    "title": '<dc:title><rdf:Alt><rdf:li xml:lang="x-default"/></rdf:Alt></dc:title>',
    "title in one language": (
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default"/><rdf:li xml:lang="de">T</rdf:li></rdf:Alt></dc:title>'
    ),
    "description": "<dc:description/>",
    "keywords": "<dc:subject><rdf:Bag><rdf:li/></rdf:Bag></dc:subject>",
    "no list of keywords": "<dc:subject/>",
    "creator": "<dc:creator><rdf:Seq><rdf:li></rdf:li></rdf:Seq></dc:creator>",
    "list in a structure": '<foo:S rdf:parseType="Resource"><foo:b><rdf:Bag><rdf:li/></rdf:Bag></foo:b></foo:S>',
}
OTHERWISE_SAID = {
    "plain text": ("<dc:description>A day</dc:description>", "Description", "A day"),
    "no language": ("<dc:title><rdf:Alt><rdf:li>A day</rdf:li></rdf:Alt></dc:title>", "Title", "A day"),
    "a language": ('<dc:title xml:lang="de">Ein Tag</dc:title>', "Title-de", "Ein Tag"),
    "a list": ("<dc:rights><rdf:Bag><rdf:li>me</rdf:li></rdf:Bag></dc:rights>", "Rights", "me"),
    "one name": ("<dc:creator>Ana</dc:creator>", "Creator", ["Ana"]),
    "one word": ("<dc:subject>Lisbon</dc:subject>", "Subject", ["Lisbon", "hat"]),
    "an empty word": (
        "<dc:subject><rdf:Bag><rdf:li/><rdf:li>Lisbon</rdf:li></rdf:Bag></dc:subject>",
        "Subject",
        ["Lisbon", "hat"],
    ),
}


@pytest.mark.parametrize("elements", NOTHING.values(), ids=NOTHING)
def test_what_says_nothing_is_no_obstacle(photo: Path, sidecar: Path, elements: str) -> None:
    sidecar.write_text(f"{HEAD}<foo:a>1</foo:a>{elements}{TAIL}")
    before = properties(sidecar.read_bytes())
    assert write(photo)
    assert not write(photo)
    after = properties(sidecar.read_bytes())
    kept = {name: value for name, value in before.items() if said(value) is not None}
    assert {name: said(after[name]) for name in kept} == {name: said(value) for name, value in kept.items()}


@needs_exiftool
@pytest.mark.parametrize(("elements", "name", "value"), OTHERWISE_SAID.values(), ids=OTHERWISE_SAID)
def test_another_form_of_the_same_is_no_loss(
    photo: Path, sidecar: Path, elements: str, name: str, value: object
) -> None:
    sidecar.write_text(HEAD + elements + TAIL)
    assert write(photo)
    assert told(sidecar)[f"XMP-dc:{name}"] == value
    assert not write(photo)


def test_the_subject_stays_where_nothing_else_is(photo: Path, sidecar: Path) -> None:
    sidecar.write_text((HEAD + TAIL).replace('about=""', 'about="it"'))
    assert write(photo)
    assert remove(photo)
    assert properties(sidecar.read_bytes()) == {f"{RDF}about": "it"}


LOST = {
    "a link in a structure": '<foo:S rdf:parseType="Resource"><foo:R rdf:resource="http://example.org/"/></foo:S>',
    "markup": '<foo:P rdf:parseType="Literal"><b xmlns="">x</b></foo:P>',
    "a known prefix for another namespace": '<digiKam:x xmlns:digiKam="http://example.org/">1</digiKam:x>',
    "a namespace with an ampersand": '<n:x xmlns:n="http://example.org/?a&amp;b">1</n:x>',
    "a namespace with an end and without": '<n:x xmlns:n="noslash">1</n:x><m:y xmlns:m="noslash/">1</m:y>',
    "our prefix for another namespace": '<harcli:x xmlns:harcli="http://example.org/">1</harcli:x>',
    "two titles, neither of a language": (
        "<dc:title><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Seq></dc:title>"
    ),
    "keywords with languages": '<dc:subject><rdf:Bag><rdf:li xml:lang="de">Hut</rdf:li></rdf:Bag></dc:subject>',
}


@pytest.mark.parametrize("elements", LOST.values(), ids=LOST)
def test_what_would_be_lost_is_left_alone(photo: Path, sidecar: Path, elements: str) -> None:
    sidecar.write_text(HEAD + elements + TAIL)
    before = sidecar.read_bytes()
    with pytest.raises(SidecarError, match="left as it is") as caught:
        write(photo)
    assert str(caught.value).startswith(str(sidecar))
    assert "\n" not in str(caught.value)
    assert sidecar.read_bytes() == before


@pytest.mark.parametrize("prefix", ["dc", "lr", "digiKam", "harcli"])
def test_a_strange_prefix_does_not_stick_to_the_next_sidecar(photo: Path, sidecar: Path, prefix: str) -> None:
    write(photo)
    usual = sidecar.read_bytes()
    sidecar.write_text(f'{HEAD}<{prefix}:x xmlns:{prefix}="http://example.org/">1</{prefix}:x>{TAIL}')
    with pytest.raises(SidecarError):
        write(photo)
    sidecar.unlink()
    write(photo)
    assert sidecar.read_bytes() == usual


@pytest.mark.parametrize(
    "content",
    [b"no XMP", b"<a/>", (HEAD + TAIL).encode()[:-60], b"\xff\xfe<\x00x", b"\x00" * 50 + b"x"],
)
def test_what_is_no_sidecar_is_left_alone(photo: Path, sidecar: Path, content: bytes) -> None:
    sidecar.write_bytes(content)
    with pytest.raises(SidecarError, match="left as it is"):
        write(photo)
    assert sidecar.read_bytes() == content


def test_a_strange_sidecar_is_no_matter_where_nothing_is_to_be_said(photo: Path, sidecar: Path) -> None:
    sidecar.write_bytes(b"no XMP")
    assert not write(photo, Record("photo.jpg", 640, 480))
    assert not remove(photo)
