"""Phrases become intervals by named rules; only a completion date falls due."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from following import FOUND, commitment, record
from tracker import deadlines, filters, queries
from tracker.codebook import DeadlineKind, DeadlineRule, Execution, Timeliness
from tracker.standings import Cutoff

DUE = "CZ-2020-17.2"  # 完成全年目标任务, due 2020-12-31, window the year 2020
HORIZON = "CZ-2020-21.1"  # 加快建设有色产业园, 下半年


@pytest.mark.parametrize(
    ("rule", "phrase", "window"),
    [
        (DeadlineRule.SECOND_HALF, "下半年", (date(2021, 7, 1), date(2021, 12, 31))),
        (DeadlineRule.CALENDAR_YEAR, "2021年", (date(2021, 1, 1), date(2021, 12, 31))),
        (DeadlineRule.ANNUAL_TARGET, "全年目标", (date(2021, 1, 1), date(2021, 12, 31))),
        (DeadlineRule.ON_SCHEDULE_POVERTY, "如期", (date(2020, 1, 1), date(2020, 12, 31))),
        (DeadlineRule.DAY_WITHOUT_YEAR, "3月9日", (date(2021, 3, 9), date(2021, 3, 9))),
    ],
)
def test_each_rule_makes_its_window(rule: DeadlineRule, phrase: str, window: tuple[date, date]) -> None:
    assert deadlines.interval(rule, phrase, 2021) == window


def test_a_day_that_the_phrase_does_not_name_is_refused() -> None:
    with pytest.raises(ValueError, match="names no day"):
        deadlines.interval(DeadlineRule.DAY_WITHOUT_YEAR, "下半年", 2020)


def test_a_second_half_is_a_horizon_and_a_year_s_target_a_convention() -> None:
    assert DeadlineRule.SECOND_HALF.kind is DeadlineKind.HORIZON
    assert not DeadlineRule.SECOND_HALF.is_convention
    assert DeadlineRule.ANNUAL_TARGET.kind is DeadlineKind.COMPLETION
    assert DeadlineRule.ANNUAL_TARGET.is_convention


def test_only_the_annual_target_and_the_poverty_target_fall_due(desk: Session) -> None:
    asked = filters.CommitmentFilter(deadline_kinds=(DeadlineKind.COMPLETION,))
    due = {row.deadline_text: row.window_end for row in desk.execute(queries.commitments(asked))}
    assert due == {"全年目标": date(2020, 12, 31), "如期": date(2020, 12, 31)}


def _timeliness(session: Session, code: str, day: date) -> Timeliness:
    asked = filters.CommitmentFilter(code=code, cutoff=Cutoff(as_of=day))
    return Timeliness(session.execute(queries.commitments(asked)).one().timeliness)


def test_a_horizon_never_falls_due(desk: Session) -> None:
    assert _timeliness(desk, HORIZON, date(2020, 8, 1)) is Timeliness.NO_DEADLINE
    assert _timeliness(desk, HORIZON, date(2030, 1, 1)) is Timeliness.NO_DEADLINE


def test_a_due_date_is_overdue_from_the_day_after(desk: Session) -> None:
    assert _timeliness(desk, DUE, date(2020, 12, 31)) is Timeliness.NOT_DUE
    assert _timeliness(desk, DUE, date(2021, 1, 1)) is Timeliness.OVERDUE


@pytest.mark.parametrize(
    ("share", "light"),
    # Half of the leap year 2020 has passed on 1 July: 182 of 365 days.
    [
        (0.60, Timeliness.AHEAD),
        (0.55, Timeliness.ON_SCHEDULE),
        (0.45, Timeliness.ON_SCHEDULE),
        (0.39, Timeliness.BEHIND),
    ],
)
def test_pace_compares_the_achieved_with_the_elapsed_share(desk: Session, share: float, light: Timeliness) -> None:
    day = date(2020, 7, 1)
    record(desk, DUE, Execution.IN_PROGRESS, progress_share=share, effective_on=day)
    assert _timeliness(desk, DUE, day) is light


@pytest.mark.parametrize(
    ("done_on", "light"),
    [
        (date(2020, 11, 1), Timeliness.DONE_EARLY),
        (date(2020, 12, 20), Timeliness.DONE_ON_TIME),
        (date(2021, 1, 2), Timeliness.DONE_LATE),
    ],
)
def test_completion_is_early_on_time_or_late(desk: Session, done_on: date, light: Timeliness) -> None:
    record(desk, DUE, Execution.COMPLETED, effective_on=done_on)
    assert _timeliness(desk, DUE, date(2021, 2, 1)) is light


def test_a_completion_that_is_confirmed_later_keeps_its_first_day(desk: Session) -> None:
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2020, 12, 20))
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2021, 3, 1), reviewed_up_to=date(2021, 3, 1))
    assert _timeliness(desk, DUE, date(2021, 4, 1)) is Timeliness.DONE_ON_TIME


def test_a_completion_that_was_undone_counts_from_when_it_is_done_again(desk: Session) -> None:
    later: dict[str, Any] = {**FOUND, "reviewed_up_to": date(2021, 6, 1)}
    for day, execution in (
        (date(2020, 12, 20), Execution.COMPLETED),
        (date(2021, 2, 1), Execution.PARTLY_COMPLETED),
        (date(2021, 5, 1), Execution.COMPLETED),
    ):
        record(desk, DUE, execution, **{**later, "effective_on": day})
    assert _timeliness(desk, DUE, date(2021, 6, 1)) is Timeliness.DONE_LATE


def test_a_completion_taken_back_on_the_same_day_counts_from_when_it_is_done_again(desk: Session) -> None:
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2020, 12, 31))
    record(desk, DUE, Execution.IN_PROGRESS, effective_on=date(2020, 12, 31))
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2021, 1, 2))
    assert _timeliness(desk, DUE, date(2021, 2, 1)) is Timeliness.DONE_LATE


def test_a_later_search_that_finds_nothing_does_not_undo_a_completion(desk: Session) -> None:
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2020, 12, 1))
    record(desk, DUE, Execution.NO_EVIDENCE_FOUND, effective_on=date(2020, 12, 20))
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2021, 1, 15))
    assert _timeliness(desk, DUE, date(2021, 2, 1)) is Timeliness.DONE_ON_TIME


def test_the_window_of_a_commitment_is_whole_or_absent(desk: Session) -> None:
    row = commitment(desk, DUE)
    assert (row.window_start, row.window_end) == (date(2020, 1, 1), date(2020, 12, 31))
    assert row.deadline_rule is DeadlineRule.ANNUAL_TARGET
