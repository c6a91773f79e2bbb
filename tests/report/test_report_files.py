"""What is written: a page that is whole, a folder that is harcli's alone, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from harcli.errors import HarcliError
from harcli.report import write, write_report
from harcli.report.content import collect, readable
from harcli.results import Record
from harcli.results.database import Results
from harcli.results.query import parse
from tests.report.conftest import SIZE, draw_photo, made_up_people, write_database


def report(database: Path, out: Path, **wishes: Any) -> write.Summary:
    with Results(database) as results:
        return write_report(results, out, **wishes)


def data(page: Path) -> Any:
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search('<script type="application/json" id="data">(.*?)</script>', text)[1])


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three people are many."""
    monkeypatch.setattr(write, "MOST_INSIDE", 2)


def test_the_policy_lets_only_the_pages_own_program_run(database: Path, tmp_path: Path) -> None:
    report(database, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    policy = re.search('Content-Security-Policy" content="(.*?)"', text)[1]
    for part, kind in ((re.search("<style>(.*?)</style>", text, re.S)[1], "style"),
                       (re.search("<script>(.*)</script>", text, re.S)[1], "script")):  # fmt: skip
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert set(re.findall(r"https?://[^\s\"']+", text)) == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_few_pictures_are_in_the_page(database: Path, tmp_path: Path) -> None:
    summary = report(database, tmp_path / "report.html")
    assert os.listdir(tmp_path) == ["report.html"]
    assert (summary.people, summary.photos, summary.folder, summary.problems) == (60, 20, None, [])


def test_many_pictures_are_beside_it_and_replaced(many: None, database: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    folder = tmp_path / "report_files"
    assert report(database, out).folder == folder
    first = files_below(folder)
    assert len(first) == 60 + 20 + 1
    assert sorted(os.listdir(tmp_path)) == ["report.html", "report_files"]
    assert next(iter(first)).partition("/")[0] in out.read_text()
    report(database, out)
    second = files_below(folder)
    assert not (first.keys() & second.keys()) - {"made-by-harcli.txt"}
    assert sorted(second.values()) == sorted(first.values())
    assert sorted(os.listdir(tmp_path)) == ["report.html", "report_files"]


def test_a_small_report_takes_the_old_ones_pictures_away(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(write, "MOST_INSIDE", 2)
        report(database, tmp_path / "report.html")
    report(database, tmp_path / "report.html")
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.parametrize("kind", ["folder", "empty folder", "file", "link", "own folder with a file of the user's"])
def test_what_others_made_is_not_touched(many: None, database: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "report_files"
    if kind == "file":
        folder.write_text("mine")
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    elif kind == "own folder with a file of the user's":
        report(database, tmp_path / "report.html")
        (next(folder.rglob("people")) / "mine.jpg").write_text("mine")
    else:
        folder.mkdir()
        if kind == "folder":
            (folder / "style.css").write_text("mine")
    before = files_below(tmp_path)
    with pytest.raises(HarcliError, match="report_files: ") as caught:
        report(database, tmp_path / "report.html")
    assert "\n" not in str(caught.value)
    assert files_below(tmp_path) == before
    assert os.path.lexists(folder)


def test_a_failure_leaves_the_old_report(many: None, database: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    report(database, out, title="first")
    before = files_below(tmp_path)

    def stop(done: int, total: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report(database, out, title="second", progress=stop)
    assert files_below(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == ["report.html", "report_files"]


def test_links_to_photos_below_the_page_are_relative(tmp_path: Path) -> None:
    inside, outside = tmp_path / "a" / "in side#1.jpg", tmp_path / "out.jpg"
    people = [Record(str(path), *SIZE, 1, (1.0, 1.0, 90.0, 90.0), 0.9, (), p.probabilities)
              for path, p in zip((inside, outside), made_up_people(2), strict=True)]  # fmt: skip
    draw_photo(inside)
    report(write_database(tmp_path / "x.db", people, tmp_path), tmp_path / "a" / "r.html", thumbnails=False)
    assert sorted(data(tmp_path / "a" / "r.html")["photos"]["links"]) == sorted(["in%20side%231.jpg", outside.as_uri()])


def test_hidden_attributes_leave_no_trace(database: Path, tmp_path: Path) -> None:
    report(database, tmp_path / "report.html", hidden={"hat", "bag"})
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = data(tmp_path / "report.html")
    assert [a["name"] for a in found["attributes"]] == ["sunglasses", "jeans", "shorts", "<b>own</b>"]
    assert len(base64.b64decode(found["people"]["probabilities"])) == 60 * 4 * 2
    assert '"hat"' not in text


def test_a_query_chooses_the_people(database: Path, people: list[Record], tmp_path: Path) -> None:
    with Results(database) as results:
        names = results.info.names
    summary = report(database, tmp_path / "report.html", where=parse("hat and not jeans", names), hidden={"hat"})
    expected = [p for p in people if "hat" in p.tags and "jeans" not in p.tags]
    assert summary.people == len(expected)
    assert summary.other_people == 60 - len(expected)
    numbers = base64.b64decode(data(tmp_path / "report.html")["people"]["numbers"])
    assert [numbers[i] for i in range(0, len(numbers), 4)] == [p.person for p in expected]


def test_with_a_query_unreadable_files_stay_and_empty_photos_go(tmp_path: Path) -> None:
    records = [Record("empty.jpg", *SIZE), Record("bad.jpg", error="the file is empty"), *made_up_people(3)]
    with Results(write_database(tmp_path / "x.db", records, tmp_path)) as results:
        content = collect(results, parse("hat or not hat", results.info.names))
        everything = collect(results)
    assert (len(content.people), len(content.empty), len(content.unreadable)) == (3, 0, 1)
    assert (len(everything.people), len(everything.empty), len(everything.unreadable)) == (3, 1, 1)


def test_photos_come_in_natural_order(tmp_path: Path) -> None:
    records = [Record(name, *SIZE) for name in ("img10.jpg", "B.jpg", "img2.jpg", "a.jpg", "1.jpg")]
    with Results(write_database(tmp_path / "x.db", records, tmp_path)) as results:
        assert [name for name, _ in collect(results).empty] == ["1.jpg", "a.jpg", "B.jpg", "img2.jpg", "img10.jpg"]


def test_readable() -> None:
    assert readable(os.fsdecode(b"a\xff\n\x1b[31m.jpg")) == "a\\xff\\n\\x1b[31m.jpg"
    assert readable("é漢👩‍🚀 \u2028") == "é漢👩‍🚀 \\u2028"
