"""A kept file is somebody else's page: it has the name of its contents, is only downloaded, and overwrites nothing."""

from __future__ import annotations

import hashlib
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from following import PAGE
from tracker import db
from tracker.models import ArchivedCopy, Evidence
from visiting import count, send

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

SCRIPT = b"<!doctype html><script>alert(document.domain)</script><p>\xe5\xb7\xb2\xe5\x8a\xa8\xe5\xb7\xa5"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
POLYGLOT = b"\x89PNG\r\n\x1a\n" + SCRIPT

#: File name → its contents: what is refused.
REFUSED = {
    "x.svg": SVG,
    "x.xhtml": SCRIPT,
    "x.html.svg": SVG,
    "x.js": b"alert(1)",
    "x.exe": b"MZ",
    "x.htm.exe": b"MZ",
    "x": SCRIPT,
    ".html": SCRIPT,
    "x.html\x00.png": SCRIPT,
    "x.mht": SCRIPT,
    'a"; filename=b.exe;.html': SCRIPT,
    "x\r\nX-Evil: 1.html": SCRIPT,
}


@pytest.fixture
def page(app: Flask, analyst: FlaskClient) -> str:
    """The form that keeps a file of a piece of evidence."""
    found = {
        "execution": "in_progress",
        "effective_on": "2020-12-31",
        "reviewed_up_to": "2021-01-31",
        "summary": "已动工",
    }
    send(
        analyst,
        "/desk/commitment/record/?code=CZ-2020-01",
        {**found, "evidence-0-url": PAGE, "evidence-0-reports": "start"},
    )
    with db.reading(app.extensions["engine"]) as session:
        number = session.scalars(select(Evidence.id).where(Evidence.url == PAGE)).one()
    return f"/desk/follow/archive/?id={number}"


def keep(analyst: FlaskClient, page: str, name: str, content: bytes) -> int:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', analyst.get(page).text)
    assert token
    sent = {"csrf_token": token[1], "retrieved_on": "2021-01-31", "file": (io.BytesIO(content), name)}
    return analyst.post(page, data=sent).status_code


def kept(ledger: Engine) -> list[ArchivedCopy]:
    with db.reading(ledger) as session:
        return list(session.scalars(select(ArchivedCopy).order_by(ArchivedCopy.id)))


@pytest.mark.parametrize(
    "name",
    [
        "x.html",
        "../../../etc/passwd.html",
        "C:\\x\\..\\y.html",
        "页.html",
    ],
)
def test_W14_a_page_with_script_is_only_ever_downloaded(app: Flask, analyst: FlaskClient, page: str, name: str) -> None:
    assert keep(analyst, page, name, SCRIPT) == 302
    (copy,) = kept(app.extensions["engine"])
    answer = analyst.get(f"/desk/evidence/copy/?id={copy.id}")
    assert copy.sha256 == hashlib.sha256(SCRIPT).hexdigest()
    assert answer.data == SCRIPT
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{copy.sha256}.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert "X-Evil" not in answer.headers


def test_W14_what_is_not_on_the_list_is_refused(app: Flask, analyst: FlaskClient, page: str) -> None:
    answers = {name: keep(analyst, page, name, content) for name, content in REFUSED.items()}
    assert [name for name, status in answers.items() if status not in {400, 422}] == []
    assert count(app.extensions["engine"], ArchivedCopy) == 0


def test_W14_a_picture_that_is_also_a_page_is_no_page(app: Flask, analyst: FlaskClient, page: str) -> None:
    keep(analyst, page, "x.png", POLYGLOT)
    for copy in kept(app.extensions["engine"]):
        answer = analyst.get(f"/desk/evidence/copy/?id={copy.id}")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_W14_the_same_name_overwrites_nothing(app: Flask, analyst: FlaskClient, page: str) -> None:
    assert [keep(analyst, page, "x.html", content) for content in (SCRIPT, SCRIPT + b"2", SCRIPT)] == [302, 302, 302]
    contents = [copy.content for copy in kept(app.extensions["engine"])]
    assert contents == [SCRIPT, SCRIPT + b"2"]
