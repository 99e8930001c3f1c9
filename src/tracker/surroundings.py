"""What stands around a commitment: its head and parts, and the ones before and after it in its document."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from tracker import queries
from tracker.codebook import PublicationState
from tracker.filters import CommitmentFilter
from tracker.models import Commitment
from tracker.standings import Cutoff, Question

#: What is told of each member of a family.
TOLD = "code parent title_zh title_en is_leaf stands_alone execution".split()  # noqa: SIM905


def family(
    commitment: Commitment, cutoff: Cutoff, *, unpublished: bool = False, only: Collection[str] = ()
) -> Question:
    """A head and its parts, in order, whichever of them `commitment` is: rows of `queries.commitments`."""
    head = commitment.parent_id or commitment.id
    rows = queries.commitments(CommitmentFilter(cutoff=cutoff, unpublished=unpublished), only=only)
    return rows.where(or_(Commitment.id == head, Commitment.parent_id == head))


def neighbours(commitment: Commitment, *, unpublished: bool = False) -> Question:
    """One row: the codes of the commitments `before` and `after` this one in its document; null at either end."""
    return select(
        *(_nearest(commitment, after=after, unpublished=unpublished).label(name)
          for name, after in (("before", False), ("after", True)))
    )  # fmt: skip


def _nearest(commitment: Commitment, *, after: bool, unpublished: bool) -> Any:
    other = aliased(Commitment)
    beyond = other.position > commitment.position if after else other.position < commitment.position
    rows = select(other.code).where(other.document_id == commitment.document_id, beyond)
    if not unpublished:
        rows = rows.where(other.publication_state == PublicationState.PUBLISHED)
    return rows.order_by(other.position if after else other.position.desc()).limit(1).scalar_subquery()
