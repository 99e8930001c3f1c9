"""Which commitments hold the words that somebody looks for."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import FunctionElement

from tracker.codebook import TermBasis
from tracker.models import (
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Organisation,
    SearchedText,
    SourceDocument,
    Term,
    Vocabulary,
)
from tracker.stored import words as index

#: Longest that is searched for by who works here, in characters: SQLite refuses very long patterns.
LONGEST = 200

#: How many texts PostgreSQL is asked to look through to say whether a word is frequent.
_SAMPLE = 1000

#: Of more texts than these, so many that hold a word are many; of fewer, the last. To list costs with how many hold a
#: word, to meet fifty with how few of all: they meet at the root of the number of texts.
_MANY = ((500_000, 6000), (50_000, 2000), (0, 1000))


def holds(words: str) -> ColumnElement[bool]:
    """Whether a commitment holds each of `words`, which stand apart by blanks.

    Rows of one list share a quote: a search for one park finds that park, not the whole list. A shared
    quote counts where no row of it has the word as its own.
    """
    return and_(*(Commitment.id.in_(union_all(*_holding(word))) for word in dict.fromkeys(words.split())))


def each_holds(words: str) -> ColumnElement[bool]:
    """The same, looked for in each commitment: quick where many hold the words, and only some of them are wanted."""
    return and_(*(_holds(word) for word in dict.fromkeys(words.split())))


def is_frequent(session: Session, words: str) -> bool:
    """Whether so many texts hold all of the words that to list these would take longer than to meet fifty of them."""
    wanted = [word for word in dict.fromkeys(words.split()) if word]
    if session.get_bind().dialect.name == "sqlite":
        pairs = " ".join(index.pairs(word) for word in wanted)
        return bool(wanted) and bool(session.connection().scalar(_reaches_many_texts(), {"pairs": pairs}))
    some = select(SearchedText).order_by(SearchedText.id).limit(_SAMPLE).subquery().c
    holding = and_(*(or_(_has(some.own, word), _has(some.quote, word)) for word in wanted))
    # As many as there are commitments, nearly: texts are written anew with each change, and their numbers run ahead.
    texts = select(func.coalesce(func.max(Commitment.id), 0)).scalar_subquery()
    many = case(*((texts > number, literal(many)) for number, many in _MANY), else_=literal(_MANY[-1][1]))
    return bool(wanted) and bool(session.scalar(select(func.count() * texts >= many * _SAMPLE).where(holding)))


@cache
def _reaches_many_texts() -> Select[bool]:
    """Whether many texts have some `pairs`; put together once."""
    return select(reaches_many(bindparam("pairs", type_=String)))


class reaches_many(FunctionElement[bool]):  # noqa: N801 - reads as the SQL function it is
    """Whether the index of SQLite has many texts with some pairs, for as many as there are; it stops at that number."""

    inherit_cache = True


@compiles(reaches_many, "sqlite")
def _reaches_many(element: Any, compiler: Any, **kw: Any) -> str:
    (pairs,) = (compiler.process(clause, **kw) for clause in element.clauses)
    *larger, (_, few) = _MANY
    cases = " ".join(f"WHEN {index.NEWEST} > {number} THEN {many}" for number, many in larger)
    many = f"(SELECT CASE {cases} ELSE {few} END)"
    found = f"SELECT rowid FROM {index.INDEX} WHERE {index.INDEX} MATCH {pairs} LIMIT {many}"
    return f"(SELECT count(*) FROM ({found})) >= {many}"


def documents_holding(words: str) -> Select[str]:
    """Keys of the documents whose text holds `words`."""
    return select(SourceDocument.key).where(_has(SourceDocument.text, words)).order_by(SourceDocument.id)


def _holding(word: str) -> list[Select[Any]]:
    """The commitments that hold a word, each by another way to hold it. An inferred term does not count."""
    unit, term = _named(word)
    return [
        *_in_text(word),
        select(CommitmentUnit.commitment_id).where(CommitmentUnit.organisation_id.in_(unit)),
        select(CommitmentTerm.commitment_id).where(
            CommitmentTerm.basis != TermBasis.INFERRED, CommitmentTerm.term_id.in_(term)
        ),
    ]


def _holds(word: str) -> ColumnElement[bool]:
    """Whether one commitment holds a word, by the same ways."""
    stored, other, neighbour = aliased(SearchedText), aliased(SearchedText), aliased(Commitment)
    # By the commitments in the same words: they are found by these, texts are not.
    claimed = exists().where(
        neighbour.passage_id == stored.passage_id, other.commitment_id == neighbour.id, _has(other.focus, word)
    )
    text = or_(_has(stored.own, word), and_(_has(stored.quote, word), ~claimed))
    unit, term = _named(word)
    return or_(
        exists().where(stored.commitment_id == Commitment.id, text),
        exists().where(CommitmentUnit.commitment_id == Commitment.id, CommitmentUnit.organisation_id.in_(unit)),
        exists().where(
            CommitmentTerm.commitment_id == Commitment.id,
            CommitmentTerm.basis != TermBasis.INFERRED,
            CommitmentTerm.term_id.in_(term),
        ),
    )


def _named(word: str) -> tuple[Select[int], Select[int]]:
    """The units and the terms whose name holds a word."""
    unit = select(Organisation.id).where(_any_has(word, Organisation.name_zh, Organisation.name_en))
    term = (
        select(Term.id)
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .where(_any_has(word, Term.name_zh, Term.name_en, Vocabulary.name_zh, Vocabulary.name_en))
    )
    return unit, term


def _in_text(word: str) -> tuple[Select[Any], Select[Any]]:
    """The commitments that hold a word as their own, and those in whose quote it is nobody's own."""
    stored = SearchedText
    own, shared = _has(stored.own, word), _has(stored.quote, word)
    texts = stored.id, stored.own, stored.quote, literal(word), literal(index.pairs(word))
    # Without letters other than Latin ones, on PostgreSQL, to ask the index of nearly every text would take longest.
    may = [may_hold_latin(*texts), or_(own, shared)] if word.isascii() else [may_hold(*texts)]
    found = (
        select(
            stored.commitment_id,
            stored.passage_id,
            own.label("own"),
            shared.label("shared"),
            _has(stored.focus, word).label("claimed"),
        )
        .where(*may)
        .cte()
    )
    claimed = select(found.c.passage_id).where(found.c.claimed)
    return (
        select(found.c.commitment_id).where(found.c.own),
        select(found.c.commitment_id).where(found.c.shared, found.c.passage_id.not_in(claimed)),
    )


