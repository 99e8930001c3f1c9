"""Tokens of programs: what they open, for how long, and that they are told once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tracker import db, tokens
from tracker.cli import tracker
from tracker.codebook import Role
from tracker.models import ApiToken, AuditEvent, SignInTry, User
from tracker.rules import RuleBroken
from visiting import account, count, send

#: What only a token opens.
DESK = "/api/v1/commitments/CZ-2020-01.1?view=desk"


@pytest.fixture
def owner(session: Session) -> User:
    return account(session, "李明", Role.ANALYST)


def run(engine: Engine, *words: str) -> Result:
    url = engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(tracker, ["--database", url, *words])


def opens(app: Flask, token: str) -> TestResponse:
    return app.test_client().get(DESK, headers={"Authorization": f"Bearer {token}"})


def made(engine: Engine, name: str = "某分析员", role: Role = Role.ANALYST, **said: object) -> str:
    with db.writing(engine, actor="测试") as session:
        owner = session.scalars(select(User).where(User.name == name)).one()
        return tokens.make(session, owner, "程序", role, **said)[1]  # type: ignore[arg-type]


def test_Z5_a_token_is_kept_as_a_digest_only(session: Session, owner: User) -> None:
    row, text = tokens.make(session, owner, "程序", Role.READER)
    assert text.startswith("trk_")
    assert len(text) > 40
    assert row.digest == tokens.digest(text)
    told = "".join(str(event.changes) for event in session.scalars(select(AuditEvent)))
    assert "程序" in told
    assert text not in told
    assert row.digest not in told


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"role": Role.REVIEWER}, "token-role"),
        ({"days": 367}, "token-days"),
        ({"days": 0}, "token-days"),
        ({"name": " "}, "token-name"),
        ({"name": "名" * 101}, "text-length"),
        ({"name": "a\u200bb"}, "text-characters"),
    ],
)
def test_a_token_is_refused_that_is_more_than_its_account(
    session: Session, owner: User, said: dict[str, object], rule: str
) -> None:
    with pytest.raises(RuleBroken) as broken:
        tokens.make(session, owner, **{"name": "程序", "role": Role.ANALYST, **said})  # type: ignore[arg-type]
    assert [fault.rule for fault in broken.value.faults] == [rule]


def test_an_account_has_twenty_tokens_at_most(session: Session, owner: User) -> None:
    made = [tokens.make(session, owner, "程序", Role.READER)[0] for _ in range(tokens.MOST)]
    with pytest.raises(RuleBroken):
        tokens.make(session, owner, "程序", Role.READER)
    tokens.revoke(made[0])
    tokens.make(session, owner, "程序", Role.READER)


def test_a_token_lets_do_what_its_account_may_by_now(session: Session, owner: User) -> None:
    row, text = tokens.make(session, owner, "程序", Role.ANALYST)
    owner.role = Role.READER
    session.flush()
    assert tokens.may(row) is Role.READER
    owner.role = Role.ADMIN
    assert tokens.may(row) is Role.ANALYST
    owner.active = False
    session.flush()
    assert tokens.opened(session, text) is None


def test_a_token_is_good_until_it_expires_or_is_revoked(session: Session, owner: User) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row, text = tokens.make(session, owner, "程序", Role.READER, days=10, now=now)
    days = {day: tokens.opened(session, text, now + timedelta(days=day)) is not None for day in (-1, 0, 9, 10)}
    assert days == {-1: False, 0: True, 9: True, 10: False}
    tokens.revoke(row)
    assert tokens.opened(session, text, now) is None


def test_W10_what_a_token_opened_it_opens_no_more_once_revoked_or_its_account_is_closed(
    app: Flask, ledger: Engine
) -> None:
    first, second = made(ledger), made(ledger)
    assert [opens(app, token).status_code for token in (first, second)] == [200, 200]
    assert run(ledger, "token", "revoke", "1").exit_code == 0
    assert [opens(app, token).status_code for token in (first, second)] == [401, 200]
    assert run(ledger, "user", "set", "某分析员", "--inactive").exit_code == 0
    refused = opens(app, second)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="tracker"')


def test_W10_tokens_that_open_nothing_are_counted_and_then_refused(
    app: Flask, ledger: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    good, wrong = made(ledger), "trk_wrong-and-never-to-be-seen"
    caplog.set_level("INFO", "tracker.events")
    answers = [opens(app, wrong).status_code for _ in range(21)]
    assert answers == [401] * 20 + [429]
    refused = opens(app, good)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert '"event": "sign_in_failed"' in caplog.text
    assert '"event": "sign_in_throttled"' in caplog.text
    assert wrong not in caplog.text
    assert count(ledger, SignInTry) == 20


def test_that_a_token_is_used_is_noted_once_an_hour_and_no_change_of_the_ledger(app: Flask, ledger: Engine) -> None:
    token = made(ledger)
    before = count(ledger, AuditEvent)
    assert opens(app, token).status_code == 200
    with db.reading(ledger) as session:
        (noted,) = session.scalars(select(ApiToken.last_used_at))
    assert opens(app, token).status_code == 200
    with db.reading(ledger) as session:
        assert list(session.scalars(select(ApiToken.last_used_at))) == [noted]
    assert noted is not None
    assert count(ledger, AuditEvent) == before


def test_the_command_shows_a_token_once(app: Flask, ledger: Engine) -> None:
    made = run(ledger, "token", "add", "--user", "某复核员", "--role", "reviewer", "--name", "每日核对", "--days", "30")
    token = made.stdout.strip()
    assert (made.exit_code, opens(app, token).status_code) == (0, 200)
    listed = run(ledger, "token", "list").stdout
    assert "每日核对" in listed
    assert token not in listed
    assert f"{datetime.now(UTC).date() + timedelta(days=30)}" in listed


@pytest.mark.parametrize(
    "words",
    [
        ("add", "--user", "无此人", "--role", "reader", "--name", "x"),
        ("add", "--user", "某读者", "--role", "analyst", "--name", "x"),
        ("add", "--user", "某读者", "--role", "reader", "--name", "x", "--days", "367"),
        ("revoke", "99"),
    ],
)
@pytest.mark.usefixtures("app")
def test_the_command_says_in_one_line_what_is_wrong(ledger: Engine, words: tuple[str, ...]) -> None:
    refused = run(ledger, "token", *words)
    assert refused.exit_code != 0
    assert count(ledger, ApiToken) == 0


def test_somebody_makes_and_revokes_a_token_of_their_own(app: Flask, somebody: Callable[[str], FlaskClient]) -> None:
    mine = somebody("analyst")
    offered = mine.get("/desk/me/token/").text
    assert ('value="analyst"' in offered, 'value="reviewer"' in offered) == (True, False)
    shown = send(mine, "/desk/me/token/", {"name": "每周导入", "role": "analyst", "days": "30"}).text
    token = shown.partition("<code>")[2].partition("</code>")[0]
    assert opens(app, token).status_code == 200
    page = mine.get("/desk/me/").text
    assert "每周导入" in page
    assert token not in page

    other = somebody("reviewer")
    csrf = other.get("/desk/me/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert other.post("/desk/me/token/revoke?id=1", data={"csrf_token": csrf}).status_code in {400, 404}
    assert opens(app, token).status_code == 200
    assert send(mine, "/desk/me/token/revoke?id=1", {}, opened=page).status_code == 302
    assert opens(app, token).status_code == 401


def test_nobody_makes_a_token_with_a_role_they_do_not_have(
    ledger: Engine, somebody: Callable[[str], FlaskClient]
) -> None:
    refused = send(somebody("analyst"), "/desk/me/token/", {"name": "x", "role": "admin", "days": "30"})
    assert "至多" in refused.text
    assert count(ledger, ApiToken) == 0
