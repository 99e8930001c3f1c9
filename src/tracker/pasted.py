"""Follow-ups copied out of a spreadsheet: a line of headings, then a row for each, the cells parted by tabs.

Headings and codes are understood in Chinese and in English. What cannot be read is told by row and column and
never guessed at; what no heading is known for is left out, and told as well.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker import cells
from tracker.batches import Entry
from tracker.cells import plain
from tracker.codebook import (
    Attribution,
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
from tracker.rules import Fault

#: Largest sheet: rows below the headings, and bytes.
MOST_ROWS = 500
MOST_BYTES = 500 * 1024


@dataclass(frozen=True)
class Column:
    """A column that is understood, and what it is called."""

    name: str
    zh: str
    en: str
    holds: cells.Held = str
    required: bool = False
    #: other headings that mean it
    also: tuple[str, ...] = ()


COLUMNS = (
    Column("code", "编号", "Code", required=True, also=("承诺编号", "commitment")),
    Column("execution", "执行状态", "Status", Execution, required=True, also=("状态",)),
    Column("effective_on", "状态生效日", "True of", date, required=True, also=("生效日", "生效日期")),
    Column("summary", "核查结论", "What was found", required=True,
           also=("核查结论（一句话）", "What was found, in a sentence", "结论")),
    Column("reviewed_up_to", "核查截止日", "Reviewed up to", date, also=("截止日",)),
    Column("url", "依据网址", "Link", also=("网址", "evidence")),
    Column("reports", "报道内容", "It reports", EvidenceReports),
    Column("origin", "来源方", "Origin", EvidenceOrigin),
    Column("relation", "与结论的关系", "It speaks", EvidenceRelation),
    Column("title", "依据标题", "Evidence title"),
    Column("publisher", "发布者", "Publisher"),
    Column("published_on", "发布日期", "Published", date),
    Column("excerpt", "摘录", "Excerpt"),
    Column("searched_in", "检索处", "Searched in"),
    Column("query", "检索词", "Searched for"),
    Column("searched_on", "检索日期", "Searched on", date),
    Column("results_read", "已读结果数", "Results read", int),
    Column("progress", "进展", "Progress"),
    Column("problems", "问题", "Problems"),
    Column("next_steps", "下一步", "Next steps"),
    Column("progress_share", "完成比例（%）", "Achieved share (%)", float),
    Column("reason", "原因", "Reason", Reason),
    Column("attribution", "归因", "Attribution", Attribution),
    Column("confidence", "把握程度", "Confidence", Confidence),
    Column("outcome", "成效", "Outcome", Outcome),
    Column("official_claim", "官方说法", "Official claim", Execution),
    Column("summary_en", "核查结论（英文）", "The same in English"),
    Column("effective_precision", "只知到月或年", "Known only to the month or year", Precision),
    Column("next_check", "下次查看", "Next check", date),
)  # fmt: skip

#: Name → column.
NAMED = {column.name: column for column in COLUMNS}

_EVIDENCE = ("reports", "origin", "relation", "title", "publisher", "published_on", "excerpt")
_SEARCH = ("searched_on", "results_read")
_FOUND = (
    "reviewed_up_to", "outcome", "summary_en", "effective_precision", "official_claim", "progress", "problems",
    "next_steps", "progress_share", "reason", "attribution", "confidence",
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """What was read of a pasted sheet."""

    entries: tuple[Entry, ...] = ()
    #: headings that are not known: their columns are left out
    unread: tuple[str, ...] = ()
    #: why nothing could be read at all
    faults: tuple[Fault, ...] = ()


_MEANT = {plain(said): column for column in COLUMNS for said in (column.name, column.zh, column.en, *column.also)}


def read(text: str, *, today: date) -> Sheet:
    """The follow-ups of a pasted sheet. Rows are numbered from 1, the headings being the first.

    Where no cut-off is given, the search went up to `today`.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        return _none(
            f"内容超过 {MOST_BYTES // 1024} KB：请分几次粘贴", f"more than {MOST_BYTES // 1024} KB: paste it in parts"
        )
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="")
    reader = csv.reader(lines, dialect="excel-tab", strict=True)
    try:
        rows = [(number, row) for number, row in enumerate(reader, 1) if any(cell.strip() for cell in row)]
    except csv.Error:
        return _none(
            f"第 {reader.line_num} 行附近有没有配对的英文双引号：以引号开头的单元格须以引号结尾，引号本身写两遍",
            f"near line {reader.line_num} a quotation mark is not closed: a cell that begins with one ends with one,"
            " and a mark inside it is written twice",
        )
    return _sheet(rows, today)


