"""What programs write through the API: signed, by the rules of the desk, once, and refused in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, update

from following import ANALYST, PAGE, commitment, record
from test_api import BASE, misfits
from tracker import db, tokens
from tracker.codebook import Execution, PublicationState, Role
from tracker.models import ApiAnswer, AuditEvent, Commitment, Review, StatusAssessment, User
from visiting import Program, count

FOUND = {
    "execution": "in_progress",
    "effective_on": "2020-12-31",
    "reviewed_up_to": "2021-01-31",
    "summary": "园区已动工",
    "evidence": [{"url": PAGE, "reports": "delivery", "origin": "official"}],
}
HERE = f"{BASE}/commitments/CZ-2020-01.1/assessments"


def test_an_analyst_records_and_the_status_is_what_was_recorded(program: Program, ledger: Engine) -> None:
    made = program("analyst", "POST", HERE, {**FOUND, "next_check": "2021-06-30", "progress_share": 0.25})
    assert made.status_code == 201, made.text
    assert misfits("Assessment", made.json) == []
    told = program("reader", "GET", made.headers["Location"].partition("localhost")[2])
    assert told.json == made.json
    assert (told.json["analyst"], told.json["evidence"][0]["url"]) == ("某分析员", PAGE)
    one = program("reader", "GET", f"{BASE}/commitments/CZ-2020-01.1").json
    assert (one["execution"], one["next_check"]) == ("in_progress", "2021-06-30")
    with db.reading(ledger) as session:
        written = ("status_assessment", "evidence", "assessment_evidence", "commitment")
        signed = select(AuditEvent.actor).where(AuditEvent.table_name.in_(written)).order_by(AuditEvent.id.desc())
        assert set(session.scalars(signed.limit(4))) == {"某分析员"}


@pytest.mark.parametrize(
    ("said", "pointer", "rule"),
    [
        ({"evidence": []}, "#/evidence", "evidence"),
        ({"evidence": [{"url": "ftp://x"}]}, "#/evidence", "evidence-address"),
        ({"evidence": [{"url": PAGE, "reports": "announcement"}]}, "#/execution", "announcement"),
        ({"execution": "stalled"}, "#/reason", "reason"),
        ({"reviewed_up_to": "2999-01-01"}, "#/reviewed_up_to", "cut-off-not-in-future"),
        ({"effective_on": "2021-02-01"}, "#/effective_on", "effective-by-cut-off"),
        ({"corrects": 999}, "#/corrects", "corrects"),
        ({"execution": "done"}, "#/execution", None),
        ({"summary": " "}, "#/summary", None),
        ({"summary": 5}, "#/summary", None),
        ({"surprise": 1}, "#/surprise", None),
        ({"evidence": [{"url": PAGE, "x/y": 1}]}, "#/evidence/0/x~1y", None),
        ({"effective_on": "20201231"}, "#/effective_on", None),
        ({"summary": "a\u0000b"}, "#/summary", None),
        ({"summary": "\ud800"}, "#/summary", None),
        ({"progress_share": 1.5}, "#/progress_share", None),
        ({"progress_share": True}, "#/progress_share", None),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_place_and_nothing_is_written(
    program: Program, ledger: Engine, said: dict[str, object], pointer: str, rule: str | None
) -> None:
    before = count(ledger, AuditEvent)
    refused = program("analyst", "POST", HERE, {**FOUND, **said})
    assert refused.status_code == 422, refused.text
    assert misfits("Problem", refused.json) == []
    assert (pointer, rule) in {(error["pointer"], error.get("rule")) for error in refused.json["errors"]}
    assert count(ledger, StatusAssessment) == 0
    # the token of the test itself is made meanwhile
    assert count(ledger, AuditEvent) == before + 1


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"summary": 1, "summary": 2}', "application/json", 400),
        (b'{"progress_share": NaN}', "application/json", 400),
        (b'{"progress_share": 1e999}', "application/json", 400),
        (b'{"corrects": 99999999999999999999999}', "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b'{"a":' * 11 + b"1" + b"}" * 11, "application/json", 400),
        (b"[" + b"1," * 20001 + b"1]", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"execution=in_progress", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json; charset=gb18030", 415),
        (b"{" + b" " * 2_100_000 + b"}", "application/json", 413),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_I1_a_body_that_is_no_json_or_can_be_read_in_two_ways_is_refused(
    app: Flask, ledger: Engine, data: bytes, kind: str, status: int
) -> None:
    with db.writing(ledger, actor="测试") as session:
        owner = session.scalars(select(User).where(User.name == "某分析员")).one()
        token = tokens.make(session, owner, "程序", Role.ANALYST)[1]
    refused = app.test_client().post(HERE, data=data, content_type=kind, headers={"Authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    assert misfits("Problem", refused.json) == []


@pytest.mark.parametrize(
    ("role", "method", "address", "content", "status"),
    [
        ("reader", "POST", HERE, FOUND, 403),
        ("analyst", "POST", HERE, FOUND, 201),
        ("admin", "POST", HERE, FOUND, 201),
        ("reader", "POST", f"{BASE}/assessments/1/reviews", {"verdict": "approve"}, 403),
        ("analyst", "POST", f"{BASE}/assessments/1/reviews", {"verdict": "approve"}, 403),
        ("reviewer", "POST", f"{BASE}/assessments/1/reviews", {"verdict": "approve"}, 201),
    ],
)
def test_Z1_a_token_does_what_its_role_may(
    program: Program, ledger: Engine, role: str, method: str, address: str, content: object, status: int
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.PLANNED)
    before = count(ledger, StatusAssessment) + count(ledger, Review)
    assert program(role, method, address, content).status_code == status
    assert count(ledger, StatusAssessment) + count(ledger, Review) == before + (status == 201)


def test_Z8_a_role_that_was_lowered_is_felt_at_the_next_request(program: Program, ledger: Engine) -> None:
    assert program("reviewer", "POST", HERE, FOUND).status_code == 201
    with db.writing(ledger, actor="测试") as session:
        session.scalars(select(User).where(User.name == "某复核员")).one().role = Role.READER
    refused = program("reviewer", "POST", HERE, FOUND)
    assert refused.status_code == 403
    assert "reader" in refused.json["detail"]


@pytest.mark.parametrize("role", list(Role))
def test_W1_a_cookie_writes_nothing(ledger: Engine, somebody: Callable[[str], FlaskClient], role: Role) -> None:
    browser = somebody(role)
    page = browser.get("/desk/me/").text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    for headers in ({}, {"X-CSRFToken": csrf}, {"Authorization": "Basic eDp5"}, {"Origin": "https://evil.example"}):
        refused = browser.post(HERE, data=json.dumps(FOUND), content_type="application/json", headers=headers)
        assert refused.status_code in {401, 403}
        assert refused.mimetype == "application/problem+json"
    assert count(ledger, StatusAssessment) == 0


def test_W1_a_program_is_asked_for_no_token_of_a_form_and_its_signature_is_that_of_its_account(
    program: Program, somebody: Callable[[str], FlaskClient]
) -> None:
    browser = somebody("admin")
    program("analyst", "GET", f"{BASE}/cities")
    kept = program("analyst", "POST", HERE, FOUND, Origin="https://notebook.example", Sec_Fetch_Site="cross-site",
                   Cookie="; ".join(f"{name}={cookie.value}" for (_, _, name), cookie in browser._cookies.items()))  # fmt: skip
    assert (kept.status_code, kept.json["analyst"]) == (201, "某分析员")


def test_a_reviewer_returns_and_never_reviews_their_own(program: Program) -> None:
    mine = program("reviewer", "POST", HERE, FOUND).json["id"]
    own = program("reviewer", "POST", f"{BASE}/assessments/{mine}/reviews", {"verdict": "approve"})
    assert (own.status_code, own.json["errors"][0]["rule"]) == (422, "review-second-person")
    silent = program("admin", "POST", f"{BASE}/assessments/{mine}/reviews", {"verdict": "return"})
    assert silent.json["errors"][0]["pointer"] == "#/note"
    returned = program("admin", "POST", f"{BASE}/assessments/{mine}/reviews", {"verdict": "return", "note": "再查"})
    assert (returned.json["verdict"], returned.json["reviews"][0]["reviewer"]) == ("return", "某管理员")
    assert program("reader", "GET", f"{BASE}/commitments/CZ-2020-01.1").json["execution"] == "not_reviewed"
    assert program("admin", "POST", f"{BASE}/assessments/999/reviews", {"verdict": "approve"}).status_code == 404


def test_C7_the_same_request_sent_again_is_answered_again_and_writes_nothing(program: Program, ledger: Engine) -> None:
    first = program("analyst", "POST", HERE, FOUND, Idempotency_Key="a")
    again = program("analyst", "POST", HERE, FOUND, Idempotency_Key="a")
    assert (again.status_code, again.data) == (201, first.data)
    assert [again.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert count(ledger, StatusAssessment) == 1
    other = program("analyst", "POST", HERE, {**FOUND, "summary": "另一句"}, Idempotency_Key="a")
    elsewhere = program("analyst", "POST", HERE.replace("01.1", "01.2"), FOUND, Idempotency_Key="a")
    assert [other.status_code, elsewhere.status_code] == [422, 422]
    assert program("reviewer", "POST", HERE, FOUND, Idempotency_Key="a").status_code == 201
    assert program("analyst", "POST", HERE, FOUND, Idempotency_Key="b").status_code == 201
    assert count(ledger, StatusAssessment) == 3


def test_C7_a_request_that_was_refused_can_be_set_right_under_the_same_name(program: Program, ledger: Engine) -> None:
    assert program("analyst", "POST", HERE, {**FOUND, "evidence": []}, Idempotency_Key="a").status_code == 422
    assert count(ledger, ApiAnswer) == 0
    assert program("analyst", "POST", HERE, FOUND, Idempotency_Key="a").status_code == 201


@pytest.mark.parametrize("key", ["", "中文".encode().decode("latin-1"), "a b", "x" * 201])
def test_C7_a_name_that_is_none_is_refused(program: Program, ledger: Engine, key: str) -> None:
    assert program("analyst", "POST", HERE, FOUND, Idempotency_Key=key).status_code == 400
    assert count(ledger, StatusAssessment) == 0


def test_C7_a_request_sent_ten_times_at_once_writes_one_row(program: Program, ledger: Engine) -> None:
    program("analyst", "GET", f"{BASE}/cities")
    with ThreadPoolExecutor(10) as many:
        answers = list(many.map(lambda _: program("analyst", "POST", HERE, FOUND, Idempotency_Key="a"), range(10)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    assert count(ledger, StatusAssessment) == 1


def test_C7_an_answer_is_forgotten_after_two_days_and_not_before(program: Program, ledger: Engine) -> None:
    program("analyst", "POST", HERE, FOUND, Idempotency_Key="a")
    for hours, rows in ((47, 1), (49, 2)):
        with ledger.begin() as connection:
            connection.execute(update(ApiAnswer).values(at=datetime.now(UTC) - timedelta(hours=hours)))
        program("analyst", "POST", HERE, FOUND, Idempotency_Key="a")
        assert count(ledger, StatusAssessment) == rows
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(ApiAnswer)) == 1


def test_the_desk_s_view_shows_drafts_and_withdrawn_rows_to_who_bears_a_token(
    program: Program, ledger: Engine, app: Flask
) -> None:
    states = {"CZ-2020-01.1": PublicationState.DRAFT, "JZ-2020-21.2": PublicationState.WITHDRAWN}
    with db.writing(ledger, actor=ANALYST) as session:
        for code, state in states.items():
            commitment(session, code).publication_state = state
    for code, state in states.items():
        assert program("reader", "GET", f"{BASE}/commitments/{code}?view=desk").json["publication_state"] == state
        assert program("reader", "GET", f"{BASE}/commitments/{code}").status_code in {404, 410}
    listed = program("reader", "GET", f"{BASE}/commitments?limit=200&view=desk")
    assert states.keys() <= {row["code"] for row in listed.json["items"]} | {
        row["code"] for row in program("reader", "GET", f"{BASE}/commitments?view=desk&search=养老").json["items"]
    } | {
        row["code"]
        for row in program("reader", "GET", f"{BASE}/commitments?view=desk&city=jingzhou&limit=200").json["items"]
    }
    assert app.test_client().get(f"{BASE}/commitments?view=desk").status_code == 401


def test_a_database_that_is_only_read_says_so_to_programs(
    program: Program, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program("analyst", "GET", f"{BASE}/cities").status_code == 200
    monkeypatch.setitem(app.config, "READ_ONLY", "damaged")
    refused = program("analyst", "POST", HERE, FOUND)
    assert (refused.status_code, refused.mimetype) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert all(words in refused.json["detail"] for words in ("台账暂时只读", " / ", "the ledger is read-only"))
    assert program("analyst", "GET", f"{BASE}/cities").status_code == 200


def test_a_commitment_that_is_not_there_is_told(program: Program) -> None:
    refused = program("analyst", "POST", f"{BASE}/commitments/none/assessments", FOUND)
    assert refused.status_code == 404
    assert "none" in refused.json["detail"]


def test_the_same_address_cited_twice_is_refused_and_leaves_nothing(program: Program, ledger: Engine) -> None:
    twice = {**FOUND, "evidence": [{"url": PAGE, "reports": "delivery"}, {"url": PAGE}]}
    assert program("analyst", "POST", HERE, twice).status_code == 422
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(StatusAssessment).join(Commitment)) == 0


ONE = f"{BASE}/commitments/CZ-2020-01.1"


def test_C2_the_coding_is_changed_by_who_has_seen_it(program: Program, ledger: Engine) -> None:
    mark = program("analyst", "GET", ONE).headers["ETag"]
    changed = program(
        "analyst", "PATCH", ONE, {"note_zh": "以公报为准", "completion_evidence": "见公报"}, If_Match=mark
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json["note_zh"], changed.json["completion_evidence"]) == ("以公报为准", "见公报")
    now = program("analyst", "GET", ONE)
    assert (now.json, now.headers["ETag"]) == (changed.json, changed.headers["ETag"])
    emptied = program("analyst", "PATCH", ONE, {"note_zh": None}, If_Match=now.headers["ETag"])
    assert emptied.json["note_zh"] is None
    with db.reading(ledger) as session:
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.table_name == "commitment").order_by(AuditEvent.id.desc()).limit(1)
        )
        assert (event.actor, event.changes["note_zh"]) == ("某分析员", ["以公报为准", None])


def test_C2_who_comes_second_is_told_what_stands_now_and_what_differs(program: Program) -> None:
    mark = program("analyst", "GET", ONE).headers["ETag"]
    assert program("analyst", "PATCH", ONE, {"note_zh": "甲"}, If_Match=mark).status_code == 200
    late = {"note_zh": "乙", "title_zh": program("analyst", "GET", ONE).json["title_zh"]}
    refused = program("reviewer", "PATCH", ONE, late, If_Match=mark)
    assert refused.status_code == 412
    assert misfits("Problem", refused.json) == []
    now = program("analyst", "GET", ONE)
    assert (refused.json["current"], refused.json["differs"]) == (now.json, ["note_zh"])
    assert refused.headers["ETag"] == now.headers["ETag"]
    assert program("reviewer", "PATCH", ONE, late, If_Match=refused.headers["ETag"]).json["note_zh"] == "乙"


@pytest.mark.parametrize(("mark", "status"), [(None, 428), ("*", 428), ('"0.x"', 412), ('W/"1.x"', 412), ("x", 412)])
def test_C2_a_change_that_does_not_say_what_it_changes_is_refused(
    program: Program, mark: str | None, status: int
) -> None:
    headers = {} if mark is None else {"If_Match": mark}
    assert program("analyst", "PATCH", ONE, {"note_zh": "甲"}, **headers).status_code == status
    assert program("analyst", "GET", ONE).json["note_zh"] != "甲"


def test_C2_ten_changes_at_once_of_the_same_version_leave_one(program: Program, ledger: Engine) -> None:
    mark = program("analyst", "GET", ONE).headers["ETag"]
    with ThreadPoolExecutor(10) as many:
        send = lambda number: program("analyst", "PATCH", ONE, {"note_zh": f"第{number}个"}, If_Match=mark).status_code  # noqa: E731
        answers = sorted(many.map(send, range(10)))
    assert answers == [200, *[412] * 9]
    with db.reading(ledger) as session:
        assert commitment(session, "CZ-2020-01.1").row_version == 2


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "#"),
        ({"code": "X"}, "#/code"),
        ({"quote": "x"}, "#/quote"),
        ({"title_zh": None}, "#/title_zh"),
        ({"execution": "completed"}, "#/execution"),
        ({"next_check": "tomorrow"}, "#/next_check"),
    ],
)
def test_Z4_what_follows_from_the_text_is_not_changed(program: Program, said: dict[str, object], pointer: str) -> None:
    mark = program("analyst", "GET", ONE).headers["ETag"]
    refused = program("analyst", "PATCH", ONE, said, If_Match=mark)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_rule_of_the_database_is_told_in_plain_words(program: Program) -> None:
    mark = program("analyst", "GET", ONE).headers["ETag"]
    refused = program("analyst", "PATCH", ONE, {"stands_alone": True}, If_Match=mark)
    assert refused.status_code == 422
    assert "Only a head" in refused.json["detail"]
    unseen = program("analyst", "PATCH", ONE, {"title_zh": "a\u200bb"}, If_Match=mark)
    assert (unseen.status_code, unseen.json["errors"][0]["rule"]) == (422, "name-seen")
