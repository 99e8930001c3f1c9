"""Lists as readers meet them: page by page, narrowed, across the cities, as data; and what stands around them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from following import ANALYST, commitment, obstacle, record, reviewer
from tracker import audit, codebook, db, deadlines, export, news, registers, vocabularies
from tracker.codebook import (
    Checkability,
    Coded,
    DeadlineKind,
    Execution,
    Kind,
    PublicationState,
    Tense,
    Timeliness,
    Verdict,
)
from tracker.codebook.listed import NAMES
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.models import Commitment, CommitmentTerm, Term
from tracker.records import records
from tracker.reviews import review
from tracker.schedules import revise_deadline
from tracker.standings import Cutoff

CHENZHOU = CommitmentFilter(cities=("431000",))
LARGEST = 120 * 1024


@pytest.fixture
def reader(opened: Callable[..., Flask], desk: Session) -> FlaskClient:
    """Somebody with a browser who looks at the ledger as seeded."""
    return opened(desk.get_bind().engine.url.render_as_string(hide_password=False)).test_client()


@pytest.fixture
def follower(opened: Callable[..., Flask], ledger_url: str) -> FlaskClient:
    """Somebody who looks at a ledger of the test's own."""
    return opened(ledger_url).test_client()


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def codes(html: str) -> list[str]:
    """The commitments of a page, without the heads that stand there for context."""
    return re.findall(r'<article class="commitment" id="([^"]+)"', html)


def of_answer(reader: FlaskClient, address: str) -> list[str]:
    return [row["code"] for row in json.loads(reader.get(address).text)["rows"]]


def test_the_pages_of_a_list_hold_each_row_once_and_in_order(reader: FlaskClient, desk: Session) -> None:
    whole = [row["code"] for row in records(desk, CommitmentFilter())]
    last = registers.counted(desk, CommitmentFilter()).pages()
    pages = [codes(reader.get(f"/commitments?page={page}").text) for page in range(1, last + 1)]
    assert [code for page in pages for code in page] == whole
    assert {len(page) for page in pages[:-1]} == {registers.PAGE}
    assert codes(reader.get("/commitments?per=all").text) == whole


def cost(reader: FlaskClient, address: str) -> int:
    """How many questions a page asks the database, beside the one for the state of the ledger, its ETag."""
    with counting(reader.application.extensions["engine"]) as sent:
        assert reader.get(address).status_code == 200, address
    of_state = [statement for statement in sent if "FROM chain_entry" in statement]
    assert len(of_state) <= 1, address
    # How PostgreSQL is to go along a list: that it is told so, and no longer, costs a word each.
    told = [statement for statement in sent if statement.startswith("SET LOCAL enable_")]
    assert len(told) <= 2, address
    return len([statement for statement in sent if statement != "BEGIN" and statement not in [*of_state, *told]])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "address",
    [
        "/cities/chenzhou", "/cities/jingzhou", "/cities/chenzhou?page=2",
        "/cities/chenzhou?status=not_reviewed&kind=second_half_plan&page=2",
        "/cities/jingzhou?search=园区&timeliness=no_deadline", "/cities/chenzhou?as_of=2021-01-31&recorded_by=2021-02-28",
        "/commitments", "/commitments?page=3", "/commitments?city=chenzhou&city=荆州&search=园区&page=1",
        "/kinds/investment_priority", "/kinds/investment_priority?city=郴州&status=not_reviewed",
        "/sectors/big-data?city=荆州", "/terms/policy-area/employment", "/terms/policy-area/employment?city=chenzhou",
    ],
)  # fmt: skip
def test_a_page_of_a_list_stays_small_and_asks_at_most_five_questions(
    reader: FlaskClient, address: str, language: str
) -> None:
    address += ("&" if "?" in address else "?") + f"lang={language}"
    assert cost(reader, address) <= 5
    assert len(reader.get(address).data) <= LARGEST


def test_what_a_city_keeps_costs_one_question_more_each_and_only_where_there_is_any(
    follower: FlaskClient, ledger: Engine
) -> None:
    before = cost(follower, "/cities/jingzhou")
    with db.writing(ledger, ANALYST) as session:
        obstacle(session, "JZ-2020-17.1")
    assert cost(follower, "/cities/jingzhou") == before + 1
    assert cost(follower, "/cities/jingzhou?page=2") == cost(follower, "/cities/chenzhou?page=2") <= 5


