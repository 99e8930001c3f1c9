"""What is new through the API: a city, a text that never changes, and a commitment whose quote stands in it once."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import Engine, select

from test_api import BASE, misfits
from tracker import db
from tracker.api.described import examples
from tracker.models import Commitment, Passage, SourceDocument
from tracker.verification import verify
from visiting import Program, count

CITY, TEXT, PROMISE = (dict(examples()[name]) for name in ("NewCity", "NewDocument", "NewCommitment"))


@pytest.fixture
def loaded(program: Program) -> Program:
    """A work report of 郴州 is loaded."""
    made = program("analyst", "POST", f"{BASE}/documents", TEXT)
    assert made.status_code == 201, made.text
    return program


def test_a_city_a_text_and_a_commitment_are_entered_and_all_of_it_is_verified(loaded: Program, ledger: Engine) -> None:
    city = loaded("analyst", "POST", f"{BASE}/cities", CITY)
    made = loaded("analyst", "POST", f"{BASE}/commitments", PROMISE)
    assert (city.status_code, made.status_code) == (201, 201), made.text
    assert misfits("City", city.json) == []
    assert misfits("Commitment", made.json) == []
    one = made.json
    assert (one["quote"], one["start"], one["window_start"], one["window_end"]) == (
        PROMISE["quote"],
        3,
        "2021-01-01",
        "2021-12-31",
    )
    assert (one["publication_state"], one["prefix"]) == ("draft", "今年要")
    for answered in (city, made):
        place = answered.headers["Location"].partition("localhost")[2]
        assert loaded("reader", "GET", f"{place}?view=desk").json == answered.json
        assert loaded("reader", "GET", place).status_code == 404
    with db.reading(ledger) as session:
        assert [done.faults for done in verify(session) if done.faults] == []


def test_a_commitment_is_published_when_it_says_so_and_found_by_its_words(loaded: Program) -> None:
    published = {
        **PROMISE,
        "publication_state": "published",
        "units": [],
        "terms": [{"code": "sector/big-data", "basis": "explicit"}],
    }
    assert loaded("analyst", "POST", f"{BASE}/commitments", published).status_code == 201
    found = loaded("reader", "GET", f"{BASE}/commitments?search=新开工10个&term=big-data").json["items"]
    assert [row["code"] for row in found] == [PROMISE["code"]]
    assert "chenzhou-report-2021" in loaded("reader", "GET", f"{BASE}/documents").text


def test_a_text_is_kept_as_it_was_sent_with_its_hash(program: Program, ledger: Engine) -> None:
    text = "问：怎么办？\n答：说干就干。\n"
    turns = [{"question_start": 2, "question_end": 6, "answer_start": 9, "answer_end": 14}]
    made = program("analyst", "POST", f"{BASE}/documents", {**TEXT, "text": text, "turns": turns})
    assert made.status_code == 201, made.text
    assert misfits("DocumentWithText", made.json) == []
    assert (made.json["text"], made.json["sha256"]) == (text, hashlib.sha256(text.encode()).hexdigest())
    assert made.json["turns"][0]["answer_start"] == 9
    with db.reading(ledger) as session:
        assert session.scalars(select(SourceDocument).where(SourceDocument.key == TEXT["key"])).one().text == text


@pytest.mark.parametrize(
    ("said", "pointer", "rule"),
    [
        ({"quote": "不在文中"}, "#/quote", "quote-stands-once"),
        ({"quote": "产业项目"}, "#/quote", "quote-stands-once"),
        ({"focus": "不在引文"}, "#/focus", "quote-stands-once"),
        ({"document": "nothing"}, "#/document", "document-known"),
        ({"city": "999999"}, "#/city", "city-known"),
        ({"speaker": "nobody"}, "#/speaker", "speaker-known"),
        ({"parent": "CZ-2020-01"}, "#/parent", "parent-is-head"),
        ({"terms": [{"code": "sector/none", "basis": "explicit"}]}, "#/terms", "term-known"),
        ({"units": [{"code": "none", "role": "lead", "basis": "stated"}]}, "#/units", "units-known"),
        ({"deadline": {"text": "明年", "rule": "calendar-year"}}, "#/deadline/text", "deadline-stands"),
        ({"deadline": {"text": "今年", "rule": "day-without-year"}}, "#/deadline/rule", "deadline-rule"),
        ({"code": "CZ-2020-01"}, "#/code", "code-new"),
        ({"code": "小写"}, "#/code", None),
    ],
)
def test_a_commitment_that_does_not_stand_in_its_text_is_refused_and_leaves_nothing(
    loaded: Program, ledger: Engine, said: dict[str, object], pointer: str, rule: str | None
) -> None:
    before = count(ledger, Commitment), count(ledger, Passage)
    refused = loaded("analyst", "POST", f"{BASE}/commitments", {**PROMISE, **said})
    assert refused.status_code == 422, refused.text
    (error,) = refused.json["errors"]
    assert (error["pointer"], error.get("rule")) == (pointer, rule)
    assert (count(ledger, Commitment), count(ledger, Passage)) == before


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"key": "chenzhou-2020", "text": "x"}, "#/key"),
        ({"key": "other"}, "#/text"),
        ({"text": "y", "key": "y1", "url": "ftp://x"}, "#/url"),
        ({"text": "y", "key": "y1", "supersedes": "nothing"}, "#/supersedes"),
        ({"text": "y", "key": "y1", "date": "2021年"}, "#/date"),
        ({"text": "yy", "key": "y1", "turns": [{"answer_start": 0, "answer_end": 3}]}, "#/turns/0"),
        ({"text": "yy", "key": "y1", "turns": [{"answer_start": 1, "answer_end": 1}]}, "#/turns/0"),
    ],
)
def test_a_text_that_cannot_be_is_refused(
    loaded: Program, ledger: Engine, said: dict[str, object], pointer: str
) -> None:
    before = count(ledger, SourceDocument)
    refused = loaded("analyst", "POST", f"{BASE}/documents", {**TEXT, **said})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert count(ledger, SourceDocument) == before


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"code": "431000"}, "#/code"),
        ({"slug": "chenzhou"}, "#/slug"),
        ({"parent": "999999"}, "#/parent"),
        ({"code": "43100"}, "#/code"),
    ],
)
def test_a_city_that_is_there_or_lies_nowhere_is_refused(
    program: Program,
    said: dict[str, object],
    pointer: str,
) -> None:
    refused = program("analyst", "POST", f"{BASE}/cities", {**CITY, **said})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(("noun", "content"), [("cities", CITY), ("documents", TEXT), ("commitments", PROMISE)])
def test_Z1_a_reader_enters_nothing(loaded: Program, ledger: Engine, noun: str, content: dict[str, object]) -> None:
    before = count(ledger, Commitment), count(ledger, SourceDocument)
    assert loaded("reader", "POST", f"{BASE}/{noun}", content).status_code == 403
    assert (count(ledger, Commitment), count(ledger, SourceDocument)) == before


@pytest.mark.parametrize(("noun", "content"), [("cities", CITY), ("commitments", PROMISE)])
def test_C7_what_is_entered_twice_under_one_name_is_there_once(
    loaded: Program, noun: str, content: dict[str, object]
) -> None:
    answers = [loaded("analyst", "POST", f"{BASE}/{noun}", content, Idempotency_Key="a") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert loaded("analyst", "POST", f"{BASE}/{noun}", content).status_code == 422
