"""Who may call what: every route, by each of its methods, as everybody who could ask.

`access.csv` is the table. A route that is new, gone or answers somebody otherwise fails here, and the failure gives the
line as the product now answers: read it, and put it into the table only if it is what was meant.

`open`: let through, whatever the page then says. `sign in`: sent to the sign-in. `confirm`: asked to sign in again.
`403`: refused. `401`: refused without a token, which none of them bears; what each token may is told in
`test_api_writing.py`.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from protecting import unprotected
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from addresses import DESK, PAGES
from tracker import db
from tracker.app import create_app
from tracker.codebook import Role
from tracker.models import User
from visiting import account, signed_in

TABLE = Path(__file__).parent / "access.csv"

#: Everybody who could ask.
ASKERS = ("anonymous", *(str(role) for role in Role), "deactivated")

#: What a route is asked with, where its address names something.
NAMED = {"name": "x", "code": "x", "key": "x", "form": "svg", "filename": "x", "vocabulary": "x", "token": "x",
         "export_type": "csv", "number": "1", "question": "claims"}  # fmt: skip

#: Methods that Flask answers by itself, as it would GET and without a word.
QUIET = {"HEAD", "OPTIONS"}

Cells = dict[tuple[str, str], dict[str, str]]


def committed() -> Cells:
    with TABLE.open(encoding="utf-8", newline="") as table:
        return {(row["route"], row["method"]): {asker: row[asker] for asker in ASKERS} for row in csv.DictReader(table)}


@pytest.fixture(scope="module")
def app(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application of its own on an empty ledger, where somebody has each role and one account is closed."""
    file = tmp_path_factory.mktemp("access") / "tracker.db"
    shutil.copy(migrated_file, file)
    app = create_app(f"sqlite:///{file}")
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture(scope="module")
def askers(app: Flask) -> dict[str, FlaskClient]:
    """A browser for each."""
    engine = app.extensions["engine"]
    with db.writing(engine, actor="测试") as session:
        for role in Role:
            account(session, str(role), role)
        account(session, "deactivated", Role.ADMIN)
    browsers = {name: browser(app, name) for name in ASKERS}
    with db.writing(engine, actor="测试") as session:
        session.scalars(select(User).where(User.name == "deactivated")).one().active = False
    return browsers


def browser(app: Flask, name: str) -> FlaskClient:
    """Somebody's browser with a token that lets it send any form: here it matters who asks, not from where."""
    client = app.test_client() if name == "anonymous" else signed_in(app, name)
    with client.session_transaction() as kept:
        kept["csrf_token"] = "x"
    client.environ_base["HTTP_X_CSRFTOKEN"] = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(
        "x"
    )
    return client


def address(rule: Rule) -> str:
    known = {**PAGES, **DESK}.get(rule.endpoint)
    if known and not rule.arguments:
        return known[0]
    url = str(rule)
    for name in rule.arguments:
        url = url.replace(next(part for part in (f"<{name}>", f"<path:{name}>") if part in url), NAMED[name])
    return url


def outcome(answer: TestResponse) -> str:
    there = answer.location or ""
    if answer.status_code in {401, 403}:
        return str(answer.status_code)
    if answer.status_code in (301, 302, 303) and there.startswith("/sign-in"):
        return "sign in"
    if answer.status_code in (301, 302, 303) and there.startswith("/confirm"):
        return "confirm"
    return "open"


def answers(app: Flask, askers: dict[str, FlaskClient]) -> Iterator[tuple[str, Rule, str, TestResponse]]:
    """What each route answers everybody; signing out comes last, because it ends the session."""
    asks = [(rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or () if method not in QUIET]
    for rule, method in sorted(asks, key=lambda ask: ask[0].endpoint == "security.logout"):
        for name, client in askers.items():
            yield name, rule, method, client.open(address(rule), method=method)


def lines(cells: Cells) -> set[str]:
    return {",".join((*where, *by.values())) for where, by in cells.items()}


def test_Z1_W6_every_route_answers_each_role_as_the_table_says_and_protected(
    app: Flask, askers: dict[str, FlaskClient]
) -> None:
    cells: Cells = defaultdict(dict)
    bare = set()
    for name, rule, method, answer in answers(app, askers):
        cells[str(rule), method][name] = outcome(answer)
        is_kept_out = rule.endpoint != "static" and name not in {"anonymous", "deactivated"}
        bare |= {(str(rule), lack) for lack in unprotected(answer, signed_in=is_kept_out)}
        assert answer.status_code < 500, (name, method, rule)
    now, meant = lines(cells), lines(committed())
    wrong = [f"+ {line}" for line in sorted(now - meant)] + [f"- {line}" for line in sorted(meant - now)]
    assert not wrong, f"{TABLE.name} and the product differ (+ product, - table):\n" + "\n".join(wrong)
    assert not bare


def test_Z1_the_table_is_sorted_so_that_a_line_is_found() -> None:
    rows = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    assert rows == sorted(set(rows))