class may_hold(FunctionElement[bool]):  # noqa: N801 - reads as the SQL function it is
    """Whether a stored text may hold a word, as the index says: number, own words and quote; word and pairs of it."""

    # Not called Boolean: SQLAlchemy would write `(…) = 1`, and SQLite then reads every text.
    inherit_cache = True


@compiles(may_hold, "sqlite")
def _may_hold_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    number, _, _, _, pairs = (compiler.process(clause, **kw) for clause in element.clauses)
    matched = f"SELECT rowid FROM {index.INDEX} WHERE {index.INDEX} MATCH {pairs}"
    return f"({number} IN ({matched}) OR {number} > {index.NEWEST})"


@compiles(may_hold, "postgresql")
def _may_hold_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    _, own, quote, word, _ = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"string_to_array(lower({own} || ' ' || {quote}), NULL) @> string_to_array(lower({word}), NULL)"


class may_hold_latin(may_hold):  # noqa: N801 - as above
    """The same of a word in Latin letters: on PostgreSQL, where single letters are indexed, any text may."""

    inherit_cache = True


@compiles(may_hold_latin, "postgresql")
def _may_hold_latin(_element: Any, _compiler: Any, **_kw: Any) -> str:
    return "TRUE"


def _any_has(word: str, *texts: Any) -> ColumnElement[bool]:
    return or_(*(_has(text, word) for text in texts))


def _has(text: Any, word: str) -> ColumnElement[bool]:
    """Whether a text holds the word, letters in either case, `%` and `_` meaning themselves."""
    # Of a word without letters that have cases, as Chinese ones are, no text has to be read in small ones.
    has = text.contains if word.lower() == word.upper() else text.icontains
    found: ColumnElement[bool] = has(word, autoescape=True)
    return found
