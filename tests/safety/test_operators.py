"""What an operator does to accounts at the command line, and what the log tells of accounts, whoever changes them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from tracker import accounts, cli, db, passwords, second_factors
from tracker.codebook import Role
from tracker.models import User
from visiting import PASSWORD, send

ANALYST = f"某{Role.ANALYST.zh}"
EMAIL = "analyst@example.org"
ANOTHER = "一灯能除千年暗，一智能灭万年愚"

Ask = Callable[..., Result]


@pytest.fixture
def ask(ledger_url: str) -> Ask:
    """Runs a command about accounts on the ledger."""
    return lambda *words: CliRunner().invoke(cli.tracker, ["--database", ledger_url, "user", *words])


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """What the log tells of accounts: what happened, and to whom."""
    caplog.set_level("INFO", "tracker.events")

    def told() -> list[tuple[str, str]]:
        lines = [json.loads(message) for message in caplog.messages]
        return [(line["event"], line.get("what", "")) for line in lines if line["event"] != "answered"]

    return told


@pytest.fixture
def with_a_factor(app: Flask, ledger: Engine) -> None:
    """The analyst signs in with an app."""
    with db.writing(ledger, actor="测试") as session:
        user = session.scalars(select(User).where(User.name == ANALYST)).one()
        second_factors.add_app(session, user, second_factors.new_seed(), 0, app.config["SECRET_KEY"])


def where(app: Flask, password: str) -> str:
    """Where the analyst's password leads."""
    return send(app.test_client(), "/sign-in", {"email": EMAIL, "password": password}).location or ""


def test_Z8_a_password_that_an_operator_sets_is_the_only_one_and_ends_every_session(
    app: Flask, analyst: FlaskClient, ask: Ask, told: Callable[[], list[tuple[str, str]]]
) -> None:
    assert ask("password", ANALYST, "--password", ANOTHER).exit_code == 0
    assert analyst.get("/desk/").location.startswith("/sign-in")
    assert (where(app, PASSWORD), where(app, ANOTHER)) == ("", "/desk/")
    assert ("password_changed", ANALYST) in told()


def test_W11_a_password_that_is_easily_guessed_is_refused_from_an_operator_too(app: Flask, ask: Ask) -> None:
    for weak in ("short", "passwordpassword", "123456789012345678"):
        refused = ask("password", ANALYST, "--password", weak)
        assert (refused.exit_code, "Traceback" in refused.output) == (2, False), weak
    assert where(app, PASSWORD) == "/desk/"


@pytest.mark.usefixtures("with_a_factor")
def test_W9_an_operator_takes_a_lost_factor_away_and_ends_every_session(
    app: Flask, analyst: FlaskClient, ask: Ask, told: Callable[[], list[tuple[str, str]]]
) -> None:
    assert where(app, PASSWORD).startswith("/sign-in/factor")
    assert ask("reset-factor", ANALYST).exit_code == 0
    assert analyst.get("/desk/").location.startswith("/sign-in")
    assert where(app, PASSWORD) == "/desk/"
    assert ("second_factor_removed", ANALYST) in told()


@pytest.mark.usefixtures("with_a_factor")
def test_W11_an_operator_leaves_no_short_password_alone(app: Flask, ledger: Engine, ask: Ask) -> None:
    with db.writing(ledger, actor="测试") as session:
        session.scalars(select(User).where(User.name == ANALYST)).one().password_is_short = True
    refused = ask("reset-factor", ANALYST)
    assert (refused.exit_code, f"tracker user password {ANALYST}" in refused.output) == (2, True)
    assert where(app, PASSWORD).startswith("/sign-in/factor")


def test_Z8_an_operator_ends_every_session_of_an_account_and_of_no_other(
    analyst: FlaskClient, admin: FlaskClient, ask: Ask, told: Callable[[], list[tuple[str, str]]]
) -> None:
    assert ask("sign-out", ANALYST).exit_code == 0
    assert analyst.get("/desk/").location.startswith("/sign-in")
    assert admin.get("/desk/").status_code == 200
    assert ("signed_out", ANALYST) in told()


def test_O1_the_log_tells_of_every_change_of_an_account_at_the_desk(
    app: Flask, ledger: Engine, admin: FlaskClient, told: Callable[[], list[tuple[str, str]]]
) -> None:
    new = {"name": "李明", "email": "li@example.org", "role": "reader", "new_password": ANOTHER, "again": ANOTHER}
    assert send(admin, "/desk/account/new/", new).status_code == 302
    with db.reading(ledger) as session:
        made = session.scalars(select(User).where(User.name == "李明")).one()
    changed = {"email": made.email, "role": "analyst", "active": "y", "new_password": PASSWORD, "again": PASSWORD}
    assert send(admin, f"/desk/account/edit/?id={made.id}", changed | {"reset_factor": "y"}).status_code == 302
    wrong = {"email": "li@example.org", "password": ANOTHER}
    assert send(app.test_client(), "/sign-in", wrong).status_code == 200
    client = app.test_client()
    send(client, "/sign-in", {"email": "li@example.org", "password": PASSWORD})
    send(client, "/sign-out", {}, client.get("/desk/").text)
    events = [event for event, _ in told()]
    of_the_account = [event for event, what in told() if what == "李明"]
    assert of_the_account == ["account_made", "account_changed", "password_changed", "second_factor_removed"]
    assert events[-3:] == ["sign_in_failed", "signed_in", "signed_out"]


def test_Z8_the_last_administrator_stays_whoever_asks(ledger: Engine, ask: Ask) -> None:
    with db.writing(ledger, actor="测试") as session:
        only = accounts.make_account(
            session, name="李明", email="li@example.org", password=passwords.kept(ANOTHER), role=Role.ADMIN
        )
    for words in (["--role", "reviewer"], ["--inactive"]):
        assert ask("set", only.name, *words).exit_code == 2
    with db.reading(ledger) as session:
        kept = session.get_one(User, only.id)
        assert (kept.role, kept.active) == (Role.ADMIN, True)
