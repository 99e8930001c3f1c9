"""Many follow-ups at once: what the preview shows is what is written, all of it or nothing."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from following import ANALYST, PAGE, commitment, record
from tracker import db
from tracker.batches import Entry, record_entries
from tracker.codebook import Execution
from tracker.findings import Finding
from tracker.models import AuditEvent, Commitment, Evidence, SearchLog, StatusAssessment, User
from visiting import Somebody, count, hidden, send

SAME, SHEET = "/desk/bulk/", "/desk/bulk/sheet/"
CODES = ["CZ-2020-01.1", "CZ-2020-21.4", "JZ-2020-21.2"]

#: One finding, as it is typed.
FOUND = {
    "execution": "in_progress",
    "effective_on": "2020-12-31",
    "reviewed_up_to": "2021-01-31",
    "summary": "年底仍在办理",
    "evidence-0-url": PAGE,
    "evidence-0-reports": "statistics",
    "codes": "\r\n".join(CODES),
}


def rows(*codes: str, **cells: str) -> str:
    """Rows as a spreadsheet copies them: each says the same, but for what `cells` say of the last."""
    least = {
        "状态": "推进中",
        "状态生效日": "2020-12-31",
        "核查结论": "园区已动工",
        "依据网址": PAGE,
        "报道内容": "开工",
    }
    said = [{"编号": code, **least} for code in codes]
    said[-1] |= cells
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, list(said[-1]), dialect="excel-tab")
    writer.writeheader()
    writer.writerows(said)
    return sheet.getvalue()


def press_write(client: FlaskClient, address: str, values: dict[str, str], preview: TestResponse) -> TestResponse:
    """Press the button that writes, on a preview as it was shown."""
    kept = {name: hidden(preview.text, name) for name in ("previewed", "latest")}
    kept["latest"] = kept["latest"].replace("&#34;", '"')
    return send(client, address, {**kept, **values, "do": "write"}, preview.text)


def table(answer: TestResponse) -> list[str]:
    """The words of each row of the preview."""
    body = answer.text.split("<tbody>")[1].split("</tbody>")[0]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in body.split("</tr>")[:-1]]


def test_one_finding_is_previewed_and_then_recorded_of_each_code(analyst: FlaskClient, ledger: Engine) -> None:
    preview = send(analyst, SAME, FOUND)
    assert preview.status_code == 200
    assert count(ledger, StatusAssessment) == count(ledger, Evidence) == 0
    assert [row.split()[1] for row in table(preview)] == CODES
    assert all("未核查" in row and "推进中" in row and "年底仍在办理" in row for row in table(preview))
    assert "写入全部 3 条" in preview.text
    answer = press_write(analyst, SAME, FOUND, preview)
    assert answer.status_code == 302
    assert count(ledger, StatusAssessment) == 3
    # The same page is one row, however many rest on it.
    assert count(ledger, Evidence) == 1
    with db.reading(ledger) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.table_name == "status_assessment")).all()
    assert [event.actor for event in events] == ["某分析员"] * 3


def test_the_list_hands_its_ticked_rows_over(analyst: FlaskClient) -> None:
    page = analyst.get(SAME, query_string={"code": CODES}).text
    assert "\n".join(CODES) in page.replace("\r\n", "\n")
    assert analyst.get("/desk/bulk/?codes=x").status_code == 400


def test_a_sheet_is_previewed_and_written(analyst: FlaskClient, ledger: Engine) -> None:
    text = rows(*CODES, 核查结论="第一行\n第二行", 下次查看="2031-01-01")
    preview = send(analyst, SHEET, {"text": text})
    assert preview.status_code == 200
    assert press_write(analyst, SHEET, {"text": text}, preview).status_code == 302
    with db.reading(ledger) as session:
        written = session.scalars(select(StatusAssessment).order_by(StatusAssessment.id)).all()
        assert [row.summary for row in written] == ["园区已动工", "园区已动工", "第一行\n第二行"]
        assert commitment(session, CODES[2]).next_check == date(2031, 1, 1)


def test_with_one_row_refused_nothing_is_written_and_the_text_stays_to_be_mended(
    analyst: FlaskClient, ledger: Engine
) -> None:
    text = rows(*CODES, 报道内容="宣布")
    refused = send(analyst, SHEET, {"text": text})
    assert refused.status_code == 422
    assert "3 行中有 1 行不合规则" in refused.text
    assert "仅有宣布不算进展" in table(refused)[2]
    assert 'href="#row-4"' in refused.text
    assert 'value="write"' not in refused.text
    assert text.splitlines()[3] in refused.text
    forced = press_write(analyst, SHEET, {"text": text}, refused)
    assert forced.status_code == 422
    assert count(ledger, StatusAssessment) == count(ledger, Evidence) == count(ledger, SearchLog) == 0
    mended = rows(*CODES, 报道内容="开工")
    preview = send(analyst, SHEET, {"text": mended}, refused.text)
    assert press_write(analyst, SHEET, {"text": mended}, preview).status_code == 302
    assert count(ledger, StatusAssessment) == 3


def test_each_fault_is_told_with_row_column_and_rule(analyst: FlaskClient) -> None:
    text = rows("XX-1", CODES[0], CODES[1], 状态="快了", 状态生效日="2020-13-01")
    page = send(analyst, SHEET, {"text": text})
    assert "没有编号为“XX-1”的承诺" in table(page)[0]
    assert "执行状态： “快了”不在可选之列" in table(page)[2] or "“快了”不在可选之列" in table(page)[2]
    assert "“2020-13-01”不是日期" in table(page)[2]
    analyst.set_cookie("lang", "en")
    english = send(analyst, SHEET, {"text": text}).text
    assert "no commitment has the code" in english
    assert "is none of: Not reviewed" in english


def test_what_is_no_web_address_is_shown_and_not_linked(analyst: FlaskClient) -> None:
    page = send(analyst, SHEET, {"text": rows(CODES[0], 依据网址="javascript:alert(1)", 核查结论="<b>园区</b>")})
    assert "“javascript:alert(1)”不是网址" in table(page)[0]
    assert 'href="javascript' not in page.text
    assert "<b>园区" not in page.text


def test_what_is_wrong_with_the_finding_stands_beside_its_field(analyst: FlaskClient) -> None:
    page = send(analyst, SAME, {**FOUND, "evidence-0-reports": "announcement"})
    assert page.status_code == 422
    assert 'id="execution-error">仅有宣布不算进展' in page.text
    # Told once for all rows, and in each row of the preview.
    assert page.text.count("仅有宣布不算进展") == 1 + 1 + 3


def test_the_same_row_twice_is_refused_and_two_days_of_one_commitment_are_not(analyst: FlaskClient) -> None:
    twice = send(analyst, SHEET, {"text": rows(CODES[0], CODES[0])})
    assert "与第 2 行是同一编号、同一生效日" in table(twice)[1]
    history = send(
        analyst,
        SHEET,
        {"text": rows(CODES[0], CODES[0], 状态="停滞", 状态生效日="2020-06-30", 原因="资金", 归因="本市")},
    )
    assert history.status_code == 200
    # The older day is recorded and does not change how it stands.
    assert "仍以较晚的“推进中”为准" in table(history)[1]


@pytest.mark.parametrize(("address", "values"), [(SAME, FOUND), (SHEET, {"text": rows(*CODES)})])
def test_sent_twice_it_is_written_once(
    analyst: FlaskClient, ledger: Engine, address: str, values: dict[str, str]
) -> None:
    preview = send(analyst, address, values)
    assert press_write(analyst, address, values, preview).status_code == 302
    again = press_write(analyst, address, values, preview)
    assert again.status_code == 422
    assert "又有 3 条承诺有了新评估" in again.text
    assert "某分析员" in table(again)[0]
    assert count(ledger, StatusAssessment) == 3
    assert press_write(analyst, address, values, again).status_code == 302
    assert count(ledger, StatusAssessment) == 6


def test_who_recorded_since_the_preview_is_not_overlooked(analyst: FlaskClient, ledger: Engine) -> None:
    preview = send(analyst, SAME, FOUND)
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, CODES[1], Execution.COMPLETED)
    answer = press_write(analyst, SAME, FOUND, preview)
    assert "又有 1 条承诺有了新评估" in answer.text
    assert ["预览之后新增" in row for row in table(answer)] == [False, True, False]
    assert count(ledger, StatusAssessment) == 1


def test_a_batch_holds_its_commitments_until_it_is_written(ledger: Engine, analyst_id: int) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        finding = Finding(Execution.NOT_ASSESSABLE, date(2020, 12, 31), date(2021, 1, 31), "无法检验")
        record_entries(session, [Entry(1, CODES[0], finding)], analyst=session.get_one(User, analyst_id))
        with ledger.connect() as other:
            if ledger.dialect.name == "sqlite":
                other.exec_driver_sql("ROLLBACK")
                other.exec_driver_sql("PRAGMA busy_timeout=0")
            claim = (
                "BEGIN IMMEDIATE"
                if ledger.dialect.name == "sqlite"
                else "SELECT 1 FROM commitment FOR NO KEY UPDATE NOWAIT"
            )
            with pytest.raises(OperationalError):
                other.exec_driver_sql(claim)


def test_what_was_not_previewed_is_not_written(analyst: FlaskClient, ledger: Engine) -> None:
    preview = send(analyst, SAME, FOUND)
    changed = press_write(analyst, SAME, {**FOUND, "summary": "又改了一句"}, preview)
    assert "预览之后内容改过" in changed.text
    assert count(ledger, StatusAssessment) == 0
    assert press_write(analyst, SAME, {**FOUND, "summary": "又改了一句"}, changed).status_code == 302
    assert send(analyst, SAME, {**FOUND, "do": "write"}).status_code == 200
    assert count(ledger, StatusAssessment) == 3


def test_a_head_that_only_groups_is_told_of(analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        part = commitment(session, CODES[0])
        head = session.get_one(Commitment, part.parent_id)
    preview = send(analyst, SAME, {**FOUND, "codes": f"{head.code} {part.code}"})
    assert ["只归拢分项" in row for row in table(preview)] == [not head.stands_alone, False]


def test_what_is_too_much_is_said_plainly(analyst: FlaskClient) -> None:
    many = send(analyst, SHEET, {"text": rows(*[CODES[0]] * 501)})
    assert (many.status_code, "须有 1 至 500 行，这里有 501 行" in many.text) == (422, True)
    large = send(analyst, SHEET, {"text": rows(CODES[0]) + "园" * 180_000})
    assert (large.status_code, "内容超过 500 KB" in large.text) == (422, True)
    listed = send(analyst, SAME, {**FOUND, "codes": " ".join(f"X-{place}" for place in range(501))})
    assert (listed.status_code, "至多 500 条" in listed.text) == (422, True)
    assert send(analyst, SHEET, {"text": "园" * 1_000_000}).status_code == 413


def test_a_row_costs_what_recording_it_costs_and_no_question_more(analyst: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        codes = list(session.scalars(select(Commitment.code).order_by(Commitment.id).limit(22)))

    def costs(listed: list[str]) -> int:
        said: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            said.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert len(table(send(analyst, SAME, {**FOUND, "codes": " ".join(listed)}))) == len(listed)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(said)

    # The clock, the page cited, the next number, the citation and the assessment, both signed.
    assert costs(codes) - costs(codes[:2]) == 20 * 7


def test_readers_do_not_record(somebody: Somebody) -> None:
    assert somebody("reader").get(SAME).status_code == 403
    assert "批量记录" not in somebody("reader").get("/desk/commitment/").text
    assert "批量记录" in somebody("analyst").get("/desk/commitment/").text
