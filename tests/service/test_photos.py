"""A photo that is sent gets the records of `tag`; what cannot be answered is refused in one line."""

from __future__ import annotations

import io
import json
import re
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.outputs.json import JsonSink

Serve = Callable[..., Any]


def until(true: Callable[[], Any]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come")


def waiting(served: Any) -> float:
    text = served.http.get("/metrics", headers={"Authorization": "Bearer s3cret"}).text
    return float(re.search(r"^harcli_photos_waiting (\S+)$", text, re.MULTILINE)[1])  # type: ignore[index]


def expected(served: Any, photo: Path, name: str) -> Any:
    """What `harcli tag` writes to a JSON file."""
    stream = io.StringIO()
    with JsonSink(stream, served.tagger.info) as sink:
        for record in served.tagger.tag(photo):
            sink.write(record)
    results = json.loads(stream.getvalue())
    for record in results["records"]:
        record["path"] = name
    return results


def test_a_photo_gets_the_json_of_tag(serve: Serve, photo: Path) -> None:
    served = serve()
    wanted = expected(served, photo, "photo.png")
    assert len(wanted["records"]) == 2
    by_form = served.http.post("/tag", files={"photo": ("some/where/photo.png", photo.read_bytes())})
    by_body = served.http.post("/tag", params={"name": "photo.png"}, content=photo.read_bytes())
    assert (by_form.status_code, by_form.json()) == (200, wanted)
    assert (by_body.status_code, by_body.json()) == (200, wanted)
    without_name = served.http.post("/tag", content=photo.read_bytes()).json()
    assert [record["path"] for record in without_name["records"]] == ["", ""]


def test_many_at_once_get_each_its_own(serve: Serve, tmp_path: Path) -> None:
    served = serve()
    for i in range(12):
        Image.new("RGB", (20 + i, 30), (i * 20, 0, 0)).save(tmp_path / f"{i}.png")
    paths = sorted(tmp_path.glob("*.png"))
    wanted = [expected(served, path, path.name) for path in paths]
    send = lambda path: served.http.post("/tag", params={"name": path.name}, content=path.read_bytes())  # noqa: E731
    with ThreadPoolExecutor(12) as pool:
        assert [answer.json() for answer in pool.map(send, paths)] == wanted


def test_what_cannot_be_read_says_why_and_names_nothing_of_the_server(serve: Serve) -> None:
    answer = serve().http.post("/tag", params={"name": "../../etc/passwd"}, content=b"no photo at all")
    assert answer.status_code == 422
    [record] = answer.json()["records"]
    assert record["path"] == "passwd"
    assert record["error"].startswith("not a photo")
    assert tempfile.gettempdir() not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"content": b""}, "the body is empty"),
        ({"files": {"photo": ("a.jpg", b"")}}, "the body is empty"),
        ({"data": {"photo": "a.jpg"}, "files": {"x": (None, "1")}}, "no file"),
        (
            {"content": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=y"}},
            "the form cannot be read",
        ),
        ({"files": [("a", ("a.jpg", b"1")), ("b", ("b.jpg", b"2"))]}, "the form cannot be read"),
    ],
)
def test_no_photo(serve: Serve, request_: dict[str, Any], said: str) -> None:
    answer = serve().http.post("/tag", **request_)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_list_of_urls_has_another_address(serve: Serve) -> None:
    answer = serve().http.post("/tag", json={"urls": ["https://a/b.jpg"]})
    assert answer.status_code == 415
    assert answer.json()["detail"].endswith("lists of URLs go to /tag/urls")


def test_too_large(serve: Serve) -> None:
    served = serve(max_upload=0.01)

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 1000

    forms = [{"files": {"photo": ("a.jpg", b"x" * size)}} for size in (10_001, 200_000)]
    for body in ({"content": b"x" * 10_001}, {"content": pieces()}, *forms):
        answer = served.http.post("/tag", **body)
        assert (answer.status_code, answer.json()["detail"].partition(",")[0]) == (413, "larger than 0.01 MB")
    assert served.http.post("/tag", content=b"x" * 10_000).status_code == 422


