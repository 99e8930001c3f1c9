"""The desk's first page: what wants doing, and that every number is what its link leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from following import ANALYST, FOUND, PAGE, commitment, record, reviewer
from test_desk import queries_of
from tracker import audit, db, queries, tallies, worklists
from tracker.assessments import record_assessment
from tracker.codebook import EvidenceRelation, EvidenceReports, Execution, PublicationState, Verdict
from tracker.comments import remark
from tracker.filters import CommitmentFilter
from tracker.findings import Finding, Source
from tracker.models import StatusAssessment, User
from tracker.reviews import review
from tracker.schedules import revise_deadline
from tracker.standings import Cutoff
from visiting import Somebody

#: Codes, each with what wants doing about it once `arrange` has run.
RETURNED, AWAITING, OVERDUE, DUE_SOON = "CZ-2020-05.1", "CZ-2020-05.2", "CZ-2020-17.2", "CZ-2020-06"
LOOK_AGAIN, DISPUTED, HORIZON, RECENT = "CZ-2020-08", "CZ-2020-05.4", "CZ-2020-07", "CZ-2020-05.5"


def today() -> date:
    return Cutoff().day()


def arrange(session: Session) -> None:
    """Something on every list."""
    analyst, source = audit.signer(session, ANALYST), Source(PAGE, reports=EvidenceReports.DELIVERY)
    returned = record(session, RETURNED, Execution.IN_PROGRESS, summary="园区已动工")
    review(session, returned, Verdict.RETURN, reviewer=reviewer(session), note="请补开工的依据")
    record(session, AWAITING, Execution.PLANNED)
    against = Source("https://example.org/other", relation=EvidenceRelation.CONTRADICTS)
    record(session, DISPUTED, Execution.PLANNED, evidence=(source, against))
    approved = record(session, RECENT, Execution.PLANNED, reviewed_up_to=today())
    review(session, approved, Verdict.APPROVE, reviewer=reviewer(session))
    soon: dict[str, Any] = {"until": today() + timedelta(days=9), "text": "下月", "announced_on": date(2021, 1, 8)}
    revise_deadline(session, commitment(session, DUE_SOON), **soon, source=source, analyst=analyst)
    horizon = {**soon, "kind": "horizon"}
    revise_deadline(session, commitment(session, HORIZON), **horizon, source=source, analyst=analyst)
    commitment(session, LOOK_AGAIN).next_check = today()
    session.flush()


@pytest.fixture
def arranged(desk: Session) -> Iterator[Session]:
    arrange(desk)
    return desk


def planned_by(session: Session, author: User, code: str) -> StatusAssessment:
    """An assessment that somebody wrote."""
    evidence = (Source(PAGE, reports=EvidenceReports.DELIVERY),)
    finding = Finding(Execution.PLANNED, **FOUND, evidence=evidence)  # type: ignore[arg-type]
    return record_assessment(session, commitment(session, code), finding, analyst=author)


def totals(session: Session, person: int = 0) -> dict[str, int]:
    """List → how many stand on it."""
    sums: dict[str, int] = {}
    for row in session.execute(worklists.counts(person)).mappings():
        for name, count in row.items():
            if name not in {"city_code", "kind"}:
                sums[name] = sums.get(name, 0) + count
    return sums


def firsts(session: Session, name: str, person: int = 0) -> list[str]:
    """Codes of the first rows of a list."""
    return [row.code for row in session.execute(worklists.firsts(person)) if row.list == name]


def test_a_list_counts_what_the_list_of_commitments_shows_for_the_same_question(arranged: Session) -> None:
    counted = totals(arranged)
    asked = {work.name: work.which for work in worklists.lists(today()) if work.which and work.name != "never"}
    shown = {name: len(arranged.execute(queries.commitments(which)).all()) for name, which in asked.items()}
    assert {name: counted[name] for name in asked} == shown
    assert all(shown.values())


def test_never_checked_are_the_commitments_to_follow_up_that_nobody_checked(arranged: Session) -> None:
    tally = arranged.execute(tallies.tally("execution", CommitmentFilter(unpublished=True)))
    assert totals(arranged)["never"] == sum(row.count for row in tally if row.value == Execution.NOT_REVIEWED) > 100


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("returned", RETURNED),
        ("awaiting", AWAITING),
        ("overdue", OVERDUE),
        ("due_soon", DUE_SOON),
        ("look_again", LOOK_AGAIN),
        ("disputed", DISPUTED),
        ("horizon", HORIZON),
        ("stale", AWAITING),
    ],
)
def test_a_commitment_stands_on_the_list_of_what_it_wants(arranged: Session, name: str, code: str) -> None:
    assert code in firsts(arranged, name)
    assert RECENT not in firsts(arranged, name)


def test_nothing_long_is_shown_whole(arranged: Session) -> None:
    assert len(firsts(arranged, "never")) == worklists.SHOWN < totals(arranged)["never"]


def test_what_is_completed_is_neither_overdue_nor_stale(arranged: Session) -> None:
    record(arranged, OVERDUE, Execution.COMPLETED)
    assert OVERDUE not in firsts(arranged, "overdue")
    assert OVERDUE not in firsts(arranged, "stale")


def test_a_withdrawn_commitment_wants_nothing(arranged: Session) -> None:
    before = totals(arranged)
    commitment(arranged, OVERDUE).publication_state = PublicationState.WITHDRAWN
    arranged.flush()
    assert totals(arranged)["overdue"] == before["overdue"] - 1
    assert OVERDUE not in firsts(arranged, "overdue")


def test_what_was_returned_to_me_comes_first(arranged: Session) -> None:
    me = audit.signer(arranged, "另一人")
    mine = planned_by(arranged, me, "CZ-2020-05.6")
    review(arranged, mine, Verdict.RETURN, reviewer=reviewer(arranged), note="来源不足")
    assert firsts(arranged, "returned", me.id) == ["CZ-2020-05.6", RETURNED]
    assert firsts(arranged, "returned") == [RETURNED, "CZ-2020-05.6"]
    assert totals(arranged, me.id)["returned_mine"] == 1


def test_nobody_is_asked_to_review_what_they_wrote(arranged: Session) -> None:
    me = audit.signer(arranged, ANALYST).id
    assert firsts(arranged, "awaiting", me) == []
    counted = totals(arranged, me)
    assert counted["awaiting"] == counted["awaiting_mine"] > 0


@pytest.fixture
def busy(ledger: Engine, app: object) -> Engine:
    """The ledger with something on every list, and somebody of each role who can sign in."""
    assert app
    with db.writing(ledger, actor=ANALYST) as session:
        arrange(session)
    return ledger


def test_every_number_leads_to_a_list_of_as_many(busy: Engine, somebody: Somebody) -> None:
    with db.writing(busy, actor=ANALYST) as session:
        planned_by(session, session.scalars(select(User).where(User.name == "某复核员")).one(), "CZ-2020-05.6")
    reviews = somebody("reviewer")
    numbers = re.findall(r'<td><a href="(/desk/commitment/\?[^"]*)">(\d+)<', reviews.get("/desk/").text)
    assert len(numbers) > 15
    for address, number in numbers:
        # Of what was never checked the list also shows the heads that only group their parts.
        if "status=not_reviewed" not in address:
            assert f"共 {number} 条" in reviews.get(unescape(address)).text, address
        else:
            assert reviews.get(unescape(address)).status_code == 200


def test_the_page_says_what_to_do_first(busy: Engine, somebody: Somebody) -> None:
    assert "先复核别人写的" in somebody("reviewer").get("/desk/").text
    assert "先查已过完成期限的 2 条" in somebody("analyst").get("/desk/").text
    assert "眼下没有要办的" not in somebody("reader").get("/desk/").text
    assert "没有到期的；还有" in somebody("analyst").get("/desk/?city=421000").text
    with db.writing(busy, actor=ANALYST) as session:
        author = session.scalars(select(User).where(User.name == "某分析员")).one()
        mine = planned_by(session, author, "CZ-2020-05.6")
        review(session, mine, Verdict.RETURN, reviewer=reviewer(session), note="来源不足")
    assert "先改退回给您的 1 条" in somebody("analyst").get("/desk/").text


def test_a_city_shows_its_own_work_only(busy: Engine, analyst: FlaskClient) -> None:
    assert busy
    page = analyst.get("/desk/?city=421000").text
    assert "CZ-2020" not in page
    assert "JZ-2020" in page
    assert "现在没有：复核退回的、逾期的" in page
    assert analyst.get("/desk/?city=110000").status_code == 400


def test_a_reader_is_shown_the_work_and_offered_none(busy: Engine, somebody: Somebody) -> None:
    assert busy
    page = somebody("reader").get("/desk/").text
    assert "已过完成期限" in page
    assert "/desk/commitment/record/" not in page
    assert "/desk/follow/review/" not in page


def test_the_page_costs_the_same_queries_however_much_there_is_to_do(busy: Engine, somebody: Somebody) -> None:
    reviews = somebody("reviewer")
    with db.writing(busy, actor=ANALYST) as session:
        remark(session, commitment(session, OVERDUE), "@某复核员 请看", author=audit.signer(session, ANALYST))
    before = queries_of(reviews, "/desk/")
    with db.writing(busy, actor=ANALYST) as session:
        for code in ("CZ-2020-03.1", "CZ-2020-03.2", "CZ-2020-04.1", "CZ-2020-04.2"):
            record(session, code, Execution.PLANNED)
        for words in ("@某复核员 请看", "@某复核员 再看"):
            remark(session, commitment(session, "CZ-2020-04.1"), words, author=audit.signer(session, ANALYST))
    assert queries_of(reviews, "/desk/") == before <= 5


def test_where_cities_are_many_those_that_want_most_stand_side_by_side(
    analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.admin.home._SIDE_BY_SIDE", 1)
    page = analyst.get("/desk/").text
    beside = re.findall(r'<th scope="row"><a href="/desk/\?city=(\d+)"', page)
    assert beside == ["431000"]
    # Every other city is chosen from a list, and has a page of its own.
    assert re.findall(r'<option value="(\d+)"', page) == ["431000", "421000"]
    assert 'aria-current="true">荆州' in analyst.get("/desk/?city=421000").text
