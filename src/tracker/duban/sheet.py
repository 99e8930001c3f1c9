"""What stands on a 督办单."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from tracker import queries, sources
from tracker.codebook import DeadlineKind, EvidenceRelation, Execution, Light, Timeliness, UnitRole, Verdict
from tracker.filters import CommitmentFilter
from tracker.models import CommitmentUnit, Organisation
from tracker.standings import Cutoff

#: The columns of the sheet.
COLUMNS = (
    "序号", "编号", "事项", "原话", "责任单位", "完成时限（性质）", "执行状态", "序时进度",
    "进展", "存在问题", "下一步", "佐证", "核查截止日", "复核",
)  # fmt: skip

#: What the words of the sheet do not mean.
NOTE = (
    "“未核查”指还没有人查看；“已查无据”指查过公开来源，到核查截止日没有查到依据。两者都不等于没有办。"
    "行动时段（如“下半年”）不是完成期限，不计逾期。“待复核”指结论还没有第二人核过。"
)


@dataclass(frozen=True)
class Source:
    """A piece of evidence on the sheet."""

    text: str
    url: str

    def line(self) -> str:
        """The evidence with its address."""
        return self.text if self.url in self.text else f"{self.text} {self.url}"


@dataclass(frozen=True)
class Item:
    """One line: the texts of `COLUMNS` but for the evidence, and the evidence."""

    cells: dict[str, str]
    evidence: list[Source]
    execution: Execution
    light: Light | None = None


@dataclass(frozen=True)
class Group:
    """A head with its lines."""

    heading: str
    items: list[Item]


@dataclass(frozen=True)
class Sheet:
    """The sheet of a city."""

    title: str
    #: the day, and what was written down by when
    day: str
    #: counts, each with its denominator
    counts: str
    groups: list[Group]


def sheet(session: Session, city_code: str, cutoff: Cutoff, by: date | None = None) -> Sheet:
    """The sheet of a city (GB/T 2260 code) at a point of both time axes.

    `by` leaves only what has a completion date or a horizon that ends on or before that day.
    """
    asked = CommitmentFilter(cities=(city_code,), cutoff=cutoff)
    rows = session.execute(queries.commitments(asked)).all()
    heads = {row.code: row for row in rows}
    units, evidence = _units(session, rows), _evidence(session, city_code, cutoff)
    held = [row for row in rows if (row.is_leaf or row.stands_alone) and _ends_by(row, by)]
    numbers = {row.code: str(number) for number, row in enumerate(held, 1)}
    groups = [
        Group(
            _heading(place, code, heads.get(code)),
            [_item(row, numbers[row.code], units.get(row.id, ""), evidence.get(row.code, [])) for row in items],
        )
        for place, (code, items) in enumerate(groupby(held, key=lambda row: row.parent or row.code), 1)
    ]
    until = f" · 时限止于 {by} 及以前" if by else ""
    written = f" · 依据 {cutoff.recorded_by} 及以前的记录" if cutoff.recorded_by else ""
    city = next((row.city for row in rows), city_code)
    # Codes of GB/T 2260 that end so are provinces; those of other countries have letters.
    called = f"{city}市" if city_code.isdigit() and not city_code.endswith("0000") else city
    return Sheet(f"{called}承诺事项督办单", f"截至 {cutoff.day()}{until}{written}", _counts(held, cutoff), groups)


def _ends_by(row: Row[Any], by: date | None) -> bool:
    ends = row.due_on or row.horizon_until
    return by is None or (ends is not None and ends <= by)


def _counts(rows: list[Row[Any]], cutoff: Cutoff) -> str:
    """How many lines there are, and how many of them are what."""
    total = len(rows)
    due = [row for row in rows if row.due_on and row.due_on < cutoff.day()]
    parts = [
        f"已核查 {sum(row.execution != Execution.NOT_REVIEWED for row in rows)}/{total}",
        *(f"{code.zh} {count}/{total}" for code in Execution if (count := sum(r.execution == code for r in rows))),
        f"完成期限已过 {len(due)}/{total}，其中已完成 {sum(row.execution.is_done for row in due)}/{len(due)}",
        f"已复核 {sum(row.verdict is Verdict.APPROVE for row in rows)}/{total}",
    ]
    return f"共 {total} 项（可跟踪的承诺）：" + "；".join(parts) + "。"


def _heading(place: int, code: str, head: Row[Any] | None) -> str:
    """The line above a group. A head that is not published has only its code."""
    return f"{_numeral(place)}、{code} {head.title_zh if head else ''}".rstrip()


def _numeral(number: int) -> str:
    """A whole number from 1 to 99 in Chinese, as lists are numbered; above that in digits."""
    digits = "零一二三四五六七八九"
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")


def _item(row: Row[Any], number: str, units: str, evidence: list[Source]) -> Item:
    reviewed = "通过" if row.verdict is Verdict.APPROVE else "待复核" if row.assessment else "—"
    texts = (
        number,
        row.code,
        row.title_zh,
        row.focus or row.quote,
        units or "原文未说",
        _deadline(row),
        row.execution.zh,
        _pace(row),
        row.progress or (f"核查结论：{row.summary}" if row.summary else "—"),
        row.problems or "—",
        row.next_steps or "—",
        "",
        str(row.reviewed_up_to or "—"),
        reviewed,
    )
    light = Light(row.light) if row.light else None
    return Item(dict(zip(COLUMNS, texts, strict=True)), evidence, Execution(row.execution), light)


def _deadline(row: Row[Any]) -> str:
    said = f"“{row.deadline_text}”" if row.deadline_text else ""
    if row.due_on:
        moved = f"；较原定顺延{row.slippage_days}天" if row.slippage_days else ""
        return f"{row.due_on}（{DeadlineKind.COMPLETION.zh}）{said}{moved}"
    if row.horizon_until:
        return f"{row.horizon_until}（{DeadlineKind.HORIZON.zh}，不计逾期）{said}"
    if row.deadline_kind is DeadlineKind.EVENT_DATE:
        return f"{row.window_end}（{row.deadline_kind.zh}）{said}"
    return "原文未说"


def _pace(row: Row[Any]) -> str:
    light = f"{Light(row.light).zh} · " if row.light else ""
    share = "" if row.progress_share is None else f"；完成 {row.progress_share:.0%}"
    elapsed = "" if row.elapsed_share is None else f"，时间过去 {row.elapsed_share:.0%}"
    return f"{light}{Timeliness(row.timeliness).zh}{share}{elapsed}"


def _units(session: Session, rows: Any) -> dict[int, str]:
    """Commitment id → its units, the leading ones first."""
    parts = (
        select(CommitmentUnit.commitment_id, CommitmentUnit.role, Organisation.name_zh)
        .join(Organisation, Organisation.id == CommitmentUnit.organisation_id)
        .where(CommitmentUnit.commitment_id.in_([row.id for row in rows]))
        .order_by(CommitmentUnit.commitment_id, Organisation.code)
    )
    by_id = groupby(session.execute(parts), key=attrgetter("commitment_id"))
    ranks = list(UnitRole)
    return {
        key: "；".join(f"{unit.name_zh}（{unit.role.zh}）" for unit in sorted(held, key=lambda u: ranks.index(u.role)))
        for key, held in by_id
    }


def _evidence(session: Session, city_code: str, cutoff: Cutoff) -> dict[str, list[Source]]:
    """Code → what its standing assessment cites."""
    cited: dict[str, list[Source]] = {}
    for row in session.execute(sources.evidence(city_code, cutoff)):
        origin = "，".join(str(part) for part in (row.publisher, row.published_on) if part)
        relation = "" if row.relation is EvidenceRelation.SUPPORTS else f"[{row.relation.zh}] "
        text = f"{relation}{row.title or row.url}" + (f"（{origin}）" if origin else "")
        cited.setdefault(row.commitment, []).append(Source(text, row.url))
    return cited
