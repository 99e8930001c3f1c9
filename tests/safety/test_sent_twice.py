"""A form that is sent ten times makes one row, and whoever sent it sees that row."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from following import ANALYST, follow_through, obstacle, record
from tracker import db, sent_forms
from tracker.codebook import Execution
from tracker.models import (
    ArchivedCopy,
    Base,
    Comment,
    DeadlineRevision,
    Measurement,
    Milestone,
    MilestoneReached,
    Obstacle,
    ObstacleClosing,
    PolicyDocument,
    Review,
    SentForm,
    StatusAssessment,
)
from visiting import count, hidden, signed_in

_KEPT = ("csrf_token", "row_version", "latest", "form_key")
_CITED = {"url": "https://example.org/2", "reports": "delivery"}
_FOUND = {
    "effective_on": "2020-12-31",
    "reviewed_up_to": "2021-01-31",
    "summary": "一个项目已动工",
    "execution": "in_progress",
}
_RECORDED = {**_FOUND, "evidence-0-url": "https://example.org/2", "evidence-0-reports": "delivery"}

#: What makes a row at the desk: the page with its form, where it is sent (if elsewhere), what is filled in, who may.
FORMS: dict[type[Base], tuple[str, str, dict[str, str], str]] = {
    StatusAssessment: ("/desk/commitment/record/?code=CZ-2020-02.1", "", _RECORDED, "analyst"),
    Comment: ("/desk/comments/of/?code=CZ-2020-01", "/desk/comments/add?code=CZ-2020-01", {"text": "请核对"}, "analyst"),
    Review: ("/desk/follow/review/?id=1", "", {"verdict": "approve", "note": ""}, "reviewer"),
    Measurement: ("/desk/follow/measure/?id={figure}", "", {**_CITED, "value": "39", "as_of": "2021-06-30"}, "analyst"),
    DeadlineRevision: ("/desk/follow/deadline/?id=3", "", {**_CITED, "until": "2022-12-31", "text": "2022年", "announced_on": "2021-02-01", "kind": "completion"}, "analyst"),
    Milestone: ("/desk/follow/milestone/?id=3", "", {**_CITED, "title_zh": "开工", "planned_on": "2021-03-01"}, "analyst"),
    MilestoneReached: ("/desk/follow/reach/?id=1", "", {**_CITED, "reached_on": "2021-03-12"}, "analyst"),
    ObstacleClosing: ("/desk/obstacle/close/?id=1", "", {"evidence-url": "https://example.org/2", "evidence-reports": "delivery", "closed_on": "2021-01-05", "note": "已办结"}, "admin"),
    Obstacle: ("/desk/obstacle/new/", "", {"jurisdiction": "{city}", "title": "用工难", "category": "{category}", "raised_on": "2020-03-01"}, "analyst"),
    PolicyDocument: ("/desk/policydocument/new/", "", {"jurisdiction": "{city}", "title": "惠企十条"}, "analyst"),
}  # fmt: skip


@pytest.fixture
def followed(app: Flask, ledger: Engine) -> Flask:
    with db.writing(ledger, actor=ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01.1", Execution.IN_PROGRESS))
    return app


def opened(client: FlaskClient, page: str, said: dict[str, str]) -> dict[str, str]:
    """A form as its page shows it, filled in; choices by what the page offers first."""
    shown = client.get(page).text
    offers = {
        "{city}": re.search(r'name="jurisdiction".*?<option[^>]*value="(\d+)"', shown, re.DOTALL),
        "{category}": re.search(r'name="category".*?<option[^>]*value="(\d+)"', shown, re.DOTALL),
    }
    chosen = {name: offers[value][1] if offers.get(value) else value for name, value in said.items()}  # type: ignore[index]
    assert hidden(shown, "form_key"), page
    return {**{name: hidden(shown, name) for name in _KEPT}, **chosen}


def address(ledger: Engine, page: str) -> str:
    """A page with the number of the first measured figure in it."""
    if "{figure}" not in page:
        return page
    with db.reading(ledger) as session:
        return page.format(figure=session.query(Measurement.figure_id).limit(1).scalar())


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.__name__)
def test_C7_a_form_sent_twice_makes_one_row_and_leads_to_it(
    ledger: Engine, somebody: Callable[[str], FlaskClient], made: type[Base]
) -> None:
    page, to, said, role = FORMS[made]
    page, client, before = address(ledger, page), somebody(role), count(ledger, made)
    form = opened(client, page, said)
    first = client.post(to or page, data=form)
    assert first.status_code == 302, re.findall(r'class="error".*', first.text)
    again = client.post(to or page, data=form, follow_redirects=True)

    assert count(ledger, made) == before + 1
    assert (again.status_code, "没有重复记录" in again.text) == (200, True)
    assert again.request.path != page.partition("?")[0]


@pytest.mark.parametrize("made", [StatusAssessment, Comment, Obstacle], ids=lambda made: made.__name__)
def test_C7_a_form_sent_ten_times_at_once_makes_one_row(followed: Flask, ledger: Engine, made: type[Base]) -> None:
    page, to, said, _ = FORMS[made]
    form, before = opened(signed_in(followed, "某分析员"), page, said), count(ledger, made)
    clients = [signed_in(followed, "某分析员") for _ in range(10)]
    kept = re.escape(form["csrf_token"])
    assert kept
    followed.config["WTF_CSRF_ENABLED"] = False
    try:
        with ThreadPoolExecutor(10) as many:
            answers = list(many.map(lambda client: client.post(to or page, data=form).status_code, clients))
    finally:
        followed.config["WTF_CSRF_ENABLED"] = True

    assert answers == [302] * 10
    assert count(ledger, made) == before + 1


@pytest.mark.usefixtures("followed")
def test_C7_a_file_sent_twice_is_kept_once(ledger: Engine, analyst: FlaskClient) -> None:
    before, page = count(ledger, ArchivedCopy), "/desk/follow/archive/?id=1"
    form = opened(analyst, page, {"retrieved_on": "2021-02-01"})
    for _ in range(2):
        sent = analyst.post(page, data={**form, "file": (BytesIO("已动工，又一页".encode()), "a.txt")})
        assert sent.status_code == 302
    assert count(ledger, ArchivedCopy) == before + 1


def test_C7_a_batch_sent_twice_is_written_once(ledger: Engine, analyst: FlaskClient) -> None:
    rows = "编号\t执行状态\t状态生效日\t核查结论\t依据网址\t报道内容\n" + "\n".join(
        f"{code}\t推进中\t2020-12-31\t已动工\thttps://example.org/2\t交付" for code in ("CZ-2020-02.1", "CZ-2020-02.2")
    )
    page, before = "/desk/bulk/sheet/", count(ledger, StatusAssessment)
    shown = analyst.post(page, data={**opened(analyst, page, {"text": rows}), "do": "preview"}).text
    names = (*_KEPT, "previewed")
    form = {**{name: unescape(hidden(shown, name)) for name in names}, "text": rows, "do": "write"}
    assert [analyst.post(page, data=form).status_code for _ in range(2)] == [302, 302]
    assert count(ledger, StatusAssessment) == before + 2


@pytest.mark.usefixtures("followed")
def test_C7_who_goes_back_and_writes_something_else_is_heard(ledger: Engine, analyst: FlaskClient) -> None:
    page, to, said, _ = FORMS[Comment]
    form, before = opened(analyst, page, said), count(ledger, Comment)
    for text in ("请核对", "请再核对", "请核对"):
        assert analyst.post(to, data={**form, "text": text}).status_code == 302
    assert count(ledger, Comment) == before + 2


@pytest.mark.usefixtures("followed")
def test_C7_a_form_that_was_refused_can_be_sent_again(ledger: Engine, analyst: FlaskClient) -> None:
    page, _, said, _ = FORMS[Milestone]
    form, before = opened(analyst, page, said), count(ledger, Milestone)
    assert [analyst.post(page, data={**form, "title_zh": ""}).status_code for _ in range(2)] == [422, 422]
    assert count(ledger, SentForm) == 0
    assert analyst.post(page, data=form).status_code == 302
    assert count(ledger, Milestone) == before + 1


def test_C7_the_database_refuses_the_same_form_twice(engine: Engine) -> None:
    row = {"mark": "a" * 64, "at": datetime.now(UTC), "table_name": "comment", "row_key": "1"}
    with engine.begin() as connection:
        connection.execute(insert(SentForm), [row])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(SentForm), [row])


def test_C7_a_form_is_forgotten_after_a_month(ledger: Engine) -> None:
    old = {"mark": "a" * 64, "at": datetime.now(UTC) - timedelta(days=31), "table_name": "comment", "row_key": "1"}
    with ledger.begin() as connection:
        connection.execute(insert(SentForm), [old])
    with db.writing(ledger, actor=ANALYST) as session:
        assert sent_forms.begin(session, "b" * 64) is None
        obstacle(session)
    with db.reading(ledger) as session:
        assert [row.mark[0] for row in session.query(SentForm)] == ["b"]
