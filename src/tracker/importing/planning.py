"""What an import would do, row by row, and all that is wrong: nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from tracker.findings import Finding
from tracker.importing import coding, families, followups, naming, wording
from tracker.importing.families import Families
from tracker.importing.givens import Given, Reader, Trouble
from tracker.importing.mappings import Reading, check
from tracker.importing.stock import Held, Stock
from tracker.importing.tables import Table
from tracker.importing.words import Words
from tracker.models import Commitment

#: How many rows are looked at together.
CHUNK = 1_000


@dataclass
class Step:
    """What is to be done for a row."""

    given: Given
    #: its commitment, where there is one
    held: Held | None
    #: column of the commitment → (stored, said)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    #: what of its units and subjects is new
    units: list[tuple[str, Any, Any]] = field(default_factory=list)
    terms: list[tuple[str, str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    #: follow-ups that are recorded already
    known: int = 0
    #: of a new commitment: where its words stand
    place: wording.Place | None = None
    #: of a head that has no row of its own
    is_made_head: bool = False
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        """Whether anything is to be written."""
        return bool(not self.held or self.changes or self.units or self.terms or self.findings)


class Planner:
    """Plans the import of a table. Raises `Unreadable` where the reading does not fit it, `UnknownScheme`."""

    def __init__(self, session: Session, table: Table, reading: Reading) -> None:
        check(reading, table.headings)
        self.session, self.table, self.reading = session, table, reading
        self.stock = Stock(session)
        self.reader = Reader(table, reading, Words(session, reading))
        self.families: Families = families.read(self.reader)
        self._made_heads: set[str] = set()
        #: called before rows of the ledger are loaded, by whoever writes them
        self.before_each_chunk: Callable[[], None] | None = None
        #: code → key of the document that it is, or will be, from
        self.documents: dict[str, str] = {}

    def steps(self) -> Iterator[Step]:
        """Every row in order, each head that has no row of its own before its first part."""
        rows = self.reader.givens()
        while chunk := list(islice(rows, CHUNK)):
            yield from self._chunk(chunk)

    def _chunk(self, chunk: Sequence[Given]) -> Iterator[Step]:
        if self.before_each_chunk:
            self.before_each_chunk()
        codes = {given.code for given in chunk} | {given.said.get("parent") for given in chunk}
        held = self.stock.commitments(code for code in codes if code)
        recorded = followups.recorded(self.session, [one.row.id for one in held.values()])
        for given in chunk:
            yield from self._made_head(given, held)
            step = Step(given, held.get(given.code), troubles=list(given.troubles))
            column = self.reading.heading("code")
            step.troubles += self.families.troubles(given, column)
            if step.held:
                self._compare(step, step.held)
            elif given.code:
                self._new(step, held)
            self._follow(step, recorded.get(step.held.row.id, []) if step.held else [])
            yield step

    def _made_head(self, given: Given, held: dict[str, Held]) -> Iterator[Step]:
        """The head of a row, made of its title, where nothing else has its code."""
        parent, words = given.said.get("parent"), given.said.get("parent_title")
        if not parent or parent in held or parent in self.families.rows or parent in self._made_heads:
            return
        if not words and "parent_title" not in self.reader.targets:
            self._wrong(
                given, "parent", "上级没有自己的行：请指明哪一列是上级原话（parent_title），或补上各上级的行",
                "the heads have no rows: say which column holds their words (parent_title), or add their rows",
            )  # fmt: skip
            return
        if not words:
            self._wrong(
                given, "parent", f"没有编号为 {parent} 的行或承诺：补上它的行，或写明上级原话",
                f"no row and no commitment has the code {parent}: add its row, or say its words (parent_title)",
            )  # fmt: skip
            return
        self._made_heads.add(parent)
        self.families.sizes[parent] += 1
        taken = {"city", "city_zh", "city_en", "city_level", "speaker", "speaker_en", "post", "post_en", "kind",
                 "publication_state"}  # fmt: skip
        said = {name: value for name, value in given.said.items() if name in taken or name.startswith("document")}
        step = Step(Given(given.row, parent, {**said, "quote": words}), None, is_made_head=True)
        self._new(step, held)
        yield step

    def _wrong(self, given: Given, name: str, zh: str, en: str) -> None:
        given.troubles.append(Trouble(given.row, self.reading.heading(name), zh, en))

    def _compare(self, step: Step, held: Held) -> None:
        """What a row says otherwise than its commitment: some of it can be changed, some never is."""
        said = step.given.said
        self._note(step, naming.fixed_facts(said, held, self.stock))
        self._note(step, coding.faults(said, held.document_year))
        if not step.troubles:
            step.changes = coding.changes(said, held.row, held.document_year)
        step.units = naming.new_units(said, held.row, self.stock)
        step.terms = naming.new_terms(said, held.row, self.stock)
        self._note(step, naming.faults(said, self.stock))

    def _new(self, step: Step, held: dict[str, Held]) -> None:
        """What is needed of a commitment that is not there."""
        given = step.given
        self._note(step, naming.needed(given.said, self.stock))
        self._note(step, naming.faults(given.said, self.stock))
        found = wording.place(given, self.table.name, self.stock)
        self._note(step, found.faults)
        step.place = found
        self._note(step, coding.faults(given.said, found.year))
        self.documents[given.code] = found.document
        parent = given.said.get("parent")
        there = held[parent].document if parent in held else self.documents.get(parent or "", found.document)
        if (parent and there != found.document) or (parent in held and not found.text):
            self._wrong(
                given, "parent", f"上级 {parent} 在文献“{there}”里，那里没有这些话：请不写上级，或另立总项",
                f"the head {parent} is in the document “{there}”, which does not hold these words: name no head,"
                " or give the row a head of its own",
            )  # fmt: skip
            step.troubles += given.troubles[-1:]
        step.units = naming.new_units(given.said, None, self.stock)
        step.terms = naming.new_terms(given.said, None, self.stock)

    def _follow(self, step: Step, recorded: Sequence[Any]) -> None:
        """The follow-ups of a row that are to be recorded."""
        for number, said in followups.of_row(step.given):
            commitment = step.held.row if step.held else Commitment(code=step.given.code)
            if recorded and followups.is_there(said, recorded):
                step.known += 1
                continue
            unread = {one.column for one in step.given.troubles}
            lacking = [
                fault for fault in followups.gaps(step.given, said)
                if self.reading.heading(_named(number, fault.field)) not in unread
            ]  # fmt: skip
            broken = lacking
            if not lacking and not step.troubles:
                finding = followups.finding(said)
                broken = followups.faults(self.session, commitment, finding)
                step.findings.append(finding)
            self._note(step, broken, number)

    def _note(self, step: Step, found: Any, number: int = 0) -> None:
        for fault in found:
            column = self.reading.heading(_named(number, naming.ALIASES.get(fault.field, fault.field)))
            step.troubles.append(Trouble(step.given.row, column, fault.zh, fault.en))


def _named(followup: int, name: str) -> str:
    """The target of a field of a follow-up."""
    return f"followup{followup}.{name}" if followup > 1 else name
