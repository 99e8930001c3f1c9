"""The words of a report, in Chinese and English, that page and document share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tracker.codebook import Coded, DeadlineKind, Execution, Light, Timeliness, Verdict
from tracker.datasets.descriptor import Edition
from tracker.records import Record
from tracker.standings import dated

Said = Callable[[str, str], str]

#: What completion is counted of: fields of `tallies.completion`, and what they are called.
DENOMINATORS = (
    ("completed", "of_all", "全部可跟进的承诺", "of all that can be followed up"),
    ("completed_checkable", "of_checkable", "其中可核查的", "of the checkable ones"),
    ("completed_due", "of_due", "其中已到期的", "of those that have fallen due"),
    ("completed_reviewed", "of_reviewed", "其中有人核查过的", "of those that somebody has reviewed"),
)

ABOUT = (
    "本报告逐条列出一市市长在公开场合作出的承诺：原话、现行状态、查到了什么、依据在哪里，以及还不知道什么。",
    "What a mayor promised in public, one by one: the words, the status, what was found, where, and what is not known.",
)

_METHOD_ZH = (
    "每条承诺的引文逐字取自刊发的文本。计数的是分项，以及另有许诺的总项。除“未核查”“已查无据”“无法评估”外，状态都须有公开依据；"
    "仅有宣布不算进展。“未核查”指还没有人查看，“已查无据”指查过公开来源没有查到，两者都不等于没有办。只有完成期限才会逾期，"
    "“下半年”之类的行动时段不会。未经第二人复核的结论是暂定的。"
)
_METHOD_EN = (
    "Every quote is taken word for word from the published text. Counted are parts, and heads that promise something no"
    " part covers. Every status but “not reviewed”, “no evidence found” and “not assessable” needs published evidence;"
    " an announcement alone is not progress. “Not reviewed” means that nobody has looked yet, “no evidence found” that"
    " a search of public sources found nothing; neither means that nothing was done. Only a completion date falls due;"
    " a period to act in, such as “the second half of the year”, does not. What no second person has reviewed is"
    " provisional. English titles are translations; quotes stay in Chinese."
)
METHOD = (_METHOD_ZH, _METHOD_EN)


def days(edition: Edition, t: Said) -> str:
    """The days that a report is of."""
    stood, written = edition.days()
    approved = t("；只计复核通过的评估", "; approved assessments only") if edition.scope.cutoff.approved_only else ""
    return t(
        f"所示为 {stood} 的情况，计入 {written} 及以前的记录{approved}",
        f"As things stood on {stood}, as written down by {written}{approved}",
    )


def label(code: Coded, t: Said) -> str:
    """The label of a code."""
    return t(code.zh, code.en)


def deadline(row: Record, t: Said) -> str:
    """The date of a commitment and whether it falls due."""
    said = t(f"（原文：“{row['deadline_text']}”）", "") if row["deadline_text"] else ""
    if row["due_on"]:
        late = f" · {label(Timeliness(row['timeliness']), t)}"
        return t("完成期限 ", "Due ") + f"{row['due_on']}{said}{late}"
    if row["deadline_kind"] is DeadlineKind.HORIZON:
        return t("行动时段，不计逾期：至 ", "A period to act in, never overdue: until ") + f"{row['window_end']}{said}"
    if row["deadline_kind"] is DeadlineKind.EVENT_DATE:
        return t("事件日期 ", "Date of the event ") + f"{row['window_end']}{said}"
    return t("原文没有说期限", "The text sets no date")


def pace(row: Record, t: Said) -> str:
    """The light of pace as a word, where there is one."""
    return label(Light(row["light"]), t) if row["light"] else ""


def found(row: Record, t: Said) -> str:
    """What the standing assessment says; empty where there is none."""
    if not row["recorded_at"]:
        return ""
    return str(t(row["summary"], row["summary_en"] or row["summary"]))


def checked(row: Record, t: Said) -> str:
    """Of which day the status is, up to which day somebody searched, and whether a second person agrees."""
    if not row["recorded_at"]:
        return ""
    true_of = dated(row["effective_on"], row["effective_precision"])
    approved = row["verdict"] is Verdict.APPROVE
    second = t("已复核", "approved by a second person") if approved else t("暂定，待复核", "provisional")
    return t(
        f"状态生效日 {true_of}，核查截止 {row['reviewed_up_to']}，{second}",
        f"true of {true_of}, searched up to {row['reviewed_up_to']}, {second}",
    )


def units(row: Record, t: Said) -> str:
    """Who is responsible; empty where nobody said."""
    named = [
        f"{t(unit['zh'], unit['en'])}{t('（', ' (')}{label(unit['role'], t)}{t('）', ')')}" for unit in row["units"]
    ]
    return t("；", "; ").join(named)


def unknown(row: Record, evidence: Sequence[Any], searches: Sequence[Any], t: Said) -> list[str]:
    """What nobody knows yet of a commitment, as sentences."""
    said = [*_of_status(row, len(searches), t), *_of_figures(row, t)]
    said += [t(one.caveat_zh, one.caveat_en or one.caveat_zh) for one in evidence if one.caveat_zh]
    if row["disputed"]:
        said.append(t("来源说法不一。", "The sources disagree."))
    return list(dict.fromkeys(said))


def _of_status(row: Record, searches: int, t: Said) -> list[str]:
    if row["execution"] == Execution.NOT_REVIEWED:
        return [t("还没有人查看。", "Nobody has looked yet.")]
    if row["execution"] == Execution.NO_EVIDENCE_FOUND:
        return [
            t(
                f"查了 {searches} 处，到 {row['reviewed_up_to']} 没有查到；不等于没有办。",
                f"{searches} searches found nothing up to {row['reviewed_up_to']}; that is not proof of nothing done.",
            )
        ]
    if row["execution"] == Execution.NOT_ASSESSABLE:
        return [t("这样的表述无法检验。", "Nothing could settle it as it is worded.")]
    return []


def _of_figures(row: Record, t: Said) -> list[str]:
    missing = [f"“{figure['words']}”" for figure in row["figures"] if figure["found"] is None]
    if not missing or row["execution"] == Execution.NOT_REVIEWED:
        return []
    listed = "、".join(missing)
    return [t(f"原文的数还没有查实：{listed}。", f"Figures of the text not yet measured: {len(missing)}.")]
