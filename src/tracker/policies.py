"""Policy lists (惠企政策清单): which policy documents a city names, and whether they are in force on a day.

A document whose validity no source states is never left out for it: it is listed as “not stated”.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from tracker import ties
from tracker.codebook import AuditAction, Validity
from tracker.models import (
    AuditEvent,
    Jurisdiction,
    Organisation,
    PolicyDocument,
    policy_document_commitment,
)
from tracker.models.base import coded
from tracker.standings import Cutoff, Question

#: A line of the list: the columns of `policies`, and the codes of the `commitments` it is tied to.
Line = dict[str, Any]

#: What the record of a commitment says of each policy document that it is tied to.
BRIEF = ("id", "title", "number", "valid_from", "valid_to", "validity", "url")

_ties = policy_document_commitment.c


@dataclass(frozen=True)
class PolicyFilter:
    """Which policy documents are asked for. `as_of` of the cutoff: in force on that day, as far as it is stated."""

    #: GB/T 2260 code of the city
    city_code: str | None = None
    cutoff: Cutoff = field(default_factory=Cutoff)


def policies(asked: PolicyFilter) -> Question:
    """The policy documents asked for, one row each, by city in the order in which they were put in."""
    validity, recorded_at = _validity(asked.cutoff), _recorded_at()
    rows = (
        select(
            PolicyDocument.id,
            Jurisdiction.name_zh.label("city"),
            Jurisdiction.name_en.label("city_en"),
            Jurisdiction.code.label("city_code"),
            PolicyDocument.title,
            PolicyDocument.number,
            PolicyDocument.valid_from,
            PolicyDocument.valid_to,
            validity.label("validity"),
            PolicyDocument.url,
            Organisation.name_zh.label("unit"),
            Organisation.name_en.label("unit_en"),
            PolicyDocument.responsible_person,
            PolicyDocument.contact,
            recorded_at.label("recorded_at"),
        )
        .select_from(PolicyDocument)
        .join(Jurisdiction, PolicyDocument.jurisdiction_id == Jurisdiction.id)
        .outerjoin(Organisation, PolicyDocument.unit_id == Organisation.id)
        .where(*asked.cutoff.written(recorded_at))
        .order_by(Jurisdiction.code, PolicyDocument.id)
    )
    if asked.city_code:
        rows = rows.where(Jurisdiction.code == asked.city_code)
    return rows.where(validity.in_([Validity.IN_FORCE, Validity.NOT_STATED])) if asked.cutoff.as_of else rows


def of_commitments(ids: Any, cutoff: Cutoff) -> Question:
    """The policy documents that each of some commitments is tied to, by `commitment_id`; the columns of `BRIEF`."""
    rows = policies(PolicyFilter(cutoff=cutoff))
    return ties.of_commitments(
        rows, policy_document_commitment, _ties.policy_document_id == PolicyDocument.id, BRIEF, ids
    )


def lines(session: Session, asked: PolicyFilter) -> Iterator[Line]:
    """The list asked for, line by line, each with the codes of its commitments."""
    return ties.lines(
        session, policies(asked), policy_document_commitment, _ties.policy_document_id == PolicyDocument.id, "id"
    )


def _validity(cutoff: Cutoff) -> ColumnElement[Any]:
    day = cutoff.day()
    found = case(
        (PolicyDocument.valid_from > day, Validity.NOT_YET.value),
        (PolicyDocument.valid_to < day, Validity.EXPIRED.value),
        (and_(PolicyDocument.valid_from.is_(None), PolicyDocument.valid_to.is_(None)), Validity.NOT_STATED.value),
        else_=Validity.IN_FORCE.value,
    )
    return type_coerce(found, coded(Validity, "validity"))


def _recorded_at() -> ColumnElement[Any]:
    """When a policy document was put in: the audit knows, and nothing is stored twice."""
    return (
        select(func.min(AuditEvent.at))
        .where(
            AuditEvent.table_name == PolicyDocument.__tablename__,
            AuditEvent.row_key == cast(PolicyDocument.id, String),
            AuditEvent.action == AuditAction.INSERT,
        )
        .correlate(PolicyDocument)
        .scalar_subquery()
    )
