"""What stands around a commitment: its head and parts, and the ones before and after it in its document."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Integer, bindparam, or_, select
from sqlalchemy.orm import aliased

from tracker import queries
from tracker.codebook import PublicationState
from tracker.filters import CommitmentFilter
from tracker.models import Commitment
from tracker.standings import Cutoff, Question

#: A question that is put together once, and the values that it is asked with.
Asked = tuple[Question, dict[str, Any]]

#: What is told of each member of a family.
TOLD = "code parent title_zh title_en is_leaf stands_alone execution".split()  # noqa: SIM905


def family(commitment: Commitment, cutoff: Cutoff, *, unpublished: bool = False, only: Collection[str] = ()) -> Asked:
    """A head and its parts, in order, whichever of them `commitment` is: rows of `queries.commitments`."""
    question = _family(cutoff, cutoff.day(), tuple(only), unpublished=unpublished)
    return question, {"head": commitment.parent_id or commitment.id}


@lru_cache(maxsize=32)
def _family(cutoff: Cutoff, _today: date, only: tuple[str, ...], *, unpublished: bool) -> Question:
    head = bindparam("head", type_=Integer)
    rows = queries.commitments(CommitmentFilter(cutoff=cutoff, unpublished=unpublished), only=only)
    return rows.where(or_(Commitment.id == head, Commitment.parent_id == head))


def neighbours(commitment: Commitment, *, unpublished: bool = False) -> Asked:
    """One row: the codes of the commitments `before` and `after` this one in its document; null at either end."""
    values = {"document": commitment.document_id, "position": commitment.position}
    return _neighbours(unpublished=unpublished), values


@cache
def _neighbours(*, unpublished: bool) -> Question:
    return select(
        *(_nearest(after=after, unpublished=unpublished).label(name)
          for name, after in (("before", False), ("after", True)))
    )  # fmt: skip


def _nearest(*, after: bool, unpublished: bool) -> Any:
    other, position = aliased(Commitment), bindparam("position", type_=Integer)
    beyond = other.position > position if after else other.position < position
    rows = select(other.code).where(other.document_id == bindparam("document", type_=Integer), beyond)
    if not unpublished:
        rows = rows.where(other.publication_state == PublicationState.PUBLISHED)
    return rows.order_by(other.position if after else other.position.desc()).limit(1).scalar_subquery()
