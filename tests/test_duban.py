"""The 督办单: what hangs on the wall says what was found, of how many, and leaves room for the hand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import docx
import openpyxl
import pytest
from click.testing import CliRunner
from docx.oxml.ns import qn
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, record, reviewer
from tracker import cli, db, duban
from tracker.codebook import EvidenceReports, Execution, Verdict
from tracker.findings import Source
from tracker.reviews import review
from tracker.standings import Cutoff

CZ, DUE, HORIZON = "431000", "CZ-2020-17.2", "CZ-2020-21.4"


class Table(HTMLParser):
    """The rows of the table of a page: tag and text of each cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.tags: set[str] = set()
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append((tag, ""))
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self.inside:
            tag, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, text + data.strip())


def cells(session: Session, code: str, cutoff: Cutoff = Cutoff()) -> dict[str, str]:  # noqa: B008 - frozen
    made = duban.sheet(session, CZ, cutoff)
    return next(item.cells for group in made.groups for item in group.items if item.cells["编号"] == code)


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """One commitment of 郴州 done and approved, with evidence and problems that begin like a formula."""
    with db.writing(ledger, actor=ANALYST) as session:
        source = Source(PAGE, reports=EvidenceReports.DELIVERY, title="验收公告", publisher="郴州日报")
        said = {"progress": "已验收", "problems": "=HYPERLINK(1)", "next_steps": "<b>补台账</b>", "evidence": (source,)}
        found = record(session, DUE, Execution.COMPLETED, **said)
        review(session, found, Verdict.APPROVE, reviewer=reviewer(session))
    return ledger


def test_the_csv_of_a_city_is_grouped_by_head_and_counts_with_denominators(
    followed: Engine, ledger_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "duban.csv"
    words = ["--database", ledger_url, "duban", "--city", "郴州", "--as-of", "2021-01-31", "--out", str(out)]
    assert followed
    assert CliRunner().invoke(cli.tracker, words).exit_code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(out.read_text("utf-8-sig"), newline="")))
    assert lines[0] == ["郴州市承诺事项督办单"]
    assert lines[1][0] == "截至 2021-01-31"
    for count in ("共 96 项", "已核查 1/96", "未核查 95/96", "完成期限已过 2/96，其中已完成 1/2", "已复核 1/96"):
        assert count in lines[1][1]
    assert "两者都不等于没有办" in lines[2][0]
    assert lines[3] == list(duban.COLUMNS)
    assert lines[4][0].startswith("一、CZ-2020-01 ")
    items = [line for line in lines[4:] if len(line) > 1]
    assert [line[0] for line in items] == [str(number) for number in range(1, 97)]
    row = dict(zip(duban.COLUMNS, next(line for line in items if line[1] == DUE), strict=True))
    assert (row["执行状态"], row["复核"], row["进展"], row["核查截止日"]) == ("已完成", "通过", "已验收", "2021-01-31")
    assert row["存在问题"] == "'=HYPERLINK(1)"
    assert row["佐证"] == f"验收公告（郴州日报） {PAGE}"
    assert row["完成时限（性质）"] == "2020-12-31（完成期限）“全年目标”"
    assert row["序时进度"] == "按期完成"
    assert next(line for line in items if line[1] == "CZ-2020-23")[7] == "红灯 · 逾期"
    above = lines[: next(place for place, line in enumerate(lines) if line[1:2] == [DUE])]
    heading = next(line[0] for line in reversed(above) if len(line) == 1)
    assert "CZ-2020-17 " in heading