def test_a_full_queue_turns_photos_away_until_there_is_room(serve: Serve, photo: Path) -> None:
    served = serve(queue=2)
    served.detector.go.clear()
    send = lambda _: served.http.post("/tag", content=photo.read_bytes())  # noqa: E731
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(send, range(2))
        until(lambda: waiting(served) == 2)
        third = send(0)
        assert third.status_code == 429
        assert 1 <= int(third.headers["Retry-After"]) <= 60
        served.detector.go.set()
        assert [answer.status_code for answer in answers] == [200, 200]
    assert waiting(served) == 0
    assert send(0).status_code == 200


def test_what_takes_too_long_is_given_up(serve: Serve, photo: Path) -> None:
    served = serve(timeout=0.3)
    served.detector.go.clear()
    answer = served.http.post("/tag", content=photo.read_bytes())
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("not done within 0.3 s")
    served.detector.go.set()
    until(lambda: waiting(served) == 0)
    assert served.http.post("/tag", content=photo.read_bytes()).status_code == 200


def test_who_has_gone_is_not_worked_for(serve: Serve, photo: Path) -> None:
    import httpx

    served = serve()
    served.detector.go.clear()
    hasty = httpx.Client(base_url=served.http.base_url, timeout=0.3, trust_env=False)
    for _ in range(12):
        with pytest.raises(httpx.ReadTimeout):
            hasty.post("/tag", content=photo.read_bytes())
    hasty.close()
    until(lambda: waiting(served) < 12)  # those that are not being looked at have given their places back
    served.detector.go.set()
    until(lambda: waiting(served) == 0)
    assert served.detector.photos < 12


def test_a_failing_detector_is_told_without_details_and_does_not_last(
    serve: Serve, photo: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served = serve()
    served.detector.error = HarcliError("/secret/model.onnx: out of memory")
    answer = served.http.post("/tag", content=photo.read_bytes())
    assert (answer.status_code, answer.json()) == (500, {"detail": "detection or recognition failed with this photo"})
    assert "harcli: /secret/model.onnx: out of memory\n" in capfd.readouterr().err
    served.detector.error = None
    assert served.http.post("/tag", content=photo.read_bytes()).status_code == 200


def test_a_token_is_asked_for(serve: Serve, photo: Path) -> None:
    served = serve(token="s3cret", allow_urls=("http://127.0.0.1:1/",))
    for headers in (
        {},
        {"Authorization": "Bearer s3cre"},
        {"Authorization": "Basic s3cret"},
        {"Authorization": "Bearer ü".encode()},
    ):
        for method, path in (("POST", "/tag"), ("POST", "/tag/urls"), ("GET", "/metrics")):
            answer = served.http.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert served.http.get("/healthz").json() == {"status": "ok"}
    right = {"Authorization": "Bearer s3cret"}
    assert served.http.post("/tag", content=photo.read_bytes(), headers=right).status_code == 200
    assert served.detector.photos == 1


def test_photos_lie_where_nobody_else_looks_and_are_gone_afterwards(
    serve: Serve, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    served = serve()
    [folder] = (tmp_path / "tmp").iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    served.detector.go.clear()
    sending = threading.Thread(target=served.http.post, args=("/tag",), kwargs={"content": photo.read_bytes()})
    sending.start()
    until(lambda: list(folder.iterdir()))
    served.detector.go.set()
    sending.join()
    assert not list(folder.iterdir())
    for bad in (b"no photo", b"x" * 60_000_000):
        served.http.post("/tag", content=bad)
    until(lambda: not list(folder.iterdir()))
    served.stop()
    assert not folder.exists()


def test_forms_that_are_being_sent_take_room_too(serve: Serve, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.service import app

    monkeypatch.setattr(app, "SPOOL", 3 * photo.stat().st_size)
    served = serve()
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        kind = b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
        client.sendall(b"POST /tag HTTP/1.1\r\nHost: x\r\n" + kind + head + b"x" * (2 * photo.stat().st_size))
        answers = []
        until(lambda: answers.append(send_form(served, photo)) or answers[-1].status_code == 429)
        assert "arriving" in answers[-1].json()["detail"]
    until(lambda: send_form(served, photo).status_code == 200)


def send_form(served: Any, photo: Path) -> Any:
    return served.http.post("/tag", files={"photo": ("a.png", photo.read_bytes())})