@pytest.mark.parametrize(
    ("address", "most"), [("/", 6), ("/commitments/CZ-2020-01.1", 15), ("/documents/chenzhou-2020", 6), ("/method", 0)]
)
def test_the_other_pages_do_not_ask_more_than_they_did(reader: FlaskClient, address: str, most: int) -> None:
    assert cost(reader, address) <= most


def test_a_part_stands_under_its_head_on_the_next_page_too(desk: Session) -> None:
    rows = list(records(desk, CHENZHOU))
    cut = next(n for n in range(1, 4) if rows[n * registers.PAGE]["parent"])
    leaf = registers.leaf(desk, CHENZHOU, cut + 1)
    assert leaf.rows[0]["code"] == rows[cut * registers.PAGE]["parent"]
    assert leaf.rows[0]["code"] not in leaf.found


def test_a_page_beyond_the_last_leads_back(reader: FlaskClient) -> None:
    answer = reader.get("/cities/chenzhou?page=9&kind=second_half_plan")
    assert answer.status_code == 404
    assert 'href="?page=2&amp;kind=second_half_plan"' in answer.text


def test_too_long_a_list_is_a_file(reader: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "MOST", 100)
    answer = reader.get("/commitments?per=all")
    assert answer.status_code == 400
    assert 'href="?format=csv"' in answer.text


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/cities/chenzhou?status=not_reviewed", CommitmentFilter(("431000",), executions=(Execution.NOT_REVIEWED,))),
        ("/kinds/pro_business_measure", CommitmentFilter(kinds=(Kind.PRO_BUSINESS_MEASURE,))),
        ("/sectors/big-data?city=荆州", CommitmentFilter(("421000",), terms=("sector/big-data",))),
        ("/terms/policy-area/employment", CommitmentFilter(terms=("policy-area/employment",))),
        ("/commitments?search=园区&timeliness=no_deadline",
         CommitmentFilter(search="园区", timeliness=(Timeliness.NO_DEADLINE,))),
        ("/cities/chenzhou?deadline=event_date&tense=claimed_done",
         CommitmentFilter(("431000",), deadline_kinds=(DeadlineKind.EVENT_DATE,), tenses=(Tense.CLAIMED_DONE,))),
        ("/commitments?checkability=low&disputed=0",
         CommitmentFilter(checkabilities=(Checkability.LOW,), disputed=False)),
        ("/commitments?due_by=2020-12-31", CommitmentFilter(due_by=date(2020, 12, 31))),
        ("/cities/chenzhou?unit=guiyang-county", CommitmentFilter(("431000",), units=("guiyang-county",))),
        ("/commitments?term=big-data", CommitmentFilter(terms=("sector/big-data",))),
        ("/kinds/second_half_plan?term=policy-area/employment",
         CommitmentFilter(kinds=(Kind.SECOND_HALF_PLAN,), terms=("policy-area/employment",))),
    ],
)  # fmt: skip
def test_a_list_answers_as_page_json_and_csv_at_one_address(
    reader: FlaskClient, desk: Session, address: str, asked: CommitmentFilter
) -> None:
    rows = list(records(desk, asked))
    assert rows
    mark = "&" if "?" in address else "?"
    assert sorted(codes(reader.get(f"{address}{mark}per=all").text)) == sorted(row["code"] for row in rows)
    sent = reader.get(address, headers={"Accept": "application/json"})
    assert json.loads(sent.text)["rows"] == [json.loads(export.as_json(row)) for row in rows]
    assert "Accept" in sent.vary
    file = reader.get(f"{address}{mark}format=csv")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert [line.split(",")[0] for line in file.text.splitlines() if re.match("[CJ]Z-", line)] == [
        row["code"] for row in rows
    ]


@pytest.mark.parametrize("key", ["chenzhou-2020", "jingzhou-2020"])
def test_an_interview_answers_as_json_and_csv_with_its_commitments(
    reader: FlaskClient, desk: Session, key: str
) -> None:
    rows = [row for row in records(desk, CommitmentFilter()) if row["document"] == key]
    page = reader.get(f"/documents/{key}?as_of=2026-11-01").text
    assert '<link rel="alternate" type="text/csv" href="?as_of=2026-11-01&amp;format=csv">' in page
    sent = reader.get(f"/documents/{key}", headers={"Accept": "application/json"})
    assert json.loads(sent.text)["rows"] == [json.loads(export.as_json(row)) for row in rows]
    known = {"Accept": "application/json", "If-None-Match": sent.headers["ETag"]}
    assert reader.get(f"/documents/{key}", headers=known).status_code == 304
    file = reader.get(f"/documents/{key}?format=csv")
    assert file.headers["Content-Disposition"] == f"attachment; filename={key}.csv"
    assert len(list(csv.reader(io.StringIO(file.text)))) == len(rows) + 1


