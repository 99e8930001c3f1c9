"""Recording through the API: an assessment, and a second person's verdict on one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from sqlalchemy import select

from tracker.api import answers, assessments, commitments
from tracker.api.asked import Asked
from tracker.api.cursors import whole
from tracker.api.operations import KEYED, Operation
from tracker.api.problems import BASE, Problem
from tracker.assessments import record_assessment
from tracker.codebook import (
    Attribution,
    Checkability,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Kind,
    Outcome,
    Precision,
    PublicationState,
    Reason,
    Role,
    Tense,
    Verdict,
)
from tracker.findings import Finding, Search, Source
from tracker.models import Commitment, StatusAssessment
from tracker.reviews import review

#: Field of a body → what its text becomes.
_KINDS: dict[str, Any] = {
    "execution": Execution,
    "outcome": Outcome,
    "official_claim": Execution,
    "effective_precision": Precision,
    "reason": Reason,
    "attribution": Attribution,
    "confidence": Confidence,
    "relation": EvidenceRelation,
    "reports": EvidenceReports,
    "origin": EvidenceOrigin,
    "kind": Kind,
    "secondary_kind": Kind,
    "tense": Tense,
    "tense_confidence": Confidence,
    "checkability": Checkability,
    "publication_state": PublicationState,
    **dict.fromkeys(
        ("effective_on", "reviewed_up_to", "published_on", "retrieved_on", "searched_on", "next_check"),
        date.fromisoformat,
    ),
}


def typed(body: dict[str, Any]) -> dict[str, Any]:
    """What a body says, with codes and days as the ledger takes them."""
    return {name: None if value is None else _KINDS.get(name, _as_it_is)(value) for name, value in body.items()}


def said(body: dict[str, Any]) -> dict[str, Any]:
    """The same without what is null, which says nothing of what is new."""
    return {name: value for name, value in typed(body).items() if value is not None}


def _as_it_is(value: Any) -> Any:
    return value


def _finding(body: dict[str, Any]) -> Finding:
    found = said(body)
    found.pop("next_check", None)
    found["evidence"] = tuple(Source(**said(one)) for one in found.get("evidence", ()))
    found["searches"] = tuple(Search(**said(one)) for one in found.get("searches", ()))
    return Finding(**found)


def assess(asked: Asked, code: str) -> Response:
    """Append an assessment through the only door there is."""
    row = asked.session.scalar(select(Commitment).where(Commitment.code == code).with_for_update(of=Commitment))
    if row is None:
        raise commitments.unknown(code)
    made = record_assessment(asked.session, row, _finding(asked.body), analyst=asked.somebody())
    if asked.body.get("next_check"):
        row.next_check = date.fromisoformat(asked.body["next_check"])
    asked.session.flush()
    return _made(asked, made)


def verdict(asked: Asked, number: str) -> Response:
    """Append a verdict on an assessment."""
    row = asked.session.get(StatusAssessment, assessments.key(number))
    if row is None:
        raise Problem(404, f"没有评估 {number}", f"there is no assessment {number}")
    review(asked.session, row, Verdict(asked.body["verdict"]), reviewer=asked.somebody(), note=asked.body.get("note"))
    return _made(asked, row)


def _made(asked: Asked, row: StatusAssessment) -> Response:
    address = whole(f"{BASE}/assessments/{row.id}")
    asked.session.expire_all()
    content = assessments.found(asked, row.id, unpublished=True)
    return answers.answer(content, status=201, headers={"Location": address})


OPERATIONS = (
    Operation(
        "assess",
        "POST",
        "/commitments/{code}/assessments",
        "assessments",
        "记录一次评估",
        "Record an assessment",
        assess,
        "Assessment",
        (commitments.CODE, KEYED),
        takes="NewAssessment",
        role=Role.ANALYST,
        status=201,
        also=(409,),
        more_zh="只增不改：写错的，用 corrects 另记一次更正。规则与编辑台相同，违反的在 errors 里逐项写明。",
        more_en="Appended only: a wrong one is answered by another that `corrects` it. The rules are those of"
        " the desk;"
        " `errors` says which is broken, and how to meet it.",
    ),
    Operation(
        "review",
        "POST",
        "/assessments/{number}/reviews",
        "assessments",
        "复核一次评估",
        "Review an assessment",
        verdict,
        "Assessment",
        (assessments.NUMBER, KEYED),
        takes="NewReview",
        role=Role.REVIEWER,
        status=201,
        also=(409,),
        more_zh="由作者以外的人；最近一次复核为准。",
        more_en="By somebody other than its author; the latest verdict holds.",
    ),
)
