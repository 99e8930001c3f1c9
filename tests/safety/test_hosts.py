"""Under which name the site is reached, what goes into addresses, and what its cookies are bound to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from protecting import unprotected

from tracker import config, db
from tracker.app import create_app
from tracker.codebook import Role
from tracker.security import hosts
from visiting import PASSWORD, account, send, signed_in

#: What somebody may ask for who is after a link to his own site.
FOREIGN = [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "evil.example#localhost",
    "evil.example@localhost",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "evil.example/localhost",
    "localhost evil.example",
    "ledger.example.evil.example",
    "notledger.example",
    "localhost.",
    "[::2]",
    "0.0.0.0",  # noqa: S104 - an example
    "",
]


@pytest.fixture(scope="module")
def app(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The product behind one proxy that ends TLS, under two names."""
    file = tmp_path_factory.mktemp("hosts") / "tracker.db"
    shutil.copy(migrated_file, file)
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("TRACKER_BASE_URL", "https://ledger.example/")
        settings.setenv("TRACKER_TRUSTED_HOSTS", "old.example, .city.example")
        settings.setenv("TRACKER_PROXIES", "1")
        app = create_app(f"sqlite:///{file}", served_on="192.0.2.7")
    with db.writing(app.extensions["engine"], actor="测试") as session:
        account(session, "admin", Role.ADMIN, "admin@example.org")
    yield app
    app.extensions["engine"].dispose()


@pytest.mark.parametrize("host", FOREIGN)
def test_W13_a_request_for_another_host_is_refused(app: Flask, host: str) -> None:
    for path in ("/", "/desk/", "/static/tracker.css", "/nowhere"):
        answer = app.test_client().get(path, headers={"Host": host}, buffered=True)
        assert answer.status_code == 400
        assert "evil.example" not in answer.text
        assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize(
    "host",
    ["ledger.example", "LEDGER.example:443", "old.example:8000", "a.b.city.example", "192.0.2.7:8000", "localhost",
     "127.0.0.1:5000", "[::1]:8000"],
)  # fmt: skip
def test_W13_a_name_of_the_site_is_answered(app: Flask, host: str) -> None:
    assert app.test_client().get("/method", headers={"Host": host}).status_code == 200


def test_W13_addresses_begin_with_what_is_set_whatever_is_asked_for(app: Flask) -> None:
    page = app.test_client().get("/commitments", headers={"Host": "old.example"}).text
    found = app.test_client().get("/commitments?format=json&kind=", headers={"Host": "old.example"}).json
    assert '<link rel="canonical" href="https://ledger.example/commitments">' in page
    assert "https://ledger.example/commitments?as_of=" in page
    assert "old.example" not in page
    assert found["meta"]["address"] == "https://ledger.example/commitments?format=json&kind="


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-Host", "Forwarded"])
def test_W13_without_a_proxy_no_header_tells_the_host(app: Flask, name: str) -> None:
    bare = app.wsgi_app
    try:
        app.wsgi_app = bare.app  # type: ignore[attr-defined, method-assign]  # as without TRACKER_PROXIES
        answer = app.test_client().get("/method", headers={name: "evil.example", "X-Forwarded-Proto": "https"})
    finally:
        app.wsgi_app = bare  # type: ignore[method-assign]
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


def test_W13_a_proxy_that_is_set_is_believed_and_a_second_is_not(app: Flask) -> None:
    told = {"X-Forwarded-Host": "evil.example, old.example", "X-Forwarded-For": "192.0.2.66, 203.0.113.5"}
    answer = app.test_client().get("/method", headers=told)
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    told["X-Forwarded-Host"] = "evil.example"
    assert app.test_client().get("/method", headers=told).status_code == 400


def test_W13_a_server_for_everybody_says_that_its_names_must_be_set() -> None:
    nobody, named = config.Settings(), config.Settings(base_url="https://ledger.example")
    assert hosts.answers_nobody_else("0.0.0.0", nobody)  # noqa: S104 - an example
    assert hosts.answers_nobody_else("::", nobody)
    assert not hosts.answers_nobody_else("0.0.0.0", named)  # noqa: S104 - an example
    assert not hosts.answers_nobody_else("192.0.2.7", nobody)


@pytest.mark.parametrize(
    "base", ["ledger.example", "javascript:alert(1)", "https://a b", "https://x/?y", "https://x#y"]
)
def test_W13_an_address_that_is_none_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("TRACKER_BASE_URL", base)
    with pytest.raises(config.WrongSetting, match="TRACKER_BASE_URL"):
        config.settings()


def test_W8_cookies_are_bound_to_this_host_and_closed_to_script(app: Flask) -> None:
    client = app.test_client()
    there = "https://ledger.example"
    told = {"X-Forwarded-Proto": "https", "Host": "ledger.example", "Referer": f"{there}/sign-in"}
    client.environ_base |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in told.items()}
    client.get("/sign-in?lang=en", base_url=there)
    answer = send(client, f"{there}/sign-in", {"email": "admin@example.org", "password": PASSWORD, "remember": "y"})
    assert answer.status_code == 302
    seen = answer.headers.getlist("Set-Cookie") + client.get("/desk/?lang=zh", base_url=there).headers.getlist(
        "Set-Cookie"
    )
    names = {cookie.partition("=")[0] for cookie in seen}
    assert names == {"__Host-session", "lang"}
    for cookie in seen:
        parts = [part.strip() for part in cookie.split(";")]
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
        assert not [part for part in parts if part.startswith("Domain")]
        assert len(cookie) <= 4096


def test_W8_without_tls_cookies_are_closed_to_script_all_the_same(app: Flask) -> None:
    settings = {"SESSION_COOKIE_NAME": "session", "SESSION_COOKIE_SECURE": False}
    kept = {name: app.config[name] for name in settings}
    app.config.update(settings)
    try:
        (cookie,) = app.test_client().get("/sign-in").headers.getlist("Set-Cookie")
    finally:
        app.config.update(kept)
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_W6_over_tls_every_answer_says_that_only_tls_is_used(app: Flask) -> None:
    for path in ("/method", "/desk/", "/nowhere", "/static/tracker.css"):
        answer = app.test_client().get(path, buffered=True)
        assert unprotected(answer, secure=True) == []
    assert unprotected(signed_in(app, "admin").get("/method"), signed_in=True, secure=True) == []
