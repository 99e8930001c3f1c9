"""Second coding in a terminal and in a spreadsheet: rounds, blind sheets, results."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from tracker import agreement, filters, queries, reliability
from tracker.agreement import Measure, Results
from tracker.cli.arguments import Code
from tracker.cli.tables import both, table
from tracker.codebook import CodedField
from tracker.materials import Materials, materials
from tracker.models import CodingRound, Commitment, User
from tracker.quotes import words
from tracker.records import Record
from tracker.rules import RuleBroken

#: Largest sheet, in bytes.
LARGEST_SHEET = 10 * 1024 * 1024

#: Columns that a sheet must still have when it comes back.
_READ = ("code", "field", "value")


def rounds(session: Session) -> Iterator[str]:
    """The rounds, the newest first, with how much of each was coded again."""
    rows = [
        [
            drawn.name,
            drawn.jurisdiction.name_zh if drawn.jurisdiction else "全部 all",
            f"{coded}/{items}",
            str(drawn.seed),
            f"{drawn.drawn_at:%Y-%m-%d %H:%M} UTC",
            drawn.drawn_by.name,
        ]
        for drawn, items, coded in session.execute(agreement.rounds())
    ]
    if not rows:
        yield "还没有轮次 / No round yet: tracker coding draw"
        return
    headings = ["轮次 Round", "城市 City", "已重编 Coded again", "种子 Seed", "抽取 Drawn", "抽取人 By"]
    yield from table(headings, rows)


def blind(session: Session, drawn: CodingRound, coder: User | None) -> Iterator[Record]:
    """What a coder has still to code, one row an item; nothing of the first coding."""
    asked = {
        row.code: row
        for row in session.execute(
            queries.commitments(filters.CommitmentFilter(unpublished=True)).where(
                Commitment.id.in_([one.commitment_id for one in drawn.items])
            )
        )
    }
    for one in reliability.left(session, drawn, coder):
        row, around = asked[one.commitment.code], words(session, one.commitment)
        yield {
            "code": row.code,
            "field": one.field.value,
            "asked": f"{one.field.definition_zh} {one.field.definition_en}",
            "allowed": "\n".join(
                f"{code.value} {code.zh} {code.en}：{code.definition_zh} {code.definition_en}".rstrip("： ")
                for code in one.field.codes
            ),
            "question": row.question,
            "before": around.before,
            "quote": row.quote,
            "after": around.after,
            "focus": row.focus,
            "evidence": "\n".join(_grounds(materials(session, one))),
            "value": "",
            "note": "",
        }


def _grounds(found: Materials) -> Iterator[str]:
    """What execution is judged by, one line each."""
    if found.cut_off:
        yield f"截至 up to {found.cut_off}"
    for source in found.evidence:
        parts = (source.title, source.publisher, source.published_on, source.url, source.excerpt)
        yield " · ".join(str(part) for part in parts if part)
    for search in found.searches:
        yield f"检索 searched {search.searched_in}：“{search.query}” {search.searched_on}"


@dataclass(frozen=True)
class Filled:
    """A row of a sheet that has a value; `row` as a spreadsheet counts, the heading being 1."""

    row: int
    code: str
    field: str
    value: str
    note: str


def filled(file: Path) -> list[Filled]:
    """The rows of a sheet that somebody filled in. Refuses a file that is no such sheet."""
    if file.stat().st_size > LARGEST_SHEET:
        raise click.UsageError(f"{file} 超过 {LARGEST_SHEET >> 20} MB / is larger than {LARGEST_SHEET >> 20} MB")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file} 不是 UTF-8 / is no UTF-8: save it as “CSV UTF-8”") from error
    try:
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise click.UsageError(f"{file} 不是 CSV / is no CSV: {error}") from error
    missing = [name for name in _READ if not rows or name not in rows[0]]
    if missing:
        raise click.UsageError(f"{file} 缺少列 / lacks rows or the columns: {', '.join(missing)}")
    found = []
    for number, row in enumerate(rows, 2):
        code, field, value, note = ((row.get(name) or "").strip().removeprefix("'") for name in (*_READ, "note"))
        if value:
            found.append(Filled(number, code, field, value, note))
    if not found:
        raise click.UsageError(f"{file} 的 value 列全空 / has no value in the column value")
    return found


def take(session: Session, drawn: CodingRound, given: list[Filled], *, coder: User) -> tuple[int, int]:
    """Record what a sheet says: how many readings are new, and how many stood already with the same value.

    Raises `UsageError` that names every row and column at fault; the caller's transaction then keeps nothing.
    """
    known = {reading.item_id: reading.value for reading in reliability.readings_of(session, drawn, coder)}
    faults, new = [], 0
    for row in given:
        try:
            new += _taken(session, drawn, row, coder, known)
        except (RuleBroken, click.BadParameter) as error:
            column = error.faults[0].field if isinstance(error, RuleBroken) else "field"
            column = {"item": "code"}.get(column, column)
            said = str(error) if isinstance(error, RuleBroken) else error.message
            faults.append(f"第 {row.row} 行 {column} 列 / row {row.row}, column {column}: {said}")
    if faults:
        raise click.UsageError("；".join(["没有读入 / nothing was read", *faults]))
    return new, len(given) - new


def _taken(session: Session, drawn: CodingRound, row: Filled, coder: User, known: dict[int, str]) -> int:
    """Record one row: 1 where it is new, 0 where the coder said the same before."""
    field = Code(CodedField).convert(row.field, None, None)
    one = reliability.item(session, drawn, row.code, field)
    value = field.named(row.value)
    if known.get(one.id) == value:
        return 0
    reliability.code(session, one, value, coder=coder, note=row.note)
    known[one.id] = value
    return 1


def results(found: Results) -> Iterator[str]:
    """Agreement and alpha of each field, then the items on which coders differ."""
    drawn = found.round
    city = drawn.jurisdiction.name_zh if drawn.jurisdiction else "全部城市 all cities"
    yield f"{drawn.name} · {city} · 种子 seed {drawn.seed} · 编码手册 codebook {drawn.codebook_version}"
    day = f"{drawn.drawn_at:%Y-%m-%d} UTC"
    yield f"从 {drawn.population} 条承诺中抽取 / drawn from {drawn.population} commitments · {day}"
    headings = ["字段 Field", "尺度 Level", "项 Items", "已重编 Coded again", "一致 Agreed", "α", "95%", "判读 Reading"]
    yield from table(headings, [_measure(one) for one in found.measures])
    ranges = [one.interval for one in found.measures if one.interval]
    if ranges:
        used = ", ".join(str(one.used) for one in ranges)
        yield f"区间：对项作 {ranges[0].resamples} 次自助重抽（可用 {used}），种子 {drawn.seed}"
        yield f"Interval: {ranges[0].resamples} bootstrap resamples of the items ({used} usable), seed {drawn.seed}"
    yield f"\n分歧 Disagreements ({len(found.differing)})"
    for one in found.differing:
        yield f"  {one.commitment.code} {one.field.zh} {one.field.en}"
        yield f"    首次 first: {both(one.first)} · {one.first_coder.name if one.first_coder else '—'}"
        for reading in one.readings:
            note = f" · {reading.note}" if reading.note else ""
            yield f"    重编 again: {both(reading.code)} · {reading.coder.name}{note}"
        for decided in one.adjudications[-1:]:
            yield f"    裁定 adjudicated: {both(decided.code)} · {decided.adjudicator.name} · {decided.note}"


def _measure(one: Measure) -> list[str]:
    share = f"{one.agreed}/{one.read} ({one.share:.1%})" if one.share is not None else "—"
    alpha = "—" if one.alpha is None else f"{one.alpha:.3f}"
    limits = f"[{one.interval.low:.3f}, {one.interval.high:.3f}]" if one.interval else "—"
    verdict = both(one.verdict) if one.verdict else " / ".join(one.why_none)
    return [both(one.field), both(one.field.level), str(one.items), str(one.read), share, alpha, limits, verdict]


def where_to_change(field: CodedField, code: str) -> Iterator[str]:
    """Adjudication leaves the ledger as it is: where it is changed then."""
    if field is CodedField.EXECUTION:
        yield f"台账未变；要改状态，请另记一次评估：tracker record {code} …"
        yield f"The ledger is as it was. To change the status, record another assessment: tracker record {code} …"
    elif field is CodedField.KIND:
        yield "台账未变；类别随种子文件（seed/coding/），改后用 tracker seed 装载。"
        yield "The ledger is as it was. The kind comes with the seed: edit seed/coding/, then run tracker seed."
    else:
        yield f"台账未变；要改编码，请在编辑台打开 {code}，用“编辑编码”。"
        yield f"The ledger is as it was. To change the coding, open {code} at the desk and edit it there."
