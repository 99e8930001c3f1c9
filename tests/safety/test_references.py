"""What a page about an error tells, and what the log does: everything, in one line, and no secret."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tracker import events
from visiting import PASSWORD, send

#: What no page about an error holds.
_INSIDE = re.compile(
    r"SELECT|INSERT|sqlite|psycopg|Traceback|\.py\b|/src/|RuntimeError|Werkzeug|Python/|\b\d+\.\d+\.\d+\b"
)

Log = Callable[[], list[dict[str, str]]]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """What the process has written to its log so far, line by line."""
    before, root = list(logging.getLogger().handlers), logging.getLogger()
    events.listen(str(tmp_path / "log"))
    yield lambda: [json.loads(line) for line in (tmp_path / "log").read_bytes().decode("ascii").splitlines()]
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    events.LOG.setLevel(logging.NOTSET)


def shown(page: str) -> str:
    """The reference on a page about an error."""
    found = re.search(r"(?:(?:参考号|Reference)\D*?(?:</span> |<code>)|\"reference\": \")([2-9A-Z]{10})", page)
    assert found, page[-600:]
    return found[1]


def broken(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("SELECT password FROM user")


def breaking(view: Any) -> Any:
    """A function that passes for a view, of the desk where that is one, and raises."""
    made: Any = wraps(view)(lambda *_, **__: broken())
    made.__self__ = getattr(view, "__self__", None)
    return made


def test_W16_O5_a_fault_in_any_route_says_nothing_but_a_reference_that_is_in_the_log(
    app: Flask, log: Log, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", value=False)
    for endpoint, view in list(app.view_functions.items()):
        monkeypatch.setitem(app.view_functions, endpoint, breaking(view))
    adapter, references = app.url_map.bind("localhost"), set()
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in {"GET", "POST"} & (rule.methods or set()):
            address = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=method)
            answer = admin.open(address, method=method)
            assert (address, answer.status_code) == (address, 500)
            assert not _INSIDE.search(answer.text), address
            assert "错在我们这边" in answer.text
            references.add(shown(answer.text))
            tried += 1

    faults = {line["reference"]: line for line in log() if line["event"] == "fault"}
    assert tried > 100
    assert references == set(faults)
    assert all("RuntimeError" in line["trace"] and "broken" in line["trace"] for line in faults.values())


@pytest.mark.parametrize("dialect", ["sqlite"])  # the tables on the server are shared with other tests
@pytest.mark.parametrize("address", ["/cities/chenzhou", "/commitments?format=csv", "/desk/jurisdiction/"])
def test_W16_a_fault_of_the_database_says_no_sql(ledger: Engine, log: Log, admin: FlaskClient, address: str) -> None:
    with ledger.begin() as connection:
        connection.execute(text("ALTER TABLE jurisdiction RENAME TO gone"))
    answer = admin.get(address)
    assert answer.status_code == 500
    assert not _INSIDE.search(answer.text)
    line = next(line for line in log() if line["event"] == "fault")
    assert line["reference"] == shown(answer.text)
    assert "OperationalError" in line["trace"]


def test_W16_a_page_about_an_error_that_fails_itself_still_answers(
    app: Flask, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.security.errors.render_template", broken)
    answer = app.test_client().get("/nowhere")
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert not _INSIDE.search(answer.text)
    assert "Something went wrong here" in answer.text
    assert {line["reference"] for line in log()} == {shown(answer.text)}


def test_W16_even_a_fault_before_any_page_is_answered(app: Flask, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "handle_exception", broken)
    monkeypatch.setattr(app.session_interface, "open_session", broken)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert not _INSIDE.search(answer.text)
    assert shown(answer.text) in {line["reference"] for line in log() if line["event"] == "fault"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_O5_every_page_about_an_error_shows_the_reference_that_is_in_the_log(
    log: Log, somebody: Callable[[str], FlaskClient], language: str
) -> None:
    reader = somebody("reader")
    reader.set_cookie("lang", language)
    answers = {
        400: reader.get("/desk/commitment/?id=;"),
        403: reader.get("/desk/account/"),
        404: reader.get("/nowhere"),
        405: reader.get("/sign-out"),
        413: reader.post("/sign-out", data={"x": "y" * 3_000_000}),
    }
    for code, answer in answers.items():
        assert answer.status_code == code
        line = next(line for line in log() if line["event"] == "refused" and line["status"] == str(code))
        assert line["reference"] == shown(answer.text)
        assert line["who"] == "某读者"
        assert (line["address"], line["method"]) == ("127.0.0.1", answer.request.method)


def test_O1_a_line_of_the_log_says_when_what_who_and_where(log: Log, admin: FlaskClient) -> None:
    admin.get("/desk/commitment/")
    (line,) = log()
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)
    assert {name: line[name] for name in ("event", "who", "method", "path", "status")} == {
        "event": "answered",
        "who": "某管理员",
        "method": "GET",
        "path": "/desk/commitment/",
        "status": "200",
    }


#: What would end a line, colour a terminal, or pass for another event.
_HOSTILE = 'x\r\n{"event": "signed_in"}\n\x1b[31mred\u2028\u2029\x85\x0b\x7f'


def test_O2_nothing_that_is_sent_makes_a_second_line(app: Flask, log: Log, admin: FlaskClient, tmp_path: Path) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in _HOSTILE.encode())
    admin.get(f"/{quoted}")
    admin.get(f"/cities/{quoted}?search={quoted}&as_of={quoted}")
    admin.get(f"/desk/commitment/?search={quoted}&{quoted}={quoted}")
    admin.post("/desk/comments/add?code=CZ-2020-01", data={"text": _HOSTILE})
    admin.open("/", method="GET", environ_overrides={"HTTP_USER_AGENT": _HOSTILE, "REQUEST_METHOD": _HOSTILE})
    app.test_client().post("/sign-in", data={"email": _HOSTILE, "password": _HOSTILE})
    events.say(events.Event.REFUSED, who=_HOSTILE, what=_HOSTILE, why=_HOSTILE)
    logging.getLogger("waitress").warning("%s", _HOSTILE)

    lines = log()
    assert len([line for line in lines if line["event"] == "answered"]) == 6
    assert {line["event"] for line in lines} <= {"answered", "refused", "notice", "sign_in_failed", "fault"}
    assert not set((tmp_path / "log").read_text()) & set("\r\x1b\u2028\u2029\x85\x0b\x7f")
    assert next(line["said"] for line in lines if line["event"] == "notice") == _HOSTILE


def test_O2_no_secret_reaches_the_log(
    opened: Callable[..., Flask], app: Flask, ledger_url: str, log: Log, admin: FlaskClient, tmp_path: Path
) -> None:
    opened(ledger_url, setup_token="a-one-time-token-of-24-bytes")
    visitor = app.test_client()
    for address in ("/setup/a-one-time-token-of-24-bytes", "/setup/a-one-time-token-of-24-bytes/", "/setup/wrong-one"):
        visitor.get(address)
    sent = send(visitor, "/sign-in", {"email": "admin@example.org", "password": PASSWORD + "planted"})
    assert sent.status_code == 200
    page = admin.get("/desk/account/new/").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    admin.post("/desk/account/new/", data={"csrf_token": token[1], "name": "", "password": PASSWORD + "planted"})
    admin.post("/desk/account/new/", data={"csrf_token": "wrong" + token[1], "password": PASSWORD + "planted"})
    cookie = admin.get_cookie("session") or admin.get_cookie("__Host-session")
    assert cookie

    written = (tmp_path / "log").read_text()
    assert log()
    for secret in ("a-one-time-token", "wrong-one", "planted", token[1][:30], cookie.value[:30], "$argon2"):
        assert secret not in written


def refused(ledger: Engine, row: dict[str, Any]) -> None:
    columns = 'INSERT INTO "user" (name, password, active, role, fs_uniquifier)'
    try:
        with ledger.begin() as connection:
            connection.execute(text(f"{columns} VALUES (:name, :secret, :yes, :none, :name)"), row)
    except IntegrityError as error:
        raise LookupError("while writing") from error


def test_O2_a_fault_of_the_database_tells_nothing_of_the_row(ledger: Engine, log: Log, tmp_path: Path) -> None:
    with pytest.raises(LookupError) as raised:
        refused(ledger, {"name": "x", "secret": "planted-hash", "yes": True, "none": None})
    events.fault(raised.value)
    assert "IntegrityError" in log()[-1]["trace"]
    assert "planted-hash" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("form", ["csv", "json", "atom", "ics"])
def test_O1_every_way_out_is_written_down(log: Log, admin: FlaskClient, form: str) -> None:
    ways = ["/commitments?format=", "/cities/chenzhou?format=", "/documents/chenzhou-2020?format="]
    if form in {"atom", "ics"}:
        ways = ["/commitments?format=", "/cities/chenzhou?format=", "/?format="]
    if form == "csv":
        ways += [
            "/desk/auditevent/?format=",
            "/desk/questions/claims?format=",
            "/desk/questions/duban?city=431000&format=",
        ]
    for way in ways:
        assert admin.get(way + form).status_code == 200
    lines = [line for line in log() if line["event"] == "exported"]
    assert [(line["what"], line["who"], line["path"]) for line in lines] == [
        (form, "某管理员", way.partition("?")[0]) for way in ways
    ]
    assert all(int(line["rows"]) > 0 for line in lines)


def test_O1_commands_write_to_the_log_that_is_set(ledger_url: str, tmp_path: Path) -> None:
    log, out = tmp_path / "commands", tmp_path / "out.xlsx"
    command = [
        sys.executable,
        "-c",
        "from tracker.cli import main; main()",
        "--database",
        ledger_url,
        "export",
        "--format",
        "xlsx",
        "--out",
        str(out),
    ]
    ran = subprocess.run(
        command, env={**os.environ, "TRACKER_LOG": str(log)}, capture_output=True, text=True, check=True
    )
    (line,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert ran.stderr == ""
    assert {name: line[name] for name in ("event", "what", "command")} == {
        "event": "exported",
        "what": "xlsx",
        "command": "export",
    }
    assert line["who"]
