"""The desk: closed to strangers, quick for analysts, and no way past the rules, the audit or another's change."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from following import commitment, record
from tracker import db
from tracker.codebook import EvidenceReports, Execution, Role
from tracker.models import AuditEvent, Commitment, Evidence, Jurisdiction, SearchLog, StatusAssessment, Term, User
from visiting import PASSWORD, Somebody, count, hidden, send

CODE = "CZ-2020-05.3"
RECORD = f"/desk/commitment/record/?code={CODE}"
TABLES = [
    "commitment",
    "jurisdiction",
    "person",
    "post",
    "postholding",
    "organisation",
    "vocabulary",
    "term",
    "policydocument",
    "obstacle",
    "sourcedocument",
    "statedfigure",
    "statusassessment",
    "evidence",
    "searchlog",
    "auditevent",
    "account",
]
KEPT = [
    "jurisdiction",
    "person",
    "post",
    "postholding",
    "organisation",
    "vocabulary",
    "term",
    "policydocument",
    "obstacle",
    "account",
]
FOUND = {
    "execution": "in_progress",
    "effective_on": "2020-12-31",
    "reviewed_up_to": "2021-01-31",
    "summary": "有色产业园已动工",
    "evidence-0-url": "https://example.org/start",
    "evidence-0-reports": "start",
}


def the(ledger: Engine, code: str = CODE) -> Commitment:
    with db.reading(ledger) as session:
        return commitment(session, code)


def coding(row: Commitment, **changes: str) -> dict[str, str]:
    """What the form of a commitment sends."""
    names = ("title_zh", "title_en", "tense", "tense_confidence", "tense_words", "checkability", "completion_zh")
    values = {name: str(getattr(row, name)) for name in (*names, "completion_en", "publication_state")}
    return {**values, **changes}


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every route of the desk with one of its methods."""
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/desk")]
    return [
        (method, rule.rule.replace("<export_type>", "csv"))
        for rule in found
        for method in (rule.methods or set()) & {"GET", "POST"}
    ]


def test_every_route_of_the_desk_sends_strangers_to_sign_in(app: Flask) -> None:
    client = app.test_client()
    client.get("/desk/")
    token = hidden(client.get("/sign-in").text, "csrf_token")
    assert len(routes(app)) > 100
    for method, address in routes(app):
        answer = client.open(address, method=method, data={"csrf_token": token})
        assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in"), address


def test_a_reader_looks_but_does_not_write(somebody: Somebody, ledger: Engine) -> None:
    reader = somebody("reader")
    assert reader.get("/desk/").status_code == reader.get(f"/desk/commitment/details/?code={CODE}").status_code == 200
    token = hidden(reader.get("/desk/").text, "csrf_token")
    for address in (RECORD, "/desk/commitment/edit/?id=1", "/desk/term/new/", "/desk/term/edit/?id=1"):
        assert reader.get(address).status_code == 403
        assert reader.post(address, data={"csrf_token": token, **FOUND}).status_code == 403
    assert "记录跟踪" not in reader.get(f"/desk/commitment/details/?code={CODE}").text
    assert count(ledger, StatusAssessment) == 0


def test_no_view_deletes_exports_or_changes_many_rows(admin: FlaskClient) -> None:
    token = {"csrf_token": hidden(admin.get("/desk/").text, "csrf_token"), "id": "1", "list_form_pk": "1"}
    for name in TABLES:
        for route in ("delete", "action", "ajax/update"):
            assert admin.post(f"/desk/{name}/{route}/", data=token).status_code == 403
        assert admin.get(f"/desk/{name}/export/csv/").status_code == 403


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_list_row_and_form_opens(language: str, admin: FlaskClient, recorded: StatusAssessment) -> None:
    assert recorded.id
    admin.get(f"/desk/?lang={language[:2]}")
    addresses = [f"/desk/{name}/{place}" for name in TABLES for place in ("", "details/?id=1")]
    addresses += [f"/desk/{name}/{place}" for name in KEPT for place in ("new/", "edit/?id=1")]
    for address in (*addresses, "/desk/", "/desk/commitment/edit/?id=1", RECORD):
        page = admin.get(address)
        assert page.status_code == 200, address
        assert (page.text.count("<h1>"), page.text.count("<main")) == (1, 1)
        assert f'<html lang="{language}">' in page.text


