"""Tables of others go in by saying what their columns mean: all of it or nothing, and twice changes nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from following import ANALYST, commitment
from tracker import audit, db, export, importing, records, verification
from tracker.codebook import Confidence, DeadlineKind, Execution, MappingQuality, Precision, UnitRole
from tracker.filters import CommitmentFilter
from tracker.importing import Outcome, Reading, Unreadable, mappings, planning, writing
from tracker.models import (
    AuditEvent,
    Commitment,
    CommitmentUnit,
    Organisation,
    Passage,
    SourceDocument,
    StatusAssessment,
)

#: A task table as a city publishes it, below its title.
TABLE = """衡阳市2020年重点工作任务分解表
序号,事项,牵头单位,配合单位,完成时限,进展,状态,佐证
1,新建公办幼儿园30所,市教育局,市发改委；市财政局,2020年12月底,已开工22所,推进中,https://example.org/hy/1 https://example.org/hy/2
2,改造城镇老旧小区100个,市住建局,,年底前,,,
3,推进湘江流域综合治理,市水利局,,长期坚持,,,
"""

#: What holds for each of its rows.
EVERY = {
    "code_prefix": "HY-2020-", "city": "430400", "city_zh": "衡阳", "city_en": "Hengyang", "document": "hengyang-2020",
    "document_title": "重点工作任务分解表", "document_publisher": "衡阳市人民政府", "document_date": "2020",
    "effective_on": "2020-06",
}  # fmt: skip

#: A promise tracker in English: parents by title, two follow-ups a row, words of its own.
TRACKER = """Commitment ID,Parent ID,Parent,Commitment,Agencies,Status,August 2023 progress,February 2024 progress,Evidence
P1.1,P1,Open the data,Publish the budget as data,Treasury; Statistics Office,Complete,Drafted: https://example.org/a,Published,https://example.org/b
P1.2,P1,Open the data,Publish the contracts as data,Treasury,Not Started,,Nothing yet,https://example.org/c
"""

HOW = Reading(
    columns={
        "Commitment ID": ("code",), "Parent ID": ("parent",), "Parent": ("parent_title",), "Commitment": ("quote",),
        "Agencies": ("units_lead_first",), "Status": ("followup2.execution",),
        "August 2023 progress": ("summary", "url"), "February 2024 progress": ("followup2.summary",),
        "Evidence": ("followup2.url",),
    },
    fixed={
        "city": "US", "city_zh": "美国", "city_en": "United States", "document": "plan", "document_publisher": "GSA",
        "document_date": "2022", "execution": "in_progress", "effective_on": "2023-08",
        "followup2.effective_on": "2024-02",
    },
    scheme="ogp-irm",
)  # fmt: skip

Table = Callable[..., importing.Table]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """A table in a file of the test's own."""

    def table(content: str | bytes, name: str = "table.csv", **how: str) -> importing.Table:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return importing.opened(path, **how)

    return table


def read(session: Session, found: importing.Table, **fixed: str) -> Reading:
    """As the headings say, with what holds for every row."""
    reading, _ = mappings.start(session, found.headings)
    return reading.and_also(Reading(columns={"序号": ("code",)} if "序号" in found.headings else {}, fixed=fixed))


def taken(session: Session, found: importing.Table, reading: Reading) -> Outcome:
    outcome = importing.take(session, found, reading, analyst=audit.signer(session, ANALYST))
    assert outcome.troubles == []
    return outcome


def told(outcome: Outcome) -> dict[tuple[int, str], str]:
    """Row and column → what is wrong there."""
    return {(one.row, one.column): one.zh for one in outcome.troubles}


def test_a_task_table_of_another_city_becomes_its_commitments(desk: Session, table: Table) -> None:
    found = table(TABLE)
    outcome = taken(desk, found, read(desk, found, **EVERY))
    assert (outcome.new, outcome.followups) == (3, 1)
    row = commitment(desk, "HY-2020-1")
    assert row.jurisdiction.name_zh == "衡阳"
    assert (row.deadline_kind, str(row.window_end)) == (DeadlineKind.COMPLETION, "2020-12-31")
    assert commitment(desk, "HY-2020-3").deadline_kind is DeadlineKind.NONE
    assert [(unit.organisation.name_zh, unit.role) for unit in row.units] == [
        ("市教育局", UnitRole.LEAD), ("市发改委", UnitRole.SUPPORT), ("市财政局", UnitRole.SUPPORT)]  # fmt: skip


