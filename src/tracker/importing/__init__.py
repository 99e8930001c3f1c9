"""Tables of commitments and follow-ups, made by others or taken out of here, go into the ledger.

`tables` and `workbooks` read files, `targets` and `mappings` say what their columns mean, `words` what their statuses;
`planning` finds what a table would do and all that is wrong with it, `writing` does it: all or nothing. Rows meet the
ledger by their codes, so that the same file twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from tracker.importing.mappings import Reading, unread
from tracker.importing.outcomes import Outcome
from tracker.importing.planning import Planner, Step
from tracker.importing.tables import Table, Unreadable, opened
from tracker.importing.writing import Writer
from tracker.models import User

__all__ = ["Outcome", "Reading", "Table", "Unreadable", "look", "opened", "take"]


def _silent(_step: object) -> None:
    """Nobody looks on."""


def look(session: Session, table: Table, reading: Reading, *, each: Callable[[object], None] = _silent) -> Outcome:
    """What the import of a table would do, without writing. `each` is called with every row.

    Raises `Unreadable` where the file or the reading is wrong as a whole, `UnknownScheme`.
    """
    planner = Planner(session, table, reading)
    outcome = Outcome(unread=tuple(unread(reading, table.headings)))
    for step in planner.steps():
        outcome.count(step, planner)
        each(step)
    outcome.look_for_alike(planner)
    return outcome


def take(
    session: Session, table: Table, reading: Reading, *, analyst: User, each: Callable[[object], None] = _silent
) -> Outcome:
    """Import a table, signed by `analyst`; flushed, not committed. The caller rolls back where it has troubles.

    Raises as `look`.
    """
    planner = Planner(session, table, reading)
    outcome = Outcome(unread=tuple(unread(reading, table.headings)))
    for step in Writer(planner, analyst).write(_counted(planner, outcome)):
        each(step)
        if step.troubles:
            break
    return outcome


def _counted(planner: Planner, outcome: Outcome) -> Iterator[Step]:
    for step in planner.steps():
        outcome.count(step, planner)
        yield step