def test_an_interview_as_it_was_on_a_day_is_data_too(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
    for day, status in (("2020-12-30", "not_reviewed"), ("2020-12-31", "in_progress")):
        rows = json.loads(follower.get(f"/documents/chenzhou-2020?format=json&as_of={day}").text)["rows"]
        assert {row["execution"] for row in rows if row["code"] == "CZ-2020-01.1"} == {status}


def test_terms_of_one_name_in_two_vocabularies_are_two(reader: FlaskClient) -> None:
    one, other = (of_answer(reader, f"/{path}/employment?format=json") for path in ("terms/policy-area",
                                                                                    "terms/six-guarantees"))  # fmt: skip
    assert set(one) != set(other)


def test_the_rows_of_a_term_are_counted_up_to_a_limit(desk: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    commitment(desk, "CZ-2020-01").publication_state = PublicationState.DRAFT
    published = select(CommitmentTerm.term_id).join(Commitment, Commitment.id == CommitmentTerm.commitment_id)
    of_each = Counter(desk.scalars(published.where(Commitment.publication_state == PublicationState.PUBLISHED)))
    number = {(row.vocabulary.code, row.code): of_each[row.id] for row in desk.scalars(select(Term)) if of_each[row.id]}
    for most in (vocabularies.COUNTED, 3):
        monkeypatch.setattr(vocabularies, "COUNTED", most)
        counted = {(row.vocabulary, row.code): row.count for row in desk.execute(vocabularies.terms_in_use())}
        assert counted == {term: min(count, most + 1) for term, count in number.items()}


def test_a_sector_has_one_address(reader: FlaskClient) -> None:
    assert reader.get("/terms/sector/big-data?as_of=2021-01-01").location == "/sectors/big-data?as_of=2021-01-01"


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/kinds/x", "/kinds/second_half_plan"),
        ("/sectors/x", "/sectors/big-data"),
        ("/terms/policy-area/x", "/terms/policy-area/consumption"),
        ("/terms/x/x", "/sectors/big-data"),
        ("/terms/policy-area/%00", "/terms/policy-area/consumption"),
        ("/commitments/%00", "/commitments"),
        ("/documents/%00", "/documents/chenzhou-2020"),
        ("/charts/x.svg", "/charts/status-by-kind.svg"),
        ("/charts/pace.gif", "/charts/status-by-kind.png"),
    ],
)
def test_what_is_not_there_answers_404_with_what_is(reader: FlaskClient, address: str, there: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 404
    assert f'href="{there}"' in answer.text


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/commitments?deadline=x", "?deadline=horizon"),
        ("/commitments?tense=x", "?tense=planned"),
        ("/cities/chenzhou?checkability=x", "?checkability=high"),
        ("/cities/chenzhou?disputed=x", "?disputed=1"),
        ("/commitments?term=x", "?term=sector%2Fbig-data"),
        ("/commitments?unit=x", "?unit=guiyang-county"),
        ("/commitments?due_by=x", ""),
        ("/sectors/big-data?term=employment", "?"),
    ],
)
def test_a_condition_that_is_not_understood_is_refused_with_what_there_is(
    reader: FlaskClient, asked: str, there: str
) -> None:
    for form in ("html", "csv", "atom", "ics"):
        answer = reader.get(f"{asked}&format={form}")
        assert answer.status_code == 400
        assert f'href="{there.partition("&")[0]}' in answer.text


def test_a_condition_is_chosen_and_taken_away_in_the_form(reader: FlaskClient) -> None:
    page = reader.get("/commitments?term=big-data&unit=guiyang-county&tense=planned&disputed=0&due_by=2021-01-01").text
    assert "更多条件（已选 5）" in page
    for name, value in (("term", "sector/big-data"), ("unit", "guiyang-county"), ("tense", "planned")):
        assert f'<input type="checkbox" name="{name}" value="{value}" checked>' in page
    assert '<option value="0" selected>' in page
    assert 'name="due_by" type="date" value="2021-01-01"' in page
    assert 'name="unit"' not in reader.get("/commitments").text