def test_the_part_of_a_unit_may_stand_behind_its_name(desk: Session, table: Table) -> None:
    found = table(TABLE.replace("牵头单位", "责任单位").replace("市住建局", "市住建局（牵头）、市财政局"))
    taken(desk, found, read(desk, found, **EVERY))
    units = {unit.organisation.name_zh: unit.role for unit in commitment(desk, "HY-2020-2").units}
    assert units == {"市住建局": UnitRole.LEAD, "市财政局": UnitRole.RESPONSIBLE}


def test_each_line_of_a_table_stands_once_in_the_document_that_is_made_of_it(desk: Session, table: Table) -> None:
    found = table(TABLE)
    taken(desk, found, read(desk, found, **EVERY))
    document = desk.scalars(select(SourceDocument).where(SourceDocument.key == "hengyang-2020")).one()
    assert document.text.split("\n") == ["新建公办幼儿园30所", "改造城镇老旧小区100个", "推进湘江流域综合治理"]
    assert [check.faults for check in verification.verify(desk) if "HY-2020" in str(check.faults)] == []


def test_what_nobody_has_read_is_marked_as_such(desk: Session, table: Table) -> None:
    found = table(TABLE)
    outcome = taken(desk, found, read(desk, found, **EVERY))
    row = commitment(desk, "HY-2020-2")
    assert row.tense_confidence is Confidence.LOW
    assert row.tense_note_zh is not None
    assert "未经编码者判读" in row.tense_note_zh
    assert outcome.assumed["tense"] == 3


def test_a_follow_up_of_a_table_goes_through_the_same_door(desk: Session, table: Table) -> None:
    found = table(TABLE)
    taken(desk, found, read(desk, found, **EVERY))
    row = desk.scalars(select(StatusAssessment).order_by(StatusAssessment.id.desc())).first()
    assert row is not None
    assert (row.execution, row.summary, row.effective_precision) == (
        Execution.IN_PROGRESS,
        "已开工22所",
        Precision.MONTH,
    )
    assert [cited.evidence.url for cited in row.citations] == ["https://example.org/hy/1", "https://example.org/hy/2"]


def test_a_follow_up_that_breaks_a_rule_is_told_by_row_and_column(desk: Session, table: Table) -> None:
    found = table(TABLE.replace("https://example.org/hy/1 https://example.org/hy/2", ""))
    outcome = importing.look(desk, found, read(desk, found, **EVERY))
    assert "须有支持它的依据" in told(outcome)[3, "佐证"]


def test_heads_come_of_their_titles_and_each_row_has_two_dated_follow_ups(desk: Session, table: Table) -> None:
    outcome = taken(desk, table(TRACKER), HOW)
    assert (outcome.new, outcome.made_heads, outcome.followups) == (3, 1, 3)
    row = commitment(desk, "P1.1")
    assert row.parent is not None
    assert (row.parent.code, row.parent.title_en) == ("P1", "Open the data")
    dated = desk.execute(
        select(StatusAssessment.effective_on, StatusAssessment.execution)
        .where(StatusAssessment.commitment_id == row.id)
        .order_by(StatusAssessment.id)
    ).all()
    assert [(str(day), code.value) for day, code in dated] == [
        ("2023-08-31", "in_progress"),
        ("2024-02-29", "completed"),
    ]


def test_heads_without_rows_or_words_are_told_of_once(desk: Session, table: Table) -> None:
    found = table(TRACKER.replace("P1.2,P1", "P2.2,P2"))
    (group,) = importing.look(desk, found, HOW.and_also(mappings.column("Parent="))).grouped()
    assert (group.column, group.rows) == ("Parent ID", (2, 3))


def test_what_is_called_parent_beside_its_code_holds_its_words(desk: Session, table: Table) -> None:
    reading, _ = mappings.start(desk, table(TRACKER).headings)
    assert (reading.columns["Parent ID"], reading.columns["Parent"]) == (("parent",), ("parent_title",))


def test_words_of_another_scheme_come_with_how_well_they_fit(desk: Session, table: Table) -> None:
    outcome = importing.look(desk, table(TRACKER), HOW)
    found = {word: (meaning.word.execution, meaning.word.quality) for word, meaning in outcome.words}
    assert found["Complete"] == (Execution.COMPLETED, MappingQuality.EXACT)
    assert found["Not Started"] == (Execution.NOT_STARTED, MappingQuality.BROAD)


