"""Commitments, each exactly the record that the command line and exports write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import queries, sources, walks
from tracker.api import answers
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CUTOFF, NARROWING, PAGED, in_path
from tracker.api.problems import Problem
from tracker.codebook import PublicationState
from tracker.filters import CommitmentFilter
from tracker.records import WITHHELD, Record, of_rows


def listed(asked: Asked) -> Response:
    """The commitments asked for, in the order of the documents."""
    which = asked.commitments()
    # What a page shows is read of the rows that stand on it, not of those before them.
    beyond = [int(number) for number in asked.after(int, int)]
    way = walks.Way(asked.limit() + 1, beyond=walks.Place(*beyond) if beyond else None)
    found = walks.steps(asked.session, walks.settled(asked.session, which), way)
    places = {row.id: [row.document_id, row.position] for row in found}
    ids = list(places)[: asked.limit()]
    shown = queries.numbered(which.cutoff, unpublished=which.unpublished)
    each = asked.session.execute(shown, {"ids": ids}).all()
    following = places[ids[-1]] if len(places) > len(ids) else None
    return answers.page(told(asked.session, each, which), following, which.cutoff)


def told(session: Session, rows: Sequence[Row[Any]], which: CommitmentFilter) -> list[Record]:
    """Rows of `queries.commitments` as records, without what the licences of their documents withhold."""
    records = list(of_rows(session, rows, which.cutoff, unpublished=which.unpublished))
    return list(_licensed(session, records))


def _licensed(session: Session, records: list[Record]) -> Iterable[Record]:
    keys = {record["document"] for record in records}
    withheld = {row.key: dict.fromkeys(WITHHELD[row.licence_mode]) for row in session.execute(sources.licences(keys))}
    return ({**record, **withheld[record["document"]]} for record in records)


def found(asked: Asked, code: str) -> Row[Any]:
    """The row of a commitment. Raises `Problem`: 404 where there is none, 410 where it was withdrawn."""
    row = asked.session.execute(*queries.coded(code, asked.cutoff())).one_or_none()
    if row is None or (row.publication_state is PublicationState.DRAFT and not asked.as_the_desk):
        raise unknown(code)
    if row.publication_state is PublicationState.WITHDRAWN and not asked.as_the_desk:
        raise Problem(410, f"“{code}”已撤下，编号不会另作他用", f"“{code}” was withdrawn; its code is never used again")
    return row


def unknown(code: str) -> Problem:
    """What is said where no commitment has a code."""
    return Problem(404, f"没有编号为“{code[:100]}”的承诺", f"there is no commitment “{code[:100]}”")


def one(asked: Asked, code: str) -> Response:
    """One commitment: its record, under an ETag that begins with the version of its coding."""
    row = found(asked, code)
    (record,) = told(asked.session, [row], CommitmentFilter(cutoff=asked.cutoff(), unpublished=asked.as_the_desk))
    return answers.answer(record, version=row.row_version)


CODE = in_path("code", "承诺编号", "code of the commitment", "CZ-2020-01.1")

OPERATIONS = (
    Operation(
        "commitments",
        "GET",
        "/commitments",
        "commitments",
        "列出承诺",
        "Commitments, by every filter of the desk's list",
        listed,
        "CommitmentPage",
        (*NARROWING, *CUTOFF, *PAGED),
        more_zh="按文献中的次序。每条就是 tracker list --format jsonl 的一行。可多次写的参数取其任一。",
        more_en="In the order of the documents. Each is one line of `tracker list --format jsonl`. A parameter"
        " that may be"
        " said several times asks for any of its values.",
        example={"city": "chenzhou", "status": "in_progress", "limit": "20"},
    ),
    Operation(
        "commitment",
        "GET",
        "/commitments/{code}",
        "commitments",
        "一条承诺",
        "One commitment",
        one,
        "Commitment",
        (CODE, *CUTOFF),
        also=(410,),
        more_zh="ETag 以编码的版本号开头，修改时写进 If-Match。已撤下的答 410。",
        more_en="The ETag begins with the version of its coding, which a change sends as `If-Match`. 410 where it was"
        " withdrawn.",
    ),
)
