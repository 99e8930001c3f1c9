"""Commitments that are new, put into the ledger some hundreds at a time, with all that hangs on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from tracker import audit
from tracker.assessments import rows_of
from tracker.codebook import JurisdictionLevel
from tracker.importing import coding
from tracker.importing.planning import Step
from tracker.importing.stock import Stock
from tracker.importing.wording import Place
from tracker.loading import Load, Row
from tracker.models import Commitment, CommitmentTerm, CommitmentUnit, Passage, User

#: A stretch of a document.
Span = tuple[int, int]

#: A row, where its words stand, and where those that are its own alone.
Placed = tuple[Step, Span, Span | None]

#: Every column of a commitment, and what it holds where nothing is said.
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(Commitment.__table__.columns.keys()), "stands_alone": False, "row_version": 1
}  # fmt: skip


class Batch:
    """Commitments that wait to be put in together, with what hangs on them."""

    def __init__(self, stock: Stock, analyst: User) -> None:
        self.stock, self.analyst = stock, analyst
        self._waiting: list[tuple[int, Placed]] = []
        session = stock.session
        self._load = Load(session.connection(), audit.signature(session))

    def add(self, placed: Iterable[Placed], document_id: int) -> None:
        """Have commitments of a document wait; they will stand in it in this order, behind those that it has."""
        self._waiting += [(document_id, one) for one in placed]

    def put(self) -> None:
        """Put in what waits; flushed, not committed."""
        session = self.stock.session
        session.flush()
        if not self._waiting:
            return
        came, self._waiting = self._waiting, []
        # Names that are new are made first, one by one.
        rows = [self._coded(step, document_id) for document_id, (step, *_) in came]
        ties = [list(self._ties(step)) for _, (step, *_) in came]
        session.flush()
        passages = self._pass(came, rows)
        self._number(came, rows)
        hung: dict[str, list[Row]] = {"commitment_unit": [], "commitment_term": []}
        for row, tied in zip(rows, ties, strict=True):
            for table, tie in tied:
                hung[table].append({"commitment_id": row["id"], **tie})
        found = [
            (row["id"], finding) for row, (_, (step, *_)) in zip(rows, came, strict=True) for finding in step.findings
        ]
        judged = rows_of(session, found, analyst=self.analyst, now=datetime.now(UTC))
        # Heads before their parts.
        heads_first = sorted(rows, key=lambda row: row["parent_id"] is not None)
        self._load.put({"passage": passages, "commitment": heads_first, **hung, **judged})

    def end(self) -> None:
        """Put in what waits still, and chain it."""
        self.put()
        self._load.end()

    def _coded(self, step: Step, document_id: int) -> dict[str, Any]:
        """A commitment without what is numbered: itself, its place, passages and head."""
        said, place = step.given.said, step.place or Place("")
        where, speaker, post = self.place(said), said.get("speaker"), said.get("post")
        return _COLUMNS | {
            "code": step.given.code,
            "jurisdiction_id": where,
            "document_id": document_id,
            "speaker_id": self.stock.person(speaker, said.get("speaker_en", "")) if speaker else None,
            "post_id": self.stock.post(where, post, said.get("post_en", "")) if post else None,
            "turn_id": place.turn,
            **coding.coded(said, place.words, place.year),
        }

    def place(self, said: dict[str, Any]) -> int:
        """Id of the city of a row, which is made where there is none."""
        found = self.stock.place(said["city"])
        if found is not None:
            return found
        usual = JurisdictionLevel.PREFECTURE if said["city"].isdigit() else JurisdictionLevel.COUNTRY
        level = said.get("city_level") or usual
        return self.stock.make_place(said["city"], said["city_zh"], said["city_en"], level)

    def _pass(self, came: Sequence[tuple[int, Placed]], rows: Sequence[dict[str, Any]]) -> list[Row]:
        """Give commitments their passages; returns the rows of those that are missing."""
        wanted = {(of, span) for of, (_, *spans) in came for span in spans if span}
        held = {
            (of, (start, end)): number
            for of in sorted({of for of, _ in wanted})
            for number, start, end in self.stock.session.execute(
                select(Passage.id, Passage.start, Passage.end).where(Passage.document_id == of)
            )
        }
        missing = sorted(wanted - held.keys())
        numbers = self._load.numbers("passage", len(missing))
        known = held | dict(zip(missing, numbers, strict=True))
        for row, (of, (_, span, focus)) in zip(rows, came, strict=True):
            row["passage_id"] = known[of, span]
            row["focus_id"] = known[of, focus] if focus else None
        return [
            {"id": number, "document_id": of, "start": start, "end": end}
            for (of, (start, end)), number in zip(missing, numbers, strict=True)
        ]

    def _number(self, came: Sequence[tuple[int, Placed]], rows: Sequence[dict[str, Any]]) -> None:
        """Give commitments their numbers, their heads, and their places behind what is there."""
        session, last = self.stock.session, Counter[int]()
        ends = select(Commitment.document_id, func.max(Commitment.position)).group_by(Commitment.document_id)
        last.update(dict(session.execute(ends.where(Commitment.document_id.in_({of for of, _ in came}))).all()))
        for number, row in zip(self._load.numbers("commitment", len(rows)), rows, strict=True):
            last[row["document_id"]] += 1
            row |= {"id": number, "position": last[row["document_id"]]}
        heads = {step.given.said["parent"] for _, (step, *_) in came if step.given.said.get("parent")}
        codes = {row["code"]: row["id"] for row in rows}
        there = select(Commitment.code, Commitment.id).where(Commitment.code.in_(heads - codes.keys()))
        codes.update(dict(session.execute(there).all()))
        for row, (_, (step, *_)) in zip(rows, came, strict=True):
            row["parent_id"] = codes[step.given.said["parent"]] if step.given.said.get("parent") else None

    def _ties(self, step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
        """Units and subjects: table, and the row without its commitment."""
        units = {(self.stock.unit(name), role): basis for name, role, basis in step.units}
        for (unit, role), basis in units.items():
            yield "commitment_unit", {"organisation_id": unit, "role": role, "basis": basis}
        terms = {self.stock.term(vocabulary, name): basis for vocabulary, name, basis in step.terms}
        for term, basis in terms.items():
            yield "commitment_term", {"term_id": term, "basis": basis}

    def tie(self, step: Step, commitment_id: int) -> None:
        """Tie a commitment that is there to units and subjects that are new to it."""
        models: dict[str, Any] = {"commitment_unit": CommitmentUnit, "commitment_term": CommitmentTerm}
        session = self.stock.session
        session.add_all(models[table](commitment_id=commitment_id, **tie) for table, tie in self._ties(step))
