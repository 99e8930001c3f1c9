"""How the ledger reads in a terminal: Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from tracker import filters, search
from tracker.cli import list_sheets
from tracker.cli.tables import both, definitions, table
from tracker.codebook import DeadlineKind, Execution, Kind, Timeliness
from tracker.standings import dated

if TYPE_CHECKING:
    from tracker.records import Record


#: What a list shows of a commitment.
SHOWN = tuple(
    """
    city city_en kind code parent is_leaf stands_alone title_zh title_en execution
    deadline_kind deadline_text window_end timeliness
    """.split()  # noqa: SIM905 - as in `records`
)

#: How many rows are set as one page: a longer list begins before all of it is read, and is never held as a whole.
_PAGE = 2_000


def ledger(rows: Iterable[Record]) -> Iterator[str]:
    """The lines of a list: one table for each city and kind, page by page, then how many there are."""
    rows, total, tracked, reviewed = iter(rows), 0, 0, 0
    while page := list(islice(rows, _PAGE)):
        yield from _page(page, is_first=not total)
        followable = [row for row in page if row["is_leaf"] or row["stands_alone"]]
        total += len(page)
        tracked += len(followable)
        reviewed += sum(row["execution"] != Execution.NOT_REVIEWED for row in followable)
    if total:
        yield f"\n共 {total} 条，可跟踪 {tracked} 条，已核查 {reviewed} 条"
        yield f"{total} rows, {tracked} of them followable, {reviewed} of these reviewed"


def _page(rows: Sequence[Record], *, is_first: bool) -> Iterator[str]:
    sections: dict[tuple[str, str, Kind], list[Record]] = {}
    for row in rows:
        sections.setdefault((row["city"], row["city_en"], row["kind"]), []).append(row)
    for (city, city_en, kind), held in sections.items():
        yield f"\n{city} {city_en} · {both(kind)} ({len(held)}){'' if is_first else ' · 续 continued'}"
        yield from table(
            ["编号 Code", "状态 Status", "期限 Deadline", "承诺 Commitment"],
            [[_code(row), both(row["execution"]), _deadline(row), _titles(row)] for row in held],
        )


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
        ("谁说 Who", _who(row)),
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
        *(("政策 Policy", list_sheets.policy(policy)) for policy in row["policies"]),
        *(("问题 Obstacle", list_sheets.obstacle(obstacle)) for obstacle in row["obstacles"]),
        *_standing(row),
    ]
    yield from definitions([(name, str(value)) for name, value in lines if value])


def _who(row: Record) -> str:
    """Who said it, in which office; empty where the text names nobody."""
    zh = " ".join(name for name in (row["post"], row["speaker"]) if name)
    en = ", ".join(name for name in (row["speaker_en"], row["post_en"]) if name)
    return f"{zh} / {en}" if zh or en else ""


def _standing(row: Record) -> list[tuple[str, Any]]:
    """How it stands, how anyone knows, and who has looked at that."""
    judged = row["effective_on"] is not None
    since = f" · {dated(row['effective_on'], row['effective_precision'])}" if judged else ""
    return [
        ("状态 Status", f"{both(row['execution'])}{since}"),
        ("所见 Found", _pair(row, "summary", zh="")),
        ("复核 Review", _review(row) if judged else None),
        ("成效 Outcome", both(row["outcome"])),
        ("官方说法 Official", both(row["official_claim"]) if row["official_claim"] else None),
        ("进展 Progress", row["progress"]),
        ("问题 Problems", row["problems"]),
        ("下一步 Next steps", row["next_steps"]),
        ("原因 Reason", f"{both(row['reason'])} · {both(row['attribution'])}" if row["reason"] else None),
        ("把握 Confidence", both(row["confidence"]) if row["confidence"] else None),
        ("时效 Timeliness", _timeliness(row)),
        ("序时 Pace", _pace(row)),
        *(("节点 Milestone", _milestone(step)) for step in row["milestones"]),
        ("核查至 Up to", row["reviewed_up_to"]),
        ("争议 Disputed", "来源说法不一 / sources disagree" if row["disputed"] else None),
        ("下次查 Next check", row["next_check"]),
    ]


def _review(row: Record) -> str:
    return both(row["verdict"]) if row["verdict"] else "暂定：尚无第二人复核 / provisional: nobody else has reviewed it"


def _timeliness(row: Record) -> str:
    due = f" · {row['due_on']}" if row["due_on"] else ""
    moved = row["slippage_days"]
    slipped = f" · 较原定推后 {moved} 天 / moved by {moved} days" if moved else ""
    return f"{both(row['timeliness'])}{due}{slipped} · {row['timeliness_rule']}"


def _pace(row: Record) -> str | None:
    if not row["light"]:
        return None
    shares = "" if row["progress_share"] is None else f" · 进度 progress {row['progress_share']:.0%}"
    elapsed = "" if row["elapsed_share"] is None else f" · 时间 time {row['elapsed_share']:.0%}"
    return f"{both(row['light'])}{shares}{elapsed} · {row['light_rule']}"


def _milestone(step: Record) -> str:
    late = "" if step["late_days"] is None else f" ({step['late_days']:+d} 天 days)"
    return f"№ {step['id']} {step['title_zh']} · 计划 planned {step['planned_on']} → {step['reached_on'] or '—'}{late}"


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
    said = f"№ {figure['id']} {amount} · {figure['what_zh']} / {figure['what_en']} · {both(figure['role'])}"
    if figure["found"] is None:
        return f"{said} · “{figure['words']}”"
    found = f"{figure['found']:g}（{figure['difference']:+g}） · {figure['found_as_of']} · {figure['found_in']}"
    return f"{said} · “{figure['words']}”\n实测 found: {found}"


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


_GROUPS = (("all", "全部", "of all"), ("checkable", "可核查", "of the checkable"), ("due", "已到期", "of those due"),
           ("reviewed", "已核查", "of those reviewed"))  # fmt: skip


def completion(counted: Sequence[Record]) -> Iterator[str]:
    """City by city, how many are completed, of each denominator, and the band that the unknown leaves open."""
    rows = []
    for r in counted:
        for name, zh, en in _GROUPS:
            done, of = r["completed"] if name == "all" else r[f"completed_{name}"], r[f"of_{name}"]
            rows.append([f"{r['city']} {r['city_en']}", f"{zh} {en}", str(done), str(of), _share(done, of)])
        band = f"{_share(r['lowest'], r['of_all'])} – {_share(r['highest'], r['of_all'])}"
        said = "不明的全未完成–全完成 if the unknown were not, or were"
        rows.append([f"{r['city']} {r['city_en']}", said, f"{r['lowest']} – {r['highest']}", str(r["of_all"]), band])
    yield from table(["城市 City", "分母 Denominator", "完成 Completed", "共 Of", "占比 Share"], rows)
    yield "不明：未核查、已查无据、无法评估。Unknown: not reviewed, no evidence found, not assessable."


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else "—"


def nothing_found(session: Session, asked: filters.CommitmentFilter) -> str:
    """Why a list is empty."""
    message = "没有符合条件的承诺 / No commitment matches"
    if not asked.search:
        return message
    elsewhere = session.scalars(search.documents_holding(asked.search)).all()
    if elsewhere:
        keys = ", ".join(elsewhere)
        found = f"“{asked.search}”见于原文，但不在所查承诺中 / stands in the text, not in these commitments"
        return f"{message}：{found} ({keys})"
    return f"{message}：“{asked.search}”不见于任何文献 / stands in no document of the ledger"
