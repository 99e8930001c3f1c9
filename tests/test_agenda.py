"""What falls due on which day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, close, commitment, obstacle
from test_desk import queries_of
from tracker import agenda, audit, db
from tracker.admin.agenda import Month
from tracker.codebook import DeadlineKind, EvidenceReports, PublicationState
from tracker.findings import Source
from tracker.schedules import plan_milestone, reach_milestone, revise_deadline

#: Due on 2020-12-31 by its text; and one whose window then ends.
TARGET, WINDOW = "CZ-2020-17.2", "CZ-2020-03.1"

SOURCE = Source(PAGE, reports=EvidenceReports.DELIVERY)


def on(session: Session, day: date, **asked: Any) -> dict[str, list[Any]]:
    """Kind → entries of a day."""
    found: dict[str, list[Any]] = {}
    for row in session.execute(agenda.entries(day, day, **{"most": 999, **asked})):
        found.setdefault(row.kind, []).append(row)
    return found


def codes(session: Session, day: date, kind: str, **asked: Any) -> list[str]:
    return [row.code for row in on(session, day, **asked).get(kind, [])]


def moved(session: Session, code: str, until: date, kind: DeadlineKind = DeadlineKind.COMPLETION) -> None:
    """A deadline was set anew."""
    analyst, row = audit.signer(session, ANALYST), commitment(session, code)
    revise_deadline(
        session, row, until=until, text="延期", announced_on=date(2021, 1, 8), source=SOURCE, analyst=analyst, kind=kind
    )


def step(session: Session, code: str, day: date) -> Any:
    """A milestone was planned."""
    analyst, row = audit.signer(session, ANALYST), commitment(session, code)
    return plan_milestone(session, row, title_zh="封顶", planned_on=day, source=SOURCE, analyst=analyst)


def test_a_completion_date_and_a_horizon_stand_apart_on_their_day(desk: Session) -> None:
    assert codes(desk, date(2020, 12, 31), "completion") == [TARGET, "CZ-2020-23"]
    assert WINDOW in codes(desk, date(2020, 12, 31), "horizon")
    assert TARGET not in codes(desk, date(2020, 12, 31), "horizon")


def test_a_deadline_set_anew_falls_due_on_its_new_day_only(desk: Session) -> None:
    moved(desk, TARGET, date(2021, 6, 30))
    moved(desk, TARGET, date(2021, 9, 30))
    assert codes(desk, date(2021, 9, 30), "completion") == [TARGET]
    assert codes(desk, date(2021, 6, 30), "completion") == []
    assert codes(desk, date(2020, 12, 31), "completion") == ["CZ-2020-23"]


def test_a_horizon_that_became_a_deadline_is_one(desk: Session) -> None:
    moved(desk, WINDOW, date(2021, 6, 30))
    assert codes(desk, date(2021, 6, 30), "completion") == [WINDOW]
    assert WINDOW not in codes(desk, date(2020, 12, 31), "horizon")


def test_a_milestone_stands_on_its_planned_day_and_says_whether_it_was_reached(desk: Session) -> None:
    planned = step(desk, TARGET, date(2021, 3, 1))
    assert [(row.said_zh, row.settled) for row in on(desk, date(2021, 3, 1))["milestone"]] == [("封顶", 0)]
    reached: dict[str, Any] = {"reached_on": date(2021, 3, 11), "source": SOURCE}
    reach_milestone(desk, planned, **reached, analyst=audit.signer(desk, ANALYST))
    assert [row.settled for row in on(desk, date(2021, 3, 1))["milestone"]] == [1]


def test_a_next_check_stands_on_its_day(desk: Session) -> None:
    commitment(desk, WINDOW).next_check = date(2021, 7, 1)
    desk.flush()
    assert codes(desk, date(2021, 7, 1), "next_check") == [WINDOW]


def test_an_obstacle_stands_on_the_day_it_is_due_and_says_whether_it_was_closed(desk: Session) -> None:
    raised = obstacle(desk)
    assert [(row.number, row.settled) for row in on(desk, date(2020, 6, 30))["obstacle"]] == [(raised.id, 0)]
    close(desk, raised)
    assert [row.settled for row in on(desk, date(2020, 6, 30))["obstacle"]] == [1]


def test_a_withdrawn_commitment_falls_due_on_no_day(desk: Session) -> None:
    commitment(desk, TARGET).publication_state = PublicationState.WITHDRAWN
    desk.flush()
    assert codes(desk, date(2020, 12, 31), "completion") == ["CZ-2020-23"]


def test_a_city_has_its_own_calendar(desk: Session) -> None:
    obstacle(desk)
    other = ("421000",)
    assert on(desk, date(2020, 6, 30), cities=other) == {}
    assert {row.city_code for row in on(desk, date(2020, 12, 31), cities=other)["horizon"]} == {"421000"}
    assert "obstacle" in on(desk, date(2020, 6, 30), cities=("431000",))


def test_the_days_count_what_their_entries_are(desk: Session) -> None:
    obstacle(desk)
    step(desk, TARGET, date(2020, 12, 31))
    year = (date(2020, 1, 1), date(2020, 12, 31))
    counted = {(row.day, row.kind): row.count for row in desk.execute(agenda.days(*year))}
    listed: dict[Any, int] = {}
    for row in desk.execute(agenda.entries(*year, most=999)):
        listed[row.day, row.kind] = listed.get((row.day, row.kind), 0) + 1
    assert counted == listed
    assert len(counted) == 4


def test_of_a_crowded_day_the_first_of_each_kind_are_shown(desk: Session) -> None:
    shown = on(desk, date(2020, 12, 31), most=1)
    assert {kind: len(rows) for kind, rows in shown.items()} == {"completion": 1, "horizon": 1}
    assert list(shown) == ["completion", "horizon"]


def test_the_nearest_days_lie_on_both_sides(desk: Session) -> None:
    step(desk, TARGET, date(2021, 3, 1))
    step(desk, TARGET, date(2021, 5, 1))
    nearest = desk.execute(agenda.nearest(date(2021, 2, 1), date(2021, 2, 28))).one()
    assert tuple(nearest) == (date(2020, 12, 31), date(2021, 3, 1))


def test_a_month_knows_its_neighbours_across_the_year() -> None:
    december, february = Month(date(2020, 12, 1)), Month(date(2024, 2, 1))
    assert (december.following.first, december.last) == (date(2021, 1, 1), date(2020, 12, 31))
    assert Month(date(2021, 1, 1)).previous == december
    assert (february.last, february.weeks[0][0].weekday()) == (date(2024, 2, 29), 0)


def test_the_month_is_a_table_whose_days_lead_to_their_entries(analyst: FlaskClient) -> None:
    page = analyst.get("/desk/calendar/?month=2020-12").text
    assert "日历：2020年12月" in page
    assert 'href="#d2020-12-31"' in page
    assert 'id="d2020-12-31"' in page
    assert f"/desk/commitment/details/?code={TARGET}" in page
    assert "这一天全部 129 项" in page
    assert "JZ-2020-19.5" not in page
    assert "JZ-2020-19.5" in analyst.get("/desk/calendar/?day=2020-12-31&city=421000").text
    assert "/desk/obstacle/details/?id=1" in analyst.get("/desk/calendar/?month=2020-06").text


def test_an_empty_month_says_where_the_nearest_entries_are(analyst: FlaskClient) -> None:
    page = analyst.get("/desk/calendar/?month=2021-02").text
    assert "这个月没有到期的事项" in page
    assert "/desk/calendar/?month=2020-12#d2020-12-31" in page


@pytest.mark.parametrize(
    "asked", ["month=2020-13", "month=202012", "month=２０２０-12", "day=2020-12-32", "city=x", "of=1"]
)
def test_what_the_calendar_cannot_be_asked_is_refused(analyst: FlaskClient, asked: str) -> None:
    assert analyst.get(f"/desk/calendar/?{asked}").status_code == 400


def test_a_month_costs_the_same_queries_however_much_falls_due(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        step(session, TARGET, date(2021, 3, 1))
    few, many = (queries_of(analyst, f"/desk/calendar/?month={month}") for month in ("2021-03", "2020-12"))
    assert few == many <= 6
