"""Tables of what became of the commitments: how they stand, the judgements, and what those rest on."""

from __future__ import annotations

from sqlalchemy import case, select, union
from sqlalchemy.orm import aliased

from tracker import queries
from tracker.codebook import Execution, Light, Outcome, Timeliness, Verdict
from tracker.datasets import shown
from tracker.datasets.places import to
from tracker.datasets.resource import Resource, Scope
from tracker.models import (
    AssessmentEvidence,
    Commitment,
    DeadlineRevision,
    Evidence,
    Measurement,
    Milestone,
    MilestoneReached,
    ObstacleClosing,
    Review,
    SearchLog,
    StatusAssessment,
    User,
)
from tracker.standings import Question, latest_verdict

_OF_COMMITMENT = to("commitments", commitment="code")

#: How a commitment stands, as `queries.commitments` calls it, after its code.
_STANDING = tuple(
    """
    execution outcome official_claim timeliness due_on horizon_until slippage_days progress_share elapsed_share light
    effective_on effective_precision reviewed_up_to verdict disputed assessment
    """.split()  # noqa: SIM905 - as above
)


def _standings(scope: Scope) -> Question:
    rows = queries.commitments(scope.asked, only=("code", *_STANDING))
    found = rows.selected_columns
    named = [found[name] for name in _STANDING]
    return rows.with_only_columns(found.code.label("commitment"), *named)


def _assessments(scope: Scope) -> Question:
    row, earlier = StatusAssessment, aliased(StatusAssessment)
    corrected = select(earlier.id).where(shown.assessed(scope, earlier))
    return (
        select(
            row.id, Commitment.code.label("commitment"), row.execution, row.outcome, row.official_claim,
            row.official_claim_source_id.label("official_claim_source"), row.effective_on, row.effective_precision,
            row.recorded_at, row.reviewed_up_to, row.summary, row.summary_en, row.progress, row.problems,
            row.next_steps, row.progress_share, row.reason, row.attribution, row.confidence, User.name.label("analyst"),
            row.codebook_version, case((row.corrects_id.in_(corrected), row.corrects_id)).label("corrects"),
            latest_verdict(row.id, scope.cutoff).label("verdict"),
        )
        .join(Commitment, Commitment.id == row.commitment_id)
        .join(User, User.id == row.analyst_id)
        .where(shown.assessed(scope))
    )  # fmt: skip


def _reviews(scope: Scope) -> Question:
    row = Review
    return (
        select(
            row.id,
            row.assessment_id.label("assessment"),
            row.verdict,
            row.note,
            User.name.label("reviewer"),
            row.recorded_at,
        )
        .join(User, User.id == row.reviewer_id)
        .where(row.assessment_id.in_(shown.assessments(scope)), *scope.cutoff.written(row.recorded_at))
    )


def _evidence(scope: Scope) -> Question:
    """What anything in the data set rests on; evidence itself does not say when it was written down."""
    row = Evidence
    cited = union(
        select(AssessmentEvidence.evidence_id).where(AssessmentEvidence.assessment_id.in_(shown.assessments(scope))),
        *(
            select(model.evidence_id).where(is_shown(scope))
            for model, is_shown in (
                (Measurement, shown.measured),
                (Milestone, shown.planned),
                (MilestoneReached, shown.reached),
                (DeadlineRevision, shown.moved),
            )
        ),
        shown.obstacles(scope).order_by(None).with_only_columns(ObstacleClosing.evidence_id),
    )
    return (
        select(
            row.id, row.url, row.title, row.publisher, row.published_on, row.retrieved_on, row.excerpt, row.fact_date,
            row.shows_zh, row.shows_en, row.caveat_zh, row.caveat_en, row.origin, row.reports,
        )
        .where(row.id.in_(cited))
    )  # fmt: skip


def _assessment_evidence(scope: Scope) -> Question:
    row = AssessmentEvidence
    return select(row.assessment_id.label("assessment"), row.evidence_id.label("evidence"), row.relation).where(
        row.assessment_id.in_(shown.assessments(scope))
    )


def _searches(scope: Scope) -> Question:
    row, cutoff = SearchLog, scope.cutoff
    rows = (
        select(
            row.id, Commitment.code.label("commitment"), row.searched_in, row.query, row.searched_on,
            User.name.label("analyst"), row.results_read,
        )
        .join(Commitment, Commitment.id == row.commitment_id)
        .join(User, User.id == row.analyst_id)
        .where(scope.holds(row.commitment_id))
    )  # fmt: skip
    # A search is written down on the day it is made, or later.
    rows = rows.where(*(row.searched_on <= day for day in (cutoff.as_of, cutoff.recorded_by) if day))
    if cutoff.approved_only:
        # Where only approved judgements are shown, a search that led to none would tell of it.
        rows = rows.where(row.commitment_id.in_(select(StatusAssessment.commitment_id).where(shown.assessed(scope))))
    return rows


JUDGED = (
    Resource(
        "evidence", "依据", "Evidence", ("一份说明状态的公开材料", "a published thing that speaks to a status"),
        ("id",), _evidence,
    ),
    Resource(
        "assessments", "评估", "Assessments",
        ("对一条承诺的一次判断，只增不改", "one judgement of one commitment, appended only"), ("id",), _assessments,
        (_OF_COMMITMENT, to("evidence", official_claim_source="id"), to("assessments", corrects="id")),
        codes={"verdict": Verdict}, optional=frozenset({"corrects"}),
    ),
    Resource(
        "standings", "现行状态", "Standings",
        ("每条承诺截至所问之日的状态", "how each commitment stands on the day asked for"), ("commitment",), _standings,
        (_OF_COMMITMENT, to("assessments", assessment="id")),
        codes={
            "execution": Execution, "outcome": Outcome, "timeliness": Timeliness, "light": Light, "verdict": Verdict,
        },
        optional=frozenset({"effective_on", "reviewed_up_to", "assessment"}),
    ),
    Resource(
        "reviews", "复核", "Reviews", ("第二人对一次评估的意见", "a second person’s verdict on an assessment"), ("id",),
        _reviews, (to("assessments", assessment="id"),),
    ),
    Resource(
        "assessment_evidence", "评估所引依据", "Evidence of assessments",
        ("一次评估引用的一份依据", "an assessment cites a piece of evidence"), ("assessment", "evidence"),
        _assessment_evidence, (to("assessments", assessment="id"), to("evidence", evidence="id")),
    ),
    Resource(
        "searches", "检索", "Searches", ("一次查找，不论有无所得", "a search, whether it found something or not"),
        ("id",), _searches, (_OF_COMMITMENT,),
    ),
)  # fmt: skip
