"""Questions to the open vocabularies: which terms commitments have."""

from __future__ import annotations

from sqlalchemy import func, select

from tracker.codebook import PublicationState
from tracker.models import Commitment, CommitmentTerm, Term, Vocabulary
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
