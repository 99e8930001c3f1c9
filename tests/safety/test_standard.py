"""Small things that a security standard asks for and no check of safety says; `asvs.csv` names what each one shows."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, select
from waitress.server import create_server

import tracker
from addresses import CODES, PAGES
from tracker import accounts, db, passwords
from tracker.models import User
from visiting import PASSWORD, Somebody, hidden

TEMPLATES = sorted((Path(tracker.__file__).parent / "templates").rglob("*.html"))

#: Pages, lists as data, charts, files, and what is not there.
ADDRESSES = [
    *(addresses[0] for addresses in PAGES.values()),
    "/commitments?format=csv",
    "/commitments?format=json",
    f"/commitments/{CODES[0]}?format=json",
    "/cities/chenzhou?format=atom",
    "/cities/chenzhou?format=ics",
    f"/charts/timeline.svg?code={CODES[0]}",
    "/static/tracker.css",
    "/static/keys.js",
    "/static/favicon.svg",
    "/nowhere",
    "/desk/",
]


@pytest.fixture
def dialect() -> str:
    """Nothing here asks the engine."""
    return "sqlite"


@pytest.fixture
def reached(app: Flask) -> Iterator[int]:
    """The port at which the server that `tracker serve` uses answers."""
    server = create_server(app, host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    yield int(server.effective_port)
    server.close()


def said(port: int, request: str) -> str:
    """All that the server answers until it hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(request.encode("ascii"))
        return b"".join(iter(lambda: wire.recv(65536), b"")).decode("utf-8", "replace")


def test_no_answer_may_be_read_by_another_site(app: Flask) -> None:
    client = app.test_client()
    for address in ADDRESSES:
        for method in ("GET", "OPTIONS"):
            with client.open(address, method=method, headers={"Origin": "https://elsewhere.example"}) as answer:
                assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []


def test_every_answer_names_its_type_and_a_text_its_characters(app: Flask) -> None:
    client = app.test_client()
    kinds = set()
    for address in ADDRESSES:
        with client.get(address) as answer:
            kind = answer.headers["Content-Type"]
        kinds.add(kind.split(";")[0])
        if kind.startswith("text/") or "xml" in kind:
            assert "charset=utf-8" in kind.lower(), address
    assert kinds >= {"text/html", "text/csv", "application/json", "image/svg+xml", "text/css"}


def test_no_folder_is_listed(app: Flask) -> None:
    client = app.test_client()
    for address in ("/static/", "/static", "/static/.", "/static/%2e%2e/", "/static/../", "/static/../app.py"):
        assert client.get(address).status_code in {404, 308, 400}, address
        assert client.get(address, follow_redirects=True).status_code in {404, 400}, address


def test_a_request_for_its_own_echo_is_refused(app: Flask) -> None:
    client = app.test_client()
    for address in ADDRESSES:
        assert client.open(address, method="TRACE").status_code in {404, 405}, address


def test_where_a_request_ends_cannot_be_told_in_two_ways(reached: int) -> None:
    first = "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300\r\n"
    rest = "0\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    # Chunks win over a length: what follows the last chunk is a request of its own, not part of the first one's body.
    assert said(reached, f"{first}Transfer-Encoding: chunked\r\n\r\n{rest}").count("HTTP/1.1 ") == 2
    for odd in ("Transfer-Encoding: xchunked", "Transfer-Encoding : chunked", "Content-Length: 5"):
        answer = said(reached, f"{first}{odd}\r\nConnection: close\r\n\r\n{rest}")
        assert re.findall(r"^HTTP/1\.[01] (\d)", answer, re.MULTILINE) in (["4"], ["5"]), odd


def test_a_session_that_was_not_signed_by_our_key_opens_nothing(app: Flask, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        mark = session.scalars(select(User.fs_uniquifier).where(User.email == "admin@example.org")).one()
    other = Flask("other")
    other.secret_key = "another key, as long as it has to be"
    signers = [app.session_interface, SecureCookieSessionInterface()]  # type: ignore[list-item]
    forged, old = (str(each.get_signing_serializer(other).dumps({"_user_id": mark})) for each in signers)
    payload = forged.split(".", maxsplit=1)[0]
    for cookie in (forged, old, payload, f"{payload}..", f"{payload}.x.y", "e30.e30.e30"):
        client = app.test_client()
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
        assert client.get("/desk/").status_code == 302, cookie


def test_a_session_is_signed_with_sha_256(app: Flask, somebody: Somebody) -> None:
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookie = somebody("analyst").get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    assert signer.loads(cookie.value)["_user_id"]
    # 32 bytes as base64 without padding.
    assert len(cookie.value.rpartition(".")[2]) == 43


def test_a_token_of_a_form_is_no_session(app: Flask) -> None:
    token = hidden(app.test_client().get("/sign-in").text, "csrf_token")
    assert token
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], token)
    assert client.get("/desk/").status_code == 302
    with client.session_transaction() as kept:
        assert not kept


def test_a_password_is_not_shown_while_it_is_typed(app: Flask) -> None:
    fields = re.findall(r'<input\b[^>]*name="password"[^>]*>', app.test_client().get("/sign-in").text)
    assert fields
    assert all('type="password"' in field for field in fields)


def test_passwords_are_kept_by_argon2id_at_its_present_cost() -> None:
    kept = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$.+\$.+", passwords.kept(PASSWORD).hash)
    assert kept
    memory, passes, _ = map(int, kept.groups())
    assert memory >= 19456
    assert passes >= 2


def test_no_password_ends_by_the_calendar_and_none_has_a_hint() -> None:
    assert not [name for name in vars(User) if re.search(r"expire|hint|question|password_(?!is_short)", name)]


def test_what_is_secret_is_sent_in_a_body_and_never_in_an_address() -> None:
    forms = [form for path in TEMPLATES for form in re.findall(r"<form\b[^>]*>.*?</form>", path.read_text(), re.DOTALL)]
    secret = [form for form in forms if re.search(r"csrf|password", form)]
    assert len(secret) > 5
    assert [form for form in secret if 'method="post"' not in form.split(">")[0].lower()] == []


def test_every_page_of_the_desk_has_a_way_to_sign_out(somebody: Somebody) -> None:
    client = somebody("analyst")
    for address in ("/desk/", "/desk/commitment/", f"/desk/commitment/details/?code={CODES[0]}", "/desk/bulk/"):
        assert 'action="/sign-out"' in client.get(address).text, address


def test_every_digit_of_the_mark_of_an_account_is_random() -> None:
    marks = []
    for _ in range(400):
        accounts.end_sessions(user := User(name="李明"))
        marks.append(user.fs_uniquifier)
    assert {len(mark) for mark in marks} == {32}
    assert all(len(set(digits)) == 16 for digits in zip(*marks, strict=True))
