"""What somebody has already is not made again, and whatever is changed is told: pages, charts, feeds, data and API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from following import ANALYST, commitment, obstacle, record, reviewer
from test_importing import HOW, TRACKER, taken
from test_lists import counting
from tracker import db, importing, seed
from tracker.codebook import Execution, PublicationState, Verdict
from tracker.models import Jurisdiction, PolicyDocument, StatusAssessment, Term
from tracker.reviews import review

CODE = "CZ-2020-01.1"

PAGES = [
    "/", "/cities/chenzhou", "/cities/chenzhou?page=2", "/cities/chenzhou/charts", "/commitments?search=园区",
    f"/commitments/{CODE}", "/documents/chenzhou-2020", "/kinds/investment_priority", "/data",
]  # fmt: skip
DATA = [
    "/?format=json", "/cities/chenzhou?format=csv", f"/commitments/{CODE}?format=xlsx", "/?format=atom",
    "/cities/chenzhou?format=ics", "/charts/status-by-kind.svg", "/charts/pace.png?city=chenzhou",
    "/api/v1/commitments?limit=5", "/api/v1/summaries?by=completion", f"/api/v1/commitments/{CODE}",
]  # fmt: skip


@pytest.fixture
def reader(opened: Callable[..., Flask], ledger: Engine, ledger_url: str) -> FlaskClient:  # noqa: ARG001 - a ledger of its own
    return opened(ledger_url).test_client()


def again(reader: FlaskClient, address: str, mark: str, **headers: str) -> int:
    """The status that somebody is answered who has what was marked so."""
    return reader.get(address, headers={"If-None-Match": mark, **headers}).status_code


def test_what_is_known_is_answered_by_one_look_at_the_chain(reader: FlaskClient) -> None:
    for address in [*PAGES, *DATA]:
        sent = reader.get(address)
        with counting(reader.application.extensions["engine"]) as asked:
            answer = reader.get(address, headers={"If-None-Match": sent.headers["ETag"]})
        assert (sent.status_code, answer.status_code, answer.data) == (200, 304, b""), address
        assert len([statement for statement in asked if statement != "BEGIN"]) == 1, address
        # What a 304 says takes the place of what was said: of the content, it says nothing.
        assert "Content-Type" not in answer.headers, address
        same = ("ETag", "Content-Security-Policy")
        assert [answer.headers[name] for name in same] == [sent.headers[name] for name in same], address
        # To be asked for anew each time.
        assert answer.headers["Cache-Control"] == sent.headers["Cache-Control"] == "no-cache", address
        assert {"Accept", "Accept-Language", "Cookie"} <= set(answer.vary), address


def _return(session: Session) -> None:
    made = session.scalars(select(StatusAssessment)).first() or record(session, CODE, Execution.IN_PROGRESS)
    review(session, made, Verdict.RETURN, reviewer=reviewer(session), note="依据不足")


def _write_policy(session: Session) -> None:
    city = session.scalars(select(Jurisdiction).where(Jurisdiction.slug == "chenzhou")).one()
    session.add(PolicyDocument(jurisdiction=city, title="惠企政策一"))


CHANGES: dict[str, Callable[[Session], object]] = {
    "a judgement": lambda session: record(session, CODE, Execution.COMPLETED),
    "a verdict": _return,
    "an edit": lambda session: setattr(commitment(session, CODE), "title_zh", "改了"),
    "a withdrawal": lambda session: setattr(commitment(session, CODE), "publication_state", PublicationState.WITHDRAWN),
    "an obstacle": lambda session: obstacle(session, CODE),
    "a line of the policy list": _write_policy,
    "a term": lambda session: setattr(session.scalars(select(Term)).first(), "name_zh", "改了"),
    "the name of a city": lambda session: setattr(session.scalars(select(Jurisdiction)).first(), "name_en", "Changed"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_told_of_at_once(reader: FlaskClient, ledger: Engine, change: str) -> None:
    marks = {address: reader.get(address).headers["ETag"] for address in PAGES[:3]}
    with db.writing(ledger, ANALYST) as session:
        CHANGES[change](session)
    assert {address for address, mark in marks.items() if again(reader, address, mark) == 304} == set()


def test_what_is_imported_is_told_of(reader: FlaskClient, ledger: Engine, tmp_path: Path) -> None:
    marks = {address: reader.get(address).headers["ETag"] for address in ("/", "/commitments?search=园区")}
    (file := tmp_path / "table.csv").write_text(TRACKER)
    with db.writing(ledger, ANALYST) as session:
        taken(session, importing.opened(file), HOW)
    assert {address for address, mark in marks.items() if again(reader, address, mark) == 304} == set()


def test_what_is_seeded_anew_is_told_of(reader: FlaskClient, ledger: Engine) -> None:
    mark = reader.get("/").headers["ETag"]
    with db.writing(ledger, actor=seed.ACTOR, alone=True) as session:
        seed.load(session, seed.folder())
    assert again(reader, "/", mark) == 200


def test_data_that_has_not_changed_is_not_sent_again_though_the_ledger_has(reader: FlaskClient, ledger: Engine) -> None:
    mark = reader.get("/cities/chenzhou?format=csv").headers["ETag"]
    with db.writing(ledger, ANALYST) as session:
        record(session, "JZ-2020-17.1", Execution.PLANNED)
    answer = reader.get("/cities/chenzhou?format=csv", headers={"If-None-Match": f'"another", {mark}'})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] != mark


def test_another_address_language_or_form_is_another_answer(reader: FlaskClient) -> None:
    mark = reader.get("/cities/chenzhou").headers["ETag"]
    assert again(reader, "/cities/chenzhou", mark) == 304
    assert again(reader, "/cities/jingzhou", mark) == 200
    assert again(reader, "/cities/chenzhou?page=2", mark) == 200
    assert again(reader, "/cities/chenzhou", mark, **{"Accept-Language": "en"}) == 200
    assert again(reader, "/cities/chenzhou", mark, Accept="application/json") == 200
    reader.set_cookie("lang", "en")
    assert again(reader, "/cities/chenzhou", mark) == 200


def test_another_day_is_another_answer(reader: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = reader.get("/cities/chenzhou").headers["ETag"]
    monkeypatch.setattr("tracker.standings.Cutoff.day", lambda _cutoff: date(2030, 1, 1))
    assert again(reader, "/cities/chenzhou", mark) == 200


def test_what_is_not_there_has_no_mark(reader: FlaskClient) -> None:
    assert "ETag" not in reader.get("/commitments/CZ-1999-01").headers
    assert again(reader, "/commitments/CZ-1999-01", "*") == 404
    assert "ETag" not in reader.get("/checkpoint").headers


def test_what_somebody_signed_in_sees_is_kept_nowhere(analyst: FlaskClient) -> None:
    answer = analyst.get("/cities/chenzhou")
    assert (answer.headers["Cache-Control"], answer.headers.get("ETag")) == ("no-store", None)
