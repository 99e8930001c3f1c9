"""Which commitments hold the words that somebody looks for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_
from sqlalchemy.orm import aliased

from tracker.models import Commitment, CommitmentUnit, Organisation, Passage, SourceDocument


def holds(words: str, *, quote: type[Passage], focus: type[Passage]) -> ColumnElement[bool]:
    """Whether a commitment's own words hold `words`; a shared quote counts where no row has them as its own.

    Rows of one list share a quote: a search for one park finds that park, not the whole list. `quote` and
    `focus` are the aliases under which the question joins the two passages.
    """
    own = _stretch(func.coalesce(focus.start, quote.start), func.coalesce(focus.end, quote.end))
    sibling, its_focus = aliased(Commitment), aliased(Passage)
    claimed = (
        exists()
        .where(
            sibling.passage_id == Commitment.passage_id,
            its_focus.id == sibling.focus_id,
            _has(_stretch(its_focus.start, its_focus.end), words),
        )
        .correlate(Commitment, SourceDocument)
    )
    named = (
        exists()
        .where(
            CommitmentUnit.commitment_id == Commitment.id,
            Organisation.id == CommitmentUnit.organisation_id,
            or_(_has(Organisation.name_zh, words), _has(Organisation.name_en, words)),
        )
        .correlate(Commitment)
    )
    return or_(
        _has(own, words),
        *(_has(column, words) for column in (Commitment.title_zh, Commitment.title_en, Commitment.code)),
        named,
        _has(_stretch(quote.start, quote.end), words) & ~claimed,
    )


def _stretch(start: Any, end: Any) -> ColumnElement[str]:
    return func.substr(SourceDocument.text, start + 1, end - start)


def _has(text: Any, words: str) -> ColumnElement[bool]:
    """Whether a text holds the words, letters in either case, `%` and `_` meaning themselves."""
    found: ColumnElement[bool] = text.icontains(words, autoescape=True)
    return found