def test_an_unknown_city_in_the_address_is_refused_with_those_there_are(reader: FlaskClient) -> None:
    answer = reader.get("/commitments?city=武汉")
    assert answer.status_code == 400
    assert 'href="?city=chenzhou"' in answer.text


def test_each_number_of_the_front_page_leads_to_so_many_rows(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
    links = re.findall(r'<a class="number" href="([^"]+)">(\d+)</a>', follower.get("/").text)
    assert {address.partition("=")[0].partition("?")[2] for address, _ in links} == {"", "kind", "status"}
    for address, number in [*links[::4], *(link for link in links if "status=" in link[0])]:
        counted = re.search(r'class="fitting".*?<strong>(\d+)</strong>', follower.get(address).text, re.DOTALL)
        assert counted, address
        assert (address, counted[1]) == (address, number)


def test_more_cities_than_stand_side_by_side_are_listed_with_the_way_to_each(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "不并列成图表" not in reader.get("/").text
    monkeypatch.setattr("tracker.pages.front._SIDE_BY_SIDE", 1)
    page = reader.get("/").text
    assert "目前收录 2 个城市的 2 篇文本。" in page
    assert "城市多于 1 个，不并列成图表" in page
    assert "<svg" not in page
    assert page.count('<article class="city">') == 2
    assert "最近的变化" in page


def test_a_number_of_an_earlier_day_leads_to_the_rows_of_that_day(reader: FlaskClient) -> None:
    assert 'href="/cities/chenzhou?as_of=2020-07-01&amp;kind=second_half_plan"' in (
        reader.get("/?as_of=2020-07-01").text
    )


def test_a_city_of_several_texts_names_those_that_the_page_is_from(
    follower: FlaskClient, ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing(ledger, ANALYST) as session:
        place = commitment(session, "CZ-2020-01").jurisdiction
        for row in session.scalars(select(Commitment).where(Commitment.code.startswith("JZ"))):
            row.jurisdiction = place
    last = registers.counted(db.sessions(ledger)(), CHENZHOU).pages()
    for page, named, other in ((1, "chenzhou-2020", "jingzhou-2020"), (last, "jingzhou-2020", "chenzhou-2020")):
        shown = follower.get(f"/cities/chenzhou?page={page}").text
        assert f'<a href="/documents/{named}">' in shown
        assert f'<a href="/documents/{other}">' not in shown
        assert "全市共收录 2 篇" in shown
    assert "全市共收录" not in follower.get("/cities/chenzhou?per=all").text
    # Of very many texts it says that there are more than it counts to.
    monkeypatch.setattr("tracker.pages.city._MOST_TEXTS", 1)
    assert "全市共收录超过 1 篇" in follower.get("/cities/chenzhou?page=1").text


def test_what_was_ticked_is_kept_and_can_be_taken_off(reader: FlaskClient) -> None:
    page = reader.get("/commitments?kind=second_half_plan&kind=investment_priority&city=chenzhou&page=2").text
    ticked = re.findall(r'name="(\w+)" value="(\w+)" checked', page)
    assert ticked == [("city", "chenzhou"), ("kind", "second_half_plan"), ("kind", "investment_priority")]
    assert 'rel="prev" href="?kind=second_half_plan&amp;kind=investment_priority&amp;city=chenzhou"' in page
    assert '<a class="clear" href="/commitments">' in page


def test_a_page_names_its_one_address_and_its_other_forms(reader: FlaskClient) -> None:
    page = reader.get("/cities/chenzhou?lang=en&search=&page=2").text
    assert '<link rel="canonical" href="http://localhost/cities/chenzhou?page=2">' in page
    assert re.search(r'<link rel="alternate" type="application/json" href="[^"]*format=json">', page)
    assert "canonical" not in reader.get("/cities/x").text


def test_news_says_what_a_status_was_before(ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.PLANNED, effective_on=date(2020, 9, 1))
        found = record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
        record(session, "JZ-2020-17.1", Execution.NO_EVIDENCE_FOUND)
        told = [(one.what, one.code, one.before, one.execution) for one in news.latest(session, CommitmentFilter())]
    unlooked = Execution.NOT_REVIEWED
    assert told == [
        ("assessment", "JZ-2020-17.1", unlooked, Execution.NO_EVIDENCE_FOUND),
        ("assessment", "CZ-2020-01.1", Execution.PLANNED, Execution.IN_PROGRESS),
        ("assessment", "CZ-2020-01.1", unlooked, Execution.PLANNED),
    ]
    assert found.id


def test_news_of_verdicts_and_moved_deadlines(ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        found = record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
        review(session, found, Verdict.APPROVE, reviewer=reviewer(session))
        revise_deadline(
            session, commitment(session, "CZ-2020-01.1"), until=date(2021, 12, 31), text="2021年底前",
            announced_on=date(2021, 1, 8), source=Source("https://example.org/moved"),
            analyst=audit.signer(session, ANALYST),
        )  # fmt: skip
    with db.reading(ledger) as session:
        told = news.latest(session, CommitmentFilter())
        assert {(one.what, one.verdict, one.until) for one in told} == {
            ("assessment", None, None),
            ("review", Verdict.APPROVE, None),
            ("revision", None, date(2021, 12, 31)),
        }
        assert news.latest(session, CommitmentFilter(cutoff=Cutoff(as_of=date(2020, 12, 30)))) == []


def test_news_keeps_to_what_readers_may_see(ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        approved = record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
        returned = record(session, "CZ-2020-01.2", Execution.IN_PROGRESS)
        record(session, "CZ-2020-01.3", Execution.IN_PROGRESS)
        review(session, approved, Verdict.APPROVE, reviewer=reviewer(session))
        review(session, returned, Verdict.RETURN, reviewer=reviewer(session), note="来源不符")
    with db.reading(ledger) as session:
        shown = {one.code for one in news.latest(session, CommitmentFilter(cutoff=Cutoff(approved_only=True)))}
        assert shown == {"CZ-2020-01.1"}
        before = Cutoff(recorded_by=datetime.now(UTC).date().replace(year=2020))
        assert news.latest(session, CommitmentFilter(cutoff=before)) == []


def test_a_chart_is_a_file_that_is_kept_while_its_numbers_are_the_same(follower: FlaskClient, ledger: Engine) -> None:
    address = "/charts/status-by-kind.svg?city=chenzhou"
    sent = follower.get(address)
    assert (sent.status_code, sent.mimetype) == (200, "image/svg+xml")
    known = {"If-None-Match": sent.headers["ETag"]}
    assert follower.get(address, headers=known).status_code == 304
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
    assert follower.get(address, headers=known).status_code == 200
    assert follower.get("/charts/pace.png?city=chenzhou").data.startswith(b"\x89PNG")
    assert follower.get("/charts/pace.png").status_code == 400
    assert follower.get("/charts/timeline.svg?code=CZ-2020-01.1").status_code == 200
    assert follower.get("/charts/timeline.svg?code=x").status_code == 404


def test_the_codebook_page_holds_every_code_at_its_place(reader: FlaskClient) -> None:
    vocabularies = {name for name in codebook.__all__ if name != "Coded" and _is_vocabulary(name)}
    assert set(NAMES) == vocabularies
    pages = {language: reader.get(f"/codebook?lang={language}").text for language in ("en", "zh")}
    for code in Execution:
        assert f'id="execution-{code.value}"' in pages["zh"]
        assert code.definition_zh in pages["zh"]
        assert code.definition_en in pages["en"]
    assert 'id="deadline_kind-completion"' in pages["zh"]
    rows = json.loads(reader.get("/codebook?format=json").text)["rows"]
    assert len(rows) == sum(len(list(getattr(codebook, name))) for name in vocabularies)
    assert {row["vocabulary"] for row in rows} >= {"execution", "timeliness", "kind"}


def _is_vocabulary(name: str) -> bool:
    found = getattr(codebook, name)
    return isinstance(found, type) and issubclass(found, Coded)


def test_the_method_page_says_the_rules_that_the_program_decides_by(reader: FlaskClient) -> None:
    page = reader.get("/method?lang=en").text
    for rule in (deadlines.TIMELINESS_RULE, deadlines.LIGHT_RULE, *codebook.DeadlineRule):
        assert f'id="{rule}"' in page
    assert f"yellow from {deadlines.MARGIN * 100:.0f} points" in page
    assert f"red from {deadlines.RED_MARGIN * 100:.0f} points" in page
