"""What a row of a list says in brief of what hangs on a commitment: its latest evidence and its units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Integer, Row, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from tracker.models import AssessmentEvidence, CommitmentUnit, Evidence, Organisation
from tracker.standings import Cutoff, Question, valid_assessments

#: Ids named in one query: a database takes only so many.
_AT_ONCE = 5000

_IDS = bindparam("ids", expanding=True, type_=Integer)


@dataclass
class Brief:
    """The latest evidence that is cited of a commitment, and its units (zh, en)."""

    published_on: date | None = None
    #: empty where there is no evidence, or nobody has said who published it
    publisher: str = ""
    has_evidence: bool = False
    units: list[tuple[str, str]] = field(default_factory=list)


def of_commitments(session: Session, ids: Sequence[int], cutoff: Cutoff) -> dict[int, Brief]:
    """Id → brief, as things stood at `cutoff`; one query for each `_AT_ONCE` of them."""
    found: dict[int, Brief] = defaultdict(Brief)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for row in session.execute(_of(cutoff), {"ids": some}):
            _add(found[row.commitment_id], row)
    return found


@lru_cache(maxsize=64)
def _of(cutoff: Cutoff) -> Question:
    """The question, put together once: to build it takes longer than to answer it for a page."""
    rows = union_all(_latest_evidence(cutoff), _units()).subquery()
    return select(rows).order_by(rows.c.what, rows.c.zh)


def _add(brief: Brief, row: Row[Any]) -> None:
    if row.what == "unit":
        brief.units.append((row.zh, row.en))
    else:
        brief.published_on, brief.publisher, brief.has_evidence = row.published_on, row.zh or "", True


def _latest_evidence(cutoff: Cutoff) -> Question:
    """Of each commitment the evidence published last among what its valid assessments cite."""
    standing = valid_assessments(cutoff)
    valid = standing.where(standing.selected_columns.commitment_id.in_(_IDS)).cte("cited_by")
    place = func.row_number().over(
        partition_by=valid.c.commitment_id, order_by=(Evidence.published_on.desc().nulls_last(), Evidence.id.desc())
    )
    cited = (
        select(valid.c.commitment_id, Evidence.published_on, Evidence.publisher, place.label("place"))
        .join(AssessmentEvidence, AssessmentEvidence.assessment_id == valid.c.id)
        .join(Evidence, Evidence.id == AssessmentEvidence.evidence_id)
        .subquery()
    )
    return select(
        cited.c.commitment_id,
        literal("evidence").label("what"),
        cited.c.published_on,
        cited.c.publisher.label("zh"),
        cited.c.publisher.label("en"),
    ).where(cited.c.place == 1)


def _units() -> Question:
    return (
        select(
            CommitmentUnit.commitment_id,
            literal("unit"),
            cast(null(), Date),
            Organisation.name_zh,
            Organisation.name_en,
        )
        .join(Organisation, Organisation.id == CommitmentUnit.organisation_id)
        .where(CommitmentUnit.commitment_id.in_(_IDS))
        .distinct()
    )
