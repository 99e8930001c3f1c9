"""Tables of the commitments: what was promised, in which words, and how it was coded."""

from __future__ import annotations

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from tracker import columns, queries
from tracker.datasets import shown
from tracker.datasets.places import to, turn_key
from tracker.datasets.resource import Resource, Scope, licensed
from tracker.models import (
    Commitment,
    CommitmentLink,
    CommitmentTerm,
    CommitmentUnit,
    Organisation,
    Passage,
    Person,
    Post,
    SourceDocument,
    StatedFigure,
    Term,
    Turn,
    Vocabulary,
)
from tracker.standings import Question

_OF_COMMITMENT = to("commitments", commitment="code")

#: Columns of a commitment whose words are those of the document.
_WORDS = ("quote", "focus", "prefix", "suffix", "tense_words", "deadline_text")

#: Columns of the table, as `queries.commitments` calls them, after those that name other tables.
_COLUMNS = tuple(
    """
    position stands_alone is_leaf title_zh title_en quote focus prefix suffix start end kind secondary_kind
    tense tense_confidence tense_words tense_note_zh tense_note_en
    deadline_text deadline_kind deadline_rule window_start window_end
    checkability completion_evidence completion_evidence_en beneficiaries_zh beneficiaries_en note_zh note_en
    next_check publication_state
    """.split()  # noqa: SIM905 - thirty names are read more easily as lines
)


def _commitments(scope: Scope) -> Question:
    names = ("code", "city_code", "speaker", "post", "document", "turn", "parent", *_COLUMNS)
    rows = queries.commitments(scope.asked, only=names)
    found = rows.selected_columns
    head = case((scope.holds(columns.parent.id), columns.parent.code)).label("parent")
    return rows.with_only_columns(
        found.code,
        found.city_code.label("city"),
        Person.code.label("speaker"),
        Post.code.label("post"),
        found.document,
        case((Turn.id.is_not(None), turn_key())).label("turn"),
        head,
        *(licensed(name, found[name]) if name in _WORDS else found[name] for name in _COLUMNS),
    )  # fmt: skip


def _units(scope: Scope) -> Question:
    row = CommitmentUnit
    return (
        select(Commitment.code.label("commitment"), Organisation.code.label("organisation"), row.role, row.basis)
        .join(Commitment, Commitment.id == row.commitment_id)
        .join(Organisation, Organisation.id == row.organisation_id)
        .where(scope.holds(row.commitment_id))
    )


def _vocabularies(_scope: Scope) -> Question:
    return select(Vocabulary.code, Vocabulary.name_zh, Vocabulary.name_en)


def _terms(_scope: Scope) -> Question:
    return select(Vocabulary.code.label("vocabulary"), Term.code, Term.name_zh, Term.name_en, Term.position).join(
        Vocabulary, Vocabulary.id == Term.vocabulary_id
    )


def _commitment_terms(scope: Scope) -> Question:
    row = CommitmentTerm
    return (
        select(
            Commitment.code.label("commitment"),
            Vocabulary.code.label("vocabulary"),
            Term.code.label("term"),
            row.basis,
        )
        .join(Commitment, Commitment.id == row.commitment_id)
        .join(Term, Term.id == row.term_id)
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .where(scope.holds(row.commitment_id))
    )


def _links(scope: Scope) -> Question:
    row, a, b = CommitmentLink, aliased(Commitment), aliased(Commitment)
    return (
        select(a.code.label("a"), b.code.label("b"), row.relation, row.note_zh, row.note_en)
        .join(a, a.id == row.a_id)
        .join(b, b.id == row.b_id)
        .where(scope.holds(row.a_id), scope.holds(row.b_id))
    )


def _figures(scope: Scope) -> Question:
    row = StatedFigure
    words = func.substr(SourceDocument.text, Passage.start + 1, Passage.end - Passage.start)
    return (
        select(
            row.id, SourceDocument.key.label("document"), Commitment.code.label("commitment"),
            licensed("quote", words).label("words"), Passage.start, Passage.end, row.value, row.comparator,
            Vocabulary.code.label("unit_vocabulary"), Term.code.label("unit"), row.what_zh, row.what_en, row.period,
            row.role, row.note_zh, row.note_en,
        )
        .join(SourceDocument, SourceDocument.id == row.document_id)
        .join(Passage, Passage.id == row.passage_id)
        .join(Term, Term.id == row.unit_id)
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .outerjoin(Commitment, Commitment.id == row.commitment_id)
        .where(shown.stated(scope))
    )  # fmt: skip


CODED = (
    Resource(
        "commitments", "承诺", "Commitments", ("一件能单独跟进的事", "one thing that can be followed up"), ("code",),
        _commitments,
        (
            to("cities", city="code"), to("people", speaker="code"), to("posts", post="code"),
            to("documents", document="key"), to("turns", turn="key"),
            to("commitments", parent="code"),
        ),
        optional=frozenset({"speaker", "post", "turn", "parent", *_WORDS}),
    ),
    Resource(
        "commitment_units", "承诺的责任单位", "Units of commitments",
        ("一个单位在一条承诺里的角色及其根据", "a unit’s part in a commitment, and how that is known"),
        ("commitment", "organisation", "role"), _units, (_OF_COMMITMENT, to("organisations", organisation="code")),
    ),
    Resource("vocabularies", "词表", "Vocabularies", ("一份开放词表", "an open list of terms"), ("code",),
             _vocabularies),
    Resource(
        "terms", "词条", "Terms", ("词表里的一项", "an entry of a vocabulary"), ("vocabulary", "code"), _terms,
        (to("vocabularies", vocabulary="code"),),
    ),
    Resource(
        "commitment_terms", "承诺的主题", "Terms of commitments",
        ("给一条承诺标上的主题及其根据", "a term given to a commitment, and on what ground"),
        ("commitment", "vocabulary", "term"), _commitment_terms,
        (_OF_COMMITMENT, to("terms", vocabulary="vocabulary", term="code")),
    ),
    Resource(
        "links", "承诺之间的关系", "Ties between commitments",
        ("两条承诺有关联，不分方向", "two commitments are tied; the tie has no direction"), ("a", "b", "relation"),
        _links,
        (to("commitments", a="code"), to("commitments", b="code")),
    ),
    Resource(
        "figures", "原文的数字", "Stated figures",
        ("原文里的一个数字及其所指", "a number that the text states, with what it counts"), ("id",), _figures,
        (
            to("documents", document="key"), _OF_COMMITMENT, to("terms", unit_vocabulary="vocabulary", unit="code"),
        ),
        optional=frozenset({"commitment", "words"}),
    ),
)  # fmt: skip
