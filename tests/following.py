"""What tests do: find a commitment, record what became of it, raise and close an obstacle."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import audit, reliability
from tracker.assessments import record_assessment
from tracker.codebook import CodedField, EvidenceReports, Execution, Role, Verdict
from tracker.evidence import archive, cite
from tracker.findings import Finding, Search, Source
from tracker.measurements import measure
from tracker.models import (
    CodingReading,
    Commitment,
    Obstacle,
    ObstacleClosing,
    StatedFigure,
    StatusAssessment,
    Term,
    User,
    Vocabulary,
)
from tracker.obstacles import CATEGORIES, Difficulty, close_obstacle, raise_obstacle
from tracker.reviews import review
from tracker.schedules import plan_milestone, reach_milestone, revise_deadline

#: Who signs in tests.
ANALYST = "测试员"

#: Who reviews in tests.
REVIEWER = "复核员"

#: An address that evidence can be cited by.
PAGE = "https://example.org/news/1"

#: What a finding says at least.
FOUND = {"effective_on": date(2020, 12, 31), "reviewed_up_to": date(2021, 1, 31), "summary": "园区已动工"}


def commitment(session: Session, code: str) -> Commitment:
    """The commitment with a code."""
    return session.scalars(select(Commitment).where(Commitment.code == code)).one()


def coded_again(session: Session) -> CodingReading:
    """A round of one item that somebody else coded again, and that was decided."""
    analyst, second = audit.signer(session, ANALYST), audit.signer(session, "第二人")
    drawn = reliability.draw(session, "一项", size=1, fields={CodedField.TENSE}, seed=1, drawn_by=analyst)
    reading = reliability.code(session, drawn.items[0], "planned", coder=second)
    reliability.adjudicate(session, drawn.items[0], "ongoing", note="原话没有“将”", adjudicator=analyst)
    return reading


def reviewer(session: Session) -> User:
    """Somebody who reviews and has assessed nothing."""
    found = session.scalar(select(User).where(User.name == REVIEWER))
    if found is None:
        found = User(name=REVIEWER, role=Role.REVIEWER, active=False, fs_uniquifier=REVIEWER)
        session.add(found)
        session.flush()
    return found


def follow_through(session: Session, assessment: StatusAssessment) -> None:
    """A row in every table of the history of a commitment that has one assessment."""
    analyst, source = audit.signer(session, ANALYST), Source(PAGE, reports=EvidenceReports.DELIVERY)
    row = assessment.commitment
    page = cite(session, source)
    review(session, assessment, Verdict.APPROVE, reviewer=reviewer(session))
    figure = session.scalars(select(StatedFigure).where(StatedFigure.value == 41)).one()
    measure(session, figure, 38, as_of=date(2021, 6, 30), source=source, analyst=analyst)
    moved = {"until": date(2021, 12, 31), "text": "2021年底前", "announced_on": date(2021, 1, 8)}
    revise_deadline(session, row, **moved, source=source, analyst=analyst)  # type: ignore[arg-type]
    step = plan_milestone(session, row, title_zh="封顶", planned_on=date(2021, 3, 1), source=source, analyst=analyst)
    reach_milestone(session, step, reached_on=date(2021, 3, 11), source=source, analyst=analyst)
    archive(session, page, "已动工".encode(), media_type="text/plain", retrieved_on=date(2021, 1, 31), analyst=analyst)


def record(
    session: Session, code: str, execution: Execution, *, now: datetime | None = None, **found: object
) -> StatusAssessment:
    """Record a finding that says as little as it may; what it must rest on is filled in."""
    grounds: dict[str, object] = {}
    if execution.needs_evidence:
        grounds["evidence"] = (Source(PAGE, reports=EvidenceReports.DELIVERY),)
    if execution is Execution.NO_EVIDENCE_FOUND:
        grounds["searches"] = (Search("郴州市人民政府网站", "有色产业园"),)
    finding = Finding(execution=execution, **{**FOUND, **grounds, **found})  # type: ignore[arg-type]
    analyst = audit.signer(session, ANALYST)
    return record_assessment(session, commitment(session, code), finding, analyst=analyst, now=now)


def obstacle(session: Session, code: str = "CZ-2020-15.2", **said: object) -> Obstacle:
    """An obstacle in the way of a commitment, raised on 2020-03-01 and due on 2020-06-30."""
    tied = commitment(session, code)
    finance = session.scalars(select(Term).join(Vocabulary).where(Vocabulary.code == CATEGORIES)).first()
    asked = {"title": "中小企业融资难", "raised_on": date(2020, 3, 1), "due_on": date(2020, 6, 30)}
    given = {"jurisdiction": tied.jurisdiction, "category": finance, "commitments": (tied,), **asked, **said}
    now = given.pop("now", None)
    analyst = audit.signer(session, ANALYST)
    return raise_obstacle(session, Difficulty(**given), analyst=analyst, now=now)  # type: ignore[arg-type]


def close(session: Session, raised: Obstacle, closer: str = "复核员甲", **said: object) -> ObstacleClosing:
    """Close an obstacle on 2020-07-05 by a second person, on evidence."""
    given = {"source": Source(PAGE), "closed_on": date(2020, 7, 5), "note": "贷款已到位", **said}
    return close_obstacle(session, raised, closer=audit.signer(session, closer), **given)  # type: ignore[arg-type]