def test_the_page_needs_nothing_else_and_leaves_columns_for_the_hand(
    followed: Engine, ledger_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "duban.html"
    assert followed
    words = ["--database", ledger_url, "duban", "--city", "421000", "--out", str(out)]
    assert CliRunner().invoke(cli.tracker, words).exit_code == 0
    page = out.read_text()
    table = Table(page)
    assert [text for _, text in table.rows[0]] == [*duban.COLUMNS, *duban.BY_HAND]
    items = [row for row in table.rows[1:] if len(row) > 1]
    assert len(items) == 72
    assert all(len(row) == 16 and [text for _, text in row[-2:]] == ["", ""] for row in items)
    assert not table.tags & {"script", "link", "img", "iframe"}
    assert "A4 landscape" in page
    assert "table-header-group" in page
    assert not re.search(r"@import|url\(| style=", page)


def test_what_analysts_wrote_is_text_on_the_page(followed: Engine) -> None:
    with db.reading(followed) as session:
        page = duban.page(duban.sheet(session, CZ, Cutoff()))
    assert "&lt;b&gt;补台账" in page
    assert "<b>" not in page


def test_horizons_are_marked_and_nothing_found_is_not_progress(desk: Session) -> None:
    record(desk, HORIZON, Execution.NO_EVIDENCE_FOUND, summary="没有查到")
    found = cells(desk, HORIZON)
    assert "行动时段，不计逾期" in found["完成时限（性质）"]
    assert (found["进展"], found["执行状态"], found["复核"]) == ("核查结论：没有查到", "已查无据", "待复核")
    assert (cells(desk, DUE)["执行状态"], cells(desk, DUE)["复核"]) == ("未核查", "—")


def test_the_sheet_is_of_a_day_on_both_axes(desk: Session) -> None:
    record(desk, DUE, Execution.COMPLETED, now=datetime(2021, 3, 1, tzinfo=UTC))
    assert cells(desk, DUE)["执行状态"] == "已完成"
    for cutoff in (Cutoff(as_of=date(2020, 12, 1)), Cutoff(recorded_by=date(2021, 2, 28))):
        assert cells(desk, DUE, cutoff)["执行状态"] == "未核查"
    assert "2021-02-28" in duban.sheet(desk, CZ, Cutoff(recorded_by=date(2021, 2, 28))).day


def test_by_a_day_only_what_ends_by_then_is_on_it(desk: Session) -> None:
    made = duban.sheet(desk, CZ, Cutoff(), date(2020, 12, 31))
    held = [item.cells["编号"] for group in made.groups for item in group.items]
    assert {DUE, HORIZON} <= set(held)
    assert "CZ-2020-01.1" not in held
    assert made.counts.startswith(f"共 {len(held)} 项")
    assert duban.sheet(desk, CZ, Cutoff(), date(2020, 12, 30)).groups == []


def test_the_desk_serves_the_page_with_its_own_style_and_nothing_more(
    opened: Callable[..., Flask], ledger_url: str
) -> None:
    app = opened(ledger_url)
    assert app.test_client().get("/desk/questions/duban?city=431000").status_code == 302
    assert "unsafe" not in duban.policy()
    assert "style-src 'sha256-" in duban.policy()


def test_the_workbook_is_sorted_filtered_and_printed_with_its_header_and_links_its_evidence(followed: Engine) -> None:
    out = io.BytesIO()
    with db.writing(followed, actor=ANALYST) as session:
        two = tuple(Source(PAGE + end, reports=EvidenceReports.DELIVERY, title=f"公告{end}") for end in "ab")
        record(session, "CZ-2020-23", Execution.STALLED, evidence=two, reason="money", attribution="city")
        duban.write_xlsx(duban.sheet(session, CZ, Cutoff(as_of=date(2021, 1, 31))), out)
    book = openpyxl.load_workbook(out)
    sheet, sources = book.worksheets
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("E6", "A5:O101")
    assert (sheet.print_title_rows, sheet.page_setup.orientation, sheet.page_setup.paperSize) == (
        "$5:$5",
        "landscape",
        9,
    )
    assert sheet.page_setup.fitToHeight == 0
    named = [cell.value for cell in sheet[5]]
    assert set(named) == {*duban.COLUMNS, "总项"}
    rows = {row[1].value: dict(zip(named, row, strict=True)) for row in sheet.iter_rows(min_row=6)}
    assert len(rows) == 96
    done, late = rows[DUE], rows["CZ-2020-23"]
    assert (done["执行状态"].value, done["执行状态"].font.color.rgb) == ("已完成", "FF12692F")
    assert late["序时进度"].value.startswith("红灯")
    assert late["序时进度"].fill.fgColor.rgb == "FFA3231A"
    assert done["存在问题"].value == "=HYPERLINK(1)"
    assert (done["存在问题"].data_type, done["存在问题"].alignment.wrap_text) == ("s", True)
    assert done["佐证"].hyperlink.target == PAGE
    assert late["佐证"].value == "公告a\n公告b"
    place = late["佐证"].hyperlink.location.rpartition("A")[2]
    assert sources[f"B{place}"].value == "CZ-2020-23"
    assert [sources[f"E{int(place) + more}"].hyperlink.target for more in (0, 1)] == [PAGE + "a", PAGE + "b"]


def test_the_workbook_is_written_by_the_command_and_at_the_desk(
    followed: Engine, ledger_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "duban.xlsx"
    assert followed
    words = ["--database", ledger_url, "duban", "--city", "荆州", "--as-of", "2021-01-31", "--out", str(out)]
    assert CliRunner().invoke(cli.tracker, words).exit_code == 0
    assert openpyxl.load_workbook(out).worksheets[0]["A1"].value == "荆州市承诺事项督办单"


def test_the_document_lies_across_with_a_table_for_each_head_and_links_its_evidence(followed: Engine) -> None:
    out = io.BytesIO()
    with db.reading(followed) as session:
        made = duban.sheet(session, CZ, Cutoff(as_of=date(2021, 1, 31)))
    duban.write_docx(made, out)
    paper = docx.Document(out)
    assert [round(side.mm) for side in (paper.sections[0].page_width, paper.sections[0].page_height)] == [297, 210]
    assert len(paper.tables) == len(made.groups)
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in paper.tables)
    rows = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows[1:]]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 97)]
    (done,) = (row for row in rows if row[1] == DUE)
    assert (done[5], done[8], done[-2:]) == ("已完成", "=HYPERLINK(1)", ["", ""])
    cells = (cell for table in paper.tables for row in table.rows for cell in row.cells)
    assert PAGE in {link.address for cell in cells for link in cell.paragraphs[0].hyperlinks}


@pytest.mark.parametrize("name", ["x.pdf", "nowhere/x.csv"])
def test_a_sheet_is_written_in_a_form_there_is_into_a_folder_that_is_there(
    name: str, ledger_url: str, tmp_path: Path
) -> None:
    words = ["--database", ledger_url, "duban", "--city", "郴州", "--out", str(tmp_path / name)]
    answer = CliRunner().invoke(cli.tracker, words)
    assert (answer.exit_code, (tmp_path / name).exists()) == (2, False)
