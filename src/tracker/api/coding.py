"""How a commitment is coded, changed through the API: by who has seen what stands there now."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from sqlalchemy import select

from tracker import queries
from tracker.api import answers, commitments
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import Parameter
from tracker.api.problems import Problem
from tracker.api.recording import typed
from tracker.api.schemas import TEXT
from tracker.codebook import Role
from tracker.filters import CommitmentFilter
from tracker.models import Commitment

#: Field of a record → column of a commitment, where that is called otherwise.
COLUMNS = {"completion_evidence": "completion_zh", "completion_evidence_en": "completion_en"}

IF_MATCH = Parameter(
    "If-Match",
    TEXT,
    "读取时答复的 ETag：说明改的是哪个版本",
    "the ETag of the answer that it was read from: which version is changed",
    place="header",
    is_needed=True,
    example='"1.f94a6e63"',
)


def edit(asked: Asked, code: str) -> Response:
    """Change what the body names, unless somebody changed the commitment since it was read."""
    row = asked.session.scalar(select(Commitment).where(Commitment.code == code).with_for_update(of=Commitment))
    if row is None:
        raise commitments.unknown(code)
    if request.headers.get("If-Match", "*").strip() in {"", "*"}:
        raise Problem(428, "请用 If-Match 写明改的是哪个版本", "say which version you change: If-Match")
    versions = {mark.partition(".")[0] for mark in request.if_match.as_set()}
    if str(row.row_version) not in versions:
        raise _stale(asked, row)
    for name, value in typed(asked.body).items():
        setattr(row, COLUMNS.get(name, name), value)
    asked.session.flush()
    return shown(asked, row)


def shown(asked: Asked, row: Commitment, **more: Any) -> Response:
    """A commitment as it now stands, published or not."""
    which = CommitmentFilter(code=row.code, unpublished=True)
    rows = asked.session.execute(queries.commitments(which)).all()
    (record,) = commitments.told(asked.session, rows, which)
    return answers.answer(record, version=row.row_version, **more)


def _stale(asked: Asked, row: Commitment) -> Problem:
    """What is said to who has not seen what stands there now: that, its ETag, and which fields differ from it."""
    now = shown(asked, row)
    current = json.loads(now.get_data())
    differs = sorted(name for name, value in asked.body.items() if current[name] != value)
    return Problem(
        412,
        f"{row.code} 在您读取之后被改过，没有保存",
        f"{row.code} was changed after you read it; nothing was saved",
        headers={"ETag": now.headers["ETag"]},
        more={"current": current, "differs": differs},
    )


OPERATIONS = (
    Operation(
        "edit",
        "PATCH",
        "/commitments/{code}",
        "commitments",
        "修改编码或下次查看",
        "Change the coding or the next check",
        edit,
        "Commitment",
        (commitments.CODE, IF_MATCH),
        takes="Coding",
        role=Role.ANALYST,
        also=(409, 412, 428),
        more_zh="只写要改的字段；null 清空。编号、引文、文献和期限由原文定，不在此改；状态另记评估。",
        more_en="Only the fields that change; null empties one. Code, quote, document and deadline follow from"
        " the text and"
        " are not changed here; a status is another assessment.",
    ),
)