def test_no_page_has_a_script_or_an_inline_style(admin: FlaskClient) -> None:
    for address in ("/desk/", "/desk/commitment/", RECORD, "/desk/term/edit/?id=1", "/desk/auditevent/"):
        answer = admin.get(address)
        assert not re.search(
            r"<script(?! type=\"module\" src=\"/static/)|<style| style=| on\w+=|javascript:|https?://(?!localhost)",
            answer.text,
        )
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_follow_up_is_appended_with_its_evidence_and_shows_in_the_list(analyst: FlaskClient, ledger: Engine) -> None:
    answer = send(analyst, RECORD, {**FOUND, "progress_share": "40", "next_check": "2021-07-01"})
    assert answer.headers["Location"] == f"/desk/commitment/details/?code={CODE}"
    with db.reading(ledger) as session:
        made = session.scalars(select(StatusAssessment)).one()
        assert (made.execution, made.effective_on) == (Execution.IN_PROGRESS, date(2020, 12, 31))
        assert (made.progress_share, made.analyst.name) == (0.4, "某分析员")
        assert made.citations[0].evidence.reports is EvidenceReports.START
        assert made.commitment.next_check == date(2021, 7, 1)
    found = analyst.get("/desk/commitment/?status=in_progress").text
    assert "共 1 条" in found
    assert CODE in found
    assert "有色产业园已动工" in analyst.get(f"/desk/commitment/details/?code={CODE}").text


def test_the_form_and_the_verb_record_the_same_assessment(analyst: FlaskClient, ledger: Engine) -> None:
    send(analyst, RECORD, {**FOUND, "evidence-0-reports": "delivery", "evidence-0-url": "https://example.org/news/1"})
    with db.writing(ledger, actor="测试") as session:
        record(session, CODE, Execution.IN_PROGRESS, summary=FOUND["summary"])
    with db.reading(ledger) as session:
        own = {"id", "recorded_at", "analyst_id"}
        typed, said = (
            {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name not in own}
            for row in session.scalars(select(StatusAssessment).order_by(StatusAssessment.id))
        )
    assert typed == said
    assert count(ledger, Evidence) == 1


def test_four_fields_and_a_search_record_that_nothing_was_found(analyst: FlaskClient, ledger: Engine) -> None:
    today = date.today().isoformat()  # noqa: DTZ011 - the day of whoever sits at the desk
    values = {
        "execution": "no_evidence_found",
        "effective_on": today,
        "reviewed_up_to": today,
        "summary": "未见公开报道",
    }
    refused = send(analyst, RECORD, values)
    assert "须有截至" in refused.text
    assert send(analyst, RECORD, {**values, "searched_in": "市政府网站", "query": "有色"}).status_code == 302
    assert (count(ledger, SearchLog), count(ledger, StatusAssessment)) == (1, 1)


def test_every_field_of_the_form_stands_on_it_once(analyst: FlaskClient) -> None:
    page = analyst.get(RECORD).text
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page)
    asked = [name for name in names if name != "csrf_token"]
    assert len(asked) == len(set(asked)) == len(["latest", "form_key"]) + 4 + 3 * 8 + 4 + 13
    assert " open>" not in page


def test_what_was_typed_is_not_folded_away(analyst: FlaskClient) -> None:
    refused = send(analyst, RECORD, {**FOUND, "evidence-0-url": "", "evidence-0-reports": "", "problems": "资金"})
    unfolded = re.findall(r"<details open>\s*<summary>([^<]*)", refused.text)
    assert unfolded == ["进展、问题、下一步"]


