"""How the ledger reads in a terminal: Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from tracker import queries
from tracker.cli.tables import definitions, table
from tracker.codebook import AuditAction, Coded, DeadlineKind, Execution, Kind, Timeliness
from tracker.models import AuditEvent, Commitment
from tracker.records import Record
from tracker.standings import Cutoff, written_assessments


def both(code: Coded | None) -> str:
    """A code's labels in both languages."""
    return f"{code.zh} {code.en}" if code else "—"


def ledger(rows: Sequence[Record]) -> Iterator[str]:
    """The lines of a list: one table for each city and kind, then how many there are."""
    sections: dict[tuple[str, str, Kind], list[Record]] = {}
    for row in rows:
        sections.setdefault((row["city"], row["city_en"], row["kind"]), []).append(row)
    for (city, city_en, kind), held in sections.items():
        yield f"\n{city} {city_en} · {both(kind)} ({len(held)})"
        yield from table(
            ["编号 Code", "状态 Status", "期限 Deadline", "承诺 Commitment"],
            [[_code(row), both(row["execution"]), _deadline(row), _titles(row)] for row in held],
        )
    if rows:
        tracked = [row for row in rows if row["is_leaf"] or row["stands_alone"]]
        reviewed = sum(row["execution"] != Execution.NOT_REVIEWED for row in tracked)
        yield f"\n共 {len(rows)} 条，可跟踪 {len(tracked)} 条，已核查 {reviewed} 条"
        yield f"{len(rows)} rows, {len(tracked)} of them followable, {reviewed} of these reviewed"


def _code(row: Record) -> str:
    return ("  " if row["parent"] else "") + str(row["code"])


def _titles(row: Record) -> str:
    indent = "  " if row["parent"] else ""
    return f"{indent}{row['title_zh']}\n{indent}{row['title_en']}"


def _deadline(row: Record) -> str:
    if row["deadline_kind"] is DeadlineKind.NONE:
        return "—"
    sign = {DeadlineKind.COMPLETION: "≤ ", DeadlineKind.HORIZON: "… "}.get(row["deadline_kind"], "")
    timeliness = row["timeliness"]
    light = "" if timeliness is Timeliness.NO_DEADLINE else f"\n{both(timeliness)}"
    return f"{row['deadline_text']} {sign}{row['window_end']}{light}"


def commitment(row: Record) -> Iterator[str]:
    """The lines of one commitment, its words first."""
    yield f"{row['code']}  {row['title_zh']}"
    yield f"    {row['title_en']}"
    missing = "（原页缺首行 / first line lost on the page）" if row["question_head_missing"] else ""
    lines: list[tuple[str, Any]] = [
        ("城市 City", f"{row['city']} {row['city_en']} {row['city_code']}"),
        ("谁说 Who", f"{row['post']} {row['speaker']} / {row['speaker_en']}, {row['post_en']}"),
        ("所问 Question", f"{missing}{row['question']}" if row["question"] else None),
        ("原话 Quote", f"“{row['quote']}”  [{row['document']} {row['start']}–{row['end']}]"),
        ("其中 Focus", row["focus"]),
        ("类型 Kind", both(row["kind"])),
        ("另属 Also", both(row["secondary_kind"]) if row["secondary_kind"] else None),
        ("上级 Head", row["parent"]),
        ("时态 Tense", f"{both(row['tense'])} · {both(row['tense_confidence'])} · “{row['tense_words']}”"),
        ("存疑 Doubt", _pair(row, "tense_note")),
        ("期限 Deadline", _window(row)),
        ("可查 Checkable", both(row["checkability"])),
        ("完成标志 Shown by", _pair(row, "completion_evidence", zh="")),
        ("受益 For", _pair(row, "beneficiaries")),
        ("备注 Note", _pair(row, "note")),
        *(("单位 Unit", f"{u['zh']} {u['en']} · {both(u['role'])} · {both(u['basis'])}") for u in row["units"]),
        *(("数字 Figure", _figure(f)) for f in row["figures"]),
        *(("主题 Term", f"{t['zh']} {t['en']} · {both(t['basis'])}") for t in row["terms"]),
        *(("关联 Link", f"{both(link['relation'])}: {link['code']} {link['title_zh']}") for link in row["links"]),
        ("状态 Status", both(row["execution"])),
        ("成效 Outcome", both(row["outcome"])),
        ("官方说法 Official", both(row["official_claim"]) if row["official_claim"] else None),
        ("时效 Timeliness", both(row["timeliness"])),
        ("核查至 Reviewed", f"{row['reviewed_up_to']} · {row['summary']}" if row["summary"] else None),
        ("争议 Disputed", "来源说法不一 / sources disagree" if row["disputed"] else None),
        ("下次查 Next check", row["next_check"]),
    ]
    yield from definitions([(name, str(value)) for name, value in lines if value])