def test_a_word_that_may_mean_several_statuses_is_asked_about(desk: Session, table: Table) -> None:
    found, how = table(TRACKER.replace("Complete", "In the Works")), HOW.and_also(Reading(scheme="politifact"))
    assert "可指" in told(importing.look(desk, found, how))[2, "Status"]
    said = how.and_also(mappings.word("In the Works=in_progress:broad")).and_also(
        mappings.word("Not Started=not_started")
    )
    assert importing.look(desk, found, said).troubles == []


def test_the_same_file_twice_changes_nothing(desk: Session, table: Table) -> None:
    taken(desk, table(TRACKER), HOW)
    events = desk.scalar(select(func.count()).select_from(AuditEvent))
    outcome = taken(desk, table(TRACKER), HOW)
    assert (outcome.new, outcome.changed, outcome.followups, outcome.known) == (0, 0, 0, 3)
    assert desk.scalar(select(func.count()).select_from(AuditEvent)) == events


def test_new_rows_of_a_table_that_is_there_go_into_a_document_of_their_own(desk: Session, table: Table) -> None:
    taken(desk, table(TRACKER), HOW)
    more = (
        TRACKER
        + "P2.1,P2,Hear the public,Answer petitions in 60 days,White House,In Progress,,Begun,https://example.org/d\n"
    )
    outcome = taken(desk, table(more), HOW)
    assert (outcome.new, outcome.known) == (2, 3)
    assert commitment(desk, "P2.1").document.key == "plan-2"
    assert commitment(desk, "P1.1").document.key == "plan"


