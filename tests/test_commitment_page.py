"""The page of a commitment: what was said, how it stands, how anyone knows, and what happened since."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, follow_through, obstacle, record, reviewer
from test_pages import Page
from tracker import db, export
from tracker.codebook import EvidenceRelation, EvidenceReports, Execution, PublicationState, Verdict
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.models import StatusAssessment
from tracker.records import FIELDS, records
from tracker.reviews import review

CODE = "CZ-2020-01.1"
HERE = f"/commitments/{CODE}"


@pytest.fixture
def reader(opened: Callable[..., Flask], desk: Session) -> FlaskClient:
    """Somebody who looks at the ledger as seeded."""
    return opened(desk.get_bind().engine.url.render_as_string(hide_password=False)).test_client()


@pytest.fixture
def follower(opened: Callable[..., Flask], ledger: Engine, ledger_url: str) -> FlaskClient:  # noqa: ARG001
    """Somebody who looks at a ledger of the test's own."""
    return opened(ledger_url).test_client()


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(reader: FlaskClient, name: str, asked: str = "", code: str = CODE) -> str:
    """One section of the page, as HTML."""
    page = reader.get(f"/commitments/{code}{asked}").text
    return page.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]


def test_the_page_answers_in_the_order_in_which_readers_ask(reader: FlaskClient) -> None:
    sections = re.findall(r'<section (?:class="\w+" )?aria-labelledby="(\w+)"', reader.get(HERE).text)
    assert sections == ["said", "stands", "known", "measured", "since", "judged", "versions", "cite"]


def test_the_quote_stands_in_its_place_under_its_question(reader: FlaskClient) -> None:
    said = section(reader, "said", code="CZ-2020-01.2")
    assert "<strong>“网上推介”</strong>" in said
    assert "2月21日" in said.split("</mark>")[1].split("</blockquote>")[0]
    assert "郴州市做了哪些新尝试？" in said
    assert "版面缺了提问的第一行" in said
    assert "郴州市市长刘志仁" in text_of(said)
    assert 'href="/documents/chenzhou-2020#CZ-2020-01.2"' in said


def test_what_nobody_has_looked_at_says_so(reader: FlaskClient) -> None:
    assert "还没有人查看过这一条；不是说什么也没有做" in section(reader, "stands")
    assert "按分项逐条跟进" in section(reader, "stands", code="CZ-2020-01")
    assert "Nobody has looked at this one yet" in section(reader, "stands", "?lang=en")


