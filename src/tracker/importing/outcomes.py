"""What an import does, or would do, counted: enough to judge it by, whatever the length of the table."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tracker.importing import coding
from tracker.importing.givens import Trouble
from tracker.importing.planning import Planner, Step
from tracker.importing.words import Meaning

#: How many of each are told one by one.
MOST_TROUBLES = 500
MOST_SHOWN = 50

#: How alike two names are that may mean the same unit.
_ALIKE = 0.88


@dataclass(frozen=True)
class Group:
    """One thing that is wrong under a heading, and the rows where it is."""

    column: str
    zh: str
    en: str
    rows: tuple[int, ...]


@dataclass
class Outcome:
    """The counts, and the first of what they count."""

    #: headings whose columns are not read
    unread: tuple[str, ...] = ()
    rows: int = 0
    new: int = 0
    #: of these, heads that have no row of their own
    made_heads: int = 0
    changed: int = 0
    same: int = 0
    followups: int = 0
    #: follow-ups that are recorded already
    known: int = 0
    trouble_count: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    #: word, what it means → how often
    words: Counter[tuple[str, Meaning]] = field(default_factory=Counter)
    #: keys of documents that are made → rows
    documents: Counter[str] = field(default_factory=Counter)
    #: names that the ledger has not yet
    places: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)
    #: a new unit, and one that is called almost so
    alike: list[tuple[str, str]] = field(default_factory=list)
    #: column → of how many new commitments it is assumed
    assumed: Counter[str] = field(default_factory=Counter)
    #: code, column, stored, said
    changes: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    #: the first rows that do something
    examples: list[Step] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.new or self.changed or self.followups)

    def grouped(self) -> list[Group]:
        """What is wrong, each thing once with the rows that it is wrong in, in the order of the first."""
        found: dict[tuple[str, str, str], list[int]] = {}
        for one in self.troubles:
            found.setdefault((one.column, one.zh, one.en), []).append(one.row)
        return [Group(*said, tuple(rows)) for said, rows in found.items()]

    def count(self, step: Step, planner: Planner) -> None:
        """Count one step."""
        self.rows += not step.is_made_head
        self.followups += len(step.findings)
        self.known += step.known
        self.trouble_count += len(step.troubles)
        self.troubles += step.troubles[: max(MOST_TROUBLES - len(self.troubles), 0)]
        self.words.update(step.given.meanings)
        if step.held:
            touched = bool(step.changes or step.units or step.terms)
            self.changed += touched
            self.same += not touched and not step.findings
            room = MOST_SHOWN - len(self.changes)
            self.changes += [(step.given.code, name, *pair) for name, pair in list(step.changes.items())[:room]]
        elif step.given.code:
            self._count_new(step, planner)
        if step.does_something and len(self.examples) < MOST_SHOWN:
            self.examples.append(step)
        self._count_names(step, planner)

    def _count_new(self, step: Step, planner: Planner) -> None:
        self.new += 1
        self.made_heads += step.is_made_head
        if step.place and not step.place.text:
            self.documents[step.place.document] += 1
        if not step.is_made_head:
            self.assumed.update(coding.assumptions(step.given.said))
        said, stock = step.given.said, planner.stock
        if said.get("city") and stock.place(said["city"]) is None:
            self.places[said["city"]] += 1
        if said.get("speaker") and said["speaker"].casefold() not in stock.people:
            self.people[said["speaker"]] += 1

    def _count_names(self, step: Step, planner: Planner) -> None:
        stock = planner.stock
        for name, *_ in step.units:
            if name.casefold() not in stock.units:
                self.units[name] += 1
        for vocabulary, name, _ in step.terms:
            if (vocabulary, name.casefold()) not in stock.terms:
                self.terms[f"{vocabulary}/{name}"] += 1

    def look_for_alike(self, planner: Planner) -> None:
        """Find new units that are called almost as others are: a slip of the pen makes two of one."""
        names = [*planner.stock.spelled.values()][:2000]
        for new in list(self.units)[:200]:
            # Those that differ by a number only are numbered.
            others = [name for name in names if name != new and _worded(name) != _worded(new)]
            near = difflib.get_close_matches(new, others, 1, _ALIKE)
            if near and (near[0], new) not in self.alike:
                self.alike.append((new, near[0]))


def _worded(name: str) -> str:
    """A name without its numbers."""
    return re.sub(r"\d+", "", name)
