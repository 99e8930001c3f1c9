"""A second factor: set up by each for themselves, asked for after the password, each code good once."""

from __future__ import annotations

import html
import re
import time

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from tracker import db, second_factors
from tracker.models import AuditEvent, AuthenticatorApp, RecoveryCode, User
from visiting import PASSWORD, hidden, send

EMAIL = "analyst@example.org"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands, so that a code does not change in the middle of a test; the test puts it on."""
    now = [time.time() // 30 * 30 + 5]
    monkeypatch.setattr(second_factors, "_step_now", lambda: int(now[0]) // 30)
    return now


def set_up(client: FlaskClient, clock: list[float]) -> tuple[str, list[str]]:
    """Set the app up; returns its seed and the recovery codes."""
    page = client.get("/desk/me/app/").text
    assert "<svg" in page
    assert "style=" not in page
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    seed = found[1].replace(" ", "")
    code = pyotp.TOTP(seed).at(clock[0])
    shown = send(client, "/desk/me/app/", {"sealed": html.unescape(hidden(page, "sealed")), "code": code}, page)
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", shown.text)
    assert len(codes) == second_factors.CODES
    return seed, codes


def half_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert send(client, "/sign-in", {"email": EMAIL, "password": PASSWORD}).location.startswith("/sign-in/factor")
    assert client.get("/desk/").location.startswith("/sign-in")
    return client


def test_W9_the_second_factor_is_asked_for_and_each_code_is_good_once(
    app: Flask, analyst: FlaskClient, clock: list[float]
) -> None:
    seed, _ = set_up(analyst, clock)
    code = pyotp.TOTP(seed).at(clock[0])
    assert send(half_in(app), "/sign-in/factor", {"code": code}).status_code == 200, "the code that set it up is used"
    clock[0] += 30
    code = pyotp.TOTP(seed).at(clock[0])
    client = half_in(app)
    assert send(client, "/sign-in/factor", {"code": code}).location == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert "这个码不对" in send(half_in(app), "/sign-in/factor", {"code": code}).text


def test_W9_a_recovery_code_lets_in_once(app: Flask, analyst: FlaskClient, clock: list[float]) -> None:
    _, codes = set_up(analyst, clock)
    assert send(half_in(app), "/sign-in/factor", {"code": codes[0].upper().replace("-", " ")}).location == "/desk/"
    assert send(half_in(app), "/sign-in/factor", {"code": codes[0]}).status_code == 200


def test_W10_codes_are_guessed_five_times_in_a_quarter_of_an_hour(
    app: Flask, analyst: FlaskClient, clock: list[float]
) -> None:
    _, codes = set_up(analyst, clock)
    client = half_in(app)
    page = client.get("/sign-in/factor").text
    answers = [send(client, "/sign-in/factor", {"code": f"{n:06}"}, page).status_code for n in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert send(client, "/sign-in/factor", {"code": codes[0]}, page).status_code == 429


def test_W11_a_short_password_keeps_its_second_factor(analyst: FlaskClient, clock: list[float], ledger: Engine) -> None:
    short = {"password": PASSWORD, "new_password": "vQ2!mL9z", "again": "vQ2!mL9z"}
    assert "15 到 128" in send(analyst, "/desk/me/password/", short).text
    set_up(analyst, clock)
    assert send(analyst, "/desk/me/password/", short).location == "/desk/me/"
    send(analyst, "/desk/me/remove", {}, analyst.get("/desk/me/").text)
    with db.reading(ledger) as session:
        user = session.scalars(select(User).where(User.email == EMAIL)).one()
        assert second_factors.has_one(session, user.id)


def test_W9_an_administrator_takes_a_lost_factor_away(
    app: Flask, admin: FlaskClient, analyst: FlaskClient, clock: list[float], ledger: Engine
) -> None:
    set_up(analyst, clock)
    with db.reading(ledger) as session:
        user = session.scalars(select(User).where(User.email == EMAIL)).one()
    values = {"email": EMAIL, "role": "analyst", "active": "y", "reset_factor": "y"}
    assert send(admin, f"/desk/account/edit/?id={user.id}", values).status_code == 302
    assert analyst.get("/desk/").location.startswith("/sign-in")
    assert send(app.test_client(), "/sign-in", {"email": EMAIL, "password": PASSWORD}).location == "/desk/"


def test_Z5_no_seed_and_no_code_is_in_the_log_or_readable_in_the_database(
    analyst: FlaskClient, clock: list[float], ledger: Engine
) -> None:
    seed, codes = set_up(analyst, clock)
    with db.reading(ledger) as session:
        kept = session.scalars(select(AuthenticatorApp.secret)).one()
        digests = list(session.scalars(select(RecoveryCode.digest)))
        log = str(list(session.scalars(select(AuditEvent.changes))))
    assert seed not in kept
    assert kept not in log
    assert not [secret for secret in (seed, *codes, *digests) if secret in log]
    assert not [code for code in codes if code in digests]
