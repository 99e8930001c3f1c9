"""The page of a commitment at the desk: what happened in one line of time, who changed what, and taking it back."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from following import PAGE, commitment, follow_through, record
from test_desk import CODE, FOUND, RECORD, coding, queries_of, the
from tracker import audit, db
from tracker.codebook import EvidenceReports, Execution, PublicationState
from tracker.comments import remark
from tracker.findings import Search, Source
from tracker.models import AuditEvent, Commitment, Jurisdiction, StatedFigure
from visiting import Somebody, send

#: A commitment that states a figure, of which a value was found.
FOLLOWED = "CZ-2020-21.4"


def page_of(client: FlaskClient, code: str = CODE, **asked: str) -> str:
    """The page of a commitment."""
    return client.get("/desk/commitment/details/", query_string={"code": code, **asked}).text


def event(ledger: Engine, table: str = "commitment") -> AuditEvent:
    """The latest event of a table."""
    with db.reading(ledger) as session:
        rows = select(AuditEvent).where(AuditEvent.table_name == table).order_by(AuditEvent.id.desc())
        return session.scalars(rows.limit(1)).one()


@pytest.fixture
def followed(ledger: Engine) -> None:
    """A commitment with everything that can happen to one."""
    with db.writing(ledger, actor="测试") as session:
        start = Source(PAGE, reports=EvidenceReports.START, title="开工", published_on=date(2020, 9, 1))
        search = Search("郴州市人民政府网站", "开工", date(2021, 1, 20))
        made = record(session, FOLLOWED, Execution.IN_PROGRESS, evidence=(start,), searches=(search,))
        follow_through(session, made)


@pytest.mark.usefixtures("followed")
def test_one_line_of_time_tells_everything_the_newest_first(analyst: FlaskClient) -> None:
    page = page_of(analyst, FOLLOWED)
    timeline = page[page.index('<ol class="timeline"') : page.index("</ol>", page.index('<ol class="timeline"'))]
    days = re.findall(r'<div class="day"><time datetime="([^"]+)"', timeline)
    assert days == sorted(days, reverse=True)
    kinds = re.findall(r'class="(?:kind">([^<]+)|judgement)', timeline)
    assert kinds == ["复核", "节点达到", "节点计划", "检索", "期限调整", "", "依据发布"]


@pytest.mark.usefixtures("followed")
def test_a_value_that_was_found_is_told_on_its_day_beside_what_was_stated(analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        stated = select(Commitment.code).join(Commitment.figures).where(StatedFigure.value == 41)
        code = session.scalars(stated).one()
    page = page_of(analyst, code)
    assert re.search(r'2021-06-30</time></div>\s*<div class="thing">\s*<span class="kind">实测值', page)
    assert "-3" in page


@pytest.mark.usefixtures("followed")
def test_what_was_not_yet_true_or_written_is_not_in_the_line(analyst: FlaskClient) -> None:
    earlier = page_of(analyst, FOLLOWED, as_of="2021-01-01")
    assert "依据发布" in earlier
    for later in ("节点达到", "期限调整", "2021-01-20"):
        assert later not in earlier


@pytest.mark.usefixtures("followed")
def test_a_page_costs_the_same_queries_whatever_its_history(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        remark(session, commitment(session, FOLLOWED), "@某分析员 请看", author=audit.signer(session, "测试"))
    address = f"/desk/commitment/details/?code={FOLLOWED}"
    before = queries_of(analyst, address)
    with db.writing(ledger, actor="测试") as session:
        for day in range(1, 9):
            record(session, FOLLOWED, Execution.IN_PROGRESS, effective_on=date(2020, 8, day))
    assert queries_of(analyst, address) == before <= 25


def test_an_edit_is_taken_back_from_the_page_after_it_says_what_will_change(
    analyst: FlaskClient, ledger: Engine
) -> None:
    row = the(ledger)
    send(analyst, f"/desk/commitment/edit/?id={row.id}", coding(row, title_zh="改名"))
    address = f"/desk/auditevent/take-back/?id={event(ledger).id}"
    assert address in page_of(analyst)
    opened = analyst.get(address).text
    assert f"<del>改名</del> → <ins>{row.title_zh}</ins>" in opened
    assert the(ledger).title_zh == "改名"
    answer = send(analyst, address, {}, opened)
    assert (answer.status_code, the(ledger).title_zh) == (302, row.title_zh)
    assert event(ledger).actor == "某分析员"
    assert page_of(analyst).count("撤回这次修改") == 1


def test_C2_what_was_changed_since_is_said_by_name_and_stays(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        commitment(session, CODE).title_zh = "第一次"
    first = event(ledger)
    opened = analyst.get(f"/desk/auditevent/take-back/?id={first.id}").text
    with db.writing(ledger, actor="李雷") as session:
        commitment(session, CODE).title_zh = "第二次"
    answer = send(analyst, f"/desk/auditevent/take-back/?id={first.id}", {}, opened)
    assert answer.status_code == 409
    assert re.search(r"<strong>中文标题</strong>：李雷 于 .* 又改过", answer.text)
    assert the(ledger).title_zh == "第二次"


def test_what_is_written_once_is_not_taken_back_and_the_page_says_what_to_do(
    analyst: FlaskClient, ledger: Engine
) -> None:
    send(analyst, RECORD, FOUND)
    address = f"/desk/auditevent/take-back/?id={event(ledger, 'status_assessment').id}"
    page = analyst.get(address).text
    assert "另记一条更正它的评估" in page
    assert "将会这样改" not in page


def test_what_the_database_refuses_is_said_and_nothing_is_taken_back(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        city = session.scalars(select(Jurisdiction).where(Jurisdiction.code == "431000")).one()
        city.slug = "moved"
    with db.writing(ledger, actor="王芳") as session:
        other = session.scalars(select(Jurisdiction).where(Jurisdiction.code == "421000")).one()
        moved, other.slug = event(ledger, "jurisdiction"), "chenzhou"
    answer = send(analyst, f"/desk/auditevent/take-back/?id={moved.id}", {})
    assert answer.status_code == 409
    assert "已有一行用了相同的" in answer.text


def test_a_withdrawn_commitment_is_brought_back_from_its_page(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        row = commitment(session, CODE)
        row.publication_state = PublicationState.WITHDRAWN
        address = f"/desk/auditevent/bring-back/?id={row.id}"
    assert address in page_of(analyst)
    assert send(analyst, address, {}).status_code == 302
    assert the(ledger).publication_state is PublicationState.PUBLISHED
    assert address not in page_of(analyst)
    assert "没有撤下" in analyst.get(address).text


def test_C2_who_saves_second_is_told_whose_change_it_was_and_chooses_field_by_field(
    analyst: FlaskClient, ledger: Engine
) -> None:
    row = the(ledger)
    address = f"/desk/commitment/edit/?id={row.id}"
    opened = analyst.get(address).text
    with db.writing(ledger, actor="王芳") as session:
        other = commitment(session, CODE)
        other.title_zh, other.title_en, other.tense_words = "她的标题", "Her title", "她的词句"
    mine = coding(row, title_zh="我的标题", title_en="My title")
    stale = send(analyst, address, mine, opened)
    assert stale.status_code == 409
    assert "王芳" in stale.text
    # What only she changed is hers unless I say otherwise; what both changed is mine.
    assert re.findall(r'name="take-(\w+)" value="(\w+)" checked', stale.text) == [
        ("title_zh", "mine"), ("title_en", "mine"), ("tense_words", "theirs"),
    ]  # fmt: skip
    choice = {"take-title_zh": "mine", "take-title_en": "theirs", "take-tense_words": "theirs"}
    assert send(analyst, address, {**mine, **choice}, stale.text).status_code == 302
    now = the(ledger)
    assert (now.title_zh, now.title_en, now.tense_words) == ("我的标题", "Her title", "她的词句")


def test_to_type_what_stood_there_long_ago_is_a_change_of_mine(analyst: FlaskClient, ledger: Engine) -> None:
    row = the(ledger)
    with db.writing(ledger, actor="李雷") as session:
        commitment(session, CODE).title_zh = "中间的标题"
    address = f"/desk/commitment/edit/?id={row.id}"
    opened = analyst.get(address).text
    with db.writing(ledger, actor="王芳") as session:
        commitment(session, CODE).title_en = "Her title"
    stale = send(analyst, address, coding(row), opened)
    assert re.findall(r'name="take-(\w+)" value="(\w+)" checked', stale.text) == [
        ("title_zh", "mine"), ("title_en", "theirs"),
    ]  # fmt: skip
    assert "别人没有动这一项" in stale.text
    assert "李雷" not in stale.text


def test_in_a_long_text_the_words_that_differ_are_marked_and_harmless(analyst: FlaskClient, ledger: Engine) -> None:
    row = the(ledger)
    address = f"/desk/commitment/edit/?id={row.id}"
    opened = analyst.get(address).text
    with db.writing(ledger, actor="王芳") as session:
        commitment(session, CODE).completion_zh = (
            row.completion_zh + "，另有<b>验收报告</b>，并在市人民政府网站上公布结果"
        )
    stale = send(analyst, address, coding(row, title_zh="我的"), opened)
    assert "<mark>，另有&lt;b&gt;验收报告" in stale.text


def test_C2_a_follow_up_that_comes_second_shows_whose_came_first_and_keeps_what_was_typed(
    analyst: FlaskClient, somebody: Somebody
) -> None:
    opened = analyst.get(RECORD).text
    send(somebody("reviewer"), RECORD, {**FOUND, "summary": "已完成桩基"})
    answer = send(analyst, RECORD, {**FOUND, "summary": "尚在平整土地"}, opened)
    assert answer.status_code == 409
    newer = answer.text[answer.text.index('class="newer"') : answer.text.index('class="sheet"')]
    assert "已完成桩基" in newer
    assert "某复核员" in newer
    assert "尚在平整土地" in answer.text
