"""Commitments of the seed go into the database, with their terms, units, figures, marks and ties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from sqlalchemy import ColumnElement, or_, select

from tracker.codebook import AuditAction
from tracker.models import (
    AuditEvent,
    Commitment,
    CommitmentLink,
    CommitmentTerm,
    CommitmentUnit,
    PassageMark,
    StatedFigure,
)
from tracker.seed.coding import CodingData, LinkData
from tracker.seed.commitments import CommitmentData
from tracker.seed.place_rows import Ids
from tracker.seed.synchronising import ACTOR, Synchroniser, Wanted, columns, row_key


def write_commitments(writer: Synchroniser, codings: list[CodingData], ids: Ids) -> dict[str, Commitment]:
    """Heads, then parts, with terms and units; returns them by code."""
    found: dict[str, Commitment] = {}
    for coding in codings:
        document_id = ids.documents[coding.document.key]
        among = Commitment.document_id == document_id
        stored = {row.code: row for row in writer.session.scalars(select(Commitment).where(among))}
        _refuse_taken(writer, coding, document_id)
        _refuse_lost(writer, coding, stored)
        _make_room(writer, coding, stored)
        for is_part in (False, True):
            wanted = [
                _commitment(row, coding, ids, found)
                for row in coding.commitments
                if (row.parent is not None) == is_part
            ]
            rows = writer.rows(Commitment, ["code"], wanted, among=among)
            found |= {row.code: row for row in rows.values()}
    _write_terms(writer, codings, ids, found)
    _write_units(writer, codings, ids, found)
    return found


def _commitment(row: CommitmentData, coding: CodingData, ids: Ids, found: dict[str, Commitment]) -> Wanted:
    document_id = ids.documents[coding.document.key]
    return Wanted(
        row.code,
        columns(row, Commitment)
        | columns(row.deadline, Commitment)
        | {
            "jurisdiction_id": ids.jurisdictions[coding.jurisdiction],
            "document_id": document_id,
            "speaker_id": ids.people[coding.speaker],
            "post_id": ids.posts[coding.post],
            "turn_id": ids.turns[coding.document.key, row.turn.position] if row.turn else None,
            "parent_id": found[row.parent].id if row.parent else None,
            "passage_id": ids.passages[document_id, row.span],
            "focus_id": ids.passages[document_id, row.focus] if row.focus else None,
        },
    )


def _refuse_taken(writer: Synchroniser, coding: CodingData, document_id: int) -> None:
    """A code is used once, whatever the document."""
    codes = [row.code for row in coding.commitments]
    taken = select(Commitment.code).where(Commitment.code.in_(codes), Commitment.document_id != document_id)
    for code in writer.session.scalars(taken.order_by(Commitment.code)):
        raise coding.file.error(f"{code} is taken by a commitment of another document; number the row anew")


def _refuse_lost(writer: Synchroniser, coding: CodingData, stored: dict[str, Commitment]) -> None:
    """A code is permanent: what the seed loaded stays in its file."""
    codes = {row.code for row in coding.commitments}
    lost = {row_key(row): code for code, row in stored.items() if code not in codes}
    if not lost:
        return
    loaded = writer.session.scalars(
        select(AuditEvent.row_key)
        .where(AuditEvent.table_name == Commitment.__tablename__, AuditEvent.row_key.in_(lost))
        .where(AuditEvent.action == AuditAction.INSERT, AuditEvent.actor == ACTOR)
    )
    gone = sorted(lost[key] for key in loaded)
    if gone:
        raise coding.file.error(
            f"{', '.join(gone)} is in the database and no longer in this file; "
            "codes are permanent: put it back with publication_state: withdrawn"
        )


def _make_room(writer: Synchroniser, coding: CodingData, stored: dict[str, Commitment]) -> None:
    """Move rows whose place in the document changes; rows that the desk added go behind."""
    places = {row.code: row.position for row in coding.commitments}
    free = count(max([*places.values(), *(row.position for row in stored.values())], default=0) + 1)
    taken = set(places.values())
    moved = {
        code: places[code] if code in places else next(free)
        for code, row in stored.items()
        if row.position != places.get(code) and (code in places or row.position in taken)
    }
    if not moved:
        return
    # No two rows may hold a place at any moment, so all of them leave before the first arrives.
    for code in moved:
        stored[code].position = -stored[code].position
    writer.session.flush()
    for code, position in moved.items():
        stored[code].position = position
    writer.session.flush()
    writer.changed += len(moved)


def _of(codings: list[CodingData], ids: Ids) -> ColumnElement[bool]:
    return Commitment.document_id.in_([ids.documents[coding.document.key] for coding in codings])


def _rows(codings: list[CodingData]) -> Iterator[CommitmentData]:
    return (row for coding in codings for row in coding.commitments)


def _write_terms(writer: Synchroniser, codings: list[CodingData], ids: Ids, found: dict[str, Commitment]) -> None:
    wanted = [
        Wanted(
            f"{row.code} · {term}",
            {"commitment_id": found[row.code].id, "term_id": ids.terms[term], "basis": basis},
        )
        for row in _rows(codings)
        for term, basis in row.terms.items()
    ]
    among = CommitmentTerm.commitment_id.in_(select(Commitment.id).where(_of(codings, ids)))
    writer.rows(CommitmentTerm, ["commitment_id", "term_id"], wanted, among=among, children=True)


def _write_units(writer: Synchroniser, codings: list[CodingData], ids: Ids, found: dict[str, Commitment]) -> None:
    wanted = [
        Wanted(
            f"{row.code} · {unit}",
            {
                "commitment_id": found[row.code].id,
                "organisation_id": ids.organisations[unit],
                "role": role,
                "basis": basis,
            },
        )
        for row in _rows(codings)
        for (unit, role), basis in row.units.items()
    ]
    among = CommitmentUnit.commitment_id.in_(select(Commitment.id).where(_of(codings, ids)))
    writer.rows(CommitmentUnit, ["commitment_id", "organisation_id", "role"], wanted, among=among, children=True)


def write_figures(
    writer: Synchroniser, codings: list[CodingData], ids: Ids, commitments: dict[str, Commitment]
) -> None:
    """The numbers that the text states."""
    wanted = []
    for coding in codings:
        document_id = ids.documents[coding.document.key]
        wanted += [
            Wanted(
                f"{figure.commitment or coding.document.key} · {figure.what_zh}",
                columns(figure, StatedFigure)
                | {
                    "document_id": document_id,
                    "commitment_id": commitments[figure.commitment].id if figure.commitment else None,
                    "passage_id": ids.passages[document_id, figure.span],
                    "unit_id": ids.terms[f"measure-unit/{figure.unit}"],
                },
            )
            for figure in coding.figures
        ]
    among = StatedFigure.document_id.in_([ids.documents[coding.document.key] for coding in codings])
    writer.rows(StatedFigure, ["passage_id", "what_zh"], wanted, among=among, children=True)


def write_marks(writer: Synchroniser, codings: list[CodingData], ids: Ids) -> None:
    """Stretches that hold no commitment, and numbers that are no figures."""
    wanted = []
    for coding in codings:
        document_id = ids.documents[coding.document.key]
        wanted += [
            Wanted(
                f"{coding.document.key} · {coding.document.text[slice(*mark.span)]}",
                columns(mark, PassageMark)
                | {"document_id": document_id, "passage_id": ids.passages[document_id, mark.span]},
            )
            for mark in coding.marks
        ]
    among = PassageMark.document_id.in_([ids.documents[coding.document.key] for coding in codings])
    writer.rows(PassageMark, ["passage_id", "reason"], wanted, among=among, children=True)


def write_links(
    writer: Synchroniser,
    links: list[LinkData],
    codings: list[CodingData],
    ids: Ids,
    commitments: dict[str, Commitment],
    *,
    are_all: bool = True,
) -> None:
    """Ties between commitments; each is stored once, the smaller id first.

    `are_all`: those that the seed added and that are not among them go; a single file has not all ties.
    """
    wanted = []
    for link in links:
        first, second = sorted((commitments[link.a].id, commitments[link.b].id))
        wanted.append(Wanted(f"{link.a} · {link.b}", columns(link, CommitmentLink) | {"a_id": first, "b_id": second}))
    ours = select(Commitment.id).where(_of(codings, ids))
    # Which of the two has the smaller id, the files do not know.
    among = or_(CommitmentLink.a_id.in_(ours), CommitmentLink.b_id.in_(ours))
    writer.rows(CommitmentLink, ["a_id", "b_id", "relation"], wanted, among=among, children=are_all)
