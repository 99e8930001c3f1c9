"""What is counted city by city is stored, and is what counting gives, whatever is written and whoever writes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, record, reviewer
from tracker import audit, counts, db, export, registers, tallies, written
from tracker.codebook import (
    Attribution,
    Checkability,
    DeadlineKind,
    EvidenceReports,
    Execution,
    Kind,
    PublicationState,
    Reason,
    Timeliness,
    Verdict,
)
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.models import Commitment
from tracker.reviews import review
from tracker.schedules import revise_deadline
from tracker.standings import Cutoff
from tracker.verification.stored import counted

HEAD, PART, OTHER = "CZ-2020-21", "CZ-2020-21.1", "JZ-2020-17.1"

EVERYTHING = CommitmentFilter()

#: Of the day to come nothing is stored: then commitments are counted one by one, with everything that was written.
LATER = Cutoff(recorded_by=date(2999, 1, 1))


def tallied(session: Session, asked: CommitmentFilter) -> list[Any]:
    """Everything that is counted of the commitments asked for."""
    rows = [session.execute(tallies.tally(by, asked)).all() for by in ("kind", "execution", "timeliness")]
    return [*rows, tallies.taken(session, asked), tallies.completed(session, asked)]


def is_right(session: Session) -> bool:
    """Whether verify finds no fault, and what is stored is what counting gives."""
    session.flush()
    same = all(
        is_written_so(session, asked)
        and tallied(session, asked)
        == tallied(session, replace(asked, cutoff=replace(asked.cutoff, recorded_by=LATER.recorded_by)))
        for asked in (
            EVERYTHING,
            replace(EVERYTHING, unpublished=True),
            CommitmentFilter(cutoff=Cutoff(approved_only=True)),
        )
    )
    return same and counted(session)[1] == []


def is_written_so(session: Session, asked: CommitmentFilter) -> bool:
    """Whether what the database writes of counts tells the rows that are counted."""
    for by in ("kind", "execution", "timeliness"):
        told, rows = written.tally(session, by, asked), session.execute(tallies.tally(by, asked)).mappings()
        assert told is not None
        if f"[{told.text.decode()}]" != export.as_json([dict(row) for row in rows]):  # type: ignore[arg-type]
            return False
    of_kinds, told = tallies.taken(session, asked).of_kinds, written.by_kind(session, asked)
    lines = [export.as_json(row._asdict()) for row in of_kinds]
    return told is not None and (told.text.decode(), told.rows) == (",\n".join(lines), len(lines))


def _finish(session: Session) -> None:
    review(session, record(session, PART, Execution.COMPLETED), Verdict.APPROVE, reviewer=reviewer(session))


def _send_back(session: Session) -> None:
    made = record(session, PART, Execution.IN_PROGRESS)
    review(session, made, Verdict.RETURN, reviewer=reviewer(session), note="依据不足")


def _move(session: Session) -> None:
    revise_deadline(
        session, commitment(session, PART), until=date(2020, 11, 30), text="11月底前", announced_on=date(2020, 10, 8),
        kind=DeadlineKind.COMPLETION, source=Source(PAGE, reports=EvidenceReports.DELIVERY),
        analyst=audit.signer(session, "李明"),
    )  # fmt: skip


def _edit(code: str = PART, **changes: Any) -> Any:
    def edit(session: Session) -> None:
        for name, value in changes.items():
            setattr(commitment(session, code), name, value)

    return edit


def _take_apart(session: Session) -> None:
    """Every part of a head becomes a commitment of its own."""
    for part in list(commitment(session, HEAD).parts):
        part.parent_id = None


CHANGES = {
    "a judgement": lambda session: record(session, PART, Execution.IN_PROGRESS),
    "one that is approved": _finish,
    "one that is returned": _send_back,
    "a search that found nothing": lambda session: record(session, PART, Execution.NO_EVIDENCE_FOUND),
    "a deadline set anew": _move,
    "a withdrawal": _edit(publication_state=PublicationState.WITHDRAWN),
    "a draft": _edit(publication_state=PublicationState.DRAFT),
    "another kind": _edit(kind=Kind.INVESTMENT_PRIORITY),
    "another checkability": _edit(checkability=Checkability.LOW),
    "a day to look again": _edit(next_check=date(2021, 3, 1)),
    "a head that stands alone": _edit(HEAD, stands_alone=True),
    "a head without its parts": _take_apart,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_counted_as_it_stands(desk: Session, change: str) -> None:
    before = tallied(desk, replace(EVERYTHING, unpublished=True))
    CHANGES[change](desk)
    assert is_right(desk)
    same = {"a withdrawal", "a draft", "a day to look again", "one that is returned"}
    assert (tallied(desk, replace(EVERYTHING, unpublished=True)) == before) is (change in same)


def rows_written(session: Session) -> int:
    """How many rows a transaction has written so far, those of triggers too."""
    if session.get_bind().dialect.name == "postgresql":
        sums = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
        return int(session.scalar(text(sums)) or 0)
    ours: Any = session.connection().connection.driver_connection
    return int(ours.total_changes)


def test_a_judgement_changes_no_count_where_it_says_the_same_again(desk: Session) -> None:
    record(desk, PART, Execution.IN_PROGRESS)
    before = rows_written(desk)
    record(desk, PART, Execution.IN_PROGRESS)
    # Itself and its citation, what signs each, and how the commitment stands by all judgements.
    assert rows_written(desk) - before == 5
    record(desk, PART, Execution.STALLED, reason=Reason.MONEY, attribution=Attribution.CITY)
    assert is_right(desk)


def test_what_is_written_of_counts_is_kept_until_the_ledger_changes(ledger: Engine) -> None:
    with db.reading(ledger) as session:
        kept = written.by_kind(session, EVERYTHING)
        assert written.by_kind(session, EVERYTHING) is kept
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, PART, Execution.IN_PROGRESS)
        assert is_written_so(session, EVERYTHING)
    with db.reading(ledger) as session:
        assert written.by_kind(session, EVERYTHING) != kept
        assert is_written_so(session, EVERYTHING)


def test_what_falls_due_becomes_overdue_as_days_go_by(desk: Session) -> None:
    late = replace(EVERYTHING, timeliness=(Timeliness.OVERDUE,))
    before = registers.counted(desk, late)
    _move(desk)
    desk.flush()
    stored = registers.counted(desk, late)
    assert (stored.rows, stored.followable) == (before.rows + 1, before.followable + 1)
    of_then = counts._counted(late, date(2020, 11, 30))
    assert desk.execute(of_then).one().rows == 0


@pytest.mark.parametrize(
    "asked",
    [
        EVERYTHING,
        CommitmentFilter(cities=("431000",)),
        CommitmentFilter(
            cities=("431000", "421000"), kinds=(Kind.SECOND_HALF_PLAN,), executions=(Execution.NOT_REVIEWED,)
        ),
        CommitmentFilter(kinds=(Kind.SECOND_HALF_PLAN,), executions=(Execution.IN_PROGRESS,), any_of=True),
        CommitmentFilter(timeliness=(Timeliness.OVERDUE, Timeliness.NO_DEADLINE), unpublished=True),
        CommitmentFilter(executions=(Execution.REVERSED,)),
    ],
)
def test_a_list_has_as_many_rows_as_are_counted(desk: Session, asked: CommitmentFilter) -> None:
    for change in ("a judgement", "a deadline set anew", "a withdrawal"):
        CHANGES[change](desk)
        desk.flush()
    then = registers.counted(desk, replace(asked, cutoff=LATER), with_reviewed=True)
    assert replace(registers.counted(desk, asked), reviewed=then.reviewed) == then


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE standing_count SET followable = followable + 1 WHERE kind = 'second_half_plan'",
        "DELETE FROM day_count WHERE what = 'no_deadline'",
        "UPDATE author_count SET awaiting = awaiting + 1",
    ],
)
def test_a_count_that_was_altered_is_named_and_made_anew_by_an_upgrade(ledger: Engine, change: str) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, PART, Execution.IN_PROGRESS)
    with ledger.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(change))
    with db.reading(ledger) as session:
        named = counted(session)[1]
    assert named
    assert {name.partition(" ")[0] for name in named} == {
        change.removeprefix("DELETE FROM ").removeprefix("UPDATE ").split()[0]
    }
    db.upgrade(ledger)
    with db.reading(ledger) as session:
        assert counted(session)[1] == []


@pytest.mark.parametrize("manner", ["OR REPLACE", "OR IGNORE", "OR FAIL"])
def test_counts_are_kept_whatever_the_statement_says_of_conflicts(ledger: Engine, manner: str) -> None:
    if ledger.dialect.name == "postgresql":
        pytest.skip("only SQLite hands it on to triggers")
    with ledger.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(f"UPDATE {manner} commitment SET checkability = 'low', next_check = '2021-01-01'"))
    with db.reading(ledger) as session:
        assert counted(session)[1] == []


def test_eight_who_write_of_two_cities_at_once_lose_nothing_and_none_is_refused(ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        audit.signer(session, ANALYST)
        cities = [
            session.scalars(select(Commitment.code).where(Commitment.code.startswith(of)).limit(8)).all()
            for of in ("CZ-", "JZ-")
        ]
    statuses = (Execution.IN_PROGRESS, Execution.STALLED, Execution.COMPLETED)

    def write(who: int) -> None:
        for turn in range(3):
            with db.writing(ledger, actor=ANALYST) as session:
                # The counts of both cities, by every second one in the other order.
                for codes in cities[:: 1 if who % 2 else -1]:
                    because = {"reason": Reason.MONEY, "attribution": Attribution.CITY}
                    status = statuses[(who + turn) % 3]
                    record(session, codes[who], status, **(because if status.needs_reason else {}))
                    commitment(session, codes[who]).next_check = date(2021, 1, 1) + timedelta(days=who)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with db.reading(ledger) as session:
        assert is_right(session)
        stood = {
            row.value: row.count
            for row in session.execute(tallies.tally("execution", EVERYTHING))
            if row.city_code == "431000"
        }
        assert sum(stood[status] for status in statuses if status in stood) == 8 - _heads(session, cities[0])


def _heads(session: Session, codes: Any) -> int:
    """How many of these only group their parts."""
    of = tallies.followable(replace(EVERYTHING, cutoff=LATER), "code")
    return len(codes) - session.scalar(select(func.count()).select_from(of).where(of.c.code.in_(codes)))
