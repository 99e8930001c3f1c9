"""The published shape of a commitment: one for page, API, command line and export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, Row, bindparam, exists, literal, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from tracker import deadlines, ledgers, policies, queries
from tracker.codebook import LicenceMode, Light, PublicationState, Timeliness
from tracker.filters import CommitmentFilter
from tracker.models import (
    Commitment,
    CommitmentLink,
    CommitmentTerm,
    CommitmentUnit,
    Milestone,
    Organisation,
    SourceDocument,
    StatedFigure,
    Term,
    Vocabulary,
    obstacle_commitment,
    policy_document_commitment,
)
from tracker.progress import figures, milestones
from tracker.rows import read
from tracker.standings import Cutoff, Question

#: A record: the fields of `FIELDS`, in their order; dates and codes as Python values.
Record = dict[str, Any]

#: Words of a record that are not published where a text may only be quoted, or not even that.
WITHHELD: dict[LicenceMode, tuple[str, ...]] = {
    LicenceMode.FULL_TEXT: (),
    LicenceMode.QUOTE_ONLY: ("question", "prefix", "suffix"),
    LicenceMode.METADATA_ONLY: ("question", "prefix", "suffix", "quote", "focus", "tense_words", "deadline_text"),
}

#: How many commitments have their lists read at once.
_CHUNK = 500

#: Every field of a record, in the order of the columns of an export.
FIELDS = tuple(
    """
    code city city_en city_code speaker speaker_en post post_en document turn question question_head_missing
    kind secondary_kind parent is_leaf stands_alone title_zh title_en quote focus prefix suffix start end
    tense tense_confidence tense_words tense_note_zh tense_note_en
    deadline_text deadline_kind deadline_rule deadline_is_convention window_start window_end
    checkability completion_evidence completion_evidence_en beneficiaries_zh beneficiaries_en note_zh note_en
    units terms figures milestones links policies obstacles
    execution outcome official_claim summary summary_en progress problems next_steps
    effective_on effective_precision reviewed_up_to recorded_at confidence reason attribution verdict disputed
    timeliness timeliness_rule due_on slippage_days progress_share elapsed_share light light_rule
    next_check publication_state
    """.split()  # noqa: SIM905 - sixty names are read more easily as lines
)


def records(session: Session, asked: CommitmentFilter, limit: int | None = None) -> Iterator[Record]:
    """The commitments asked for as records, read in chunks: an export never holds them all."""
    rows = session.execute(queries.commitments(asked).limit(limit), execution_options={"yield_per": _CHUNK})
    for chunk in rows.partitions():
        yield from of_rows(session, chunk, asked.cutoff, unpublished=asked.unpublished)


def as_licensed(session: Session, rows: Iterable[Record]) -> Iterator[Record]:
    """Records with only those words of their document that its licence lets be shown."""
    asked = session.execute(select(SourceDocument.key, SourceDocument.licence_mode)).all()
    withheld = {row.key: dict.fromkeys(WITHHELD[row.licence_mode]) for row in asked}
    for row in rows:
        hidden = withheld[row["document"]]
        figures = [{**one, "words": None} for one in row["figures"]] if "quote" in hidden else row["figures"]
        yield {**row, **hidden, "figures": figures}


def of_rows(
    session: Session, rows: Sequence[Row[Any]], cutoff: Cutoff, *, unpublished: bool = False
) -> Iterator[Record]:
    """Some rows of `queries.commitments`, read at `cutoff`, as records, tied to what is published, or to anything."""
    lists = _lists(session, [row.id for row in rows], cutoff, unpublished=unpublished)
    for row in rows:
        yield _record(row, lists)


def _record(row: Row[Any], lists: dict[str, dict[int, list[Record]]]) -> Record:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns in SQLAlchemy
    rule = values["deadline_rule"]
    values["deadline_is_convention"] = rule.is_convention if rule else None
    values["timeliness"] = Timeliness(values["timeliness"])
    values["timeliness_rule"] = deadlines.TIMELINESS_RULE
    values["light"] = Light(values["light"]) if values["light"] else None
    values["light_rule"] = deadlines.LIGHT_RULE if values["light"] else None
    for name, by_commitment in lists.items():
        values[name] = by_commitment[row.id]
    return {name: values[name] for name in FIELDS}


def _lists(
    session: Session, ids: Sequence[int], cutoff: Cutoff, *, unpublished: bool
) -> dict[str, dict[int, list[Record]]]:
    """What hangs on some commitments: name → commitment id → records."""
    asked = {"ids": ids}
    there = {row.name for row in read(session, _there(), asked)}
    questions = _questions(cutoff, cutoff.day(), unpublished=unpublished)
    return {name: _grouped(read(session, rows, asked) if name in there else ()) for name, rows in questions.items()}


#: What ties the lists to their commitments.
_TIES = {
    "units": (CommitmentUnit.commitment_id,),
    "terms": (CommitmentTerm.commitment_id,),
    "figures": (StatedFigure.commitment_id,),
    "milestones": (Milestone.commitment_id,),
    "links": (CommitmentLink.a_id, CommitmentLink.b_id),
    "policies": (policy_document_commitment.c.commitment_id,),
    "obstacles": (obstacle_commitment.c.commitment_id,),
}


@cache
def _there() -> CompoundSelect[str]:
    """The names of the lists that some commitments (`ids`) have anything in: of few, most have nothing in most."""
    some = select(Commitment.id).where(Commitment.id.in_(_ids())).cte("some")
    return union_all(
        *(
            select(literal(name).label("name")).where(
                exists().select_from(some).where(or_(*(exists().where(tie == some.c.id) for tie in ties)))
            )
            for name, ties in _TIES.items()
        )
    )


@lru_cache(maxsize=32)
def _questions(cutoff: Cutoff, _today: date, *, unpublished: bool) -> dict[str, Question]:
    """What is asked of some commitments (`ids`); put together once, which takes longer than to answer it for a few."""
    ids = _ids()
    return {
        "units": _units(ids),
        "terms": _terms(ids),
        "figures": figures(cutoff).where(StatedFigure.commitment_id.in_(ids)),
        "milestones": milestones(cutoff).where(Milestone.commitment_id.in_(ids)),
        "links": _links(ids, unpublished=unpublished),
        "policies": policies.of_commitments(ids, cutoff),
        "obstacles": ledgers.of_commitments(ids, cutoff),
    }


def _ids() -> Any:
    return bindparam("ids", expanding=True, type_=Integer)


def _grouped(rows: Iterable[Row[Any]]) -> dict[int, list[Record]]:
    grouped: dict[int, list[Record]] = defaultdict(list)
    for row in rows:
        values = dict(row._mapping)  # noqa: SLF001
        grouped[values.pop("commitment_id")].append(values)
    return grouped


def _units(ids: Any) -> Question:
    return (
        select(
            CommitmentUnit.commitment_id,
            Organisation.code,
            Organisation.name_zh.label("zh"),
            Organisation.name_en.label("en"),
            CommitmentUnit.role,
            CommitmentUnit.basis,
        )
        .join(Organisation, Organisation.id == CommitmentUnit.organisation_id)
        .where(CommitmentUnit.commitment_id.in_(ids))
        .order_by(CommitmentUnit.commitment_id, Organisation.code)
    )


def _terms(ids: Any) -> Question:
    return (
        select(
            CommitmentTerm.commitment_id,
            Vocabulary.code.label("vocabulary"),
            Term.code,
            Term.name_zh.label("zh"),
            Term.name_en.label("en"),
            CommitmentTerm.basis,
        )
        .join(Term, Term.id == CommitmentTerm.term_id)
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .where(CommitmentTerm.commitment_id.in_(ids))
        .order_by(CommitmentTerm.commitment_id, Vocabulary.code, Term.position)
    )


def _links(ids: Any, *, unpublished: bool) -> Question:
    """Links from both ends: the tie has no direction."""
    other = aliased(Commitment)
    ends = union_all(
        *(
            select(here.label("commitment_id"), there.label("other_id"), CommitmentLink.relation,
                   CommitmentLink.note_zh, CommitmentLink.note_en).where(here.in_(ids))
            for here, there in (
                (CommitmentLink.a_id, CommitmentLink.b_id),
                (CommitmentLink.b_id, CommitmentLink.a_id),
            )
        )
    ).subquery()  # fmt: skip
    return (
        select(
            ends.c.commitment_id,
            other.code,
            other.title_zh,
            other.title_en,
            ends.c.relation,
            ends.c.note_zh,
            ends.c.note_en,
        )
        .join(other, other.id == ends.c.other_id)
        # What is not published is not told of by what it is tied to either.
        .where(true() if unpublished else other.publication_state == PublicationState.PUBLISHED)
        .order_by(ends.c.commitment_id, other.document_id, other.position)
    )
