"""Which commitments hold the words that somebody looks for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from tracker.codebook import TermBasis
from tracker.models import (
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Organisation,
    Passage,
    SourceDocument,
    StatedFigure,
    Term,
    Vocabulary,
)


def holds(words: str, *, quote: type[Passage], focus: type[Passage]) -> ColumnElement[bool]:
    """Whether a commitment holds each of `words`, which stand apart by blanks.

    Rows of one list share a quote: a search for one park finds that park, not the whole list. A shared
    quote counts where no row of it has the word as its own. `quote` and `focus` are the aliases under
    which the question joins the two passages.
    """
    return and_(*(_holds(word, quote, focus) for word in words.split()))


def documents_holding(words: str) -> Select[str]:
    """Keys of the documents whose text holds `words`."""
    return select(SourceDocument.key).where(_has(SourceDocument.text, words)).order_by(SourceDocument.id)


def _holds(word: str, quote: type[Passage], focus: type[Passage]) -> ColumnElement[bool]:
    own = _stretch(func.coalesce(focus.start, quote.start), func.coalesce(focus.end, quote.end))
    sibling, its_focus = aliased(Commitment), aliased(Passage)
    claimed = (
        exists()
        .where(
            sibling.passage_id == Commitment.passage_id,
            its_focus.id == sibling.focus_id,
            _has(_stretch(its_focus.start, its_focus.end), word),
        )
        .correlate(Commitment, SourceDocument)
    )
    return or_(
        _has(own, word),
        *(_has(column, word) for column in (Commitment.title_zh, Commitment.title_en, Commitment.code)),
        *_hangs_on(word),
        _has(_stretch(quote.start, quote.end), word) & ~claimed,
    )


def _hangs_on(word: str) -> list[ColumnElement[bool]]:
    """Whether a unit, a figure or a term of the commitment is called so. An inferred term does not count."""
    unit = exists().where(
        CommitmentUnit.commitment_id == Commitment.id,
        Organisation.id == CommitmentUnit.organisation_id,
        or_(_has(Organisation.name_zh, word), _has(Organisation.name_en, word)),
    )
    figure = exists().where(
        StatedFigure.commitment_id == Commitment.id,
        or_(_has(StatedFigure.what_zh, word), _has(StatedFigure.what_en, word)),
    )
    term = exists().where(
        CommitmentTerm.commitment_id == Commitment.id,
        CommitmentTerm.basis != TermBasis.INFERRED,
        Term.id == CommitmentTerm.term_id,
        Vocabulary.id == Term.vocabulary_id,
        or_(*(_has(name, word) for name in (Term.name_zh, Term.name_en, Vocabulary.name_zh, Vocabulary.name_en))),
    )
    return [condition.correlate(Commitment) for condition in (unit, figure, term)]


def _stretch(start: Any, end: Any) -> ColumnElement[str]:
    return func.substr(SourceDocument.text, start + 1, end - start)


def _has(text: Any, word: str) -> ColumnElement[bool]:
    """Whether a text holds the word, letters in either case, `%` and `_` meaning themselves."""
    found: ColumnElement[bool] = text.icontains(word, autoescape=True)
    return found
