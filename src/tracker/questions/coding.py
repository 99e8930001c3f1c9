"""What the coding tells: claims, doubts, gaps, and everything under one term."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from tracker.codebook import Checkability, Confidence, Tense
from tracker.filters import CommitmentFilter
from tracker.models import (
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Jurisdiction,
    Organisation,
    PolicyDocument,
    Term,
    Vocabulary,
    policy_document_commitment,
)
from tracker.queries import commitments
from tracker.questions.question import (
    CITY,
    CODE,
    EVIDENCE,
    KIND,
    PUBLISHED,
    QUOTE,
    SHOWN_BY,
    STATUS,
    SUMMARY,
    TITLE,
    Asked,
    Column,
    Question,
    Shape,
)
from tracker.questions.rows import followed, place
from tracker.standings import Question as Rows
from tracker.tallies import rank

_BASIS = Column("归类依据", "On what ground", ("basis",))
_TENSE = Column("时态", "Tense", ("tense",))
_SURE = Column("时态把握", "Confidence in the tense", ("tense_confidence",))
_TENSE_WORDS = Column("时态所据词句", "Words it rests on", ("tense_words",), Shape.TEXT)


def _claims(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    firmest = (rank(c.tense_confidence, Confidence), rank(c.checkability, Checkability))
    return found.where(c.tense == Tense.CLAIMED_DONE).order_by(None).order_by(*firmest, *place(c))


def _doubtful(asked: Asked) -> Rows:
    found = followed(asked)
    return found.where(found.selected_columns.tense_confidence == Confidence.LOW)


def _uncovered_heads(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    part = aliased(Commitment)
    parts = select(func.count()).where(part.parent_id == c.id).scalar_subquery()
    return found.add_columns(parts.label("parts")).where(c.stands_alone)


def _unitless(asked: Asked) -> Rows:
    found = followed(asked)
    return found.where(~exists().where(CommitmentUnit.commitment_id == found.selected_columns.id))


def _parks(asked: Asked) -> Rows:
    return _under(asked, Vocabulary.code == "policy-area", Term.code == "industrial-parks")


def _sector(asked: Asked) -> Rows:
    found = _under(asked, Vocabulary.code == "sector", Term.code == asked.sector)
    c = found.selected_columns
    return found.order_by(None).order_by(c.city_code, *place(c))


def _under(asked: Asked, *term: ColumnElement[bool]) -> Rows:
    """Followable commitments that have a term, and on what ground."""
    found = followed(asked)
    return (
        found.add_columns(CommitmentTerm.basis)
        .join(CommitmentTerm, CommitmentTerm.commitment_id == found.selected_columns.id)
        .join(Term, Term.id == CommitmentTerm.term_id)
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .where(*term)
    )


def _policies(asked: Asked) -> Rows:
    rows = commitments(CommitmentFilter(cutoff=asked.cutoff)).order_by(None).subquery("rows")
    tie = policy_document_commitment
    names = (*CODE.keys, *TITLE.keys, *STATUS.keys, *SUMMARY.keys, "document_id", "position")
    tied = (
        select(tie.c.policy_document_id, *(rows.c[name] for name in names))
        .join(rows, rows.c.id == tie.c.commitment_id)
        .subquery("tied")
    )
    listed = PolicyDocument
    found = (
        select(
            listed.title,
            Jurisdiction.name_zh.label("city"),
            Jurisdiction.name_en.label("city_en"),
            listed.number,
            listed.valid_from,
            listed.valid_to,
            listed.url,
            Organisation.name_zh.label("unit_zh"),
            Organisation.name_en.label("unit_en"),
            listed.responsible_person,
            listed.contact,
            *(tied.c[name] for name in names),
        )
        .join(Jurisdiction, Jurisdiction.id == listed.jurisdiction_id)
        .outerjoin(Organisation, Organisation.id == listed.unit_id)
        .outerjoin(tied, tied.c.policy_document_id == listed.id)
        .order_by(Jurisdiction.code.desc(), listed.id, *place(tied.c))
    )
    return found.where(Jurisdiction.code == asked.city_code) if asked.city_code else found


CLAIMS = Question(
    "claims",
    "称已办的说法",
    "Claims of having been done",
    "可跟踪的承诺中，讲话人称已办的，附怎样算完成。时态把握高的在前，同等把握的易核查在前，再按原文次序。",
    "Followable commitments that the speaker says have been done, with what would prove them. The firmest reading of"
    " the tense first, then the easiest to check, then the order of the text.",
    (
        CODE,
        CITY,
        TITLE,
        QUOTE,
        _SURE,
        _TENSE_WORDS,
        Column("可核查性", "Checkability", ("checkability",)),
        SHOWN_BY,
        STATUS,
        EVIDENCE,
        PUBLISHED,
    ),
    _claims,
)
DOUBTFUL = Question(
    "doubtful",
    "把握低的读法",
    "Low-confidence readings",
    "可跟踪的承诺中，时态把握为“低”的，附存疑理由。按原文次序。（这是读原文的把握，不是核查结论的把握。）",
    "Followable commitments whose tense was read with low confidence, with the doubt. In the order of the text. (How"
    " sure the reading of the text is, not the assessment.)",
    (
        CODE,
        CITY,
        TITLE,
        QUOTE,
        _TENSE,
        _TENSE_WORDS,
        Column("存疑", "Doubt", ("tense_note_zh", "tense_note_en"), Shape.TEXT),
        STATUS,
    ),
    _doubtful,
)
UNCOVERED_HEADS = Question(
    "uncovered-heads",
    "分项未覆盖的总项",
    "Heads that no part covers",
    "自身另有承诺、没有任何分项覆盖的总项，单独计数。按原文次序。",
    "Heads that promise something no part of theirs covers; they are counted themselves. In the order of the text.",
    (
        CODE,
        CITY,
        TITLE,
        QUOTE,
        Column("分项数", "Parts", ("parts",)),
        SHOWN_BY,
        Column("备注", "Note", ("note_zh", "note_en"), Shape.TEXT),
        STATUS,
    ),
    _uncovered_heads,
)
UNITLESS = Question(
    "unitless",
    "没有责任单位",
    "Without a unit",
    "可跟踪的承诺中，本条没有任何责任单位的（总项的单位不算）。按原文次序。",
    "Followable commitments that have no unit of their own (a unit of the head does not count). In the order of the"
    " text.",
    (CODE, CITY, TITLE, QUOTE, Column("上级", "Part of", ("parent",), Shape.CODE), KIND, STATUS),
    _unitless,
)
PARKS = Question(
    "parks",
    "园区",
    "Parks",
    "可跟踪的承诺中，政策领域含“产业园区”的，附归类依据。按原文次序。",
    "Followable commitments with the policy area industrial parks, and on what ground. In the order of the text.",
    (CODE, CITY, TITLE, QUOTE, _BASIS, STATUS, SUMMARY, EVIDENCE, PUBLISHED),
    _parks,
)
SECTOR = Question(
    "sector",
    "同一行业，各市对照",
    "One sector across the cities",
    "各市可跟踪的承诺中，带有所选行业的，附归类依据。按城市（行政区划代码）分列，再按原文次序。",
    "Followable commitments of every city with the sector asked for, and on what ground. By city (GB/T 2260 code),"
    " then in the order of the text.",
    (CODE, TITLE, QUOTE, KIND, _BASIS, STATUS, SUMMARY, EVIDENCE, PUBLISHED),
    _sector,
    ("sector", "kind"),
    required=("sector",),
    sections=CITY,
)
POLICIES = Question(
    "policies",
    "政策文件",
    "Policy documents",
    "全部政策文件，每份与每条相关承诺一行；没有相关承诺的也列。按城市、文件录入次序。",
    "Every policy document, one row for each commitment it is tied to, and one where there is none. By city, in the"
    " order of entry.",
    (
        Column("文件", "Document", ("title",), Shape.LINK, beside="url"),
        CITY,
        Column("文号", "Number", ("number",)),
        Column("执行时限起", "Valid from", ("valid_from",)),
        Column("执行时限止", "Valid to", ("valid_to",)),
        Column("责任单位", "Unit", ("unit_zh", "unit_en")),
        Column("责任人", "Responsible", ("responsible_person",)),
        Column("联系方式", "Contact", ("contact",)),
        CODE,
        Column("承诺", "Commitment", ("title_zh", "title_en"), Shape.TEXT),
        STATUS,
        SUMMARY,
    ),
    _policies,
    ("city",),
)
