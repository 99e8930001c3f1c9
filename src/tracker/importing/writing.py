"""What was planned is written: documents of rows, commitments, and follow-ups through the one door.

Rows that are new to a table wait until their document is whole, because a text never changes once it is loaded.
Everything happens in one transaction of the caller, who commits, or rolls back where a row has troubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.assessments import record_assessment
from tracker.codebook import JurisdictionLevel
from tracker.importing import coding, documents
from tracker.importing.planning import Planner, Step
from tracker.importing.wording import Place
from tracker.models import Commitment, CommitmentTerm, CommitmentUnit, Passage, User

#: Rows of a document that is made of a table: a longer table becomes several, because a text is read whole.
ROWS_OF_A_DOCUMENT = 500

#: A stretch of a document.
Span = tuple[int, int]

#: A row, where its words stand, and where those that are its own alone.
Placed = tuple[Step, Span, Span | None]


@dataclass
class Waiting:
    """Rows of a document that is not whole yet."""

    steps: list[Step] = field(default_factory=list)
    #: head of a family → rows that are still to come
    missing: dict[str, int] = field(default_factory=dict)


@dataclass
class Writer:
    """Writes the steps of a plan, signed by an analyst."""

    planner: Planner
    analyst: User
    _waiting: dict[str, Waiting] = field(default_factory=dict)
    #: key of a table → how many documents were made of it
    _parts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.planner.before_each_chunk = self._let_go

    @property
    def session(self) -> Session:
        """The session of the plan."""
        return self.planner.session

    def write(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Write each step that has no troubles; yields all of them, so that somebody can look on."""
        for step in steps:
            if not step.troubles:
                self._write(step)
            self._count_down(step)
            yield step
        for key in list(self._waiting):
            self._make_document(key)

    def _count_down(self, step: Step) -> None:
        """A document of which no more rows come need not wait for the end of the table."""
        named = None if step.is_made_head else step.given.said.get("document")
        self.planner.families.documents[named] -= named is not None
        waiting = self._waiting.get(named) if named else None
        if named and waiting and not self.planner.families.documents[named] and not waiting.missing:
            self._make_document(named)

    def _write(self, step: Step) -> None:
        if step.held:
            self._update(step, step.held.row)
        elif step.place and step.place.text and step.place.span:
            start, _ = step.place.span
            self._commit([(step, step.place.span, _shifted(step.place.focus, start))], step.place.text.id)
        else:
            self._wait(step)

    def _let_go(self) -> None:
        """Forget the rows that are written, whatever the length of the table."""
        self.session.flush()
        self.session.expunge_all()
        self.session.add(self.analyst)

    def _update(self, step: Step, row: Commitment) -> None:
        for name, (_, value) in step.changes.items():
            setattr(row, name, value)
        self._tie(step, row.id)
        self.session.flush()
        self._record(step, row)

    def _wait(self, step: Step) -> None:
        key, head = step.place.document if step.place else "", self.planner.families.head(step.given)
        waiting = self._waiting.setdefault(key, Waiting())
        waiting.steps.append(step)
        waiting.missing[head] = waiting.missing.get(head, self.planner.families.sizes[head]) - 1
        if not waiting.missing[head]:
            del waiting.missing[head]
        if len(waiting.steps) >= ROWS_OF_A_DOCUMENT and not waiting.missing:
            self._make_document(key)

    def _make_document(self, key: str) -> None:
        """Make the document of the rows that wait for it, then their commitments."""
        steps = self._in_order(self._waiting.pop(key).steps)
        said = steps[0].given.said
        words = [step.place.words for step in steps if step.place]
        text, starts = documents.text(words)
        row, self._parts[key] = documents.document(
            self.planner.stock, key, text, said, place=self._place(said), made=self._parts.get(key, 0)
        )
        placed: list[Placed] = []
        for step, line in zip(steps, words, strict=True):
            start = starts[line]
            placed.append((step, (start, start + len(line)), _shifted(step.place.focus if step.place else None, start)))
        self._commit(placed, row)

    def _in_order(self, steps: Sequence[Step]) -> list[Step]:
        """Families in the order of their first rows, each with its head first."""
        families: dict[str, list[Step]] = {}
        for step in steps:
            families.setdefault(self.planner.families.head(step.given), []).append(step)
        return [
            step for head, held in families.items() for step in sorted(held, key=lambda one: one.given.code != head)
        ]

    def _commit(self, placed: Sequence[Placed], document_id: int) -> None:
        """Add commitments of a document behind those that it has, heads before parts, and all that hangs on them."""
        last = select(func.max(Commitment.position)).where(Commitment.document_id == document_id)
        after = self.session.scalar(last) or 0
        passages = self._passages(placed, document_id)
        rows: dict[str, Commitment] = {}
        for parts in (False, True):
            for position, (step, span, focus) in enumerate(placed, after + 1):
                parent = step.given.said.get("parent")
                if (parent is not None) is parts:
                    row = self._row(step, document_id, position)
                    row.parent_id = (rows[parent].id if parent in rows else self._id(parent)) if parent else None
                    row.passage_id, row.focus_id = passages[span], passages[focus] if focus else None
                    rows[step.given.code] = row
                    self.session.add(row)
            self.session.flush()
        for step, *_ in placed:
            self._tie(step, rows[step.given.code].id)
        self.session.flush()
        for step, *_ in placed:
            self._record(step, rows[step.given.code])

    def _row(self, step: Step, document_id: int, position: int) -> Commitment:
        said, place, stock = step.given.said, step.place or Place(""), self.planner.stock
        where, speaker, post = self._place(said), said.get("speaker"), said.get("post")
        return Commitment(
            code=step.given.code,
            jurisdiction_id=where,
            document_id=document_id,
            speaker_id=stock.person(speaker, said.get("speaker_en", "")) if speaker else None,
            post_id=stock.post(where, post, said.get("post_en", "")) if post else None,
            turn_id=place.turn,
            position=position,
            **coding.coded(said, place.words, place.year),
        )

    def _place(self, said: dict[str, Any]) -> int:
        found = self.planner.stock.place(said["city"])
        if found is not None:
            return found
        usual = JurisdictionLevel.PREFECTURE if said["city"].isdigit() else JurisdictionLevel.COUNTRY
        level = said.get("city_level") or usual
        return self.planner.stock.make_place(said["city"], said["city_zh"], said["city_en"], level)

    def _id(self, code: str) -> int | None:
        return self.session.scalar(select(Commitment.id).where(Commitment.code == code))

    def _passages(self, placed: Sequence[Placed], document_id: int) -> dict[Span, int]:
        """Stretch → id of its passage; those that are missing are made."""
        spans = {span for _, *both in placed for span in both if span}
        of_document = select(Passage).where(Passage.document_id == document_id)
        held = {(row.start, row.end): row for row in self.session.scalars(of_document)}
        new = {
            (start, end): Passage(document_id=document_id, start=start, end=end)
            for start, end in sorted(spans - held.keys())
        }
        self.session.add_all(new.values())
        self.session.flush()
        return {span: row.id for span, row in (held | new).items()}

    def _tie(self, step: Step, commitment_id: int) -> None:
        """Units and subjects."""
        stock = self.planner.stock
        units = {(stock.unit(name), role): basis for name, role, basis in step.units}
        terms = {stock.term(vocabulary, name): basis for vocabulary, name, basis in step.terms}
        self.session.add_all(
            CommitmentUnit(commitment_id=commitment_id, organisation_id=unit, role=role, basis=basis)
            for (unit, role), basis in units.items()
        )
        self.session.add_all(
            CommitmentTerm(commitment_id=commitment_id, term_id=term, basis=basis) for term, basis in terms.items()
        )

    def _record(self, step: Step, row: Commitment) -> None:
        for finding in step.findings:
            record_assessment(self.session, row, finding, analyst=self.analyst)


def _shifted(span: Span | None, by: int) -> Span | None:
    return (span[0] + by, span[1] + by) if span else None
