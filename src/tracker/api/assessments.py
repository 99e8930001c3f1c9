"""Assessments: the history of a commitment, and the journal of the whole ledger."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import Row

from tracker import histories, journal, judgements
from tracker.api import answers, commitments, cursors
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CITY, COMMITMENT, CUTOFF, PAGED, in_path
from tracker.api.problems import Problem
from tracker.judgements import Judgement, judged
from tracker.models import StatusAssessment
from tracker.standings import Cutoff

#: Digits that no id has.
_LONGEST = 10


def of_commitment(asked: Asked, code: str) -> Response:
    """The history of a commitment: the judgement that was true last comes first, with searches and moved deadlines."""
    row, cutoff, key = commitments.found(asked, code), asked.cutoff(), asked.after(str, int)
    whole = histories.history(asked.session, row.id, cutoff)
    there = [one for one in whole.judgements if not key or _place(one) < key]
    shown = there[: asked.limit()]
    beside = histories.as_records(histories.History([], whole.searches, whole.revisions))
    return answers.page(
        [told(one, row) for one in shown],
        _place(shown[-1]) if len(there) > len(shown) else None,
        cutoff,
        searches=beside["searches"],
        deadline_revisions=beside["deadline_revisions"],
    )


def _place(one: Judgement) -> list[Any]:
    return [one.assessment.effective_on.isoformat(), one.assessment.id]


def told(one: Judgement, row: Row[Any]) -> dict[str, Any]:
    """A judgement as it is published, with its commitment."""
    return {"commitment": row.code, "city_code": row.city_code, **judged(one)}


def listed(asked: Asked) -> Response:
    """Judgements of the whole ledger, the last written first."""
    cutoff = asked.cutoff()
    every = journal.assessments(
        cutoff, cities=asked.cities(), codes=asked.said.get("commitment", ()), unpublished=asked.as_the_desk
    )
    rows = cursors.from_there(every, [StatusAssessment.id], asked.after(int), down=True).limit(asked.limit() + 1)
    found = asked.session.execute(rows).all()
    each = judgements.judgements(asked.session, {row.commitment_id for row in found}, cutoff)
    by_id = {one.assessment.id: one for one in each}
    items = [told(by_id[row.id], row) for row in found]
    return answers.cut(items, asked, key=lambda item: [item["id"]])


def one(asked: Asked, number: str) -> Response:
    """One assessment."""
    return answers.answer(found(asked, key(number), unpublished=asked.as_the_desk))


def key(number: str) -> int:
    """The id of an assessment as it stands in a path. Raises `Problem` (404)."""
    if not (number.isascii() and number.isdecimal() and len(number) < _LONGEST):
        raise _unknown(number)
    return int(number)


def found(asked: Asked, number: int, *, unpublished: bool) -> dict[str, Any]:
    """An assessment as it is published, or with `unpublished` as the desk sees it. Raises `Problem` (404)."""
    cutoff = Cutoff() if unpublished else asked.cutoff()
    rows = journal.assessments(cutoff, unpublished=unpublished).where(StatusAssessment.id == number)
    row = asked.session.execute(rows).one_or_none()
    if row is None:
        raise _unknown(str(number))
    each = judgements.judgements(asked.session, [row.commitment_id], cutoff)
    return next(told(judgement, row) for judgement in each if judgement.assessment.id == number)


def _unknown(number: str) -> Problem:
    return Problem(404, f"没有评估 {number[:40]}", f"there is no assessment {number[:40]}")


NUMBER = in_path("number", "评估序号", "id of the assessment", "117")

OPERATIONS = (
    Operation(
        "history",
        "GET",
        "/commitments/{code}/assessments",
        "assessments",
        "一条承诺的历次评估",
        "The history of one commitment",
        of_commitment,
        "History",
        (commitments.CODE, *CUTOFF, *PAGED),
        also=(410,),
        more_zh="连同依据、检索、复核和改期，按生效日从近到远；更正过的和退回的也在，并注明。",
        more_en="With evidence, searches, reviews and moved deadlines; what was true last comes first. What was"
        " corrected"
        " or returned is there too, and says so.",
        example={"recorded_by": "2026-12-31"},
    ),
    Operation(
        "assessments",
        "GET",
        "/assessments",
        "assessments",
        "全部评估，新近写下的在前",
        "Every assessment, the last written first",
        listed,
        "AssessmentPage",
        (CITY, COMMITMENT, *CUTOFF, *PAGED),
        example={"city": "jingzhou"},
    ),
    Operation(
        "assessment",
        "GET",
        "/assessments/{number}",
        "assessments",
        "一次评估",
        "One assessment",
        one,
        "Assessment",
        (NUMBER, *CUTOFF),
    ),
)
