"""Rows pasted from a spreadsheet are read as they were meant, or refused by row and column."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import pasted
from tracker.codebook import (
    Coded,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
)
from tracker.findings import Finding, Search, Source
from tracker.pasted import COLUMNS, MOST_ROWS, read

TODAY = date(2021, 2, 1)

#: The least that a row says.
LEAST = {"编号": "CZ-2020-01.1", "执行状态": "推进中", "状态生效日": "2020-12-31", "核查结论": "园区已动工"}


def copied(*rows: dict[str, str]) -> str:
    """Rows as a spreadsheet copies them; the headings are those of the first."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, list(rows[0]), dialect="excel-tab")
    writer.writeheader()
    writer.writerows(rows)
    return sheet.getvalue()


def faults(text: str) -> list[tuple[int, str, str]]:
    """Row, column and words of all that is wrong."""
    return [
        (entry.number, fault.field, fault.zh) for entry in read(text, today=TODAY).entries for fault in entry.faults
    ]


def test_four_columns_are_enough_and_the_search_goes_up_to_today() -> None:
    (entry,) = read(copied(LEAST), today=TODAY).entries
    assert (entry.number, entry.code, entry.faults) == (2, "CZ-2020-01.1", ())
    assert entry.finding == Finding(Execution.IN_PROGRESS, date(2020, 12, 31), TODAY, "园区已动工")


def test_every_column_reaches_the_finding_under_either_name() -> None:
    said = {
        "编号": "ＣＺ-2020-01.1", "Status": "in progress", "TRUE OF": "2020/12/31 0:00", "核查结论（一句话）": "甲",
        "核查截止日": "2021年1月5日", "依据网址": "https://example.org/1", "报道内容": "开工", "Origin": "official",
        "与结论的关系": "支持", "依据标题": "标题", "发布者": "郴州日报", "发布日期": "2021.1.4", "摘录": "已动工",
        "检索处": "市政府网站", "检索词": "园区", "检索日期": "2021-01-05", "已读结果数": "１２", "进展": "一", "问题": "二",
        "下一步": "三", "完成比例（%）": "60%", "原因": "资金", "归因": "", "把握程度": "high", "成效": "Unknown",
        "官方说法": "已完成", "核查结论（英文）": "A", "只知到月或年": "到月", "下次查看": "2021-06-30",
    }  # fmt: skip
    assert len(said) == len(COLUMNS)
    (entry,) = read(copied(said), today=TODAY).entries
    assert entry.faults == ()
    assert (entry.code, entry.next_check) == ("CZ-2020-01.1", date(2021, 6, 30))
    source = Source(
        "https://example.org/1", EvidenceRelation.SUPPORTS, EvidenceReports.START, EvidenceOrigin.OFFICIAL, "标题",
        "郴州日报", date(2021, 1, 4), excerpt="已动工",
    )  # fmt: skip
    assert entry.finding == Finding(
        Execution.IN_PROGRESS, date(2020, 12, 31), date(2021, 1, 5), "甲", (source,),
        (Search("市政府网站", "园区", date(2021, 1, 5), 12),), Outcome.UNKNOWN, "A", Precision.MONTH,
        Execution.COMPLETED, progress="一", problems="二", next_steps="三", progress_share=0.6, reason=Reason.MONEY,
        confidence=Confidence.HIGH,
    )  # fmt: skip


def test_no_heading_means_two_columns() -> None:
    meanings = [pasted.plain(said) for column in COLUMNS for said in {column.zh, column.en, column.name, *column.also}]
    same = {(column.name, pasted.plain(said)) for column in COLUMNS for said in (column.zh, column.en, column.name)}
    assert len({meaning for _, meaning in same}) == len(same)
    assert set(meanings) == set(pasted._MEANT)