def test_a_judgement_is_provisional_until_a_second_person_approves_it(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        number = record(session, CODE, Execution.IN_PROGRESS).id
    assert "暂定" in section(follower, "stands")
    assert "尚无第二人复核" in section(follower, "judged")
    assert "ClaimReview" not in follower.get(HERE).text
    _approve(ledger, number)
    assert "第二人核过，结论成立" in section(follower, "stands")
    assert "复核员，通过" in text_of(section(follower, "judged"))
    assert "复核：通过" in text_of(section(follower, "since"))
    assert _described(follower.get(HERE).text)["@graph"][1]["@type"] == "ClaimReview"


def test_where_only_approved_work_is_shown_there_is_no_sign_of_the_rest(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        number = record(session, CODE, Execution.IN_PROGRESS, summary="未经复核").id
    reader = opened(ledger_url, readers_see="approved").test_client()
    for asked in ("", "?format=json", "?format=csv"):
        with reader.get(HERE + asked) as answer:
            page = answer.text
        assert "未经复核" not in page
        assert "example.org" not in page
        assert "2021-01-31" not in page
    _approve(ledger, number)
    assert "未经复核" in section(reader, "since")


def test_an_approved_judgement_that_an_unseen_one_corrects_no_longer_stands(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        number = record(session, CODE, Execution.IN_PROGRESS).id
    _approve(ledger, number)
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.COMPLETED, summary="更正的话", corrects=number)
    reader = opened(ledger_url, readers_see="approved").test_client()
    assert "更正的话" not in reader.get(HERE).text
    assert "已被更正。" in text_of(section(reader, "versions"))
    assert "未核查" in section(reader, "stands")


def test_a_correction_and_what_it_corrects_are_both_shown(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        wrong = record(session, CODE, Execution.COMPLETED, summary="说早了").id
        right = record(session, CODE, Execution.IN_PROGRESS, summary="还在做", corrects=wrong).id
    versions, since = section(follower, "versions"), section(follower, "since")
    assert '<del lang="zh">说早了</del>' in versions
    assert f'href="#a{right}"' in versions
    assert "还在做" in since
    assert "说早了" not in since
    assert f'href="#a{wrong}"' in since


def test_what_was_returned_does_not_stand_and_says_why(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        judged = record(session, CODE, Execution.COMPLETED, summary="说早了")
        review(session, judged, Verdict.RETURN, note="只有宣布", reviewer=reviewer(session))
    assert "未核查" in section(follower, "stands")
    assert "退回：复核员" in text_of(section(follower, "versions"))
    assert "只有宣布" in section(follower, "versions")


def test_the_most_telling_evidence_comes_first_and_says_what_it_does_not_show(
    follower: FlaskClient, ledger: Engine
) -> None:
    told = [
        ("announced", EvidenceReports.ANNOUNCEMENT, EvidenceRelation.SUPPORTS),
        ("context", EvidenceReports.DELIVERY, EvidenceRelation.CONTEXT),
        ("idle", EvidenceReports.STATISTICS, EvidenceRelation.CONTRADICTS),
        ("built", EvidenceReports.DELIVERY, EvidenceRelation.SUPPORTS),
        ("begun", EvidenceReports.START, EvidenceRelation.SUPPORTS),
    ]
    sources = tuple(
        Source(f"https://example.org/{name}", reports=reports, relation=relation) for name, reports, relation in told
    )
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS, evidence=sources)
    known = section(follower, "known")
    shown = re.findall(r'<p class="source"><a href="https://example.org/(\w+)"', known)
    assert shown == ["built", "idle", "begun", "announced", "context"]
    assert "来源说法不一" in known


def test_a_search_that_found_nothing_is_shown_as_the_ground(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.NO_EVIDENCE_FOUND)
    known = text_of(section(follower, "known"))
    assert "郴州市人民政府网站 ： 有色产业园" in known
    assert "没有找到不等于没有做" in known


def test_the_page_tells_what_happened_since_in_the_order_of_days(
    follower: FlaskClient, ledger: Engine, recorded: StatusAssessment
) -> None:
    with db.writing(ledger, ANALYST) as session:
        judged = session.get(StatusAssessment, recorded.id)
        assert judged
        follow_through(session, judged)
        record(session, "CZ-2020-01", Execution.IN_PROGRESS, effective_on=date(2021, 1, 31))
    since = section(follower, "since", code="CZ-2020-01")
    days = re.findall(r'<li class="(\w+)"[^>]*><time datetime="([\d-]+)"', since)
    assert [sort for sort, _ in days] == ["judged", "moved", "judged", "planned", "reached", "reviewed"]
    assert [day for _, day in days] == sorted(day for _, day in days)
    assert "封顶，晚 10 天" in text_of(since)
    assert "2021年底前" in since


def test_stated_and_found_stand_side_by_side(follower: FlaskClient, ledger: Engine, recorded: StatusAssessment) -> None:
    with db.writing(ledger, ANALYST) as session:
        judged = session.get(StatusAssessment, recorded.id)
        assert judged
        follow_through(session, judged)
        code = next(row["code"] for row in records(session, CommitmentFilter())
                    if any(figure["found"] for figure in row["figures"]))  # fmt: skip
    measured = text_of(section(follower, "measured", code=code))
    assert " 41 " in measured
    assert " 38 2021-06-30 " in measured
    assert " -3" in measured
    assert "38" not in text_of(section(follower, "measured", "?as_of=2021-06-29", code=code))


def test_the_page_looks_back_on_both_axes(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS)
    assert "推进中" in section(follower, "stands", "?as_of=2020-12-31")
    for asked in ("?as_of=2020-12-30", "?recorded_by=2021-01-31"):
        page = follower.get(HERE + asked).text
        assert "status-in_progress" not in page
        assert PAGE not in page
        assert "看现在" in page
    assert follower.get(HERE + "?as_of=gestern").status_code == 400


def test_the_page_as_json_is_the_record_with_its_history(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS)
    with db.reading(ledger) as session:
        published = json.loads(export.as_json(next(records(session, CommitmentFilter(code=CODE)))))
    with follower.get(HERE, headers={"Accept": "application/json"}) as answer:
        (row,) = json.loads(answer.text)["rows"]
    assert {name: row[name] for name in FIELDS} == published
    (judged,) = row["history"]
    assert (judged["execution"], judged["verdict"], judged["analyst"]) == ("in_progress", None, ANALYST)
    assert [source["url"] for source in judged["evidence"]] == [PAGE]
    with follower.get(f"{HERE}?format=csv") as file:
        assert file.text.startswith("\ufeffcode,city,")
    assert follower.get(f"{HERE}?format=xml").status_code == 400


def test_nothing_that_people_typed_runs(follower: FlaskClient, ledger: Engine) -> None:
    bad = "</script><script>alert(1)</script>"
    source = Source(PAGE, title=bad, publisher=bad, excerpt=bad, reports=EvidenceReports.DELIVERY)
    with db.writing(ledger, ANALYST) as session:
        judged = record(session, CODE, Execution.IN_PROGRESS, summary=bad, progress=bad, evidence=(source,))
        review(session, judged, Verdict.APPROVE, note=bad, reviewer=reviewer(session))
        commitment(session, CODE).title_zh = bad
        obstacle(session, CODE, title=bad)
    for address in (HERE, "/documents/chenzhou-2020", f"{HERE}?lang=en"):
        page = follower.get(address).text
        assert "<script>alert" not in page
        assert "alert(1)" in page


def test_a_code_that_is_not_there_says_so_and_a_withdrawn_one_that_it_was(
    follower: FlaskClient, ledger: Engine
) -> None:
    with db.writing(ledger, ANALYST) as session:
        commitment(session, CODE).publication_state = PublicationState.WITHDRAWN
        commitment(session, "CZ-2020-01.2").publication_state = PublicationState.DRAFT
    for code, status in ((CODE, 410), ("CZ-2020-01.2", 404), ("CZ-2020-99", 404), ("<x>", 404)):
        for form in ("html", "json", "csv"):
            assert follower.get(f"/commitments/{code}?format={form}").status_code == status
    neighbour = follower.get("/commitments/CZ-2020-01").text
    assert CODE not in neighbour
    assert 'rel="next" href="/commitments/CZ-2020-01.3"' in neighbour


def test_a_page_takes_the_same_few_questions_whatever_happened(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        for day in range(1, 9):
            record(session, CODE, Execution.IN_PROGRESS, effective_on=date(2020, 8, day))
    asked: list[str] = []
    event.listen(
        follower.application.extensions["engine"], "before_cursor_execute", lambda *what: asked.append(what[2])
    )
    for _ in range(8):
        follower.get(HERE)
    assert len(asked) / 8 <= 20


def test_a_citation_leads_back_to_what_was_read(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS)
    cited = section(follower, "cite", "?as_of=2020-12-30")
    assert "编码手册" in cited
    assert "所示为 2020-12-30 的情况" in cited
    address = re.search(r'href="http://localhost([^"]+)"', cited)
    assert address
    assert "as_of=2020-12-30&amp;recorded_by=" in address[1]
    assert "未核查" in text_of(follower.get(unescape(address[1])).text.split('id="stands"')[1].split("</section>")[0])


def test_machines_are_told_whose_words_these_are(reader: FlaskClient) -> None:
    said = _described(reader.get(HERE).text)
    assert (said["@type"], said["identifier"]) == ("Quotation", CODE)
    assert said["creator"]["name"] == "刘志仁"
    assert said["isPartOf"]["@type"] == "NewsArticle"
    assert _described(reader.get("/documents/chenzhou-2020").text)["publisher"]["name"] == "中国企业报"


def _described(page: str) -> Any:
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert data
    return json.loads(data[1])


def _approve(ledger: Engine, number: int) -> None:
    with db.writing(ledger, ANALYST) as session:
        judged = session.get(StatusAssessment, number)
        assert judged
        review(session, judged, Verdict.APPROVE, reviewer=reviewer(session))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", [HERE, "/commitments/JZ-2020-10", "/documents/jingzhou-2020", "/documents/x"])
def test_a_page_is_whole_in_either_language(reader: FlaskClient, address: str, language: str) -> None:
    page = Page(reader.get(f"{address}?lang={language}").text)
    assert not page.open
    assert page.count("h1") == page.count("main") == 1
    ids = page.every("id")
    assert len(ids) == len(set(ids))
    assert set(page.every("aria-labelledby")) | set(page.every("for")) <= set(ids)
    assert not [name for _, attrs in page.elements for name in attrs if name == "style" or name.startswith("on")]
    assert language == "zh" or not re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", page.unmarked)
