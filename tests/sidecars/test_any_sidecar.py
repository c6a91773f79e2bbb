"""Sidecars with any content: either nothing is lost and untagging gives everything back, or they are left as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from PIL import Image

from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.properties import properties, said, texts
from harcli.sidecars.xmp import SidecarError, SidecarWriter, remove, sidecar_of

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")
hypothesis = pytest.importorskip("hypothesis", reason="properties need pip install '.[dev]'")
from hypothesis import strategies as st  # noqa: E402

INFO = RunInfo((AttributeSpec("hat", "head", 0.5), AttributeSpec("jeans", "lower-body", 0.5)), "/photos", "1.0")

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "foo": "http://example.org/foo/",
    "bar": "http://example.org/bar#",
    "open": "http://example.org/open",
}
LISTS = ("dc:subject", "digiKam:TagsList", "lr:hierarchicalSubject", "MicrosoftPhoto:LastKeywordXMP")
NAMES = ("xmp:Label", "dc:title", "dc:creator", "dc:format", "exif:GPSTimeStamp", "foo:a", "foo:b", "bar:c", "open:d")

# What XML can hold. Line ends become one another in XML, so they are left out.
LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(LETTERS, max_size=12)
LANGUAGES = st.sampled_from(["x-default", "de", "pt-BR"])


def list_of(kind: str, items: list[str]) -> str:
    return f"<rdf:{kind}>{''.join(f'<rdf:li>{item}</rdf:li>' for item in items)}</rdf:{kind}>"


def by_language(items: dict[str, str]) -> str:
    told = (f'<rdf:li xml:lang="{language}">{text}</rdf:li>' for language, text in items.items())
    return f"<rdf:Alt>{''.join(told)}</rdf:Alt>"


def structure(fields: dict[str, str]) -> str:
    return (
        f"<rdf:Description>{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items())}</rdf:Description>"
    )


PLAIN = TEXTS.map(escape)
FIELDS = st.sampled_from(["foo:x", "foo:y", "bar:z"])
VALUES = st.recursive(
    st.one_of(PLAIN, st.dictionaries(LANGUAGES, PLAIN, min_size=1).map(by_language)),
    lambda values: st.one_of(
        st.builds(list_of, st.sampled_from(["Bag", "Seq", "Alt"]), st.lists(values, max_size=4)),
        st.dictionaries(FIELDS, values, min_size=1, max_size=3).map(structure),
    ),
    max_leaves=5,
)
WORDS = st.one_of(PLAIN, st.builds(list_of, st.sampled_from(["Bag", "Seq"]), st.lists(PLAIN, max_size=4)))
ENVELOPES = st.sampled_from(
    ["{}", "\n{}", "<!-- x -->{}", '<x:xmpmeta xmlns:x="adobe:ns:meta/">{}</x:xmpmeta>', "<a>\n{}</a>"]
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    elements = {
        **draw(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)),
        **draw(st.dictionaries(st.sampled_from(LISTS), WORDS, max_size=3)),
    }
    declared = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
    about = quoteattr(draw(TEXTS))
    body = (
        f'<rdf:RDF xmlns:rdf="{rdf}"><rdf:Description rdf:about={about}{declared}>{inside}</rdf:Description></rdf:RDF>'
    )
    return draw(ENVELOPES).format(body).encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])))


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sidecars") / "p.jpg"
    Image.new("RGB", (64, 48)).save(path)
    return path


def person(*tags: str) -> list[Record]:
    return [Record("p.jpg", 64, 48, 1, (0.0, 0.0, 32.0, 48.0), 0.9, tags, {"hat": 0.5, "jeans": 0.5})]


def meaning(document: bytes) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What the properties say; the lists of keywords apart."""
    from harcli.photos.xmp_envelope import normalised

    found = properties(normalised(document))
    lists = {f"{{{NAMESPACES[prefix]}}}{name}" for prefix, _, name in (each.partition(":") for each in LISTS)}
    rest = {name: what for name, value in found.items() if name not in lists and (what := said(value)) is not None}
    return rest, {name: [item for item in texts(found, name) if item.strip()] for name in sorted(lists)}


def ours(name: str) -> bool:
    return name.startswith("{harcli:") or name.endswith("}Regions")


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True, database=None)
@hypothesis.given(document=documents())
def test_nothing_is_lost(photo: Path, document: bytes) -> None:
    sidecar = sidecar_of(photo)
    sidecar.write_bytes(document)
    others, words = meaning(document)
    try:
        assert SidecarWriter(INFO, regions=True).write(person("hat"), photo)
    except SidecarError:
        hypothesis.event("refused")
        assert sidecar.read_bytes() == document
        return
    hypothesis.event("merged")
    after, words_after = meaning(sidecar.read_bytes())
    assert {name: value for name, value in after.items() if not ours(name)} == others
    for name, items in words.items():
        assert [item for item in words_after[name] if item in items] == list(dict.fromkeys(items))
    assert not SidecarWriter(INFO, regions=True).write(person("hat"), photo)

    assert SidecarWriter(INFO).write(person("jeans"), photo)
    assert remove(photo)
    after, words_after = meaning(sidecar.read_bytes())
    assert after == others
    known = set().union(*words.values())
    for name, items in words.items():
        # A list that harcli began repeats the others' keywords, as branches or as words, and goes on doing so.
        assert words_after[name] == list(dict.fromkeys(items)) or (not items and known)