def test_a_broken_rule_is_said_and_nothing_is_written_or_lost(analyst: FlaskClient, ledger: Engine) -> None:
    answer = send(analyst, RECORD, {**FOUND, "evidence-0-reports": "announcement", "problems": "资金未到位"})
    assert answer.status_code == 422
    for kept in ("仅有宣布不算进展", "有色产业园已动工", "https://example.org/start", "资金未到位"):
        assert kept in answer.text
    assert (count(ledger, StatusAssessment), count(ledger, Evidence)) == (0, 0)
    analyst.get("/desk/?lang=en")
    english = send(analyst, RECORD, {**FOUND, "evidence-0-url": "ftp://x"})
    assert "is no web address" in english.text


def test_a_second_assessment_since_the_form_was_opened_is_not_overlooked(analyst: FlaskClient, ledger: Engine) -> None:
    opened = analyst.get(RECORD).text
    assert send(analyst, RECORD, FOUND, opened).status_code == 302
    again = send(analyst, RECORD, FOUND, opened)
    assert "又有一条新评估" in again.text
    assert count(ledger, StatusAssessment) == 1
    assert send(analyst, RECORD, FOUND, again.text).status_code == 302
    assert count(ledger, StatusAssessment) == 2


def test_only_an_assessment_of_the_same_commitment_can_be_corrected(analyst: FlaskClient, ledger: Engine) -> None:
    send(analyst, RECORD.replace(CODE, "CZ-2020-01"), FOUND)
    with db.reading(ledger) as session:
        other = str(session.scalars(select(StatusAssessment.id)).one())
    assert send(analyst, RECORD, {**FOUND, "corrects": other}).status_code == 422
    assert send(analyst, RECORD.replace(CODE, "CZ-2020-01"), {**FOUND, "corrects": other}).status_code == 302


def test_an_edit_is_signed_with_what_was_and_what_is(analyst: FlaskClient, ledger: Engine) -> None:
    row = the(ledger)
    address = f"/desk/commitment/edit/?id={row.id}"
    assert send(analyst, address, coding(row, title_zh="有色链招商", tense="ongoing")).status_code == 302
    with db.reading(ledger) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.actor, event.table_name, event.row_key) == ("某分析员", "commitment", str(row.id))
        assert event.changes["title_zh"] == [row.title_zh, "有色链招商"]
    page = analyst.get(f"/desk/commitment/details/?code={CODE}").text
    assert f"<del>{row.title_zh}</del> → <ins>有色链招商</ins>" in page
    assert "<del>拟办</del> → <ins>在办</ins>" in page


