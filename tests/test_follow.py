"""Following up at the desk beside the assessment itself, and what readers then see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from following import ANALYST, PAGE, follow_through, record
from tracker import db
from tracker.app import create_app
from tracker.codebook import EvidenceRelation, Execution
from tracker.findings import Source
from tracker.models import ArchivedCopy, Evidence, Review, StatedFigure, StatusAssessment
from visiting import Somebody, hidden, send

CODE, CLAIM = "CZ-2020-21.4", "JZ-2020-21.2"


def details(client: FlaskClient, code: str, **asked: str) -> str:
    return client.get("/desk/commitment/details/", query_string={"code": code, **asked}).text


@pytest.fixture
def judged(ledger: Engine) -> int:
    """The number of an assessment that somebody else made."""
    with db.writing(ledger, actor=ANALYST) as session:
        return record(session, CODE, Execution.IN_PROGRESS).id


@pytest.fixture
def figure(ledger: Engine) -> int:
    """The number of the figure of 41 enterprises."""
    with db.reading(ledger) as session:
        return session.scalars(select(StatedFigure.id).where(StatedFigure.value == 41)).one()


def test_a_reviewer_approves_and_the_page_says_so(somebody: Somebody, judged: int) -> None:
    reviewer = somebody("reviewer")
    assert "待复核" in details(reviewer, CODE)
    answer = send(reviewer, f"/desk/follow/review/?id={judged}", {"verdict": "approve"})
    assert answer.location == f"/desk/commitment/details/?code={CODE}"
    page = details(reviewer, CODE)
    assert "已复核" in page
    assert "某复核员" in page
    assert "已复核" in reviewer.get(f"/commitments/{CODE}").text


def test_a_review_begins_at_the_open_row_of_the_list_and_leads_back_there(
    somebody: Somebody, analyst: FlaskClient, judged: int
) -> None:
    row = f"/desk/commitment/?review=awaiting&open={CODE}"
    address = f"/desk/follow/review/?id={judged}&back=review%3Dawaiting"
    assert "/desk/follow/review/" not in analyst.get(row).text
    reviewer = somebody("reviewer")
    assert address in unescape(reviewer.get(row).text)
    answer = send(reviewer, address, {"verdict": "approve"})
    assert answer.location == f"{row}#row-{CODE}"
    assert f"{CODE}</a> 不在这一页上" in reviewer.get(answer.location).text
    elsewhere = f"/desk/follow/review/?id={judged}&back=https://example.org/"
    assert reviewer.get(elsewhere).status_code == 400


def test_a_return_without_a_reason_stays_on_the_form_with_the_rule_beside_its_field(
    somebody: Somebody, judged: int, ledger: Engine
) -> None:
    answer = send(somebody("reviewer"), f"/desk/follow/review/?id={judged}", {"verdict": "return"})
    assert answer.status_code == 422
    assert "退回须写明理由" in answer.text
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_nobody_is_offered_to_review_what_they_wrote_and_an_analyst_may_not(
    somebody: Somebody, analyst: FlaskClient, judged: int
) -> None:
    assert analyst.get(f"/desk/follow/review/?id={judged}").status_code == 403
    reviewer = somebody("reviewer")
    found = {"execution": "planned", "effective_on": "2021-01-05", "reviewed_up_to": "2021-01-31", "summary": "列入计划",
             "evidence-0-url": PAGE, "evidence-0-reports": "announcement"}  # fmt: skip
    send(reviewer, f"/desk/commitment/record/?code={CODE}", found)
    page = details(reviewer, CODE)
    assert f"/desk/follow/review/?id={judged}" in page
    assert f"/desk/follow/review/?id={judged + 1}" not in page
    own = send(reviewer, f"/desk/follow/review/?id={judged + 1}", {"verdict": "approve"})
    assert "须由另一人复核" in own.text


def test_thirty_eight_of_forty_one_are_recorded_at_the_desk_and_read_on_the_page(
    analyst: FlaskClient, figure: int
) -> None:
    address = f"/desk/follow/measure/?id={figure}"
    found = {"value": "38", "as_of": "2021-06-30", "url": PAGE, "reports": "statistics", "note": "三家未查到"}
    assert send(analyst, address, found).status_code == 302
    assert "-3" in details(analyst, CLAIM)
    reader = analyst.get(f"/commitments/{CLAIM}").text
    assert "38" in reader.split("用什么衡量")[1]
    assert "-3" in reader.split("用什么衡量")[1]


def test_a_deadline_and_a_milestone_are_recorded_at_the_desk(analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        number = session.scalars(select(StatusAssessment.commitment_id)).first() or 1
    moved = {
        "until": "2021-06-30",
        "text": "明年六月底前",
        "announced_on": "2020-12-20",
        "kind": "completion",
        "url": PAGE,
    }
    assert send(analyst, f"/desk/follow/deadline/?id={number}", moved).status_code == 302
    step = {"title_zh": "封顶", "planned_on": "2021-03-01", "url": PAGE}
    assert send(analyst, f"/desk/follow/milestone/?id={number}", step).status_code == 302
    announced = {"reached_on": "2021-03-11", "url": PAGE, "reports": "announcement"}
    assert "仅有宣布" in send(analyst, "/desk/follow/reach/?id=1", announced).text
    assert send(analyst, "/desk/follow/reach/?id=1", {**announced, "reports": "delivery"}).status_code == 302
    page = analyst.get(f"/desk/commitment/details/?id={number}").text
    assert "明年六月底前" in page
    assert "+10 天" in page


@pytest.mark.parametrize(
    "address", ["measure/?id=9999", "deadline/?id=x", "review/", "reach/?id=1", "", "archive/?id=7"]
)
def test_an_act_on_nothing_is_refused_in_plain_words(somebody: Somebody, address: str) -> None:
    answer = somebody("reviewer").get(f"/desk/follow/{address}")
    assert answer.status_code in {400, 403, 404}
    assert "Traceback" not in answer.text


def test_a_kept_copy_is_saved_and_never_shown_in_the_browser(analyst: FlaskClient, judged: int, ledger: Engine) -> None:
    assert judged
    with db.reading(ledger) as session:
        number = session.scalars(select(Evidence.id)).one()
    address = f"/desk/follow/archive/?id={number}"
    page = analyst.get(address).text
    sent = {
        "csrf_token": hidden(page, "csrf_token"),
        "retrieved_on": "2021-02-01",
        "file": FileStorage(BytesIO(b"<script>alert(1)</script>" * 10_000), "page.html"),
    }
    boundary, body = encode_multipart(sent)
    sent_as = f'multipart/form-data; boundary="{boundary}"'
    assert analyst.post(address, data=body, content_type=sent_as).status_code == 302
    assert "text/html" in analyst.get(f"/desk/evidence/details/?id={number}").text
    with db.reading(ledger) as session:
        copy = session.scalars(select(ArchivedCopy)).one()
    answer = analyst.get(f"/desk/evidence/copy/?id={copy.id}")
    assert answer.data == copy.content
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{copy.sha256}.html"'
    assert answer.content_type == "application/octet-stream"


def test_the_desk_looks_back_on_both_axes(analyst: FlaskClient, judged: int) -> None:
    assert judged
    assert "推进中" in details(analyst, CODE, as_of="2020-12-31")
    for asked in ({"as_of": "2020-12-30"}, {"recorded_by": "2020-12-31"}):
        assert "还没有人查看过" in details(analyst, CODE, **asked)
        listed = analyst.get("/desk/commitment/", query_string={"search": CODE, **asked}).text
        assert "未核查" in listed.split("<tbody>")[1]
    assert analyst.get("/desk/commitment/?as_of=yesterday").status_code == 400


@pytest.fixture
def strict(opened: Callable[..., Flask], ledger_url: str) -> Flask:
    """The application where readers see approved work only."""
    return opened(ledger_url, readers_see="approved")


def test_readers_see_only_approved_work_where_the_house_wants_it_so(strict: Flask, judged: int, ledger: Engine) -> None:
    reader = strict.test_client()

    def article() -> str:
        page = reader.get(f"/commitments/{CODE}?lang=zh").text
        assert "只展示第二人复核通过的评估" in page
        return page.split("<main")[1]

    assert "未核查" in article()
    assert "example.org" not in article()
    with db.writing(ledger, actor=ANALYST) as session:
        follow_through(session, session.get_one(StatusAssessment, judged))
    assert "推进中" in article()


def test_a_setting_that_says_nothing_known_stops_the_start(ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_READERS_SEE", "aproved")
    with pytest.raises(ValueError, match="allowed: all, approved"):
        create_app(ledger_url)


def test_an_unreviewed_judgement_is_provisional_to_readers_with_what_its_sources_show(
    app: Flask, ledger: Engine
) -> None:
    told = Source(
        PAGE, relation=EvidenceRelation.SUPPORTS, shows_zh="53家开工", shows_en="53 firms started",
        caveat_zh="没有2020年6月的数", caveat_en="no figure for June 2020",
    )  # fmt: skip
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS, evidence=(told,), summary_en="53 firms have started",
               effective_on=date(2020, 12, 31))  # fmt: skip
    page = app.test_client().get(f"/commitments/{CODE}?lang=en").text
    for words in ("Provisional", "53 firms have started", "53 firms started", "Does not show", "June 2020"):
        assert words in page