def test_a_long_table_becomes_several_documents_and_no_family_is_parted(
    desk: Session, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ROWS_OF_A_DOCUMENT", 3)
    lines = [
        f"L{family}.{part},L{family},Head {family},Promise {family} {part}" for family in range(4) for part in range(2)
    ]
    found = table("Code,Parent ID,Parent title,Promise\n" + "\n".join(lines))
    taken(desk, found, read(desk, found, **{**EVERY, "code_prefix": "", "document": "long"}))
    keys = {row.code: row.document.key for row in desk.scalars(select(Commitment).where(Commitment.code.like("L%")))}
    assert {keys["L0"], keys["L0.1"]} == {"long"}
    assert {keys["L3"], keys["L3.0"], keys["L3.1"]} == {"long-4"}


@pytest.mark.parametrize("rows", [1, 2])
def test_it_makes_no_difference_how_many_rows_are_taken_in_at_once(
    desk: Session, table: Table, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    def written() -> list[dict[str, object]]:
        with desk.begin_nested() as nested:
            taken(desk, table(TRACKER), HOW)
            found = records.records(desk, CommitmentFilter(search="P1", unpublished=True))
            hidden = {"recorded_at": None}
            shown = [{**row, **hidden} for row in found if row["document"] == "plan"]
            nested.rollback()
        desk.expunge_all()
        return shown

    together = written()
    assert [row["code"] for row in together] == ["P1", "P1.1", "P1.2"]
    monkeypatch.setattr(planning, "CHUNK", rows)
    assert written() == together


def test_all_that_an_import_brings_in_is_signed_chained_and_found(ledger: Engine, table: Table) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        taken(session, table(TRACKER), HOW)
    with db.reading(ledger) as session:
        assert [fault for check in verification.verify(session) for fault in check.faults] == []
        unsigned = {number for model in (Commitment, Passage) for number in audit.unsigned(session, model)}
        new = session.scalars(select(Commitment.id).where(Commitment.code.like("P1%"))).all()
        assert unsigned.isdisjoint(map(str, new))
        assert len(new) == 3
        found = CommitmentFilter(search="Publish the contracts", unpublished=True)
        assert [row["code"] for row in records.records(session, found)] == ["P1.2"]


def test_a_promise_that_was_reworded_is_refused(desk: Session, table: Table) -> None:
    taken(desk, table(TRACKER), HOW)
    outcome = importing.look(desk, table(TRACKER.replace("budget as data", "budget")), HOW)
    assert "改动原话要另立编号" in told(outcome)[2, "Commitment"]


def test_a_quote_must_stand_in_the_interview_that_it_is_said_to_be_from(desk: Session, table: Table) -> None:
    rows = "code,document,city,quote\nCZ-NEW-1,chenzhou-2020,郴州,这句话不在访谈里\nCZ-NEW-2,chenzhou-2020,郴州,收到了良好的效果\n"
    found = table(rows)
    outcome = importing.look(desk, found, read(desk, found))
    assert list(told(outcome)) == [(2, "quote")]
    assert "找不到" in told(outcome)[2, "quote"]


def test_a_quote_of_an_interview_belongs_to_the_answer_that_it_stands_in(desk: Session, table: Table) -> None:
    found = table("code,document,city,quote\nCZ-NEW-2,chenzhou-2020,郴州,收到了良好的效果\n")
    taken(desk, found, read(desk, found))
    row = commitment(desk, "CZ-NEW-2")
    assert row.turn is not None
    assert row.turn.position == 1
    assert row.document.text[row.passage.start : row.passage.end] == "收到了良好的效果"


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (("3,推进", "2,推进"), (5, "序号"), "第 4 行已用"),
        (("年底前", "二〇二〇"), (4, "完成时限"), "看不出时限"),
        (("改造城镇老旧小区100个", ""), (4, "事项"), "没有原话"),
        (("推进中", "搞定了"), (3, "状态"), "哪种状态"),
        (("3,推进", f"{'9' * 61},推进"), (5, "序号"), "不能作编号"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(
    desk: Session, table: Table, change: tuple[str, str], where: tuple[int, str], said: str
) -> None:
    found = table(TABLE.replace(*change))
    assert said in told(importing.look(desk, found, read(desk, found, **EVERY)))[where]


def test_a_table_without_codes_gets_them_of_its_words_and_the_same_ones_again(desk: Session, table: Table) -> None:
    rows = "Promise,Category,Rating\nBuild 300 km of metro,Transport,\nPlant a million trees,Parks,\n"
    found = table(rows)
    how = Reading(columns={"Promise": ("quote",), "Category": ("parent_title",)}, fixed={**EVERY, "code_prefix": "T-"})
    assert (taken(desk, found, how).new, taken(desk, found, how).same) == (4, 2)
    assert taken(desk, table("Promise,Category,Rating\nPlant a million trees,Parks,\n"), how).new == 0


@pytest.mark.parametrize(
    ("said", "day", "precision"),
    [
        ("August 2023", "2023-08-31", Precision.MONTH), ("Feb 29, 2024", "2024-02-29", None),
        ("31 December 2020", "2020-12-31", None), ("2020年12月", "2020-12-31", Precision.MONTH),
        ("2020", "2020-12-31", Precision.YEAR), ("2020-12-31 00:00:00", "2020-12-31", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_it_is_commonly_written(
    desk: Session, table: Table, said: str, day: str, precision: Precision | None
) -> None:
    found = table(TABLE)
    outcome = importing.look(desk, found, read(desk, found, **{**EVERY, "effective_on": said}))
    (finding,) = outcome.examples[0].findings
    assert (str(finding.effective_on), finding.effective_precision) == (day, precision)


def test_a_day_whose_month_may_be_the_other_number_is_not_guessed_at(desk: Session, table: Table) -> None:
    found = table(TABLE)
    outcome = importing.look(desk, found, read(desk, found, **{**EVERY, "effective_on": "05/03/2024"}))
    assert "不是日期" in told(outcome)[3, "effective_on"]


def test_a_day_that_does_not_exist_is_no_date(desk: Session, table: Table) -> None:
    found = table(TABLE)
    outcome = importing.look(desk, found, read(desk, found, **{**EVERY, "effective_on": "2020-13-40"}))
    assert "不是日期" in told(outcome)[3, "effective_on"]


def test_what_a_new_document_or_city_lacks_is_told(desk: Session, table: Table) -> None:
    found = table(TABLE)
    outcome = importing.look(desk, found, read(desk, found, city="430400", code_prefix="HY-"))
    assert {column for _, column in told(outcome)} == {
        "city", "document_publisher", "document_date", "effective_on"}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (TABLE.encode("gb18030"), "table.csv", "编码"),
        (b"", "table.csv", "没有内容"),
        (b"PK\x03\x04rest", "table.csv", "工作簿"),
        (b"not a workbook", "table.xlsx", "已损坏"),
        (b'{"code": "A", "code": "B"}', "table.jsonl", "不是 JSON"),
        (b'{"code": NaN}', "table.jsonl", "不是 JSON"),
        (b"[" * 100_000, "table.jsonl", "不是 JSON"),
        (b'{"a": ' * 40 + b"1" + b"}" * 40, "table.jsonl", "不是一条记录"),
        (b'code,quote\n"A,B\n', "table.csv", "引号"),
        (b"code,quote\nA,B,C\n", "table.csv", "单元格比标题多"),
        (b"old", "table.xls", "另存为 .xlsx"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_plain_words(table: Table, content: bytes, name: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        list(table(content, name).lines())
    assert said in refused.value.zh


def test_a_table_in_the_national_encoding_is_read_when_it_is_said_to_be(desk: Session, table: Table) -> None:
    found = table(TABLE.encode("gb18030"), encoding="gb18030")
    assert importing.look(desk, found, read(desk, found, **EVERY)).new == 3


def packed(**parts: bytes) -> bytes:
    """A workbook with some parts that are not as a spreadsheet would write them."""
    made = io.BytesIO()
    book = Workbook()
    book.active.append(["code", "quote"])  # type: ignore[union-attr]
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed(sheet1=b"0" * 30_000_000), "过大"),
        (packed(sheet1=b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'), "带有声明"),
        (packed(workbook=b"<workbook"), "已损坏"),
    ],
    ids=["zeros", "entities", "torn"],
)
def test_I3_a_workbook_that_would_fill_the_memory_is_refused(table: Table, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        list(table(content, "table.xlsx").lines())
    assert said in refused.value.zh


def test_a_workbook_is_read_as_a_spreadsheet_shows_it(desk: Session, table: Table) -> None:
    book = Workbook()
    for row in csv.reader(io.StringIO(TABLE)):
        book.active.append([int(cell) if cell.isdecimal() else cell or None for cell in row])  # type: ignore[union-attr]
    book.save(out := io.BytesIO())
    found = table(out.getvalue(), "table.xlsx")
    assert found.headings[:2] == ("序号", "事项")
    assert importing.look(desk, found, read(desk, found, **EVERY)).new == 3


def test_what_is_merged_downwards_in_a_workbook_holds_for_each_of_its_rows(table: Table) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["重点任务", "编号", "事项"],
        ["加快发展", "M-1", "建一座桥"],
        [None, "M-2", "修一条路"],
        ["惠民", "M-3", "建十所学校"],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(out := io.BytesIO())
    found = table(out.getvalue(), "table.xlsx")
    assert [line.cells[0] for line in found.lines()] == ["加快发展", "加快发展", "惠民"]


def test_a_table_of_another_city_is_no_line_of_the_same_document(desk: Session, table: Table) -> None:
    found = table(TABLE)
    taken(desk, found, read(desk, found, **EVERY))
    other = {**EVERY, "code_prefix": "SY-", "city": "430500", "city_zh": "邵阳", "city_en": "Shaoyang"}
    assert "另一城市" in told(importing.look(desk, found, read(desk, found, **other)))[3, "document"]
    named = {**EVERY, "code_prefix": "XX-", "city": "439900", "document": "x"}
    assert "另一个代码" in told(importing.look(desk, found, read(desk, found, **named)))[3, "city"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("document", "a b/c?d#e", "文献标识"),
        ("document_date", "2020-02-30", "不是日期"),
        ("document_url", "javascript:alert(1)", "不是网址"),
        ("document_language", "<zz>", "两个字母"),
        ("document_kind", "interview", "任务分解表"),
        ("document_title", "看\u202e不见", "看不见"),
        ("tense_words", "没有的词", "不在原话里"),
    ],
)
def test_what_a_new_document_cannot_be_is_told_before_anything_is_written(
    desk: Session, table: Table, name: str, value: str, said: str
) -> None:
    found = table(TABLE)
    assert said in str(importing.look(desk, found, read(desk, found, **{**EVERY, name: value})).troubles)


@pytest.mark.parametrize(
    "phrase", ["明年6月", "2021—2023年", "6月底或12月底", "每年12月底", "03/04/2023", "2025年前", "spring 2024"]
)
def test_a_time_that_may_be_another_is_no_deadline(desk: Session, table: Table, phrase: str) -> None:
    found = table(TABLE.replace("年底前", phrase))
    assert "看不出时限" in told(importing.look(desk, found, read(desk, found, **EVERY)))[4, "完成时限"]


def test_a_semicolon_parts_the_cells_below_a_title_too(table: Table) -> None:
    assert table("某市任务表\n编号;事项\nS-1;修建道路\n").headings == ("编号", "事项")


def exported(session: Session, form: str) -> bytes:
    out = io.BytesIO()
    export.write(records.records(session, CommitmentFilter()), form, out)
    return out.getvalue()


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_E3_what_is_exported_and_taken_in_again_is_exported_the_same(ledger: Engine, table: Table, form: str) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        for number, start in enumerate("=+-@＝'", 1):
            commitment(session, f"CZ-2020-01.{min(number, 4)}").note_zh = f"{start}1+1"
        commitment(session, "CZ-2020-02.1").note_zh = "'=1+1"
    with db.writing(ledger, actor=ANALYST) as session:
        before = exported(session, form)
        found = table(before, f"export.{form}")
        outcome = taken(session, found, read(session, found))
        assert (outcome.new, outcome.changed, outcome.followups) == (0, 0, 0)
    with db.reading(ledger) as session:
        assert list(table(exported(session, form), f"b.{form}").lines()) == list(found.lines())
        if form != "xlsx":
            assert exported(session, form) == before


def test_an_export_that_was_edited_changes_what_was_edited(desk: Session, table: Table) -> None:
    edited = exported(desk, "csv").decode().replace("开展项目“云开工”", "以“云开工”方式开工项目")
    found = table(edited)
    outcome = taken(desk, found, read(desk, found))
    assert [(code, column) for code, column, *_ in outcome.changes] == [("CZ-2020-01.4", "title_zh")]
    assert commitment(desk, "CZ-2020-01.4").title_zh == "以“云开工”方式开工项目"


def test_how_a_table_is_read_is_remembered_by_its_headings(desk: Session, table: Table) -> None:
    found = table(TRACKER)
    mappings.remember(desk, found.headings, HOW, by=audit.signer(desk, ANALYST))
    others = table(TRACKER.replace("Commitment ID,Parent ID", "COMMITMENT-ID,parent id"), "next.csv")
    reading, is_known = mappings.start(desk, others.headings)
    assert is_known
    assert reading.columns["COMMITMENT-ID"] == ("code",)
    assert reading.scheme == "ogp-irm"
    # Whose table it is, and of when, is said anew of each.
    assert reading.fixed == {}


def test_a_mapping_that_does_not_fit_the_table_is_refused(desk: Session, table: Table) -> None:
    with pytest.raises(Unreadable, match="没有“No such”"):
        importing.look(desk, table(TRACKER), Reading(columns={"No such": ("code",)}))
    with pytest.raises(Unreadable, match="都对应 quote"):
        importing.look(desk, table(TRACKER), Reading(columns={"Parent": ("quote",), "Commitment": ("quote",)}))
    with pytest.raises(Unreadable, match="没有“nonsense”"):
        mappings.column("Parent=nonsense")
    for said in ({"column": {}}, {"words": {"Done": []}}, {"words": {"Done": {"a": 1}}}, []):
        with pytest.raises(Unreadable):
            mappings.from_json(said)
    assert mappings.from_json({"columns": {"编号": "code"}}).columns == {"编号": ("code",)}


def test_units_that_are_called_almost_alike_are_pointed_out(desk: Session, table: Table) -> None:
    found = table(TRACKER.replace("contracts as data,Treasury", "contracts as data,Tresury"))
    assert importing.look(desk, found, HOW).alike == [("Treasury", "Tresury")]


def test_an_import_that_is_interrupted_leaves_nothing_and_runs_again(ledger: Engine, table: Table) -> None:
    def interrupted(_step: object) -> None:
        raise KeyboardInterrupt

    def count(model: type[object]) -> int:
        with db.reading(ledger) as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    before = [count(model) for model in (Commitment, SourceDocument, Passage, Organisation, CommitmentUnit, AuditEvent)]
    with pytest.raises(KeyboardInterrupt), db.writing(ledger, actor=ANALYST) as session:
        importing.take(session, table(TRACKER), HOW, analyst=audit.signer(session, ANALYST), each=interrupted)
    assert before == [
        count(model) for model in (Commitment, SourceDocument, Passage, Organisation, CommitmentUnit, AuditEvent)]  # fmt: skip
    with db.writing(ledger, actor=ANALYST) as session:
        assert taken(session, table(TRACKER), HOW).new == 3
    assert count(Commitment) == before[0] + 3