@pytest.mark.parametrize("name", ["commitment", "jurisdiction"])
def test_a_stale_form_is_refused_and_shows_both_versions(name: str, analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        row, city = commitment(session, CODE), session.scalars(select(Jurisdiction)).first()
        assert city is not None
        key, field, values = {
            "commitment": (row.id, "title_zh", coding(row)),
            "jurisdiction": (
                city.id,
                "name_en",
                {"code": city.code, "name_zh": city.name_zh, "level": city.level, "slug": city.slug}
                | {"parent": "__None", "iso_code": city.iso_code or ""},
            ),
        }[name]
    address = f"/desk/{name}/edit/?id={key}"
    opened = analyst.get(address).text
    assert send(analyst, address, {**values, field: "先到的"}, opened).status_code == 302
    stale = send(analyst, address, {**values, field: "后到的"}, opened)
    assert "没有保存" in stale.text
    assert "<strong>现存：</strong>先到的" in stale.text
    assert 'value="后到的"' in stale.text
    assert "先到的" in analyst.get(address).text
    assert send(analyst, address, {**values, field: "后到的"}, stale.text).status_code == 302


def test_a_form_that_carries_no_version_changes_nothing(analyst: FlaskClient, ledger: Engine) -> None:
    row = the(ledger)
    answer = send(analyst, f"/desk/commitment/edit/?id={row.id}", coding(row, title_zh="改", row_version=""))
    assert "没有保存" in answer.text
    assert the(ledger).title_zh == row.title_zh


def test_code_and_quote_cannot_be_edited(analyst: FlaskClient, ledger: Engine) -> None:
    row = the(ledger)
    forged = coding(row, title_zh="改名", code="XX-1", position="999", passage_id="1", document_id="2")
    send(analyst, f"/desk/commitment/edit/?id={row.id}", forged)
    now = the(ledger)
    assert (now.title_zh, now.position, now.passage_id) == ("改名", row.position, row.passage_id)


def test_a_list_that_is_not_understood_is_refused(analyst: FlaskClient) -> None:
    queries = (
        "sort=x desc=2 kind=x city=1 status=done colour=red page=-1 page=x page_size=7 page=99999999999999999999"
        " search=%00 flt0_0=x timeliness=%F0%9F%98%80"
    )
    for query in queries.split():
        assert analyst.get(f"/desk/commitment/?{query}").status_code == 400, query
        assert analyst.get(f"/desk/term/?{query}").status_code == 400, query


def test_malformed_addresses_are_never_a_fault_of_ours(admin: FlaskClient) -> None:
    keys = ("abc", "1,2", "-1", "1.5", "", "2147483648", "99999999999999999999", "%00", "１", "1&id=2")
    for name in TABLES:
        for address in [f"{name}/{route}/?id={key}" for key in keys for route in ("details", "edit")]:
            assert admin.get(f"/desk/{address}").status_code in {200, 302, 400, 403, 404}, address
        if name == "auditevent":  # the log has no pages to count
            continue
        assert admin.get(f"/desk/{name}/?page=2147483647").status_code == 404
        assert admin.get(f"/desk/{name}/?search={'a' * 201}").status_code == 400
        for search in ("%25", "_", "'", "a" * 200, "%E5%85%BB"):
            assert admin.get(f"/desk/{name}/?search={search}").status_code == 200


def test_a_wrong_value_is_answered_with_what_is_allowed(analyst: FlaskClient) -> None:
    answer = analyst.get("/desk/commitment/?status=done")
    assert "status=done" in answer.text
    assert "in_progress" in answer.text


SORTS = ("code", "title", "city", "kind", "status", "timeliness", "deadline", "checked", "next_check")


def test_paging_shows_each_commitment_once_however_it_is_sorted(analyst: FlaskClient, ledger: Engine) -> None:
    whole = count(ledger, Commitment)
    for sort in [f"sort={name}&desc={desc}" for name in SORTS for desc in (0, 1)]:
        shown: list[str] = []
        for page in range(-(-whole // 50)):
            answer = analyst.get(f"/desk/commitment/?{sort}&page={page}")
            shown += re.findall(r'class="code" href="[^"]*">([^<]+)<', answer.text)
        assert len(shown) == len(set(shown)) == whole, sort


def test_paging_shows_each_row_of_a_table_once(admin: FlaskClient, ledger: Engine) -> None:
    shown: list[str] = []
    while answer := admin.get(f"/desk/term/?sort=0&page={len(shown) // 50}"):
        if answer.status_code == 404:
            break
        found = re.findall(r'href="/desk/term/details/\?id=(\d+)"', answer.text)
        shown += found
        if len(found) < 50:
            break
    assert len(shown) == len(set(shown)) == count(ledger, Term)


def test_the_list_narrows_by_city_kind_deadline_and_words(analyst: FlaskClient) -> None:
    page = analyst.get("/desk/commitment/?city=421000&page_size=all").text
    assert "JZ-2020" in page
    assert "CZ-2020" not in page
    assert CODE in analyst.get("/desk/commitment/?search=有色金属&kind=investment_priority&deadline=horizon").text


def test_what_a_database_refuses_is_said_without_sql(analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        term = session.scalars(select(Term)).first()
        assert term is not None
        twin = {"vocabulary": str(term.vocabulary_id), "position": "1", "code": term.code, "name_zh": "重复"}
    answer = send(analyst, "/desk/term/new/", {**twin, "name_en": "Twin"})
    assert "已有一行用了相同的词表、编号" in answer.text
    assert not re.search(r"INSERT|UNIQUE|sqlite3|psycopg|constraint", answer.text)
    row = the(ledger)
    low = send(analyst, f"/desk/commitment/edit/?id={row.id}", coding(row, tense_confidence="low", tense_note_zh=""))
    assert "须写明时态说明" in low.text


def test_required_text_is_more_than_white_space(analyst: FlaskClient, ledger: Engine) -> None:
    before = count(ledger, Jurisdiction)
    values = {"code": "430100", "name_zh": "　 ", "name_en": "Changsha", "level": "prefecture", "slug": "changsha"}
    assert send(analyst, "/desk/jurisdiction/new/", {**values, "parent": "__None"}).status_code == 200
    assert count(ledger, Jurisdiction) == before
    assert send(analyst, "/desk/jurisdiction/new/", {**values, "name_zh": "长沙", "parent": "1"}).status_code == 302


def test_a_policy_document_is_tied_to_commitments_by_their_codes(analyst: FlaskClient) -> None:
    values = {"jurisdiction": "1", "title": "惠企二十条", "unit": "__None", "url": "https://example.org/p"}
    unknown = send(analyst, "/desk/policydocument/new/", {**values, "commitments": f"{CODE}, CZ-1"})
    assert "没有这样的编号：CZ-1" in unknown.text
    made = send(analyst, "/desk/policydocument/new/", {**values, "commitments": f"{CODE}、CZ-2020-01"})
    assert made.status_code == 302
    assert CODE in analyst.get(made.headers["Location"]).text


def test_nobody_sees_a_password_or_a_session_mark(admin: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        secrets = [str(value) for row in session.scalars(select(User)) for value in (row.password, row.fs_uniquifier)]
    for address in ("/desk/account/", "/desk/account/details/?id=1", "/desk/account/edit/?id=1", "/desk/auditevent/"):
        page = admin.get(address).text
        assert "argon2" not in page
        assert [secret for secret in secrets if secret in page] == []


def test_only_administrators_manage_accounts(analyst: FlaskClient, admin: FlaskClient, somebody: Somebody) -> None:
    assert analyst.get("/desk/account/").status_code == 403
    values = {"name": "新人", "email": "New@example.org", "role": "reader", "new_password": "short", "again": "short"}
    assert "15" in send(admin, "/desk/account/new/", values).text
    whole = {**values, "email": "newcomer@example.org", "new_password": PASSWORD, "again": PASSWORD}
    assert send(admin, "/desk/account/new/", whole).status_code == 302
    assert somebody("reviewer").get("/desk/").status_code == 200


def test_a_new_password_ends_every_session(admin: FlaskClient, analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        key = session.scalars(select(User.id).where(User.email == "analyst@example.org")).one()
    values = {"email": "analyst@example.org", "role": "analyst", "active": "y"}
    again = {"new_password": "another " + PASSWORD, "again": "another " + PASSWORD}
    assert send(admin, f"/desk/account/edit/?id={key}", values).status_code == 302
    assert analyst.get("/desk/").status_code == 200
    assert send(admin, f"/desk/account/edit/?id={key}", {**values, **again}).status_code == 302
    assert analyst.get("/desk/").status_code == 302


@pytest.mark.parametrize("change", [{"role": "analyst", "active": "y"}, {"role": "admin"}])
def test_the_last_administrator_stays(change: dict[str, str], admin: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        key = session.scalars(select(User.id).where(User.role == Role.ADMIN)).one()
    answer = send(admin, f"/desk/account/edit/?id={key}", {"email": "admin@example.org", **change})
    assert "最后一个可登录的管理员" in answer.text
    assert admin.get("/desk/account/").status_code == 200


def test_the_list_costs_the_same_queries_however_many_rows(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        for code in ("CZ-2020-01.1", "CZ-2020-01.2", "CZ-2020-02.1"):
            record(session, code, Execution.IN_PROGRESS)
    one, many = (
        queries_of(analyst, f"/desk/commitment/{query}") for query in ("?search=有色&page_size=all", "?page_size=all")
    )
    assert one == many <= 5
    assert queries_of(analyst, "/desk/commitment/?search=有色") <= 5
    assert queries_of(analyst, "/desk/statusassessment/") <= 4


def queries_of(client: FlaskClient, address: str) -> int:
    """How many statements a page costs."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len([statement for statement in said if statement.lstrip().startswith(("SELECT", "WITH"))])


def test_no_english_stands_among_the_chinese(admin: FlaskClient) -> None:
    empty = send(admin, "/desk/person/new/", {})
    for page in (empty.text, admin.get("/desk/").text, admin.get("/desk/organisation/").text, admin.get(RECORD).text):
        seen = re.sub(r"<head>.*?</head>|<[^>]+>|English", " ", page, flags=re.DOTALL)
        words = set(re.findall(r"[A-Za-z]{4,}", seen)) - {"EDTF"}
        assert not {word for word in words if word.lower() in {"this", "field", "required", "list", "create", "save"}}
    assert "该字段是必填字段" in empty.text or "必填" in empty.text


def test_signing_out_needs_a_post(analyst: FlaskClient) -> None:
    assert analyst.get("/sign-out").status_code == 405
    token = hidden(analyst.get("/desk/").text, "csrf_token")
    analyst.post("/sign-out", data={"csrf_token": token})
    assert analyst.get("/desk/").status_code == 302


def test_what_is_past_its_next_check_stands_on_the_first_page(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        commitment(session, CODE).next_check = date(2021, 1, 1)
    assert CODE in analyst.get("/desk/").text


def test_signing_out_ends_every_session_of_the_account(analyst: FlaskClient, somebody: Somebody) -> None:
    elsewhere = somebody("analyst")
    page = analyst.get("/desk/").text
    assert analyst.post("/sign-out", data={"csrf_token": hidden(page, "csrf_token")}).status_code == 302
    assert elsewhere.get("/desk/").status_code == 302


@pytest.mark.parametrize("body", [{"email": "analyst@example.org", "password": PASSWORD}, "x"])
def test_nobody_signs_in_by_json(app: Flask, body: object) -> None:
    assert app.test_client().post("/sign-in?include_auth_token", json=body).status_code == 400


def test_a_very_long_password_is_refused_before_it_is_hashed(app: Flask) -> None:
    client = app.test_client()
    answer = send(client, "/sign-in", {"email": "analyst@example.org", "password": "x" * 400_000})
    assert answer.status_code == 400


def test_an_expired_form_shows_what_was_typed_and_the_way_back(analyst: FlaskClient) -> None:
    answer = analyst.post(RECORD, data={**FOUND, "csrf_token": "expired"})
    assert answer.status_code == 400
    assert FOUND["summary"] in answer.text
    assert FOUND["evidence-0-url"] in answer.text
    assert FOUND["execution"] not in answer.text
    assert "/sign-in?next=" in answer.text


def test_a_next_check_set_meanwhile_is_not_lost(analyst: FlaskClient, ledger: Engine) -> None:
    page = analyst.get(RECORD).text
    with db.writing(ledger, actor="同事") as session:
        commitment(session, CODE).next_check = date(2999, 3, 1)
    assert send(analyst, RECORD, FOUND, opened=page).status_code == 302
    with db.reading(ledger) as session:
        assert commitment(session, CODE).next_check == date(2999, 3, 1)


def test_only_administrators_see_changes_of_accounts(somebody: Somebody) -> None:
    assert somebody("admin").get("/desk/auditevent/details/?id=" + _last_event(somebody)).status_code == 200
    assert somebody("reader").get("/desk/auditevent/details/?id=" + _last_event(somebody)).status_code == 404


def _last_event(somebody: Somebody) -> str:
    """The id of the audit event that made the last account, the administrator's."""
    rows = re.findall(r"/desk/auditevent/details/\?id=(\d+)", somebody("admin").get("/desk/auditevent/").text)
    return max(rows, key=int)


def test_every_row_has_a_name(admin: FlaskClient, recorded: StatusAssessment) -> None:
    assert recorded.id
    for table in TABLES:
        assert "object at" not in admin.get(f"/desk/{table}/details/?id=1").text, table


def test_a_head_that_only_groups_says_that_it_is_not_counted(analyst: FlaskClient) -> None:
    assert "不计入统计" in analyst.get("/desk/commitment/record/?code=CZ-2020-05").text
    assert "不计入统计" not in analyst.get(RECORD).text
