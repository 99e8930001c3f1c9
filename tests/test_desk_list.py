"""The desk's list of commitments: what it can be asked, what a row opens to, and recording without leaving it."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from following import PAGE, commitment, record
from tracker import db
from tracker.codebook import EvidenceReports, Execution, OrganisationKind, UnitBasis, UnitRole
from tracker.findings import Source
from tracker.models import CommitmentUnit, Evidence, Organisation, SavedList, StatusAssessment
from visiting import Somebody, count, hidden, send

LIST, CODE = "/desk/commitment/", "CZ-2020-05.3"
FOUND = {
    "execution": "in_progress",
    "effective_on": "2020-12-31",
    "reviewed_up_to": "2021-01-31",
    "summary": "有色产业园已动工",
    "evidence-0-url": "https://example.org/start",
    "evidence-0-reports": "start",
}


def codes(client: FlaskClient, **asked: object) -> list[str]:
    """Codes of the rows that the list answers with."""
    return re.findall(r'data-code="([^"]+)"', page(client, page_size="all", **asked))


def page(client: FlaskClient, **asked: object) -> str:
    answer = client.get(f"{LIST}?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200, answer.text
    return answer.text


def row_of(text: str, code: str = CODE) -> str:
    """A row of the list as it stands on a page."""
    return text.split(f'id="row-{code}"')[1].partition("</tr>")[0]


@pytest.fixture
def followed(ledger: Engine) -> None:
    """Two commitments of 郴州 followed up: one in progress, disputed by nobody; one planned, to be seen to again."""
    with db.writing(ledger, actor="测试") as session:
        record(session, CODE, Execution.IN_PROGRESS)
        record(session, "CZ-2020-01.1", Execution.PLANNED)
        commitment(session, "CZ-2020-01.1").next_check = date(2021, 6, 30)


@pytest.mark.usefixtures("followed")
def test_a_field_takes_several_values(analyst: FlaskClient) -> None:
    assert codes(analyst, status=["in_progress", "planned"]) == ["CZ-2020-01.1", CODE]
    assert codes(analyst, status="planned") == ["CZ-2020-01.1"]
    both = codes(analyst, city=["431000", "421000"])
    assert sorted(both) == sorted(codes(analyst, city="431000") + codes(analyst, city="421000"))


@pytest.mark.usefixtures("followed")
def test_conditions_all_hold_or_any_of_them(analyst: FlaskClient) -> None:
    asked = {"status": "in_progress", "next_check_by": "2021-06-30"}
    assert codes(analyst, **asked) == codes(analyst, **asked, match="all") == []
    assert codes(analyst, **asked, match="any") == ["CZ-2020-01.1", CODE]
    assert codes(analyst, **asked, match="any", city="421000") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"review": "awaiting"},
        {"not_checked_since": "2021-01-31", "status": ["in_progress", "planned"]},
        {"disputed": "0", "review": "awaiting"},
    ],
)
@pytest.mark.usefixtures("followed")
def test_what_became_of_a_commitment_can_be_asked_for(asked: dict[str, str], analyst: FlaskClient) -> None:
    expected = [] if "not_checked_since" in asked else ["CZ-2020-01.1", CODE]
    assert codes(analyst, **asked) == expected


def test_terms_and_units_narrow_the_list(analyst: FlaskClient) -> None:
    assert codes(analyst, unit="guiyang-county") == ["CZ-2020-02.1"]
    text = page(analyst)
    term = re.search(r'name="term" value="([^"]+)"', text)
    assert term is not None
    assert 0 < len(codes(analyst, term=term[1])) < len(codes(analyst))


@pytest.mark.parametrize(
    "asked",
    [
        *(
            f"{name}=x"
            for name in ("city", "term", "unit", "tense", "checkability", "review", "disputed", "match", "cols")
        ),
        "record=2",
        "due_by=2020-02-30",
        "next_check_by=tomorrow",
        "not_checked_since=20200101",
    ],
)
def test_what_is_not_understood_is_answered_with_what_is_allowed(asked: str, analyst: FlaskClient) -> None:
    answer = analyst.get(f"{LIST}?{asked}")
    assert answer.status_code == 400
    assert asked in unescape(answer.text)


@pytest.mark.usefixtures("followed")
def test_a_chosen_condition_is_taken_away_by_its_chip(analyst: FlaskClient) -> None:
    text = page(analyst, status=["in_progress", "planned"], city="431000", page_size="100")
    chips = re.findall(r'<a href="([^"]+)"><span class="unseen">去掉 ', text)
    assert len(chips) == 3
    fewer = unescape(chips[1])
    assert analyst.get(fewer).status_code == 200
    assert "page_size=100" in fewer
    assert fewer.count("status=") == 1
    assert '<span class="unseen">已选 </span>2</span>' in text


def test_an_address_that_a_form_sent_is_made_short(analyst: FlaskClient) -> None:
    answer = analyst.get(f"{LIST}?search=&city=431000&match=all&due_by=&lang=en")
    assert (answer.status_code, answer.location) == (302, f"{LIST}?city=431000&lang=en")


def test_columns_are_chosen_in_the_address_and_kept_by_every_link(analyst: FlaskClient) -> None:
    text = page(analyst, cols=["city", "checked"])
    assert re.findall(r'class="at-(\w+)"', row_of(text)) == ["code", "title", "city", "checked"]
    assert re.findall(r'class="at-(\w+)"', row_of(page(analyst)))[2:] == (
        "kind status timeliness deadline evidence next_check unit".split()  # noqa: SIM905
    )
    links = [unescape(link) for link in re.findall(r'<th scope="col"[^>]*><a href="([^"]+)"', text)]
    assert links
    assert all("cols=city&cols=checked" in link for link in links)


def test_a_row_says_its_latest_evidence_and_its_units(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        for day, publisher in (((2021, 3, 1), "荆州日报"), ((2020, 9, 1), "红网")):
            source = Source(
                f"{PAGE}{publisher}",
                reports=EvidenceReports.DELIVERY,
                publisher=publisher,
                published_on=date(*day),
            )
            record(session, "CZ-2020-02.1", Execution.IN_PROGRESS, evidence=(source,))
    row = row_of(page(analyst, search="桂阳县"), "CZ-2020-02.1")
    for said in ("2021-03-01", "荆州日报", "桂阳县"):
        assert said in row
    assert "红网" not in row


def test_evidence_of_an_assessment_that_was_corrected_is_not_the_latest(analyst: FlaskClient, ledger: Engine) -> None:
    old, new = (
        Source(
            f"{PAGE}{year}", reports=EvidenceReports.DELIVERY, publisher=f"{year}年报", published_on=date(year, 1, 1)
        )
        for year in (2020, 2019)
    )
    with db.writing(ledger, actor="测试") as session:
        wrong = record(session, CODE, Execution.IN_PROGRESS, evidence=(old,))
        record(session, CODE, Execution.IN_PROGRESS, evidence=(new,), corrects=wrong.id)
    row = row_of(page(analyst, search="有色"))
    assert "2019年报" in row
    assert "2020年报" not in row


@pytest.mark.usefixtures("followed")
def test_a_row_opens_in_place_without_a_script(analyst: FlaskClient) -> None:
    closed = page(analyst, status="in_progress")
    link = re.search(r'<a data-open aria-expanded="false" href="([^"]+)"', closed)
    assert link is not None
    text = analyst.get(LIST + unescape(link[1]).partition("#")[0]).text
    assert 'aria-expanded="true"' in text
    opened = text.split(f'id="opened-{CODE}"')[1]
    assert "<strong>有色金属" in opened
    assert f'<a href="{PAGE}"' in opened
    assert "园区已动工" in opened


@pytest.mark.usefixtures("followed")
def test_the_fragment_is_what_the_page_shows(analyst: FlaskClient) -> None:
    whole = page(analyst, status="in_progress", open=CODE)
    part = analyst.get(f"{LIST}row/?status=in_progress&code={CODE}").text
    shown = [re.search(r'<section class="story".*?</section>', text, re.DOTALL) for text in (whole, part)]
    assert [match and match[0] for match in shown] == [shown[0] and shown[0][0]] * 2
    assert part.lstrip().startswith("<tr")
    assert "<html" not in part
    assert analyst.get(f"{LIST}row/?code=CZ-1").status_code == 404
    assert analyst.get(f"{LIST}row/?code={CODE}&colour=red").status_code == 400


def test_a_row_that_left_the_list_is_named(analyst: FlaskClient) -> None:
    assert "不在这一页上" in page(analyst, open=CODE, status="completed")


def form_of(text: str) -> str:
    """The address that the form of the open row is sent to."""
    found = re.search(r'<form class="sheet"[^>]* action="([^"]+)"', text)
    assert found is not None
    return unescape(found[1])


def test_recording_from_the_list_leads_back_to_it_with_the_row_open(analyst: FlaskClient, ledger: Engine) -> None:
    text = page(analyst, city="431000", sort="title", page="1", open=CODE, record="1")
    assert re.search(r'<details class="recording"[^>]* open>', page(analyst, search="有色金属", open=CODE, record="1"))
    text = page(analyst, city="431000", search="有色金属", sort="title", open=CODE)
    answer = send(analyst, form_of(text), FOUND, text)
    assert answer.status_code == 302
    assert answer.location.endswith(f"#row-{CODE}")
    back = analyst.get(answer.location)
    for said in ("已记录", "有色产业园已动工", 'name="city" value="431000" checked', 'aria-sort="ascending"'):
        assert said in back.text
    assert count(ledger, StatusAssessment) == 1


def test_a_refused_follow_up_comes_back_whole_and_still_leads_to_the_list(analyst: FlaskClient) -> None:
    text = page(analyst, search="有色金属", open=CODE)
    refused = send(analyst, form_of(text), {**FOUND, "evidence-0-reports": "announcement"}, text)
    assert refused.status_code == 422
    assert "仅有宣布不算进展" in refused.text
    assert "有色产业园已动工" in refused.text
    assert f'<a href="{LIST}?search={quote("有色金属")}&amp;open={CODE}#row-{CODE}">' in refused.text


def test_the_list_is_the_only_place_that_recording_leads_back_to(analyst: FlaskClient, ledger: Engine) -> None:
    record_page = f"{LIST}record/?code={CODE}&back="
    for elsewhere in ("https://example.org/", "//example.org", "next=https://example.org", "/sign-out", "?x=1"):
        assert analyst.get(record_page + quote(elsewhere)).status_code == 400, elsewhere
    token = hidden(page(analyst), "csrf_token")
    answer = analyst.post(record_page + quote("x=1"), data={"csrf_token": token, **FOUND})
    assert (answer.status_code, count(ledger, StatusAssessment)) == (400, 0)
    assert send(analyst, record_page, FOUND).location == f"{LIST}?open={CODE}#row-{CODE}"


def test_the_row_alone_is_refreshed_after_recording(analyst: FlaskClient, ledger: Engine) -> None:
    address = f"{LIST}row/?status=not_reviewed&cols=status&code={CODE}"
    opened = analyst.get(address).text
    refused = send(analyst, address, {**FOUND, "evidence-0-url": ""}, opened)
    assert refused.status_code == 422
    assert "有色产业园已动工" in refused.text
    assert "<html" not in refused.text
    done = send(analyst, address, FOUND, refused.text)
    assert done.status_code == 200
    assert "status-in_progress" in row_of(done.text)
    assert "已记录" in done.text
    assert f">{FOUND['summary']}</textarea>" not in done.text.replace("\r\n", "")
    again = send(analyst, address, FOUND, opened)
    assert (again.status_code, count(ledger, StatusAssessment)) == (409, 1)
    assert "又有一条新评估" in again.text


def test_nothing_is_recorded_where_the_address_is_not_understood(analyst: FlaskClient, ledger: Engine) -> None:
    token = hidden(page(analyst), "csrf_token")
    answer = analyst.post(f"{LIST}row/?code={CODE}&status=x", data={"csrf_token": token, **FOUND})
    assert (answer.status_code, count(ledger, Evidence)) == (400, 0)


def test_a_reader_opens_rows_and_records_nothing(somebody: Somebody, ledger: Engine) -> None:
    reader = somebody("reader")
    text = page(reader, search="有色金属", open=CODE)
    assert f'id="opened-{CODE}"' in text
    assert "data-record" not in text
    assert 'class="recording"' not in text
    values = {"csrf_token": hidden(text, "csrf_token"), **FOUND}
    assert reader.post(f"{LIST}row/?code={CODE}", data=values).status_code == 403
    assert count(ledger, StatusAssessment) == 0


@pytest.mark.usefixtures("followed")
def test_a_page_of_fifty_rows_is_light(analyst: FlaskClient) -> None:
    keep(analyst, "我的", "city=431000")
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    asked = "city=431000&kind=investment_promotion_measure&kind=second_half_plan&kind=practice_already_run&match=any"
    analyst.get(LIST)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        answer = analyst.get(f"{LIST}?{asked}")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert answer.text.count("data-code=") == 50
    assert len([one for one in said if one.lstrip().startswith(("SELECT", "WITH"))]) <= 5
    assert len(answer.data) <= 120_000


def test_a_page_stays_light_however_many_units_there_are(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        tied = commitment(session, CODE)
        for number in range(101):
            unit = Organisation(
                code=f"unit-{number}",
                kind=OrganisationKind.GOVERNMENT,
                name_zh=f"第{number}局",
                name_en=f"Bureau {number}",
            )
            session.add(unit)
            session.flush()
            session.add(
                CommitmentUnit(
                    commitment_id=tied.id, organisation_id=unit.id, role=UnitRole.SUPPORT, basis=UnitBasis.ASSIGNED
                )
            )
    text = page(analyst, unit="unit-7", search="第7局")
    assert re.findall(r'"checkbox" name="unit" value="([^"]+)"', text) == ["unit-7"]
    assert "太多，不一一列出" in text
    assert f'data-code="{CODE}"' in text


def keep(client: FlaskClient, name: str, question: str, **said: str) -> int:
    """Keep a question under a name; returns the status of the answer."""
    token = hidden(page(client), "csrf_token")
    values = {"csrf_token": token, "name": name, "question": question, **said}
    return client.post("/desk/saved/keep/", data=values).status_code


@pytest.mark.usefixtures("followed")
def test_a_list_is_kept_under_a_name_and_opened_again(analyst: FlaskClient) -> None:
    assert keep(analyst, "在办的", "status=in_progress&page=0&open=CZ-2020-01&sort=title&desc=") == 302
    link = re.search(r'<a href="/desk/commitment/\?([^"]+)">在办的</a>', page(analyst))
    assert link is not None
    assert unescape(link[1]) == "status=in_progress&sort=title"
    assert f'data-code="{CODE}"' in analyst.get(f"{LIST}?{unescape(link[1])}").text
    assert "在办的</a>" in analyst.get("/desk/saved/").text


def test_what_is_no_question_to_the_list_is_not_kept(analyst: FlaskClient, ledger: Engine) -> None:
    for question in ("next=https://example.org", "colour=red", "https://example.org"):
        assert keep(analyst, "坏的", question) == 400
    assert keep(analyst, "太长", "search=" + "x" * 3000) == 422
    assert count(ledger, SavedList) == 0


def test_a_name_is_used_once_unless_it_is_to_be_replaced(analyst: FlaskClient, ledger: Engine) -> None:
    assert keep(analyst, "郴州", "city=431000") == 302
    assert keep(analyst, "郴州", "city=421000") == 422
    assert keep(analyst, " 郴州 ", "city=421000", over="y") == 302
    with db.reading(ledger) as session:
        assert session.scalars(select(SavedList.question)).all() == ["city=421000"]


def test_a_shared_list_is_seen_by_all_and_changed_by_its_owner(
    analyst: FlaskClient, somebody: Somebody, ledger: Engine
) -> None:
    reviewer = somebody("reviewer")
    assert keep(analyst, "大家的", "city=431000", shared="y") == keep(analyst, "自己的", "city=431000") == 302
    assert "大家的</a>" in page(reviewer)
    assert "自己的</a>" not in page(reviewer) + reviewer.get("/desk/saved/").text
    with db.reading(ledger) as session:
        key = session.scalars(select(SavedList.id).where(SavedList.name == "大家的")).one()
    for verb in ("rename", "forget"):
        values = {"csrf_token": hidden(page(reviewer), "csrf_token"), "name": "夺来"}
        assert reviewer.post(f"/desk/saved/{verb}/?id={key}", data=values).status_code == 404
    assert send(analyst, f"/desk/saved/rename/?id={key}", {"name": "自己的"}, page(analyst)).status_code == 422
    assert send(analyst, f"/desk/saved/rename/?id={key}", {"name": "改名"}, page(analyst)).status_code == 302
    assert "改名</a>" not in page(reviewer)
    assert "改名</a>" in page(analyst)
    send(analyst, f"/desk/saved/forget/?id={key}", {}, page(analyst))
    assert count(ledger, SavedList) == 1


def test_a_reader_keeps_lists_for_themselves_only(somebody: Somebody, ledger: Engine) -> None:
    reader = somebody("reader")
    assert keep(reader, "我的", "city=431000", shared="y") == 422
    assert keep(reader, "我的", "city=431000") == 302
    assert count(ledger, SavedList) == 1


def to_follow(text: str) -> list[str]:
    """Where the list says that readers can follow it."""
    return [unescape(address) for address in re.findall(r'href="(/commitments\?[^"]*format=(?:atom|ics)[^"]*)"', text)]


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"city": "431000", "kind": "practice_already_run"},
        {"status": ["planned", "in_progress"], "search": "代言", "sort": "title", "page": 0},
        {"term": "big-data", "unit": "guiyang-county"},
        {"deadline": "horizon", "tense": "planned", "checkability": "high"},
        {"disputed": "0", "due_by": "2020-12-31", "timeliness": "overdue"},
        {"as_of": "2021-01-31", "recorded_by": "2021-02-28"},
    ],
)
def test_the_list_leads_to_what_readers_can_follow_it_by(analyst: FlaskClient, asked: dict[str, str]) -> None:
    feed, calendar = to_follow(page(analyst, **asked))
    assert analyst.get(feed).mimetype == "application/atom+xml"
    assert analyst.get(calendar).mimetype == "text/calendar"
    shown = analyst.get(feed.replace("format=atom", "format=json")).get_json()["rows"]
    assert [row["code"] for row in shown] == codes(analyst, **{**asked, "sort": "code"})


@pytest.mark.parametrize(
    "asked",
    [{"review": "awaiting"}, {"next_check_by": "2021-06-30"}, {"not_checked_since": "2021-06-30"},
     {"status": "planned", "kind": "practice_already_run", "match": "any"}, {"search": "长" * 101}],
)  # fmt: skip
def test_what_readers_cannot_ask_they_cannot_follow(analyst: FlaskClient, asked: dict[str, str]) -> None:
    assert to_follow(page(analyst, **asked)) == []
