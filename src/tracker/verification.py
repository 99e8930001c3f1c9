"""Proof that the ledger is whole: quotes stand, hashes fit, derived equals stored, history is guarded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, aliased

from tracker import audit, deadlines
from tracker.codebook import EvidenceRelation, EvidenceReports, Execution, MarkReason
from tracker.coverage import coverage
from tracker.models import (
    AssessmentEvidence,
    Commitment,
    Evidence,
    Passage,
    PassageMark,
    SearchLog,
    SourceDocument,
    StatedFigure,
    StatusAssessment,
    Turn,
    guards,
)

_DIGITS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Check:
    """One thing that was proved, over how many rows, and each row that fails it."""

    zh: str
    en: str
    count: int
    faults: tuple[str, ...]


def verify(session: Session) -> Iterator[Check]:
    """Every check of the ledger, one after the other."""
    for zh, en, check in _CHECKS:
        count, faults = check(session)
        yield Check(zh, en, count, tuple(faults))


Result = tuple[int, list[str]]


def _hashes(session: Session) -> Result:
    documents = session.scalars(select(SourceDocument)).all()
    return len(documents), [
        f"{document.key}: sha256 {document.sha256}"
        for document in documents
        if hashlib.sha256(document.text.encode()).hexdigest() != document.sha256
    ]


def _quotes(session: Session) -> Result:
    """A quote stands exactly once in its document, inside the answer it was given in."""
    rows = session.execute(
        select(Commitment.code, Passage.start, Passage.end, SourceDocument, Turn.answer_start, Turn.answer_end)
        .join(Passage, Commitment.passage_id == Passage.id)
        .join(SourceDocument, Passage.document_id == SourceDocument.id)
        .outerjoin(Turn, Commitment.turn_id == Turn.id)
    ).all()
    faults = []
    for code, start, end, document, first, last in rows:
        quote = document.text[start:end]
        if not quote.strip() or document.text.count(quote) != 1:
            faults.append(f"{code}: “{quote}” × {document.text.count(quote)}")
        elif first is not None and not first <= start < end <= last:
            faults.append(f"{code}: “{quote}” ∉ {first}–{last}")
    return len(rows), faults


def _focuses(session: Session) -> Result:
    quote, focus = aliased(Passage), aliased(Passage)
    rows = session.execute(
        select(Commitment.code, quote.start, quote.end, focus.start, focus.end)
        .join(quote, Commitment.passage_id == quote.id)
        .join(focus, Commitment.focus_id == focus.id)
    ).all()
    return len(rows), [f"{code}: {s}–{e} ∉ {a}–{b}" for code, a, b, s, e in rows if not a <= s < e <= b]


def _windows(session: Session) -> Result:
    rows = session.execute(
        select(Commitment, SourceDocument.date)
        .join(SourceDocument, Commitment.document_id == SourceDocument.id)
        .where(Commitment.deadline_rule.is_not(None))
    ).all()
    faults = []
    for row, published in rows:
        rule, phrase = row.deadline_rule, row.deadline_text
        if rule is None or phrase is None:  # the query leaves these out
            continue
        made = deadlines.interval(rule, phrase, int(published[:4]))
        if (row.window_start, row.window_end) != made or row.deadline_kind is not rule.kind:
            faults.append(f"{row.code}: {row.window_start}–{row.window_end}, {rule.value} → {made}")
    return len(rows), faults


def _digits(session: Session) -> Result:
    """Every number of the answers is in a figure, or marked as part of a name or date."""
    count, faults = 0, []
    for document in session.scalars(select(SourceDocument)):
        figures = select(Passage.start, Passage.end).join(StatedFigure, StatedFigure.passage_id == Passage.id)
        marks = select(Passage.start, Passage.end).join(PassageMark, PassageMark.passage_id == Passage.id)
        marks = marks.where(PassageMark.reason.in_([MarkReason.NAME, MarkReason.DATE]))
        held = [
            (start, end)
            for spans in (figures, marks)
            for start, end in session.execute(spans.where(Passage.document_id == document.id))
        ]
        for turn in session.scalars(select(Turn).where(Turn.document_id == document.id)):
            for number in _DIGITS.finditer(document.text, turn.answer_start, turn.answer_end):
                count += 1
                if not any(start <= number.start() and number.end() <= end for start, end in held):
                    faults.append(f"{document.key} {number.start()}: {number[0]}")
    return count, faults


def _coverage(session: Session) -> Result:
    found = coverage(session)
    return len(found), [f"{row.document} {start}: {words}" for row in found for start, words in row.missing]


def _heads(session: Session) -> Result:
    part = aliased(Commitment)
    rows = session.execute(
        select(Commitment.code, func.count(part.id))
        .outerjoin(part, part.parent_id == Commitment.id)
        .where(Commitment.parent_id.is_(None))
        .group_by(Commitment.code)
    ).all()
    return len(rows), [code for code, parts in rows if not parts]


def _grounds(session: Session) -> Result:
    """What the triggers refuse at the door holds for every row that is inside."""
    faults = []
    rows = session.scalars(select(StatusAssessment).order_by(StatusAssessment.id)).all()
    for row in rows:
        backing = [cited.evidence for cited in row.citations if cited.relation is EvidenceRelation.SUPPORTS]
        telling = [evidence for evidence in backing if evidence.reports is not EvidenceReports.ANNOUNCEMENT]
        if (row.execution.needs_evidence and not backing) or (row.execution.is_progress and not telling):
            faults.append(f"{row.id}: {row.execution.value} − evidence")
        if row.execution is Execution.NO_EVIDENCE_FOUND and not session.scalar(
            select(func.count())
            .select_from(SearchLog)
            .where(SearchLog.commitment_id == row.commitment_id, SearchLog.searched_on >= row.reviewed_up_to)
        ):
            faults.append(f"{row.id}: {row.execution.value} − search")
    return len(rows), faults


def _signed(session: Session) -> Result:
    """Every row of the history is as the audit says it was written."""
    count, faults = 0, []
    for model in (StatusAssessment, AssessmentEvidence, Evidence, SearchLog):
        count += session.scalar(select(func.count()).select_from(model)) or 0
        faults += [f"{model.__tablename__} {key}" for key in audit.unsigned(session, model)]
    return count, faults


def _ties(session: Session) -> Result:
    """No row points to one that is not there (PostgreSQL holds this by itself)."""
    if session.connection().dialect.name != "sqlite":
        return 0, []
    broken = session.execute(text("PRAGMA foreign_key_check")).all()
    return len(broken), [f"{table} {row} → {target}" for table, row, target, _ in broken]


def _guards(session: Session) -> Result:
    connection = session.connection()
    return len(guards.expected(connection)), guards.missing(connection)


_CHECKS: tuple[tuple[str, str, Callable[[Session], Result]], ...] = (
    ("文献与其校验和相符", "Documents fit their hashes", _hashes),
    ("引文在原文中恰好出现一次", "Quotes stand exactly once, in their answer", _quotes),
    ("要点在引文之内", "Focuses lie within their quotes", _focuses),
    ("期限等于规则推算", "Windows equal what their rules make", _windows),
    ("回答中的数字均有着落", "Every number of the answers is accounted for", _digits),
    ("回答文字无遗漏", "No text of the answers is left out", _coverage),
    ("每个总项都有分项", "Every head has a part", _heads),
    ("评估均有依据", "Assessments rest on what they must", _grounds),
    ("评估与依据同修改记录一致", "History is as the audit says it was written", _signed),
    ("各行之间的指向均有着落", "No row points to one that is not there", _ties),
    ("防改触发器齐全", "History guards are in place", _guards),
)