@pytest.mark.parametrize(
    ("heading", "cell", "column", "said"),
    [
        ("执行状态", "进行中", "execution", "“进行中”不在可选之列：未核查、"),
        ("状态生效日", "12/31/2020", "effective_on", "“12/31/2020”不是日期"),
        ("状态生效日", "2020-02-30", "effective_on", "不是日期"),
        ("状态生效日", "44196", "effective_on", "不是日期"),
        ("状态生效日", "", "effective_on", "未填"),
        ("编号", " ", "code", "未填"),
        ("完成比例", "0.6", "progress_share", "0 至 100 的整数"),
        ("完成比例", "101", "progress_share", "0 至 100 的整数"),
        ("已读结果数", "约30", "results_read", "的整数"),
        ("报道内容", "开工", "url", "请附上网址"),
        ("检索词", "园区", "searched_in", "须同时填写"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_by_row_and_column(heading: str, cell: str, column: str, said: str) -> None:
    wrong = faults(copied({**LEAST, heading: ""}, {**LEAST, heading: cell}))
    ((number, field, words),) = [fault for fault in wrong if fault[0] == 3]
    assert (number, field) == (3, column)
    assert said in words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请粘贴"),
        ("编号\t执行状态\n", "还缺：状态生效日、核查结论"),
        ("CZ-2020-01.1 推进中 2020-12-31 已动工", "还缺：编号、执行状态、状态生效日、核查结论"),
        (copied(LEAST).splitlines()[0], "须有 1 至 500 行，这里有 0 行"),
        (copied(*[LEAST] * (MOST_ROWS + 1)), "这里有 501 行"),
        (copied({**LEAST, "Code": "CZ-2020-01.1"}), "“编号”列出现了 2 次"),
        (copied(LEAST) + '"没有结尾', "没有配对的英文双引号"),
        ("编" * 180_000, "超过 500 KB"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(text: str, said: str) -> None:
    sheet = read(text, today=TODAY)
    assert sheet.entries == ()
    assert said in "".join(fault.zh for fault in sheet.faults)


def test_what_no_heading_is_known_for_is_told_and_cells_beyond_the_headings_are_refused() -> None:
    sheet = read(copied({"标题": "园区", **LEAST}), today=TODAY)
    assert sheet.unread == ("标题",)
    assert [entry.faults for entry in sheet.entries] == [()]
    assert [words for _, _, words in faults(copied(LEAST).strip() + "\t多出来的")] == ["这一行的单元格比标题多"]


def test_empty_lines_count_as_rows_of_the_spreadsheet_and_say_nothing() -> None:
    heading, row = copied(LEAST).splitlines()
    sheet = read(f"{heading}\r\n\t\t\t\r\n{row}\r\n\r\n", today=TODAY)
    assert [entry.number for entry in sheet.entries] == [3]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from('\t\n"'), min_size=1),
        min_size=1,
    )
)
def test_any_text_comes_back_as_it_stood_in_its_cell(texts: list[str]) -> None:
    rows = [{**LEAST, "核查结论": text, "进展": "后"} for text in texts]
    found = [entry.finding.summary if entry.finding else "" for entry in read(copied(*rows), today=TODAY).entries]
    assert found == [text.strip() for text in texts]


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    for pasting in (text, copied(LEAST) + text):
        sheet = read(pasting, today=TODAY)
        assert sheet.entries or sheet.faults
        assert all((entry.finding is None) == bool(entry.faults) for entry in sheet.entries)


@given(
    st.dates(date(1949, 10, 1), date(2999, 12, 31)),
    st.sampled_from(["{0:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日", "{0.year}/{0.month}/{0.day}"]),
)
def test_a_day_is_the_same_day_however_it_is_written(day: date, written: str) -> None:
    (entry,) = read(
        copied({**LEAST, "状态生效日": written.format(day)}), today=day + timedelta(1) if day.year < 2999 else day
    ).entries
    assert entry.finding is not None
    assert entry.finding.effective_on == day


@pytest.mark.parametrize(
    "column", [column for column in COLUMNS if isinstance(column.holds, type) and issubclass(column.holds, Coded)]
)
def test_a_code_is_known_by_its_code_and_by_either_label(column: pasted.Column) -> None:
    assert issubclass(column.holds, Coded)
    for code in column.holds:
        for said in (code.value, code.zh, code.en, f" {code.en.upper()} "):
            assert pasted.cells.read(column.holds, said) is code


def test_codes_are_parted_by_blanks_commas_and_lines_and_taken_once() -> None:
    assert pasted.codes("CZ-1, CZ-2，CZ-3、CZ-1\r\nＣＺ-4;CZ-5\t") == ["CZ-1", "CZ-2", "CZ-3", "CZ-4", "CZ-5"]
