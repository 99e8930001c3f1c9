"""Import at the desk: upload, say what the columns mean, look, then all of it or nothing."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tracker import db, seed, uploads
from tracker.models import AuditEvent, ColumnMapping, Commitment, Passage, SourceDocument, StatusAssessment, Upload
from visiting import Somebody, count, send

PAGE = "/desk/import/"

TABLE = """序号,事项,牵头单位,完成时限,进展,状态,佐证
1,新建公办幼儿园30所,市教育局,2020年12月底,已开工22所,搞得不错,https://example.org/hy/1
2,改造城镇老旧小区100个,市住建局,年底前,,,
"""

#: What the form says of it.
READ = {
    "column-0": "code", "column-1": "quote", "column-2": "unit_lead", "column-3": "deadline_text",
    "column-4": "progress", "column-5": "execution", "column-6": "url", "every-code_prefix": "HY-2020-",
    "every-city": "430400", "every-city_zh": "衡阳", "every-city_en": "Hengyang", "every-document": "hengyang-2020",
    "every-document_publisher": "衡阳市人民政府", "every-document_date": "2020", "every-effective_on": "2020-06",
    "words": "1", "word-0": "搞得不错", "status-0": "in_progress", "quality-0": "broad",
}  # fmt: skip


def upload(client: FlaskClient, content: str | bytes = TABLE, name: str = "table.csv") -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    return send(client, PAGE, {"file": (io.BytesIO(data), name), "encoding": "utf-8"})


def opened(client: FlaskClient, content: str | bytes = TABLE, name: str = "table.csv") -> str:
    """The address at which a file is read, once it is uploaded."""
    return str(upload(client, content, name).location)


def ledger_of(engine: Engine) -> list[int]:
    models = (Commitment, SourceDocument, Passage, StatusAssessment, ColumnMapping)
    return [count(engine, model) for model in models]


def test_a_table_that_is_uploaded_is_shown_with_what_its_columns_may_mean(analyst: FlaskClient) -> None:
    page = analyst.get(opened(analyst)).text
    assert re.search(r'<option value="quote" selected>', page)
    assert "搞得不错" in page
    assert "市教育局" in page


def test_a_preview_writes_nothing_and_says_what_would_be_written(analyst: FlaskClient, ledger: Engine) -> None:
    address, before = opened(analyst), ledger_of(ledger)
    page = send(analyst, address, {**READ, "do": "preview"})
    assert page.status_code == 200
    assert "新增 2 条" in page.text
    assert "新记 1 次" in page.text
    assert ledger_of(ledger) == before


def test_what_was_previewed_is_written_and_how_it_is_read_is_remembered(analyst: FlaskClient, ledger: Engine) -> None:
    address = opened(analyst)
    answer = send(analyst, address, {**READ, "do": "write"})
    assert answer.status_code == 302
    with db.reading(ledger) as session:
        row = session.scalars(select(Commitment).where(Commitment.code == "HY-2020-1")).one()
        assert (row.jurisdiction.name_zh, row.document.key) == ("衡阳", "hengyang-2020")
        actor = session.scalars(select(AuditEvent.actor).order_by(AuditEvent.id.desc())).first()
        assert actor == "某分析员"
        assert session.scalar(select(func.count()).select_from(Upload)) == 0
    again = analyst.get(opened(analyst, name="next.csv")).text
    assert "沿用了上次的读法" in again
    assert re.search(r'<option value="quote" selected>', again)
    assert 'value="430400"' not in again


def test_a_table_with_a_fault_writes_nothing(analyst: FlaskClient, ledger: Engine) -> None:
    address, before = opened(analyst), ledger_of(ledger)
    answer = send(analyst, address, {**READ, "status-0": "", "do": "write"})
    assert answer.status_code == 422
    assert "哪种状态" in answer.text
    assert ledger_of(ledger) == before


def test_a_file_that_is_no_table_is_told_and_not_kept(analyst: FlaskClient, ledger: Engine) -> None:
    for content, name in ((TABLE.encode("gb18030"), "a.csv"), (b"x" * 10, "a.xlsx"), (b"", "a.csv"), (b"a,b", "a.exe")):
        answer = upload(analyst, content, name)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0


def test_a_table_of_too_many_rows_goes_in_by_the_command_line(
    analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_ROWS", 1)
    answer = upload(analyst)
    assert answer.status_code == 422
    assert "tracker import" in answer.text


def test_nobody_reads_what_somebody_else_uploaded(analyst: FlaskClient, somebody: Somebody) -> None:
    address = opened(analyst)
    assert somebody("reviewer").get(address).status_code == 404
    assert somebody("reader").get(PAGE).status_code == 403


def test_a_file_that_waits_can_be_deleted(analyst: FlaskClient) -> None:
    address = opened(analyst)
    send(analyst, address.replace("/read/", "/drop/"), {}, analyst.get(address).text)
    assert analyst.get(address).status_code == 404


def test_a_coding_in_the_form_of_the_seed_goes_in_at_the_desk(analyst: FlaskClient, ledger: Engine) -> None:
    coding = (seed.folder() / "coding" / "chenzhou-2020.yaml").read_text(encoding="utf-8")
    address = opened(analyst, coding.replace("开展项目“云开工”", "以“云开工”方式开工"), "chenzhou-2020.yaml")
    assert "改动 1 行" in analyst.get(address).text
    assert send(analyst, address, {}).status_code == 302
    with db.reading(ledger) as session:
        row = session.scalars(select(Commitment).where(Commitment.code == "CZ-2020-01.4")).one()
        assert row.title_zh == "以“云开工”方式开工"


def test_a_seed_file_that_is_wrong_is_told_with_its_line(analyst: FlaskClient, ledger: Engine) -> None:
    before = ledger_of(ledger)
    address = opened(analyst, "document: nowhere-2020\ncommitments:\n- code: X\n", "x.yaml")
    answer = analyst.get(address)
    assert answer.status_code == 422
    assert "there is no document" in answer.text
    assert ledger_of(ledger) == before


def test_one_file_of_the_seed_twice_changes_nothing(desk: Session) -> None:
    for name in (
        "coding/chenzhou-2020.yaml",
        "documents/chenzhou-2020.yaml",
        "vocabularies/sectors.yaml",
        "places.yaml",
    ):
        done = seed.load_file(desk, seed.folder() / name, actor="测试员")
        assert (done.added, done.changed, done.removed) == (0, 0, 0), name


def test_follow_ups_in_the_form_of_the_seed_go_in_by_themselves(desk: Session) -> None:
    done = seed.load_file(desk, seed.folder() / "followups" / "jingzhou-2020.yaml", actor="测试员")
    assert done.added > 50
    assert seed.load_file(desk, seed.folder() / "followups" / "jingzhou-2020.yaml", actor="测试员").added == 0
