"""The RDF counts, whatever root, blanks, comments and encoding are around it; what is more than XMP is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from harcli.photos.xmp_envelope import normalised
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.packet import Packet
from harcli.sidecars.properties import properties
from harcli.sidecars.xmp import SidecarError, SidecarWriter, remove, sidecar_of

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

INFO = RunInfo((AttributeSpec("hat", "head", 0.5),), "/photos", "1.0")
PERSON = Record("p.jpg", 64, 48, 1, (0.0, 0.0, 32.0, 48.0), 0.9, ("hat",), {"hat": 0.9})

NAMESPACE = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
CONTENT = (
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<xmp:Rating>5</xmp:Rating><dc:subject><rdf:Bag><rdf:li>Größe</rdf:li></rdf:Bag></dc:subject></rdf:Description>"
)
BARE = f"<rdf:RDF {NAMESPACE}>{CONTENT}</rdf:RDF>"
META = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{BARE}</x:xmpmeta>'
DECLARED = '<?xml version="1.0" encoding="{}"?>'
PACKET = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{META}\n<?xpacket end="w"?>'

ENVELOPES = {
    "icloudpd": DECLARED.format("utf-8") + f'<x:xml_doc xmlns:x="adobe:ns:meta/" x:xmptk="icloudpd">{BARE}</x:xml_doc>',
    "old Adobe": f'<x:xapmeta xmlns:x="adobe:ns:meta/">{BARE}</x:xapmeta>',
    "bare": BARE,
    "bare, declared": DECLARED.format("utf-8") + BARE,
    "namespaces outside": f"<a {NAMESPACE}><b>{BARE.replace(NAMESPACE, '')}</b></a>",
    "another prefix": META.replace("rdf:", "ns0:").replace(":rdf", ":ns0"),
    "no prefix for RDF": META.replace("<rdf:RDF", '<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"').replace(
        "</rdf:RDF", "</RDF"
    ),
    "a blank before the packet": "\n " + PACKET,
    "a blank before the declaration": "\r\n\t " + DECLARED.format("UTF-8") + META,
    "a comment first": "<!-- made by hand -->" + META,
    "comments before the declaration": "<!-- a --> \n<!-- > -->\n" + DECLARED.format("UTF-8") + META,
    "a comment after the declaration": DECLARED.format("UTF-8") + "<!-- a -->" + META + "<!-- b -->",
    "padding": PACKET + "\x00" * 100,
    "padding with line ends": PACKET + "\x00" * 9 + "\r\n\x00\n",
    "a style sheet": '<?xml-stylesheet href="x"?>' + META,
    "comments inside": META.replace("Größe", "Grö<!-- x -->ße").replace("<xmp:R", "<!-- y --><?z z?><xmp:R"),
    "CDATA": META.replace("Größe", "<![CDATA[Größe]]>"),
}
ENCODED = {
    "UTF-8 with a mark": PACKET.encode("utf-8-sig"),
    "UTF-8 with a mark and a blank": ("\ufeff\n" + META).encode(),
    "UTF-16": PACKET.encode("utf-16"),
    "UTF-16, declared": (DECLARED.format("UTF-16") + META).encode("utf-16"),
    "UTF-8 that calls itself UTF-16": (DECLARED.format("utf-16") + META).encode(),
    "UTF-8 with a mark that calls itself UTF-16": (DECLARED.format("UTF-16LE") + META).encode("utf-8-sig"),
    "UTF-16 without a mark": PACKET.encode("utf-16-be"),
    "UTF-16, little end first": META.encode("utf-16-le"),
    "UTF-32": PACKET.encode("utf-32"),
    "Latin-1": (DECLARED.format("ISO-8859-1") + META).encode("latin-1"),
    "Windows": (DECLARED.format("windows-1252") + META).encode("cp1252"),
    **{name: text.encode() for name, text in ENVELOPES.items()},
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "p.jpg"
    Image.new("RGB", (64, 48)).save(path)
    return path


@pytest.mark.parametrize("document", ENCODED.values(), ids=ENCODED)
def test_merged_whatever_is_around(photo: Path, document: bytes) -> None:
    sidecar_of(photo).write_bytes(document)
    assert SidecarWriter(INFO).write([PERSON], photo)
    packet = Packet(sidecar_of(photo).read_bytes())
    assert packet.items("Xmp.dc.subject") == ["Größe", "hat"]
    assert packet.text("Xmp.xmp.Rating") == "5"
    assert not SidecarWriter(INFO).write([PERSON], photo)


def test_taken_out_of_utf16(photo: Path) -> None:
    SidecarWriter(INFO).write([PERSON], photo)
    text = sidecar_of(photo).read_text().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    sidecar_of(photo).write_bytes(text.encode("utf-16"))
    assert remove(photo)
    assert not sidecar_of(photo).exists()


REFUSED = {
    "a picture with XMP in it": f'<svg xmlns="http://www.w3.org/2000/svg"><metadata>{BARE}</metadata><path d="M0 0"/></svg>',
    "something before": f"<a><b/>{BARE}</a>",
    "text": f"<a>text{BARE}</a>",
    "two": f"<a>{BARE}{BARE}</a>",
    "a document type": f'<!DOCTYPE a [<!ENTITY e "x">]><a>{BARE}</a>',
    "RDF in name only": "<rdf:RDF xmlns:rdf='http://example.org/'/>",
    "no RDF": "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
    "the prefix of RDF for something else": META.replace("<xmp:Rating", "<xmp:Rating xmlns:rdf='http://example.org/'"),
    "a prefix that stands for nothing": META.replace("<xmp:Rating>5</xmp:Rating>", "<y:a>5</y:a>"),
    "a comment without an end": "<!-- " + META,
    "two roots": META + META,
    "nothing but a comment": "<!-- x -->",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_more_or_less_than_xmp_is_left_alone(photo: Path, text: str) -> None:
    sidecar_of(photo).write_text(text)
    with pytest.raises(SidecarError, match=r"not XM.*; left as it is"):
        SidecarWriter(INFO).write([PERSON], photo)
    assert sidecar_of(photo).read_text() == text


def test_many_comments_take_no_time() -> None:
    document = b"<!---->" * 300_000 + META.encode()
    assert properties(normalised(document)) == properties(META)


def test_line_ends_in_values_stay() -> None:
    document = META.replace("5</xmp", "a&#13;&#10;&#9;b</xmp").replace('about=""', 'about="a&#13;&#10;&#9;b"')
    assert properties(normalised(document.encode())) == properties(document)


@pytest.mark.parametrize(
    "document", [b"", b" \r\n", b"\0" * 4096, "\ufeff".encode("utf-16"), b"\xef\xbb\xbf"], ids=repr
)
def test_a_sidecar_in_which_there_is_nothing_is_none(tmp_path: Path, document: bytes) -> None:
    """A full disk leaves files of no bytes, a power cut files of zeros."""
    photo = tmp_path / "p.jpg"
    Image.new("RGB", (64, 48)).save(photo)
    sidecar_of(photo).write_bytes(document)
    assert not remove(photo)
    assert sidecar_of(photo).read_bytes() == document
    assert SidecarWriter(INFO).write([PERSON], photo)
    assert "harcli/head/hat" in sidecar_of(photo).read_text()
