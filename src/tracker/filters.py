"""Which commitments are asked for: one filter that page, desk, command line and export share."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from tracker import search
from tracker.codebook import (
    Checkability,
    DeadlineKind,
    Execution,
    Kind,
    PublicationState,
    ReviewState,
    Tense,
    Timeliness,
    Verdict,
)
from tracker.models import (
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Jurisdiction,
    Organisation,
    Term,
    Vocabulary,
)
from tracker.standings import Cutoff

#: True today, as far as anything is written down.
NOW = Cutoff()


@dataclass(frozen=True)
class CommitmentFilter:
    """Which commitments are asked for.

    A field that takes several values asks for any of them. City, search and code always hold; of the others all
    hold, or with `any_of` at least one.
    """

    #: GB/T 2260 codes
    cities: tuple[str, ...] = ()
    #: words that the commitment's own text, title or units must hold
    search: str = ""
    #: whether these are looked for in each commitment and not in the index, as is quicker where many hold them
    looked_through: bool = False
    code: str | None = None
    kinds: tuple[Kind, ...] = ()
    executions: tuple[Execution, ...] = ()
    timeliness: tuple[Timeliness, ...] = ()
    deadline_kinds: tuple[DeadlineKind, ...] = ()
    tenses: tuple[Tense, ...] = ()
    checkabilities: tuple[Checkability, ...] = ()
    review_states: tuple[ReviewState, ...] = ()
    #: codes of terms of any vocabulary, or of one: `sector/big-data`
    terms: tuple[str, ...] = ()
    #: codes of units that have a part in it
    units: tuple[str, ...] = ()
    #: whether the sources of the standing assessment disagree
    disputed: bool | None = None
    #: completion falls due on this day or before
    due_by: date | None = None
    #: to be looked at again on this day or before
    next_check_by: date | None = None
    #: nobody has searched up to this day
    not_checked_since: date | None = None
    any_of: bool = False
    cutoff: Cutoff = NOW
    #: drafts and withdrawn rows too (the desk)
    unpublished: bool = False


@dataclass(frozen=True)
class Standing:
    """The columns of a question that say what became of a commitment, and whether its timeliness is one of some."""

    is_timely: Callable[[Collection[Timeliness]], ColumnElement[bool]]
    execution: Any
    due_on: Any
    disputed: Any
    verdict: Any
    returned: Any
    reviewed_up_to: Any
    assessment: Any


def scope(asked: CommitmentFilter) -> list[ColumnElement[bool]]:
    """What always holds."""
    conditions = [
        Jurisdiction.code.in_(asked.cities) if asked.cities else None,
        Commitment.code == asked.code if asked.code else None,
        (search.each_holds if asked.looked_through else search.holds)(asked.search) if asked.search else None,
        None if asked.unpublished else Commitment.publication_state == PublicationState.PUBLISHED,
    ]
    return [condition for condition in conditions if condition is not None]


def narrowing(asked: CommitmentFilter, found: Standing) -> list[ColumnElement[bool]]:
    """What else is asked: of a commitment as it was coded, and of what became of it."""
    conditions = [condition for condition in (*_as_coded(asked), *_as_found(asked, found)) if condition is not None]
    return [or_(*conditions)] if asked.any_of and conditions else conditions


def _as_coded(asked: CommitmentFilter) -> list[ColumnElement[bool] | None]:
    return [
        Commitment.kind.in_(asked.kinds) if asked.kinds else None,
        Commitment.deadline_kind.in_(asked.deadline_kinds) if asked.deadline_kinds else None,
        Commitment.tense.in_(asked.tenses) if asked.tenses else None,
        Commitment.checkability.in_(asked.checkabilities) if asked.checkabilities else None,
        _termed(asked.terms) if asked.terms else None,
        _of_units(asked.units) if asked.units else None,
        Commitment.next_check <= asked.next_check_by if asked.next_check_by else None,
    ]


def _as_found(asked: CommitmentFilter, found: Standing) -> list[ColumnElement[bool] | None]:
    since = asked.not_checked_since
    return [
        found.execution.in_([code.value for code in asked.executions]) if asked.executions else None,
        found.is_timely(asked.timeliness) if asked.timeliness else None,
        or_(*(_in_review(state, found) for state in asked.review_states)) if asked.review_states else None,
        found.disputed.is_(asked.disputed) if asked.disputed is not None else None,
        found.due_on <= asked.due_by if asked.due_by else None,
        or_(found.reviewed_up_to.is_(None), found.reviewed_up_to < since) if since else None,
    ]


def _termed(codes: tuple[str, ...]) -> ColumnElement[bool]:
    terms = select(CommitmentTerm.commitment_id).join(Term, Term.id == CommitmentTerm.term_id)
    named = Vocabulary.code + "/" + Term.code
    return Commitment.id.in_(
        terms.join(Vocabulary, Vocabulary.id == Term.vocabulary_id).where(or_(Term.code.in_(codes), named.in_(codes)))
    )


def _of_units(codes: tuple[str, ...]) -> ColumnElement[bool]:
    units = select(CommitmentUnit.commitment_id).join(Organisation, Organisation.id == CommitmentUnit.organisation_id)
    return Commitment.id.in_(units.where(Organisation.code.in_(codes)))


def _in_review(state: ReviewState, found: Standing) -> ColumnElement[bool]:
    match state:
        case ReviewState.APPROVED:
            return and_(found.assessment.is_not(None), found.verdict == Verdict.APPROVE.value)
        case ReviewState.AWAITING:
            return and_(found.assessment.is_not(None), found.verdict.is_(None))
        case ReviewState.RETURNED:
            return and_(found.returned)
