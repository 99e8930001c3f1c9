"""An edit is taken back by a new, signed change, and only where nobody changed it since."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from following import ANALYST, close, commitment, obstacle, record
from tracker import audit
from tracker.codebook import AuditAction, Checkability, Execution, PublicationState
from tracker.models import AuditEvent, Jurisdiction, PolicyDocument, Term
from tracker.reverting import bring_back, take_back, why_not
from tracker.rules import RuleBroken

CODE = "CZ-2020-05.3"


def last(session: Session, table: str = "commitment") -> AuditEvent:
    """The latest event of a table."""
    events = select(AuditEvent).where(AuditEvent.table_name == table).order_by(AuditEvent.id.desc())
    return session.scalars(events.limit(1)).one()


def edit(session: Session, **changes: object) -> AuditEvent:
    """Change a commitment; returns what the log says of it."""
    row = commitment(session, CODE)
    for name, value in changes.items():
        setattr(row, name, value)
    session.flush()
    return last(session)


def test_taking_an_edit_back_puts_every_column_as_it_was_and_is_signed(desk: Session) -> None:
    before = commitment(desk, CODE)
    title, checkability, version = before.title_zh, before.checkability, before.row_version
    other = next(code for code in Checkability if code is not checkability)
    event = edit(desk, title_zh="改名", checkability=other, next_check=date(2021, 5, 1))
    row = take_back(audit.signed_by(desk, "另一人"), event)
    assert (row.title_zh, row.checkability, row.next_check) == (title, checkability, None)  # type: ignore[attr-defined]
    assert row.row_version == version + 2  # type: ignore[attr-defined]
    taken = last(desk)
    assert (taken.actor, taken.action) == ("另一人", AuditAction.UPDATE)
    assert taken.changes["title_zh"] == ["改名", title]


def test_what_was_taken_back_can_be_brought_back_the_same_way(desk: Session) -> None:
    take_back(desk, edit(desk, title_zh="改名"))
    assert commitment(desk, CODE).title_zh != "改名"
    take_back(desk, last(desk))
    assert commitment(desk, CODE).title_zh == "改名"


def test_a_column_that_somebody_changed_since_is_named_with_who_did(desk: Session) -> None:
    first = edit(desk, title_zh="第一次", title_en="First")
    audit.signed_by(desk, "后来的人")
    edit(desk, title_zh="第二次")
    with pytest.raises(RuleBroken) as refused:
        take_back(desk, first)
    assert [(fault.rule, fault.field) for fault in refused.value.faults] == [("changed-since", "title_zh")]
    assert "后来的人" in refused.value.faults[0].zh
    assert (commitment(desk, CODE).title_zh, commitment(desk, CODE).title_en) == ("第二次", "First")


def test_an_edit_of_other_columns_since_is_kept(desk: Session) -> None:
    title = commitment(desk, CODE).title_zh
    first = edit(desk, title_zh="改名")
    edit(desk, beneficiaries_zh="外商")
    take_back(desk, first)
    assert (commitment(desk, CODE).title_zh, commitment(desk, CODE).beneficiaries_zh) == (title, "外商")


def test_an_edit_is_taken_back_once(desk: Session) -> None:
    event = edit(desk, title_zh="改名")
    take_back(desk, event)
    assert [fault.field for fault in why_not(desk, event)] == ["title_zh"]


def test_a_tie_is_taken_back_and_leaves_later_ties(desk: Session) -> None:
    policy = desk.scalars(select(PolicyDocument)).first()
    assert policy is not None
    before = {row.code for row in policy.commitments}
    policy.commitments = [commitment(desk, CODE)]
    desk.flush()
    event = last(desk, "policy_document")
    policy.commitments.append(commitment(desk, "CZ-2020-01.1"))
    desk.flush()
    take_back(desk, event)
    assert {row.code for row in policy.commitments} == before | {"CZ-2020-01.1"}


def test_a_row_that_pointed_elsewhere_points_there_again(desk: Session) -> None:
    city = desk.scalars(select(Jurisdiction).where(Jurisdiction.code == "431000")).one()
    province, city.parent_id = city.parent_id, None
    desk.flush()
    take_back(desk, last(desk, "jurisdiction"))
    assert city.parent is not None
    assert city.parent.id == province


@pytest.mark.parametrize("table", ["status_assessment", "evidence"])
def test_history_is_never_taken_back_and_says_what_to_do(table: str, desk: Session) -> None:
    record(desk, CODE, Execution.IN_PROGRESS)
    faults = why_not(desk, last(desk, table))
    assert [fault.rule for fault in faults] == ["written-once"]
    assert "更正" in faults[0].zh


def test_an_addition_or_an_account_is_not_taken_back(desk: Session) -> None:
    assert [fault.rule for fault in why_not(desk, last(desk))] == ["is-an-edit"]
    audit.signer(desk, ANALYST)
    assert [fault.rule for fault in why_not(desk, last(desk, "user"))] == ["edited-by-hand"]


def test_a_closed_obstacle_stays_as_it_is(desk: Session) -> None:
    raised = obstacle(desk)
    raised.title = "改了说法"
    desk.flush()
    event = last(desk, "obstacle")
    close(desk, raised)
    assert [fault.rule for fault in why_not(desk, event)] == ["is-open"]


def test_what_would_break_a_rule_of_the_ledger_is_refused_and_not_kept(desk: Session) -> None:
    raised = obstacle(desk)
    raised.commitments = []
    desk.flush()
    event = last(desk, "obstacle")
    raised.jurisdiction_id = commitment(desk, "JZ-2020-01.1").jurisdiction_id
    desk.flush()
    with pytest.raises(RuleBroken) as refused:
        take_back(desk, event)
    assert [fault.rule for fault in refused.value.faults] == ["same-city"]
    desk.flush()
    assert raised.commitments == []


def test_the_checks_of_the_database_hold(desk: Session) -> None:
    term = desk.scalars(select(Term)).first()
    assert term is not None
    code, term.code = term.code, "moved-away"
    desk.flush()
    event = last(desk, "term")
    desk.add(Term(vocabulary_id=term.vocabulary_id, code=code, name_zh="占用", name_en="Taken", position=99))
    desk.flush()
    with pytest.raises(IntegrityError):
        take_back(desk, event)


@pytest.mark.parametrize("state", [PublicationState.DRAFT, PublicationState.PUBLISHED])
def test_a_withdrawn_commitment_is_brought_back_to_where_it_was(state: PublicationState, desk: Session) -> None:
    edit(desk, publication_state=state, title_zh="改名")
    edit(desk, publication_state=PublicationState.WITHDRAWN)
    edit(desk, title_zh="又改名")
    row = bring_back(desk, commitment(desk, CODE))
    assert (row.publication_state, row.title_zh) == (state, "又改名")
    assert last(desk).changes["publication_state"] == ["withdrawn", state.value]
    with pytest.raises(RuleBroken):
        bring_back(desk, row)