def _pair(row: Record, name: str, *, zh: str = "_zh") -> str | None:
    """A text in both languages, one line each."""
    return "\n".join(text for text in (row[name + zh], row[f"{name}_en"]) if text) or None


def _window(row: Record) -> str:
    if row["deadline_kind"] is DeadlineKind.NONE:
        return both(DeadlineKind.NONE)
    rule = row["deadline_rule"]
    convention = " · 推定 convention" if rule.is_convention else ""
    window = f"{row['window_start']}–{row['window_end']}"
    return f"“{row['deadline_text']}” {both(row['deadline_kind'])} {window} · {both(rule)}{convention}"


def _figure(figure: Record) -> str:
    amount = f"{figure['comparator'].zh}{figure['value']:g} {figure['unit_zh']} ({figure['unit_en']})"
    return f"{amount} · {figure['what_zh']} / {figure['what_en']} · {both(figure['role'])} · “{figure['words']}”"


def history(session: Session, commitment: Commitment, cutoff: Cutoff) -> Iterator[str]:
    """Every assessment at `cutoff`, newest first, corrected ones marked; then who changed what."""
    yield "\n评估 Assessments"
    found = session.scalars(written_assessments(commitment.id, cutoff)).all()
    corrected = {one.corrects_id: one.id for one in found if one.corrects_id}
    for one in found:
        by = f"  ✗ 已被更正 corrected by #{corrected[one.id]}" if one.id in corrected else ""
        yield f"  #{one.id} {one.effective_on}  {both(one.execution)} · {one.summary}{by}"
        yield f"    核查至 up to {one.reviewed_up_to} · {one.analyst} · {one.recorded_at:%Y-%m-%d %H:%M} UTC"
        if one.reason and one.attribution:
            yield f"    原因 Reason: {both(one.reason)} · 归因 Attribution: {both(one.attribution)}"
        if one.official_claim:
            yield f"    官方说法 Official claim: {both(one.official_claim)}"
        for citation in one.citations:
            yield f"    {both(citation.relation)}: {citation.evidence.url} · {both(citation.evidence.reports)}"
    if not found:
        yield "  尚无 none yet"
    yield "\n修改 Changes"
    for event in session.scalars(queries.changes("commitment", commitment.id)):
        fields = "" if event.action is AuditAction.INSERT else " · " + ", ".join(_change(event))
        yield f"  {event.at:%Y-%m-%d %H:%M} UTC  {event.actor} · {both(event.action)}{fields}"


def _change(event: AuditEvent) -> Iterator[str]:
    for name, (old, new) in event.changes.items():
        yield f"{name}: {old} → {new}"


_COUNTED = {"kind": Kind, "status": Execution, "timeliness": Timeliness}


def counts(by: str, counted: Sequence[Record]) -> Iterator[str]:
    """City by city, how many of the followable commitments have each value."""
    codes = _COUNTED[by]
    yield from table(
        ["城市 City", "值 Value", "条数 Count", "分母 Of", "占比 Share"],
        [
            [
                f"{r['city']} {r['city_en']}",
                both(codes(r["value"])),
                str(r["count"]),
                str(r["of"]),
                f"{r['count'] / r['of']:.1%}",
            ]
            for r in counted
        ],
    )
    yield "分母为可跟踪的承诺：分项，以及自身有承诺而无分项覆盖的总项。"
    yield "Of the commitments that can be followed: parts, and heads that promise something no part covers."


def nothing_found(session: Session, asked: queries.CommitmentFilter) -> str:
    """Why a list is empty."""
    message = "没有符合条件的承诺 / No commitment matches"
    if not asked.search:
        return message
    elsewhere = session.scalars(queries.documents_holding(asked.search)).all()
    if elsewhere:
        keys = ", ".join(elsewhere)
        found = f"“{asked.search}”见于原文，但不在所查承诺中 / stands in the text, not in these commitments"
        return f"{message}：{found} ({keys})"
    return f"{message}：“{asked.search}”不见于任何文献 / stands in no document of the ledger"
