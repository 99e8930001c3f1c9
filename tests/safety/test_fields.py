"""A form changes the fields it shows and no other, whatever is sent with it; and nobody approves his own."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from following import ANALYST, record
from tracker import db
from tracker.cli import tracker
from tracker.codebook import Execution, Role, Verdict
from tracker.models import Base, Review, StatusAssessment
from tracker.reviews import review
from visiting import Somebody, account, count, send

sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

#: Form → the table that it changes. All others are either read only, or append what a verb of the field builds.
FORMS = {
    "commitment": "commitment", "jurisdiction": "jurisdiction", "person": "person", "post": "post",
    "postholding": "post_holding", "organisation": "organisation", "vocabulary": "vocabulary", "term": "term",
    "policydocument": "policy_document", "obstacle": "obstacle", "account": "user",
}  # fmt: skip

#: What every column of every table is sent as, beside what the form asks for.
EVERYTHING = {column.name for table in Base.metadata.tables.values() for column in table.columns}
VALUES = ("999", "admin", "2001-01-01", "true")

#: What a form may move by itself: when and in which version a row was changed.
BY_ITSELF = {"version", "row_version"}


def rows(ledger: Engine, table: str) -> dict[int, dict[str, Any]]:
    with ledger.connect() as connection:
        found = connection.execute(select(Base.metadata.tables[table]))
        return {row.id: dict(row._mapping) for row in found}


def fields(page: str) -> set[str]:
    return set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page))


def filled(page: str) -> dict[str, str]:
    """A form as it was opened: what stands in its fields."""
    said: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            said[name[1]] = unescape(value[1]) if value else ""
    for name, body in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        said[name] = unescape(body.removeprefix("\r\n").removeprefix("\n"))
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(
            r'<option[^>]*selected[^>]* value="([^"]*)"|<option value="([^"]*)" selected|<option selected value="([^"]*)"',
            body,
        )
        said[name] = unescape(next((part for part in chosen.groups() if part is not None), "")) if chosen else ""
    return said


@sqlite
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES[:2])
def test_Z4_a_form_changes_only_the_fields_that_it_shows(app: Flask, admin: FlaskClient, form: str, value: str) -> None:
    ledger, table = app.extensions["engine"], FORMS[form]
    before = rows(ledger, table)
    if not before:
        pytest.skip("no such row in the seed")
    number = max(before)
    address = f"/desk/{form}/edit/?id={number}"
    opened = admin.get(address).text
    shown, named = filled(opened), fields(opened)
    smuggled = {name: value for name in EVERYTHING if not {name, name.removesuffix("_id")} & named}
    sent = admin.post(address, data={**shown, **smuggled})
    # What was sent was taken, and so what was smuggled was passed over.
    assert sent.status_code == 302
    assert "/details/" in sent.location
    admin.post(f"{address}&{'&'.join(f'{name}={value}' for name in sorted(smuggled) if name != 'id')}", data=shown)
    after = rows(ledger, table)
    changed = {
        name
        for key, row in after.items()
        for name in row
        if key in before and row[name] != before[key][name] and name not in BY_ITSELF
    }
    assert set(after) == set(before)
    assert changed <= named | {f"{name}_id" for name in named}
    assert len(smuggled) > 50


@sqlite
@pytest.mark.parametrize("role", ["anonymous", "reader", "analyst", "reviewer"])
def test_Z4_no_role_below_writes_an_account(app: Flask, somebody: Somebody, role: str) -> None:
    ledger = app.extensions["engine"]
    client = app.test_client() if role == "anonymous" else somebody(role)
    before = rows(ledger, "user")
    page = client.get("/desk/" if role != "anonymous" else "/sign-in").text
    sent = {
        **dict.fromkeys(EVERYTHING, "admin"),
        "role": "admin",
        "active": "y",
        "name": "新管理员",
        "email": "x@example.org",
    }
    for address in (
        "/desk/account/new/",
        "/desk/account/edit/?id=1",
        "/desk/account/edit/?id=4",
        "/desk/account/ajax/update/",
    ):
        send(client, address, sent, page)
    after = rows(ledger, "user")
    assert {key: (row["role"], row["active"], row["password"]) for key, row in after.items()} == {
        key: (row["role"], row["active"], row["password"]) for key, row in before.items()
    }


@sqlite
def test_Z4_who_records_cannot_sign_as_somebody_else_nor_date_it_back(app: Flask, analyst: FlaskClient) -> None:
    ledger = app.extensions["engine"]
    found = {"execution": "in_progress", "effective_on": "2020-12-31", "reviewed_up_to": "2021-01-31", "summary": "已动工",
             "evidence-0-url": "https://example.org/1", "evidence-0-reports": "start"}  # fmt: skip
    smuggled = {"analyst_id": "4", "analyst": "4", "recorded_at": "2001-01-01 00:00", "codebook_version": "x", "id": "999",
                "commitment_id": "7", "corrects_id": "1"}  # fmt: skip
    answer = send(analyst, "/desk/commitment/record/?code=CZ-2020-01", {**smuggled, **found})
    assert answer.status_code == 302
    with db.reading(ledger) as session:
        made = session.scalars(select(StatusAssessment).order_by(StatusAssessment.id.desc())).first()
        assert made is not None
        assert (made.analyst.name, made.commitment.code, made.corrects_id) == ("某分析员", "CZ-2020-01", None)
        assert made.recorded_at.year > 2001
        assert made.codebook_version != "x"
        assert made.id < 900


def judged(ledger: Engine, by: str) -> int:
    """An assessment by somebody, who reviews too."""
    with db.writing(ledger, actor=by) as session:
        made = record(session, "CZ-2020-01", Execution.IN_PROGRESS)
        return made.id


@sqlite
def test_Z7_no_author_approves_his_own_by_form_or_command(app: Flask, ledger_url: str, somebody: Somebody) -> None:
    ledger = app.extensions["engine"]
    reviewing = somebody("reviewer")
    found = {"execution": "in_progress", "effective_on": "2020-12-31", "reviewed_up_to": "2021-01-31", "summary": "已动工",
             "evidence-0-url": "https://example.org/1", "evidence-0-reports": "start"}  # fmt: skip
    assert send(reviewing, "/desk/commitment/record/?code=CZ-2020-01", found).status_code == 302
    with db.reading(ledger) as session:
        number = session.scalars(select(StatusAssessment.id).order_by(StatusAssessment.id.desc())).first()
    refused = send(reviewing, f"/desk/follow/review/?id={number}", {"verdict": "approve", "reviewer_id": "4"})
    command = CliRunner().invoke(
        tracker, ["--database", ledger_url, "review", str(number), "approve", "--reviewer", "某复核员"]
    )
    assert refused.status_code == 422
    assert command.exit_code
    assert count(ledger, Review) == 0


def test_Z7_the_database_lets_no_author_approve_his_own(ledger: Engine, recorded: StatusAssessment) -> None:
    statement = text(
        "INSERT INTO review (assessment_id, reviewer_id, verdict, recorded_at)"
        " VALUES (:assessment, :author, 'approve', :now)"
    )
    said = {"assessment": recorded.id, "author": recorded.analyst_id, "now": recorded.recorded_at}
    with pytest.raises(DBAPIError), ledger.execution_options(**db.WRITES).begin() as connection:
        connection.execute(statement, said)


def test_Z7_what_was_approved_is_not_edited_but_answered_by_a_new_entry(
    ledger: Engine, recorded: StatusAssessment
) -> None:
    with db.writing(ledger, actor="复核员") as session:
        second = account(session, "第二人", Role.REVIEWER)
        judged = session.get(StatusAssessment, recorded.id)
        assert judged is not None
        review(session, judged, Verdict.APPROVE, reviewer=second)
    for statement in (
        "UPDATE status_assessment SET summary = '改了'",
        "UPDATE review SET verdict = 'return'",
        "DELETE FROM review",
    ):
        with pytest.raises(DBAPIError), ledger.execution_options(**db.WRITES).begin() as connection:
            connection.execute(text(statement))
    with db.writing(ledger, actor=ANALYST) as session:
        made = record(session, "CZ-2020-01", Execution.COMPLETED, corrects=recorded.id, effective_on=date(2021, 1, 1))
        assert made.corrects_id == recorded.id
    assert count(ledger, StatusAssessment) == 2
