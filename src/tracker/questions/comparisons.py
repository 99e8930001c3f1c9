"""What stands beside what: stated and found, said twice, the official word and the evidence."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from tracker.codebook import (
    Divergence,
    EvidenceOrigin,
    EvidenceRelation,
    Execution,
    FigureRole,
    LinkRelation,
)
from tracker.filters import CommitmentFilter
from tracker.models import CommitmentLink, Evidence, StatusAssessment
from tracker.progress import figures
from tracker.queries import commitments
from tracker.questions.question import (
    CITY,
    CODE,
    EVIDENCE,
    PUBLISHED,
    STATUS,
    SUMMARY,
    TITLE,
    Asked,
    Column,
    Question,
    Shape,
)
from tracker.questions.rows import as_code, followed, last_cited, place, relates
from tracker.standings import Question as Rows
from tracker.tallies import followable, rank

#: Who speaks beside the government itself.
_OTHERS = (EvidenceOrigin.INDEPENDENT, EvidenceOrigin.PARTY_MEDIA, EvidenceOrigin.COMPANY)


def _stated_found(asked: Asked) -> Rows:
    rows = commitments(asked.which()).order_by(None).subquery("rows")
    stated = figures(asked.cutoff).order_by(None).subquery("figures")
    shown = ("what_zh", "what_en", "role", "comparator", "value", "unit_zh", "unit_en", "period")
    found = ("found", "found_as_of", "difference", "found_share", "found_in")
    return (
        select(
            *(rows.c[name] for name in (*CODE.keys, *CITY.keys, *TITLE.keys, *STATUS.keys)),
            *(stated.c[name] for name in (*shown, *found)),
        )
        .join(stated, stated.c.commitment_id == rows.c.id)
        .where(stated.c.role.in_([FigureRole.TARGET, FigureRole.CLAIM]))
        .order_by(*place(rows.c), stated.c.id)
    )


def _differing_repeats(asked: Asked) -> Rows:
    # Either of the two may be of the city or kind asked for.
    rows = select(followable(CommitmentFilter(cutoff=asked.cutoff))).cte("each")
    a, b = rows.alias("a"), rows.alias("b")
    shown = (*CODE.keys, *TITLE.keys, *STATUS.keys, "effective_on")
    found = (
        select(
            *(a.c[name] for name in (*CITY.keys, *shown)),
            *(b.c[name].label(f"other_{name}") for name in shown),
            CommitmentLink.relation,
        )
        .select_from(CommitmentLink)
        .join(a, a.c.id == CommitmentLink.a_id)
        .join(b, b.c.id == CommitmentLink.b_id)
        .where(
            CommitmentLink.relation.in_([LinkRelation.REPEATS, LinkRelation.POSSIBLY_SAME_AS]),
            a.c.execution != b.c.execution,
        )
        .order_by(rank(CommitmentLink.__table__.c.relation, LinkRelation), *place(a.c), *place(b.c))
    )
    if asked.city_code:
        found = found.where(or_(a.c.city_code == asked.city_code, b.c.city_code == asked.city_code))
    return found.where(or_(a.c.kind == asked.kind, b.c.kind == asked.kind)) if asked.kind else found


def _divergences(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    judged, source = aliased(StatusAssessment), aliased(Evidence)
    against = last_cited("against", relates(EvidenceRelation.CONTRADICTS), Evidence.origin.in_(_OTHERS))
    uncompared = c.execution.in_([Execution.NOT_REVIEWED, Execution.NOT_ASSESSABLE])
    ahead = and_(~uncompared, _stage(c.official_claim) > _stage(c.execution))
    contradicted = against.c.assessment_id.is_not(None)
    how = case(
        (and_(ahead, contradicted), literal(Divergence.CLAIM_AHEAD_AND_CONTRADICTED.value)),
        (ahead, literal(Divergence.CLAIM_AHEAD.value)),
        else_=literal(Divergence.CONTRADICTED.value),
    )
    rows = found.add_columns(
        as_code(how, Divergence).label("divergence"),
        func.coalesce(source.title, source.url).label("claim_source"),
        source.url.label("claim_source_url"),
        *_labelled(against, "against"),
    )
    rows = rows.outerjoin(judged, judged.id == c.assessment)
    rows = rows.outerjoin(source, source.id == judged.official_claim_source_id)
    return rows.outerjoin(against, against.c.assessment_id == c.assessment).where(or_(ahead, contradicted))


def _stage(status: ColumnElement[Any]) -> ColumnElement[int]:
    return case({code.value: code.stage for code in Execution}, value=status)


def _disputed(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    against = last_cited("against", relates(EvidenceRelation.CONTRADICTS))
    supporting = last_cited("supporting", relates(EvidenceRelation.SUPPORTS))
    rows = found.add_columns(*_labelled(supporting, "supporting"), *_labelled(against, "against"))
    rows = rows.join(against, against.c.assessment_id == c.assessment)
    return rows.join(supporting, supporting.c.assessment_id == c.assessment)


def _labelled(cited: Any, name: str) -> list[ColumnElement[Any]]:
    columns = ("title", "url", "origin", "published_on")
    return [cited.c[column].label(name if column == "title" else f"{name}_{column}") for column in columns]


def _of(zh: str, en: str, name: str) -> tuple[Column, ...]:
    """The columns of a piece of evidence."""
    return (
        Column(zh, en, (name,), Shape.LINK, beside=f"{name}_url"),
        Column(f"{zh}来源方", f"{en}: origin", (f"{name}_origin",)),
        Column(f"{zh}发布日", f"{en}: published", (f"{name}_published_on",)),
    )


_AGAINST = _of("相悖依据", "Evidence against", "against")

STATED_FOUND = Question(
    "stated-found",
    "自报数与实查数",
    "Stated against found",
    "承诺中每个目标数和自称数，并列截至所问之日查到的最近一个数、差（实查减自报）、占比、日期和出处；"
    "没有查到的也列。按原文次序。",
    "Every target and every claim in figures, beside the value last found by the day asked, the difference (found less"
    " stated), the share, the day and the source; those without a value too. In the order of the text.",
    (
        CODE,
        CITY,
        TITLE,
        Column("指标", "What", ("what_zh", "what_en"), Shape.TEXT),
        Column("用途", "Used as", ("role",)),
        Column("比较", "Bound", ("comparator",)),
        Column("自报", "Stated", ("value",)),
        Column("单位", "Unit", ("unit_zh", "unit_en")),
        Column("时期", "Period", ("period",)),
        Column("实查", "Found", ("found",)),
        Column("差", "Difference", ("difference",)),
        Column("占比", "Share", ("found_share",), Shape.SHARE),
        Column("数值日期", "Value of", ("found_as_of",)),
        Column("出处", "Source", ("found_in",), Shape.LINK),
    ),
    _stated_found,
)
DIFFERING_REPEATS = Question(
    "differing-repeats",
    "重复而状态不同",
    "Repeats whose statuses differ",
    "两条都可跟踪、记为“重复”或“可能相同”而现行执行状态不同的承诺，并列两边。“重复”在前，再按原文次序。",
    "Pairs of followable commitments tied as repeats, or as possibly the same, whose standing statuses differ, side by"
    " side. Repeats first, then in the order of the text.",
    (
        Column("关联", "Tie", ("relation",)),
        CITY,
        CODE,
        TITLE,
        STATUS,
        Column("状态生效日", "True of", ("effective_on",)),
        Column("另一条", "The other", ("other_code",), Shape.CODE),
        Column("另一条标题", "Its title", ("other_title_zh", "other_title_en"), Shape.TEXT),
        Column("另一条状态", "Its status", ("other_execution",), Shape.STATUS),
        Column("另一条生效日", "Its day", ("other_effective_on",)),
    ),
    _differing_repeats,
)
DIVERGENCES = Question(
    "divergences",
    "官方说法与独立依据",
    "Official claim against evidence",
    "可跟踪的承诺中，官方说法比查到的执行状态更靠前的，或现行评估引有媒体、独立方、企业的相悖依据的，两边并列；"
    "未核查和无法评估的不比。按原文次序。",
    "Followable commitments whose official claim is further along than the execution found, or whose assessment cites"
    " evidence against it by the media, independents or firms; both are shown. What nobody reviewed, or nobody can"
    " assess, is not compared. In the order of the text.",
    (
        CODE,
        CITY,
        TITLE,
        Column("分歧", "Divergence", ("divergence",)),
        Column("官方说法", "Official claim", ("official_claim",), Shape.STATUS),
        Column("官方出处", "Its source", ("claim_source",), Shape.LINK, beside="claim_source_url"),
        STATUS,
        SUMMARY,
        *_AGAINST,
        EVIDENCE,
        PUBLISHED,
    ),
    _divergences,
)
DISPUTED = Question(
    "disputed",
    "依据有出入",
    "Disputed",
    "可跟踪的承诺中，现行评估既引支持依据又引相悖依据的，各列最近发布的一件。按原文次序。",
    "Followable commitments whose standing assessment cites evidence for and against, with the last published of each."
    " In the order of the text.",
    (CODE, CITY, TITLE, STATUS, SUMMARY, *_of("支持依据", "Evidence for", "supporting"), *_AGAINST),
    _disputed,
)
