"""What another site sends in the name of somebody who is signed in is not done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from test_access import address, browser

from tracker import db
from tracker.app import create_app
from tracker.codebook import Role
from visiting import account

HERE = "http://localhost"

#: What a request says of where it comes from, where it comes from elsewhere.
ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
    {"Sec-Fetch-Site": "none", "Origin": "https://evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:8001"},
    {"Referer": "https://evil.example/http://localhost/"},
]

#: … where it comes from a page of this site, or from nobody's page.
HEREABOUTS = [
    {"Sec-Fetch-Site": "same-origin", "Origin": HERE, "Referer": f"{HERE}/desk/"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": HERE},
    {"Referer": f"{HERE}/desk/"},
    {},
]


@pytest.fixture(scope="module")
def app(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    file = tmp_path_factory.mktemp("forgery") / "tracker.db"
    shutil.copy(migrated_file, file)
    app = create_app(f"sqlite:///{file}")
    with db.writing(app.extensions["engine"], actor="测试") as session:
        account(session, "admin", Role.ADMIN)
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """A browser that also sends a good token."""
    return browser(app, "admin")


def unsafe(app: Flask) -> list[tuple[str, str]]:
    return [
        (address(rule), method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
    ]


def test_W1_no_unsafe_route_lets_anything_pass_without_a_token(app: Flask, admin: FlaskClient) -> None:
    token = admin.environ_base.pop("HTTP_X_CSRFTOKEN")
    sent: list[dict[str, str]] = [{}, {"csrf_token": ""}, {"csrf_token": "x" + token}, {"csrf_token": "x"}]
    passed = [
        (where, data)
        for where, method in unsafe(app)
        for data in sent
        # Programs bear a token of another kind; without it, whoever is signed in, nothing is done for them.
        if admin.open(where, method=method, data=data).status_code != (401 if where.startswith("/api/") else 400)
    ]
    assert len(unsafe(app)) > 90
    assert not passed


def test_W1_no_unsafe_route_lets_another_site_pass_even_with_a_token(app: Flask, admin: FlaskClient) -> None:
    # Every way on every route would be a thousand requests: each is tried on some, the plainest on all.
    asked = [
        (where, method, said)
        for place, (where, method) in enumerate(unsafe(app))
        for said in (ELSEWHERE[0], ELSEWHERE[place % len(ELSEWHERE)])
    ]
    for where, method, said in asked:
        answer = admin.open(where, method=method, headers=said)
        assert (where, said, answer.status_code) == (where, said, 403)
        assert "别的网站" in answer.text


@pytest.mark.parametrize("said", ELSEWHERE, ids=str)
def test_W1_nothing_from_elsewhere_is_done(admin: FlaskClient, said: dict[str, str]) -> None:
    assert admin.post("/desk/saved/keep/", data={"name": "x"}, headers=said).status_code == 403


@pytest.mark.parametrize("said", HEREABOUTS, ids=str)
def test_W1_what_is_sent_from_here_is_done(admin: FlaskClient, said: dict[str, str]) -> None:
    sent = {"name": f"x{len(said)}{list(said)}", "question": "city=431000"}
    assert admin.post("/desk/saved/keep/", data=sent, headers=said).status_code == 302


def test_W1_a_method_that_nobody_offers_is_no_way_in(admin: FlaskClient) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert admin.open("/desk/saved/keep/", method=method).status_code == 405
    hidden = admin.post("/desk/", headers={"X-HTTP-Method-Override": "GET"})
    assert hidden.status_code == 405


def test_W1_reading_from_elsewhere_is_no_harm(admin: FlaskClient) -> None:
    assert admin.get("/desk/", headers=ELSEWHERE[0]).status_code == 200


def test_W1_a_token_of_another_session_is_none(app: Flask, admin: FlaskClient) -> None:
    token = admin.environ_base["HTTP_X_CSRFTOKEN"]
    other = app.test_client()
    assert other.post("/desk/saved/keep/", headers={"X-CSRFToken": token}).status_code == 400
