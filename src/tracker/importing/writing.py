"""What was planned is written: documents of rows, commitments, and follow-ups through the one door.

Rows that are new to a table wait until their document is whole, because a text never changes once it is loaded.
Everything happens in one transaction of the caller, who commits, or rolls back where a row has troubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from tracker.assessments import record_assessment
from tracker.importing import documents
from tracker.importing.batch import Batch, Placed, Span
from tracker.importing.planning import Planner, Step
from tracker.models import Commitment, User

#: Rows of a document that is made of a table: a longer table becomes several, because a text is read whole, and each
#: place in it is counted from its beginning.
ROWS_OF_A_DOCUMENT = 200


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
        self.batch = Batch(self.planner.stock, self.analyst)
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
        self.batch.end()

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
            self.batch.add([(step, step.place.span, _shifted(step.place.focus, start))], step.place.text.id)
        else:
            self._wait(step)

    def _let_go(self) -> None:
        """Write what is new, and forget it, whatever the length of the table."""
        self.batch.put()
        self.session.expunge_all()
        self.session.add(self.analyst)

    def _update(self, step: Step, row: Commitment) -> None:
        for name, (_, value) in step.changes.items():
            setattr(row, name, value)
        self.batch.tie(step, row.id)
        self.session.flush()
        for finding in step.findings:
            record_assessment(self.session, row, finding, analyst=self.analyst)

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
            self.planner.stock, key, text, said, place=self.batch.place(said), made=self._parts.get(key, 0)
        )
        placed: list[Placed] = []
        for step, line in zip(steps, words, strict=True):
            start = starts[line]
            placed.append((step, (start, start + len(line)), _shifted(step.place.focus if step.place else None, start)))
        self.batch.add(placed, row)

    def _in_order(self, steps: Sequence[Step]) -> list[Step]:
        """Families in the order of their first rows, each with its head first."""
        families: dict[str, list[Step]] = {}
        for step in steps:
            families.setdefault(self.planner.families.head(step.given), []).append(step)
        return [
            step for head, held in families.items() for step in sorted(held, key=lambda one: one.given.code != head)
        ]


def _shifted(span: Span | None, by: int) -> Span | None:
    return (span[0] + by, span[1] + by) if span else None
