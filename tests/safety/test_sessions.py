"""How long a session lasts, what ends it, and what asks for the password again."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from tracker import accounts, db, passwords
from tracker.auth import sessions
from tracker.codebook import Role
from tracker.models import User
from visiting import PASSWORD, Somebody, hidden, send

ADMIN = {"email": "admin@example.org", "password": PASSWORD}
ANOTHER = "纸上得来终觉浅，绝知此事要躬行"


def aged(client: FlaskClient, **seconds: int) -> None:
    """Set back what a session notes about time."""
    with client.session_transaction() as kept:
        for name, age in seconds.items():
            kept[name] -= age


def changed(ledger: Engine, email: str, **values: object) -> None:
    with db.writing(ledger, actor="测试") as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        for name, value in values.items():
            setattr(user, name, value)


def test_W9_a_cookie_that_was_kept_opens_nothing_after_sign_out(admin: FlaskClient) -> None:
    cookie = admin.get_cookie("session")
    assert cookie
    token = hidden(admin.get("/desk/").text, "csrf_token")
    assert admin.post("/sign-out", data={"csrf_token": token}).status_code == 302
    admin.set_cookie("session", cookie.value)
    assert admin.get("/desk/").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("age", "ends"),
    [
        ({"seen": sessions.IDLE - 60}, False),
        ({"seen": sessions.IDLE + 60}, True),
        ({"since": sessions.ABSOLUTE - 60}, False),
        ({"since": sessions.ABSOLUTE + 60}, True),
    ],
)
def test_W9_a_session_ends_after_eight_idle_hours_and_after_a_day(
    analyst: FlaskClient,
    age: dict[str, int],
    ends: bool,  # noqa: FBT001
) -> None:
    aged(analyst, **age)
    answer = analyst.get("/desk/")
    assert (answer.status_code == 302) is ends
    if ends:
        assert "太久没有操作" in analyst.get("/sign-in").text


def test_W9_signing_in_keeps_nothing_of_the_session_before(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/sign-in").text
    with client.session_transaction() as kept:
        kept["planted"], before = "x", kept["csrf_token"]
    assert send(client, "/sign-in", ADMIN, page).status_code == 302
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != before


@pytest.mark.parametrize("address", ["/desk/account/new/", "/desk/account/edit/?id=1"])
def test_W9_changing_accounts_asks_for_the_password_again(admin: FlaskClient, address: str) -> None:
    aged(admin, proved=sessions.PROOF + 1)
    asked = admin.get(address)
    assert asked.location.startswith("/confirm?next=/desk/account/")
    page = admin.get(asked.location).text
    assert "密码不对" in send(admin, asked.location, {"password": "wrong"}, page).text
    assert send(admin, asked.location, {"password": PASSWORD}, page).location == address
    assert admin.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/desk/me/app/", "/desk/me/codes", "/desk/me/remove", "/desk/account/new/"])
def test_W9_what_is_sent_late_asks_again_too(admin: FlaskClient, address: str) -> None:
    page = admin.get("/desk/me/password/").text
    aged(admin, proved=sessions.PROOF + sessions.TO_FILL_IN + 1)
    assert send(admin, address, {}, page).location.startswith("/confirm")


def test_Z8_a_role_that_is_taken_holds_from_the_next_request(ledger: Engine, somebody: Somebody) -> None:
    one, other = somebody("analyst"), somebody("analyst")
    changed(ledger, "analyst@example.org", role=Role.READER)
    assert [client.get("/desk/bulk/").status_code for client in (one, other)] == [403, 403]


def test_Z8_an_account_that_is_closed_is_out_at_once(ledger: Engine, somebody: Somebody) -> None:
    one, other = somebody("analyst"), somebody("analyst")
    changed(ledger, "analyst@example.org", active=False)
    assert all(client.get("/desk/").location.startswith("/sign-in") for client in (one, other))


def test_Z8_a_new_password_ends_every_other_session(app: Flask, somebody: Somebody) -> None:
    one, other = somebody("analyst"), somebody("analyst")
    values = {"password": PASSWORD, "new_password": ANOTHER, "again": ANOTHER}
    assert send(one, "/desk/me/password/", values).location == "/desk/me/"
    assert one.get("/desk/me/").status_code == 200
    assert other.get("/desk/").location.startswith("/sign-in")
    again = {"email": "analyst@example.org", "password": ANOTHER}
    assert send(app.test_client(), "/sign-in", again).status_code == 302


@pytest.mark.parametrize("old", ["", "wrong"])
def test_Z8_a_password_is_changed_only_by_who_knows_the_old_one(analyst: FlaskClient, ledger: Engine, old: str) -> None:
    values = {"password": old, "new_password": ANOTHER, "again": ANOTHER}
    assert send(analyst, "/desk/me/password/", values).status_code == 200
    with db.reading(ledger) as session:
        kept = session.scalars(select(User.password).where(User.email == "analyst@example.org")).one()
    assert passwords.fits(PASSWORD, kept)


def test_Z8_an_operator_ends_the_sessions_of_somebody(ledger: Engine, analyst: FlaskClient) -> None:
    with db.writing(ledger, actor="operator") as session:
        accounts.end_sessions(session.scalars(select(User).where(User.email == "analyst@example.org")).one())
    assert analyst.get("/desk/").location.startswith("/sign-in")
