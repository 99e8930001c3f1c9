"""What policy lists and problem ledgers share: each line is tied to commitments of its city."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.orm import Session

from tracker.models import Commitment
from tracker.standings import Question


def of_commitments(rows: Question, ties: Table, tied: ColumnElement[bool], brief: Sequence[str], ids: Any) -> Question:
    """The lines `rows` that each of some commitments (`ids`) is `tied` to: `commitment_id`, and what `brief` names."""
    columns, number = rows.selected_columns, ties.c.commitment_id
    return rows.with_only_columns(number, *(columns[name] for name in brief)).where(tied, number.in_(ids))


def lines(
    session: Session, rows: Question, ties: Table, tied: ColumnElement[bool], key: str
) -> Iterator[dict[str, Any]]:
    """The lines `rows`, told apart by `key`, each with the codes of the `commitments` that it is `tied` to."""
    found = (
        rows.add_columns(Commitment.code)
        .outerjoin(ties, tied)
        .outerjoin(Commitment, Commitment.id == ties.c.commitment_id)
        .order_by(Commitment.document_id, Commitment.position)
    )
    for _, group in groupby(session.execute(found).mappings(), key=itemgetter(key)):
        line, *others = map(dict, group)
        codes = [row.pop("code") for row in (line, *others)]
        yield {**line, "commitments": [code for code in codes if code]}