def codes(text: str) -> list[str]:
    """Codes of commitments, parted by blanks, commas or lines; each once, in the order given."""
    return list(dict.fromkeys(_tidy(code) for code in re.split(r"[\s,，、;；]+", text) if code))


def _tidy(code: str) -> str:
    """A code without the wide letters and dashes of a Chinese keyboard."""
    return unicodedata.normalize("NFKC", code)


def _none(zh: str, en: str) -> Sheet:
    return Sheet(faults=(Fault("sheet", "text", zh, en),))


def _sheet(rows: Sequence[tuple[int, list[str]]], today: date) -> Sheet:
    if not rows:
        return _none("请粘贴标题行和至少一行内容", "paste the line of headings and at least one row")
    headings = [cell.strip() for cell in rows[0][1]]
    columns = [_MEANT.get(plain(heading)) for heading in headings]
    faults = tuple(_wrong_headings(columns))
    if faults:
        return Sheet(faults=faults)
    if not 1 < len(rows) <= MOST_ROWS + 1:
        return _none(
            f"标题行之下须有 1 至 {MOST_ROWS} 行，这里有 {len(rows) - 1} 行",
            f"below the headings come 1 to {MOST_ROWS} rows, here {len(rows) - 1}",
        )
    unread = tuple(heading for heading, column in zip(headings, columns, strict=True) if heading and not column)
    return Sheet(tuple(_entry(number, columns, row, today) for number, row in rows[1:]), unread)


def _wrong_headings(columns: Sequence[Column | None]) -> Iterator[Fault]:
    known = Counter(column for column in columns if column)
    missing = [column for column in COLUMNS if column.required and column not in known]
    if missing:
        zh, en = "、".join(column.zh for column in missing), ", ".join(column.en for column in missing)
        yield Fault(
            "headings", "text",
            f"第一行须是标题行，还缺：{zh}（单元格之间是制表符，从表格里直接复制即可）",
            f"the first line holds the headings; missing: {en} (tabs part the cells, as a spreadsheet copies them)",
        )  # fmt: skip
    for column, times in known.items():
        if times > 1:
            yield Fault(
                "headings",
                "text",
                f"“{column.zh}”列出现了 {times} 次：只留一列",
                f"“{column.en}” stands {times} times: keep one",
            )


def _entry(number: int, columns: Sequence[Column | None], row: list[str], today: date) -> Entry:
    """One row as an entry, or with all that is wrong in it."""
    said: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, cell in zip(columns, row, strict=False):
        if column is None:
            continue
        try:
            said[column.name] = cells.read(column.holds, cell)
        except cells.Unreadable as wrong:
            faults.append(Fault("cell", column.name, wrong.zh, wrong.en))
    unreadable = {fault.field for fault in faults}
    faults += [fault for fault in gaps(said) if fault.field not in unreadable]
    if any(cell.strip() for cell in row[len(columns) :]):
        faults.append(Fault("cell", "", "这一行的单元格比标题多", "this row has more cells than there are headings"))
    finding = None if faults else found(said, [said["url"]] if said.get("url") else [], today)
    return Entry(number, _tidy(said.get("code") or ""), finding, said.get("next_check"), tuple(faults))


def gaps(said: dict[str, Any]) -> Iterator[Fault]:
    """What a follow-up lacks, of which this is said by name of column."""
    for column in COLUMNS:
        if column.required and not said.get(column.name):
            yield Fault("cell", column.name, "未填", "is empty")
    if not said.get("url") and any(said.get(name) for name in _EVIDENCE):
        yield Fault("cell", "url", "写了依据的内容，请附上网址", "something is said of evidence: give its address")
    searched = [name for name in ("searched_in", "query") if said.get(name)]
    if len(searched) == 1 or (not searched and any(said.get(name) is not None for name in _SEARCH)):
        missing = "query" if searched == ["searched_in"] else "searched_in"
        yield Fault("cell", missing, "检索处和检索词须同时填写", "say both where and for what")


def found(said: dict[str, Any], addresses: Iterable[str], cut_off: date) -> Finding:
    """The follow-up of which this is said, with evidence at these addresses; up to `cut_off` where that is not said."""
    given = {name: value for name, value in said.items() if value is not None}
    return Finding(
        execution=given["execution"],
        effective_on=given["effective_on"],
        summary=given["summary"],
        evidence=tuple(Source(url, **{name: given[name] for name in _EVIDENCE if name in given}) for url in addresses),
        searches=tuple(_searches(given)),
        **{"reviewed_up_to": cut_off, **{name: given[name] for name in _FOUND if name in given}},
    )


def _searches(given: dict[str, Any]) -> Iterator[Search]:
    if "query" in given:
        yield Search(given["searched_in"], given["query"], given.get("searched_on"), given.get("results_read"))
