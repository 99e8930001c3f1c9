"""Questions to the open vocabularies: which terms, and which units, commitments have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.codebook import PublicationState
from tracker.known import Known
from tracker.models import Commitment, CommitmentTerm, CommitmentUnit, Organisation, Term, Vocabulary
from tracker.standings import Question

#: Most rows of a term that are counted: more are “more”.
COUNTED = 200

#: The terms in use, while the ledger stays as it is.
_terms: Known[Sequence[Row[Any]]] = Known(1)


def used_terms(session: Session) -> Sequence[Row[Any]]:
    """The rows of `terms_in_use`."""
    return _terms.of(session, "all", lambda: session.execute(terms_in_use()).all())


def terms_in_use(vocabulary: str = "", code: str = "") -> Question:
    """Every term that a published commitment has, with how many rows have it (`count`), by vocabulary, in order.

    No more than one above `COUNTED` are counted. Only that term, where a `vocabulary` and its `code` are named.
    """
    having = (
        select(CommitmentTerm.term_id)
        .join(Commitment, Commitment.id == CommitmentTerm.commitment_id)
        .where(CommitmentTerm.term_id == Term.id, Commitment.publication_state == PublicationState.PUBLISHED)
        .limit(COUNTED + 1)
        .correlate(Term)
    )
    count = select(func.count()).select_from(having.subquery()).scalar_subquery()
    rows = (
        select(
            Vocabulary.code.label("vocabulary"),
            Vocabulary.name_zh.label("vocabulary_zh"),
            Vocabulary.name_en.label("vocabulary_en"),
            Term.code,
            Term.name_zh,
            Term.name_en,
            count.label("count"),
        )
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .where(having.exists())
        .order_by(Vocabulary.id, Term.position, Term.id)
    )
    return rows.where(Vocabulary.code == vocabulary, Term.code == code) if code else rows


def terms_named(names: Collection[str]) -> Question:
    """The terms of any vocabulary that are named by their code, or by `vocabulary/code`."""
    whole = Vocabulary.code + "/" + Term.code
    rows = select(Vocabulary.code.label("vocabulary"), Term.code, whole.label("whole"), Term.name_zh, Term.name_en)
    rows = rows.join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
    return rows.where(or_(Term.code.in_(names), whole.in_(names))).order_by(Vocabulary.id, Term.position, Term.id)


def units_named(codes: Collection[str]) -> Question:
    """The units that are named by their code, whether or not one has a part in a commitment now."""
    rows = select(Organisation.code, Organisation.name_zh, Organisation.name_en)
    return rows.where(Organisation.code.in_(codes)).order_by(Organisation.code)


def units_in_use() -> Question:
    """The units that have a part in a published commitment, by code."""
    part = exists().where(
        CommitmentUnit.organisation_id == Organisation.id,
        Commitment.id == CommitmentUnit.commitment_id,
        Commitment.publication_state == PublicationState.PUBLISHED,
    )
    rows = select(Organisation.code, Organisation.name_zh, Organisation.name_en)
    return rows.where(part).order_by(Organisation.code)
