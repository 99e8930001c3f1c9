"""The days of commitments as a calendar: what falls due, what only ends, and what is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, vText
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, close, commitment, obstacle, record, reviewer
from tracker import audit, db
from tracker.codebook import DeadlineKind, EvidenceReports, Execution, PublicationState, Verdict
from tracker.findings import Source
from tracker.pages import calendars
from tracker.reviews import review
from tracker.schedules import plan_milestone, reach_milestone, revise_deadline

#: 全年目标: falls due on 2020-12-31; 下半年: a period to act in; an event on 2020-02-21.
DUE, HORIZON, EVENT = "CZ-2020-17.2", "JZ-2020-02", "CZ-2020-02.1"


@pytest.fixture
def reader(opened: Callable[..., Flask], ledger_url: str) -> FlaskClient:
    return opened(ledger_url).test_client()


def subscribed(reader: FlaskClient, address: str, language: str = "zh") -> Any:
    """The calendar at an address as a program takes it: whole, in lines of 75 octets that end in CRLF."""
    answer = reader.get(f"{address}{'&' if '?' in address else '?'}format=ics&lang={language}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/calendar; charset=utf-8"
    lines = answer.data.split(b"\r\n")
    assert lines.pop() == b""
    assert max(len(line) for line in lines) <= 75
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert [line.decode() for line in lines if line]
    return Calendar.from_ical(answer.data)


def events(found: Any, word: str = "") -> list[Any]:
    return [event for event in found.walk("VEVENT") if word in str(event["SUMMARY"])]


def titles(found: Any, word: str = "") -> list[str]:
    return [str(event["SUMMARY"]) for event in events(found, word)]


def moved(session: Session, code: str, until: date, **said: Any) -> None:
    """The deadline of a commitment set anew."""
    given = {"text": "2021年底前", "announced_on": date(2021, 1, 8), **said}
    revise_deadline(
        session, commitment(session, code), until=until, source=Source(PAGE), analyst=audit.signer(session, ANALYST),
        **given,
    )  # fmt: skip


def step(session: Session, code: str) -> Any:
    """A milestone planned for 2021-03-01."""
    return plan_milestone(
        session, commitment(session, code), title_zh="封顶", title_en="Topping out", planned_on=date(2021, 3, 1),
        source=Source(PAGE), analyst=audit.signer(session, ANALYST),
    )  # fmt: skip


def test_a_due_date_is_a_whole_day_that_blocks_no_time(reader: FlaskClient) -> None:
    (event,) = events(subscribed(reader, f"/commitments/{DUE}"))
    assert event["SUMMARY"] == f"到期：完成全年目标任务（{DUE}）"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2020, 12, 31), date(2021, 1, 1))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["URL"] == f"http://localhost/commitments/{DUE}"
    assert event["CATEGORIES"].cats == ["到期", "下半年部署", "郴州"]
    told = str(event["DESCRIPTION"])
    assert "全年目标" in told.splitlines()[0]
    assert told.splitlines()[-2:] == ["执行状态：未核查", f"http://localhost/commitments/{DUE}"]


def test_a_horizon_is_no_due_date(reader: FlaskClient) -> None:
    for language, word in (("zh", "到期"), ("en", "Due")):
        (event,) = events(subscribed(reader, f"/commitments/{HORIZON}", language))
        assert event["DTSTART"].dt == date(2020, 12, 31)
        assert str(event["SUMMARY"]).startswith({"zh": "行动时段结束：", "en": "End of a period to act in: "}[language])
        assert word not in event["SUMMARY"]
        assert {"zh": "不等于到期", "en": "not a due date"}[language] in event["DESCRIPTION"]


def test_an_event_that_was_told_stands_on_its_day(reader: FlaskClient) -> None:
    (event,) = events(subscribed(reader, f"/commitments/{EVENT}"))
    assert (event["SUMMARY"][:3], event["DTSTART"].dt) == ("活动：", date(2020, 2, 21))


def test_a_moved_deadline_stands_on_its_new_day_under_its_old_name(reader: FlaskClient, ledger: Engine) -> None:
    (before,) = events(subscribed(reader, f"/commitments/{DUE}"))
    with db.writing(ledger, ANALYST) as session:
        moved(session, DUE, date(2021, 12, 31))
    (after,) = events(subscribed(reader, f"/commitments/{DUE}"))
    assert after["SUMMARY"].startswith("到期（原定 2020-12-31）：")
    assert "原定 2020-12-31，后来改期。" in after["DESCRIPTION"]
    assert after["DTSTART"].dt == date(2021, 12, 31)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt


def test_a_period_to_act_in_that_becomes_a_due_date_keeps_its_name(reader: FlaskClient, ledger: Engine) -> None:
    (before,) = events(subscribed(reader, f"/commitments/{HORIZON}"))
    with db.writing(ledger, ANALYST) as session:
        moved(session, HORIZON, date(2021, 6, 30), kind=DeadlineKind.COMPLETION)
    (after,) = events(subscribed(reader, f"/commitments/{HORIZON}"))
    assert (after["UID"], after["SUMMARY"][:2]) == (before["UID"], "到期")
    (then,) = events(subscribed(reader, f"/commitments/{HORIZON}?as_of=2021-01-07"))
    assert then["SUMMARY"] == before["SUMMARY"]


def test_what_is_done_is_marked_and_stays(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, DUE, Execution.COMPLETED)
    (event,) = events(subscribed(reader, f"/commitments/{DUE}"))
    assert event["SUMMARY"] == f"✓ 已完成｜到期：完成全年目标任务（{DUE}）"
    (english,) = titles(subscribed(reader, f"/commitments/{DUE}", "en"))
    assert english.startswith("✓ Completed | Due: ")


def test_milestones_next_checks_and_obstacles_have_their_days(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        planned = step(session, "CZ-2020-15.2")
        commitment(session, "CZ-2020-15.2").next_check = date(2027, 1, 31)
        raised = obstacle(
            session, commitments=(commitment(session, "CZ-2020-15.2"), commitment(session, "CZ-2020-15.1"))
        )
    found = subscribed(reader, "/cities/chenzhou")
    assert [title[:6] for title in titles(found, "封顶")] == ["节点：封顶｜"]
    assert [event["DTSTART"].dt for event in events(found, "下次查看")] == [date(2027, 1, 31)]
    (due,) = events(found, "问题办结期限")
    assert (due["SUMMARY"], due["DTSTART"].dt) == ("问题办结期限：中小企业融资难", date(2020, 6, 30))
    assert str(due["DESCRIPTION"]).splitlines()[:2] == ["状态：未销号", "CZ-2020-15.1、CZ-2020-15.2"]
    with db.writing(ledger, ANALYST) as session:
        close(session, session.merge(raised))
        reach_milestone(session, session.merge(planned), reached_on=date(2021, 3, 11),
                        source=Source(PAGE, reports=EvidenceReports.DELIVERY), analyst=audit.signer(session, ANALYST))  # fmt: skip
    found = subscribed(reader, "/cities/chenzhou")
    assert titles(found, "融资难") == ["✓ 已销号｜问题办结期限：中小企业融资难"]
    (reached,) = events(found, "封顶")
    assert reached["SUMMARY"].startswith("✓ 已达到｜节点：封顶｜")
    assert "达到日期：2021-03-11" in reached["DESCRIPTION"]
    assert titles(subscribed(reader, "/cities/chenzhou?as_of=2021-03-02", "en"), "Topping")[0].startswith("Milestone: ")


def test_a_calendar_holds_the_days_of_what_its_address_asks(reader: FlaskClient) -> None:
    every = subscribed(reader, "/commitments")
    assert len(events(every)) == len({str(event["UID"]) for event in events(every)}) > 50
    assert titles(every) == titles(subscribed(reader, "/"))
    due = titles(subscribed(reader, "/commitments?deadline=completion"))
    assert sorted(title[:3] for title in due) == ["到期："] * 2
    assert titles(subscribed(reader, "/cities/jingzhou?deadline=completion")) == []
    assert titles(subscribed(reader, "/commitments?due_by=2020-12-31&status=not_reviewed")) == due
    assert all("JZ-" in title for title in titles(subscribed(reader, "/cities/jingzhou")))


def test_a_calendar_without_a_day_is_a_calendar(reader: FlaskClient) -> None:
    found = subscribed(reader, "/commitments/CZ-2020-01.1")
    assert events(found) == []
    assert len(found.subcomponents) == 1
    assert not found.errors


def test_a_calendar_says_what_it_is_and_when_to_look_again(reader: FlaskClient) -> None:
    found = subscribed(reader, "/cities/chenzhou?kind=second_half_plan", "en")
    assert found["X-WR-CALNAME"] == found["NAME"] == "Commitments of Chenzhou (Second-half plan): days"
    assert found["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert found["REFRESH-INTERVAL"].dt == timedelta(hours=12)
    assert found["X-PUBLISHED-TTL"] == "PT12H"
    assert "METHOD" not in found


def test_a_calendar_that_has_not_changed_is_the_same_to_the_byte(reader: FlaskClient, ledger: Engine) -> None:
    address = "/cities/chenzhou?format=ics"
    first = reader.get(address)
    assert first.headers["Content-Disposition"] == "inline; filename=chenzhou.ics"
    known = {"If-None-Match": first.headers["ETag"]}
    with db.writing(ledger, ANALYST) as session:
        record(session, "JZ-2020-17.1", Execution.PLANNED)
    assert reader.get(address).data == first.data
    assert reader.get(address, headers=known).status_code == 304
    with db.writing(ledger, ANALYST) as session:
        record(session, DUE, Execution.IN_PROGRESS)
    assert reader.get(address, headers=known).status_code == 200


def test_an_event_changed_when_what_it_tells_was_written(reader: FlaskClient, ledger: Engine) -> None:
    def at(code: str) -> datetime:
        (event,) = events(subscribed(reader, "/cities/chenzhou"), code)
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt
        return event["LAST-MODIFIED"].dt  # type: ignore[no-any-return]

    with db.writing(ledger, ANALYST) as session:
        when = record(session, DUE, Execution.IN_PROGRESS).recorded_at
    assert at(DUE) == when.replace(microsecond=0)
    with db.writing(ledger, ANALYST) as session:
        commitment(session, EVENT).title_zh = "改过的标题"
    assert at(EVENT) >= when.replace(microsecond=0)


def test_where_readers_see_approved_work_only_so_does_a_calendar(opened: Callable[..., Flask], ledger: Engine) -> None:
    reader = opened(ledger.url.render_as_string(hide_password=False), readers_see="approved").test_client()
    (before,) = events(subscribed(reader, f"/commitments/{DUE}"))
    with db.writing(ledger, ANALYST) as session:
        judged = record(session, DUE, Execution.COMPLETED)
    assert events(subscribed(reader, f"/commitments/{DUE}")) == [before]
    with db.writing(ledger, ANALYST) as session:
        review(session, session.merge(judged), Verdict.APPROVE, reviewer=reviewer(session))
    assert titles(subscribed(reader, f"/commitments/{DUE}"))[0].startswith("✓")


def test_a_withdrawn_commitment_and_a_draft_have_no_days(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        obstacle(session, DUE)
        commitment(session, DUE).publication_state = PublicationState.WITHDRAWN
        commitment(session, EVENT).publication_state = PublicationState.DRAFT
    words = reader.get("/cities/chenzhou?format=ics").text.replace("\r\n ", "")
    assert not re.search(f"{DUE}|{EVENT}|融资难|桂阳县网上集中", words)


def test_words_that_may_not_be_reprinted_are_not(opened: Callable[..., Flask], ledger_url: str, ledger: Engine) -> None:
    reader = opened(ledger_url).test_client()
    assert "全年目标" in str(events(subscribed(reader, f"/commitments/{DUE}"))[0]["DESCRIPTION"])
    with free(ledger) as connection:
        connection.execute(text("UPDATE source_document SET licence_mode = 'metadata_only'"))
        connection.commit()
    (event,) = events(subscribed(reader, f"/commitments/{DUE}"))
    assert str(event["DESCRIPTION"]).splitlines()[0].startswith("期限：完成期限，")
    assert "原话" not in event["DESCRIPTION"]


def free(ledger: Engine) -> Any:
    """A connection on which documents can be changed, as no user of the ledger can."""
    connection = ledger.connect()
    if ledger.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
    else:
        connection.execute(text("DROP TRIGGER IF EXISTS guard_source_document_update"))
    return connection


@pytest.mark.parametrize("words", ["a,b;c\\n“d”", "😀 ]]> " * 40, "BEGIN:VEVENT END:VCALENDAR", "=1+1:x"])
def test_hostile_text_stays_text_in_a_whole_calendar(reader: FlaskClient, ledger: Engine, words: str) -> None:
    with db.writing(ledger, ANALYST) as session:
        commitment(session, DUE).title_zh = words
    assert titles(subscribed(reader, f"/commitments/{DUE}")) == [f"到期：{words}（{DUE}）"]
    whole = reader.get(f"/commitments/{DUE}?format=ics").data.replace(b"\r\n ", b"")
    assert b"\r\nNAME:" + vText(f"{DUE} {words}：日子").to_ical() + b"\r\n" in whole


def test_what_a_calendar_cannot_hold_is_marked() -> None:
    assert calendars.clean("\x07铃\r\n换行\r尾\x7f") == "\ufffd铃\n换行\ufffd尾\ufffd"


def test_of_too_many_days_the_nearest_are_listed(
    reader: FlaskClient, ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing(ledger, ANALYST) as session:
        commitment(session, EVENT).next_check = date.today()  # noqa: DTZ011 - the day of the reader
    monkeypatch.setattr(calendars, "MOST", 3)
    found = subscribed(reader, "/cities/chenzhou")
    assert len(events(found)) == 3
    assert len(events(found, "下次查看")) == 1
    assert "只列离今天最近的" in found["X-WR-CALDESC"]
