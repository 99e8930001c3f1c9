"""Who guesses passwords is held up, learns nothing, and costs little."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from tracker import db, passwords, throttle
from tracker.app import create_app
from tracker.codebook import Role
from tracker.models import SignInTry
from tracker.throttle import Counted
from visiting import PASSWORD, hidden

WRONG = "not the password"
TOKENS: dict[FlaskClient, str] = {}
KNOWN, UNKNOWN = "analyst@example.org", "nobody@example.org"


def attempt(client: FlaskClient, email: str, password: str = WRONG, address: str = "192.0.2.1") -> TestResponse:
    with client.session_transaction() as kept:
        known = "csrf_token" in kept
    if not known:
        TOKENS[client] = hidden(client.get("/sign-in").text, "csrf_token")
    data = {"csrf_token": TOKENS[client], "email": email, "password": password}
    return client.post("/sign-in", data=data, environ_overrides={"REMOTE_ADDR": address})


def said(answer: TestResponse) -> str:
    """What a page says, without what differs each time: the token, and the address that was typed."""
    return re.sub(r'value="[^"]*"', "", answer.text)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts how many passwords are hashed, and hashes none: what is tested is what comes before."""
    hashed: list[str] = []

    def fits(password: str, kept: str | None) -> bool:
        hashed.append(password)
        return kept is not None and password == PASSWORD

    monkeypatch.setattr(passwords, "fits", fits)
    return hashed


def marked(account: int, address: int) -> throttle.Marks:
    return ((Counted.ACCOUNT, f"{account}@example.org"), (Counted.ADDRESS, f"192.0.2.{address}"))


def tried(ledger: Engine, marks: Callable[[int], throttle.Marks]) -> int:
    """How many of a thousand tries are let through to the comparing of passwords."""
    with db.sessions(ledger.execution_options(**db.WRITES)).begin() as session:
        return sum(
            not throttle.wait(session, marks(n)) and throttle.take(session, marks(n)) is not None for n in range(1000)
        )


def test_W10_of_a_thousand_tries_on_one_account_ten_are_compared(ledger: Engine) -> None:
    assert tried(ledger, lambda n: marked(1, n)) == 10


def test_W10_of_a_thousand_accounts_one_address_tries_fifty(ledger: Engine) -> None:
    assert tried(ledger, lambda n: marked(n, 1)) == 50


def test_W10_the_page_lets_ten_tries_on_an_account_through(app: Flask, quick: list[str]) -> None:
    client = app.test_client()
    answers = [attempt(client, KNOWN, address=f"198.51.100.{n}").status_code for n in range(14)]
    assert answers == [200] * 10 + [429] * 4
    assert len(quick) == 10


def test_W10_the_page_lets_fifty_tries_of_an_address_through(app: Flask, quick: list[str]) -> None:
    client = app.test_client()
    answers = [attempt(client, f"{n}@example.org", address=f"2001:db8::{n:x}").status_code for n in range(54)]
    assert answers == [200] * 50 + [429] * 4
    assert len(quick) == 50


def test_W10_workers_count_together(app: Flask, ledger_url: str, quick: list[str]) -> None:
    other = create_app(ledger_url)
    clients = [app.test_client(), other.test_client()]
    answers = [attempt(clients[n % 2], KNOWN).status_code for n in range(14)]
    other.extensions["engine"].dispose()
    assert (len(quick), answers.count(429)) == (10, 4)


def test_W10_tries_that_come_at_once_do_not_outrun_the_count(ledger: Engine) -> None:
    def take(_: int) -> bool:
        with db.sessions(ledger.execution_options(**db.WRITES)).begin() as session:
            return throttle.take(session, ((Counted.ACCOUNT, KNOWN), (Counted.ADDRESS, "192.0.2.1"))) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(40))) == 10


@pytest.mark.usefixtures("quick")
def test_W10_the_right_password_is_refused_in_the_same_words_while_too_many_fail(app: Flask) -> None:
    client = app.test_client()
    for _ in range(10):
        attempt(client, KNOWN)
        attempt(client, UNKNOWN)
    tries = ((KNOWN, PASSWORD), (KNOWN, WRONG), (UNKNOWN, WRONG))
    assert len({said(attempt(client, email, password)) for email, password in tries}) == 1
    answer = attempt(client, KNOWN, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300


@pytest.mark.usefixtures("quick")
def test_W10_nobody_is_locked_out_for_ever_and_old_tries_are_dropped(app: Flask, ledger: Engine) -> None:
    client = app.test_client()
    for _ in range(12):
        attempt(client, KNOWN)
    with ledger.begin() as connection:
        past = datetime.now(UTC) - timedelta(minutes=6)
        connection.execute(SignInTry.__table__.update().values(at=past))  # type: ignore[attr-defined]
    assert attempt(client, KNOWN, PASSWORD).status_code == 302
    with ledger.begin() as connection:
        connection.execute(SignInTry.__table__.update().values(at=past - timedelta(hours=1)))  # type: ignore[attr-defined]
    attempt(app.test_client(), KNOWN)
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(SignInTry)) == 2


@pytest.mark.usefixtures("quick")
def test_W10_a_sign_in_that_succeeds_is_not_counted(app: Flask, ledger: Engine) -> None:
    for _ in range(12):
        assert attempt(app.test_client(), KNOWN, PASSWORD).status_code == 302
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(SignInTry)) == 0


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_W10_an_answer_takes_as_long_and_says_the_same_whether_there_is_an_account(
    app: Flask, record_property: Callable[[str, object], None]
) -> None:
    client, pages = app.test_client(), set()
    took: dict[bool, list[float]] = {True: [], False: []}
    # As many tries as an account takes, of several accounts: the machine has other things to do as well.
    for n, role in product(range(7), Role):
        for known in (True, False) if n % 2 else (False, True):
            began = time.process_time()
            answer = attempt(client, f"{'' if known else 'no-'}{role}@example.org", address=f"192.0.2.{n}")
            took[known].append(time.process_time() - began)
            pages.add(said(answer))
    known, unknown = (statistics.median(times) for times in took.values())
    record_property("W10 milliseconds, known and unknown account", (round(known * 1000), round(unknown * 1000)))
    assert len(pages) == 1
    assert abs(known - unknown) <= 0.1 * max(known, unknown)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_W10_nobody_waits_to_write_while_a_password_is_hashed(
    app: Flask, ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fits(_password: str, _kept: str | None) -> bool:
        with ledger.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("BEGIN")
        return True

    monkeypatch.setattr(passwords, "fits", fits)
    assert attempt(app.test_client(), KNOWN).status_code == 302
