"""The JSON API: what it reads is what command line and pages show, page by page, and described as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from following import ANALYST, commitment, follow_through, record, reviewer
from tracker import api, db, export
from tracker.api import described
from tracker.codebook import Execution, LicenceMode, PublicationState, Verdict
from tracker.filters import CommitmentFilter
from tracker.models import SourceDocument
from tracker.records import FIELDS, records
from tracker.reviews import review

BASE = "/api/v1"


@pytest.fixture
def reader(opened: Callable[..., Flask], ledger_url: str, followed: Engine) -> FlaskClient:  # noqa: ARG001 - it reads what was followed up
    return opened(ledger_url).test_client()


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """Two commitments followed up, one of them in every way."""
    with db.writing(ledger, actor=ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01.1", Execution.IN_PROGRESS))
        record(session, "JZ-2020-21.2", Execution.COMPLETED)
    return ledger


def every(reader: FlaskClient, address: str) -> Iterator[dict]:
    """The rows of every page, one after the other."""
    while address:
        page = reader.get(address)
        assert page.status_code == 200, page.text
        link = page.headers.get("Link")
        assert link == (f'<{page.json["next"]}>; rel="next"' if page.json["next"] else None)
        yield from page.json["items"]
        parts = urlsplit(page.json["next"] or "")
        address = f"{parts.path}?{parts.query}" if page.json["next"] else ""


def misfits(name: str, content: object) -> list[str]:
    """What of some content has not the shape of that name in the published document."""
    document = described.document(api.OPERATIONS, "")
    schema = {**document["components"]["schemas"][name], "components": document["components"]}
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(content)]


def test_the_commitments_are_the_records_of_the_command_line_each_once_over_all_pages(
    followed: Engine, reader: FlaskClient
) -> None:
    with db.reading(followed) as session:
        written = [json.loads(export.as_json(row)) for row in records(session, CommitmentFilter())]
    read = list(every(reader, f"{BASE}/commitments?limit=40"))
    assert read == written
    assert list(read[0]) == list(FIELDS)
    assert reader.get(f"{BASE}/commitments/CZ-2020-01.1").json == next(r for r in read if r["code"] == "CZ-2020-01.1")


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("/cities", "CityPage"),
        ("/documents", "DocumentPage"),
        ("/documents/chenzhou-2020", "DocumentWithText"),
        ("/commitments?limit=200", "CommitmentPage"),
        ("/commitments/CZ-2020-01.1", "Commitment"),
        ("/commitments/CZ-2020-01.1/assessments", "History"),
        ("/assessments", "AssessmentPage"),
        ("/evidence", "CitationPage"),
        ("/summaries?by=kind", "Summary"),
        ("/summaries?by=completion", "Summary"),
        ("/commitments?kind=nothing", "Problem"),
    ],
)
def test_what_is_answered_has_the_shape_that_is_published(reader: FlaskClient, address: str, shape: str) -> None:
    answered = reader.get(BASE + address)
    assert misfits(shape, answered.json) == []
    assert answered.json.get("items", True)


@pytest.mark.parametrize("address", ["/cities", "/assessments", "/evidence", "/commitments/CZ-2020-01.1/assessments"])
def test_a_list_page_by_page_is_the_whole_list(followed: Engine, reader: FlaskClient, address: str) -> None:
    with db.writing(followed, actor=ANALYST) as session:
        for summary in ("又一次", "再一次"):
            record(session, "CZ-2020-01.1", Execution.IN_PROGRESS, summary=summary)
    whole = reader.get(BASE + address).json["items"]
    assert len(whole) > 1
    assert list(every(reader, f"{BASE}{address}?limit=1")) == whole


@pytest.mark.parametrize(
    "asked",
    [
        "city=chenzhou&kind=second_half_plan&kind=investment_priority",
        "city=%E8%8D%86%E5%B7%9E&tense=planned&deadline=horizon",
        "status=in_progress&status=completed",
        "match=any&disputed=1&checkability=high",
        "term=big-data&term=employment",
        "search=%E5%9B%AD%E5%8C%BA&as_of=2021-01-31",
        "not_checked_since=2021-01-01&city=431000",
    ],
)
def test_a_filter_finds_what_the_desk_finds(
    reader: FlaskClient, somebody: Callable[[str], FlaskClient], asked: str
) -> None:
    listed = [row["code"] for row in every(reader, f"{BASE}/commitments?{asked}&limit=9")]
    cities = {"chenzhou": "431000", "%E8%8D%86%E5%B7%9E": "421000"}
    for name, code in cities.items():
        asked = asked.replace(f"city={name}", f"city={code}")
    desk = somebody("reader").get(f"/desk/commitment/?{asked}&page_size=all").text
    assert listed
    assert set(listed) == {code for code in listed if f'id="row-{code}"' in desk}
    assert desk.count('id="row-') == len(listed)


@pytest.mark.parametrize(
    "asked",
    ["kindd=x", "kind=x", "kind=", "as_of=20210101", "as_of=2021-02-30", "limit=0", "limit=201", "limit=x", "cursor=x",
     "city=nowhere", "term=x", "unit=x", "disputed=yes", "as_of=2021-01-01&as_of=2021-01-02", "search=", "page=2",
     "lang=zh", "search=" + "a" * 201],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_never_answered_with_everything(reader: FlaskClient, asked: str) -> None:
    answered = reader.get(f"{BASE}/commitments?{asked}")
    assert (answered.status_code, answered.mimetype) == (400, "application/problem+json")
    (error,) = answered.json["errors"]
    assert error["parameter"] == asked.partition("=")[0]
    assert error["zh"]
    assert error["en"]


def test_a_cursor_of_another_question_is_refused(reader: FlaskClient) -> None:
    cursor = reader.get(f"{BASE}/commitments?limit=2&city=chenzhou").json["next"].partition("cursor=")[2]
    same = reader.get(f"{BASE}/commitments?limit=5&city=chenzhou&cursor={cursor}")
    others = [f"/commitments?city=jingzhou&cursor={cursor}", f"/assessments?city=chenzhou&cursor={cursor}"]
    assert same.status_code == 200
    assert [reader.get(BASE + address).status_code for address in others] == [400, 400]


@pytest.mark.parametrize(
    "address", ["/commitments?city=chenzhou", "/commitments/CZ-2020-01.1", "/summaries", "/openapi.json"]
)
def test_an_answer_that_somebody_has_already_is_not_sent_again(
    followed: Engine, reader: FlaskClient, address: str
) -> None:
    mark = reader.get(BASE + address).headers["ETag"]
    again = reader.get(BASE + address, headers={"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    with db.writing(followed, actor=ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.COMPLETED)
    changed = reader.get(BASE + address, headers={"If-None-Match": mark})
    assert changed.status_code == (304 if address == "/openapi.json" else 200)


def test_both_time_axes_are_asked(reader: FlaskClient) -> None:
    one = f"{BASE}/commitments/CZ-2020-01.1"
    assert reader.get(one).json["execution"] == "in_progress"
    for before in ("as_of=2020-06-30", "recorded_by=2020-06-30"):
        assert reader.get(f"{one}?{before}").json["execution"] == "not_reviewed"
        assert reader.get(f"{one}/assessments?{before}").json["items"] == []
        assert reader.get(f"{BASE}/assessments?{before}").json["items"] == []
        assert reader.get(f"{BASE}/evidence?{before}").json["items"] == []


def test_Z3_nothing_of_a_draft_or_a_withdrawn_row_is_read(followed: Engine, reader: FlaskClient) -> None:
    states = {"CZ-2020-01.1": PublicationState.DRAFT, "JZ-2020-21.2": PublicationState.WITHDRAWN}
    with db.writing(followed, actor=ANALYST) as session:
        for code, state in states.items():
            commitment(session, code).publication_state = state
    answered = [reader.get(f"{BASE}/commitments/{code}").status_code for code in states]
    below = [reader.get(f"{BASE}/commitments/{code}/assessments").status_code for code in states]
    assert (answered, below) == ([404, 410], [404, 410])
    for address in ("/commitments?limit=200", "/assessments", "/evidence", "/commitments?search=代言"):
        text = reader.get(BASE + address).text
        assert [code for code in states if f'"{code}"' in text] == []


@pytest.mark.usefixtures("followed")
def test_readers_of_reviewed_work_read_no_other(opened: Callable[..., Flask], ledger_url: str) -> None:
    reader = opened(ledger_url, readers_see="approved").test_client()
    assert {row["commitment"] for row in reader.get(f"{BASE}/assessments").json["items"]} == {"CZ-2020-01.1"}
    assert {row["commitment"] for row in reader.get(f"{BASE}/evidence").json["items"]} == {"CZ-2020-01.1"}
    assert reader.get(f"{BASE}/commitments/JZ-2020-21.2").json["execution"] == "not_reviewed"


def test_a_returned_judgement_is_told_as_such(followed: Engine, reader: FlaskClient) -> None:
    with db.writing(followed, actor=ANALYST) as session:
        returned = record(
            session, "JZ-2020-21.2", Execution.ABANDONED, reason="money", attribution="city", summary="退"
        )
        review(session, returned, Verdict.RETURN, reviewer=reviewer(session), note="再查")
    (first, *_) = reader.get(f"{BASE}/assessments").json["items"]
    assert (first["summary"], first["verdict"], first["reviews"][0]["note"]) == ("退", "return", "再查")


@pytest.mark.parametrize("mode", [LicenceMode.QUOTE_ONLY, LicenceMode.METADATA_ONLY])
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_licence_of_a_text_is_honoured(
    reader: FlaskClient, mode: LicenceMode, unguarded: Callable[..., None]
) -> None:
    unguarded(mode)
    document, one = (
        reader.get(f"{BASE}{path}").json for path in ("/documents/chenzhou-2020", "/commitments/CZ-2020-01.1")
    )
    assert (document["text"], one["prefix"], one["question"]) == (None, None, None)
    assert (one["quote"] is None) is (mode is LicenceMode.METADATA_ONLY)
    assert misfits("Commitment", one) == []


@pytest.fixture
def unguarded(ledger: Engine) -> Callable[..., None]:
    """Gives the text of 郴州 another licence, past its guard."""

    def change(mode: LicenceMode) -> None:
        with ledger.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER guard_source_document_update")
            table = SourceDocument.__table__
            connection.execute(table.update().where(table.c.key == "chenzhou-2020").values(licence_mode=mode))

    return change


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/commitments/none", 404),
        ("GET", "/documents/%00", 404),
        ("DELETE", "/commitments", 405),
        ("GET", "/commitments?search=%00", 400),
    ],
)
def test_every_error_is_a_problem_in_both_languages(
    reader: FlaskClient, method: str, address: str, status: int
) -> None:
    answered = reader.open(BASE + address, method=method)
    assert (answered.status_code, answered.mimetype) == (status, "application/problem+json")
    assert misfits("Problem", answered.json) == []
    assert answered.json["status"] == status
    assert " / " in answered.json["title"]
    assert len(answered.json["reference"]) == 10
    assert (answered.headers.get("Allow") is not None) is (status == 405)


def test_every_route_is_in_the_document_and_the_other_way_round(reader: FlaskClient) -> None:
    document = reader.get(f"{BASE}/openapi.json").json
    said = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    rules = [rule for rule in reader.application.url_map.iter_rules() if str(rule).startswith("/api/")]
    there = {
        (method, str(rule).removeprefix(BASE).replace("<", "{").replace(">", "}"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert said == there - {("GET", "/"), ("GET", "/openapi.json")}
    assert {f"api.{one['operationId']}" for path in document["paths"].values() for one in path.values()} < set(
        api.ROUTES
    )


@pytest.mark.parametrize("name", described.examples())
def test_every_example_has_the_shape_that_it_is_an_example_of(name: str) -> None:
    assert misfits(name, described.examples()[name]) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_names_every_operation_field_and_problem(reader: FlaskClient, language: str) -> None:
    page = reader.get(f"{BASE}/?lang={language}").text
    for one in api.OPERATIONS:
        assert f'id="{one.name}"' in page
        assert f"/api/v1{one.path}" in page
    for name in described.document(api.OPERATIONS, "")["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
    assert page.count("curl ") == len(api.OPERATIONS)


def test_a_document_is_the_text_that_was_loaded(ledger: Engine, reader: FlaskClient) -> None:
    with db.reading(ledger) as session:
        kept = session.scalars(select(SourceDocument).where(SourceDocument.key == "jingzhou-2020")).one()
        read = reader.get(f"{BASE}/documents/jingzhou-2020").json
        assert (read["text"], read["sha256"], len(read["turns"])) == (kept.text, kept.sha256, len(kept.turns))
