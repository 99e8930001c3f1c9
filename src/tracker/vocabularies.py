"""Questions to the open vocabularies and units: which of them commitments have, which there are."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, or_, select

from tracker.codebook import PublicationState
from tracker.models import Commitment, CommitmentTerm, CommitmentUnit, Organisation, Term, Vocabulary
from tracker.standings import Question


def terms_in_use(vocabulary: str = "", code: str = "") -> Question:
    """Every term that a published commitment has, with how many rows have it (`count`), by vocabulary, in order.

    Only that one, where a `vocabulary` and the `code` of a term are named.
    """
    rows = (
        select(
            Vocabulary.code.label("vocabulary"),
            Vocabulary.name_zh.label("vocabulary_zh"),
            Vocabulary.name_en.label("vocabulary_en"),
            Term.code,
            Term.name_zh,
            Term.name_en,
            func.count().label("count"),
        )
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .join(CommitmentTerm, CommitmentTerm.term_id == Term.id)
        .join(Commitment, Commitment.id == CommitmentTerm.commitment_id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
        .group_by(Vocabulary.id, Vocabulary.code, Vocabulary.name_zh, Vocabulary.name_en, Term.id)
        .order_by(Vocabulary.id, Term.position, Term.id)
    )
    return rows.where(Vocabulary.code == vocabulary, Term.code == code) if code else rows


def terms_named(codes: Collection[str]) -> Question:
    """Of some codes of terms, as a filter takes them (`big-data`, `sector/big-data`), both ways of those there are."""
    named = (Vocabulary.code + "/" + Term.code).label("named")
    rows = select(Term.code, named).join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
    return rows.where(or_(Term.code.in_(codes), named.in_(codes)))


def units_named(codes: Collection[str]) -> Select[str]:
    """Of some codes of units those there are."""
    return select(Organisation.code).where(Organisation.code.in_(codes))


def units_in_use() -> Select[str]:
    """Codes of the units that a published commitment names."""
    return (
        select(Organisation.code)
        .join(CommitmentUnit, CommitmentUnit.organisation_id == Organisation.id)
        .join(Commitment, Commitment.id == CommitmentUnit.commitment_id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
        .distinct()
        .order_by(Organisation.code)
    )
