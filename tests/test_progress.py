"""Stated and found, planned and reached, said and moved: each stands beside the other and replaces nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, record
from tracker import audit, queries
from tracker.codebook import DeadlineKind, EvidenceReports, Execution, Light, MarkReason, Timeliness
from tracker.evidence import archive, cite
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.measurements import measure
from tracker.models import ArchivedCopy, Measurement, PassageMark, StatedFigure
from tracker.records import records
from tracker.rules import RuleBroken
from tracker.schedules import plan_milestone, reach_milestone, revise_deadline
from tracker.standings import Cutoff

#: 41 enterprises were to get special re-lending.
CLAIM = "JZ-2020-21.2"
#: 全年目标: falls due on 2020-12-31.
DUE = "CZ-2020-17.2"
#: 下半年: a horizon.
PARK = "CZ-2020-21.4"

COUNTED = Source(PAGE, reports=EvidenceReports.STATISTICS)


def shown(session: Session, code: str, **cutoff: Any) -> dict[str, Any]:
    return next(records(session, CommitmentFilter(code=code, cutoff=Cutoff(**cutoff))))


def found(session: Session, value: float, day: date, **more: Any) -> Measurement:
    figure = session.scalars(select(StatedFigure).where(StatedFigure.value == 41)).one()
    return measure(session, figure, value, as_of=day, source=COUNTED, analyst=audit.signer(session, ANALYST), **more)


def postponed(session: Session, code: str, until: date, announced_on: date, **more: Any) -> None:
    revise_deadline(
        session, commitment(session, code), until=until, text="延期至", announced_on=announced_on,
        source=COUNTED, analyst=audit.signer(session, ANALYST), **more,
    )  # fmt: skip


def enterprises(record: dict[str, Any]) -> dict[str, Any]:
    return next(figure for figure in record["figures"] if figure["value"] == 41)


def test_thirty_eight_of_forty_one_are_confirmed(desk: Session) -> None:
    found(desk, 38, date(2021, 6, 30))
    figure = enterprises(shown(desk, CLAIM))
    assert (figure["value"], figure["found"], figure["difference"]) == (41, 38, -3)
    assert figure["found_share"] == pytest.approx(38 / 41)
    assert figure["found_in"] == PAGE


def test_the_value_of_the_latest_day_is_shown_and_the_claim_stays(desk: Session) -> None:
    found(desk, 38, date(2021, 6, 30))
    found(desk, 20, date(2020, 12, 31))
    assert enterprises(shown(desk, CLAIM))["found"] == 38
    assert enterprises(shown(desk, CLAIM, as_of=date(2021, 1, 1)))["found"] == 20
    assert enterprises(shown(desk, CLAIM, as_of=date(2020, 6, 30)))["found"] is None
    assert desk.scalars(select(StatedFigure.value).where(StatedFigure.value == 41)).one() == 41


def test_a_later_value_of_the_same_day_takes_the_place_of_a_wrong_one(desk: Session) -> None:
    found(desk, 83, date(2021, 6, 30), now=datetime(2021, 7, 1, tzinfo=UTC))
    found(desk, 38, date(2021, 6, 30), now=datetime(2021, 7, 2, tzinfo=UTC))
    assert enterprises(shown(desk, CLAIM))["found"] == 38
    assert enterprises(shown(desk, CLAIM, recorded_by=date(2021, 7, 1)))["found"] == 83


@pytest.mark.parametrize(
    ("value", "day", "rule"),
    [(float("nan"), date(2021, 1, 1), "measured-value"), (1, date(2999, 1, 1), "as_of-is-past")],
)
def test_a_measurement_is_a_number_of_a_day_that_has_been(desk: Session, value: float, day: date, rule: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        found(desk, value, day)
    assert [fault.rule for fault in refusal.value.faults] == [rule]


def test_a_number_that_is_part_of_a_name_is_no_figure_to_measure(desk: Session) -> None:
    named = desk.scalars(select(PassageMark.passage_id).where(PassageMark.reason == MarkReason.NAME)).all()
    assert named
    assert not set(named) & set(desk.scalars(select(StatedFigure.passage_id)))


def test_a_deadline_that_was_moved_shows_its_slippage_and_the_text_stays(desk: Session) -> None:
    postponed(desk, DUE, date(2021, 6, 30), date(2020, 12, 20))
    row = shown(desk, DUE, as_of=date(2021, 1, 10))
    assert (row["due_on"], row["slippage_days"], row["window_end"]) == (date(2021, 6, 30), 181, date(2020, 12, 31))
    assert row["timeliness"] is Timeliness.NOT_DUE
    assert shown(desk, DUE, as_of=date(2021, 7, 1))["timeliness"] is Timeliness.OVERDUE


def test_a_deadline_was_not_moved_before_it_was_announced_or_written_down(desk: Session) -> None:
    postponed(desk, DUE, date(2021, 6, 30), date(2020, 12, 20), now=datetime(2021, 3, 1, tzinfo=UTC))
    assert shown(desk, DUE, as_of=date(2020, 12, 19))["due_on"] == date(2020, 12, 31)
    row = shown(desk, DUE, as_of=date(2021, 1, 10), recorded_by=date(2021, 2, 28))
    assert (row["timeliness"], row["slippage_days"]) == (Timeliness.OVERDUE, None)


def test_a_horizon_that_is_moved_stays_a_horizon_and_never_falls_due(desk: Session) -> None:
    postponed(desk, PARK, date(2021, 12, 31), date(2021, 1, 8), kind=DeadlineKind.HORIZON)
    row = shown(desk, PARK, as_of=date(2022, 6, 1))
    assert (row["timeliness"], row["due_on"], row["slippage_days"]) == (Timeliness.NO_DEADLINE, None, None)


def test_a_city_that_names_a_day_for_what_had_a_horizon_makes_it_fall_due(desk: Session) -> None:
    postponed(desk, PARK, date(2021, 12, 31), date(2021, 1, 8))
    row = shown(desk, PARK, as_of=date(2022, 6, 1))
    assert (row["timeliness"], row["due_on"], row["slippage_days"]) == (Timeliness.OVERDUE, date(2021, 12, 31), None)


def test_a_deadline_announced_after_it_had_passed_has_no_pace(desk: Session) -> None:
    postponed(desk, CLAIM, date(2020, 9, 30), date(2020, 12, 20))
    record(desk, CLAIM, Execution.IN_PROGRESS, effective_on=date(2020, 12, 1), progress_share=0.5)
    row = shown(desk, CLAIM, as_of=date(2020, 12, 31))
    assert (row["elapsed_share"], row["timeliness"], row["light"]) == (None, Timeliness.OVERDUE, Light.RED)


@pytest.mark.parametrize(
    ("share", "light"),
    [(0.91, Light.GREEN), (0.90, Light.YELLOW), (0.71, Light.YELLOW), (0.70, Light.RED), (None, None)],
)
def test_ten_points_behind_time_is_yellow_and_thirty_red(
    desk: Session, share: float | None, light: Light | None
) -> None:
    record(desk, DUE, Execution.IN_PROGRESS, effective_on=date(2020, 12, 31), progress_share=share)
    row = shown(desk, DUE, as_of=date(2020, 12, 31))
    assert (row["light"], row["light_rule"]) == (light, "pace-10-30" if light else None)


def test_what_is_overdue_is_red_and_what_is_done_has_no_light(desk: Session) -> None:
    assert shown(desk, DUE, as_of=date(2021, 1, 1))["light"] is Light.RED
    record(desk, DUE, Execution.COMPLETED, effective_on=date(2020, 12, 31))
    assert shown(desk, DUE, as_of=date(2021, 1, 1))["light"] is None


def test_a_milestone_is_late_from_the_day_after_it_was_planned(desk: Session) -> None:
    analyst = audit.signer(desk, ANALYST)
    step = plan_milestone(
        desk, commitment(desk, PARK), title_zh="封顶", planned_on=date(2021, 3, 1), source=COUNTED, analyst=analyst
    )
    reach_milestone(desk, step, reached_on=date(2021, 3, 11), source=COUNTED, analyst=analyst)
    late = {
        day: shown(desk, PARK, as_of=day)["milestones"][0]["late_days"]
        for day in (date(2021, 3, 1), date(2021, 3, 4), date(2021, 3, 20))
    }
    assert list(late.values()) == [None, 3, 10]


def test_an_announcement_does_not_show_that_a_milestone_was_reached(desk: Session) -> None:
    analyst = audit.signer(desk, ANALYST)
    step = plan_milestone(
        desk, commitment(desk, PARK), title_zh="封顶", planned_on=date(2021, 3, 1), source=COUNTED, analyst=analyst
    )
    announced = Source(PAGE, reports=EvidenceReports.ANNOUNCEMENT)
    with pytest.raises(RuleBroken, match="仅有宣布"):
        reach_milestone(desk, step, reached_on=date(2021, 3, 1), source=announced, analyst=analyst)


@pytest.mark.parametrize("verb", ["measure", "revise", "plan", "reach"])
def test_nothing_is_written_into_the_past_of_a_figure_a_deadline_or_a_step(desk: Session, verb: str) -> None:
    row, said = commitment(desk, PARK), {"source": COUNTED, "analyst": audit.signer(desk, ANALYST)}
    day, later, sooner = date(2021, 3, 1), datetime(2021, 7, 2, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC)
    step = plan_milestone(desk, row, title_zh="封顶", planned_on=day, now=sooner, **said)
    write = {
        "measure": lambda now: found(desk, 38, day, now=now),
        "revise": lambda now: postponed(desk, PARK, date(2021, 12, 31), day, now=now),
        "plan": lambda now: plan_milestone(desk, row, title_zh="竣工", planned_on=day, now=now, **said),
        "reach": lambda now: reach_milestone(desk, step, reached_on=day, now=now, **said),
    }[verb]
    write(later)
    with pytest.raises(DBAPIError, match="past of the record"):
        write(sooner)


def kept(
    session: Session, content: bytes, media_type: str = "text/html", excerpt: str = "已有五个项目动工"
) -> ArchivedCopy:
    page = cite(session, Source(PAGE, excerpt=excerpt))
    session.flush()
    return archive(
        session, page, content, media_type=media_type, retrieved_on=date(2021, 1, 31),
        analyst=audit.signer(session, ANALYST),
    )  # fmt: skip


def test_a_copy_is_kept_once_under_its_hash(desk: Session) -> None:
    page = "<p>签约的项目<b>已有五个</b>\n项目动工</p>".encode()
    first, second = kept(desk, page), kept(desk, page)
    assert first.id == second.id
    assert len(first.sha256) == 64


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_excerpt_stands_in_the_copy_whatever_the_encoding(desk: Session, encoding: str) -> None:
    assert kept(desk, "<p>签约的项目已有五个项目动工</p>".encode(encoding)).media_type == "text/html"


@pytest.mark.parametrize(
    ("content", "media_type", "rule"),
    [
        (b"", "text/html", "copy-size"),
        ("<p>尚未动工</p>".encode(), "text/html", "copy-excerpt"),
        ("<script>已有五个项目动工</script>".encode(), "text/html", "copy-excerpt"),
        (b"MZ", "application/x-msdownload", "copy-kind"),
        (b"MZ\x90", "text/plain", "copy-content"),
        (b"%PDF-1.7", "text/html", "copy-content"),
        (b"<svg onload=alert(1)>", "image/png", "copy-content"),
        (b"GIF89a", "image/jpeg", "copy-content"),
        (b"\x89PNG\r\n\x1a\n", "application/pdf", "copy-content"),
    ],
)
def test_a_copy_that_is_not_what_it_says_or_does_not_show_the_excerpt_is_refused(
    desk: Session, content: bytes, media_type: str, rule: str
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        kept(desk, content, media_type)
    assert [fault.rule for fault in refusal.value.faults] == [rule]


def test_one_piece_of_evidence_can_be_the_source_of_a_claim_among_several(desk: Session) -> None:
    told = Source(PAGE + "0", reports=EvidenceReports.STATISTICS)
    made = record(
        desk, PARK, Execution.IN_PROGRESS, evidence=(COUNTED, told),
        official_claim=Execution.COMPLETED, claim_source=told.url,
    )  # fmt: skip
    assert made.official_claim_source_id in {cited.evidence_id for cited in made.citations}
    row = desk.execute(queries.commitments(CommitmentFilter(code=PARK))).one()
    assert (row.execution, row.official_claim) == ("in_progress", Execution.COMPLETED)
