"""Tables of what was measured, planned and moved, and of the lists that a city keeps."""

from __future__ import annotations

from sqlalchemy import literal, select
from sqlalchemy.orm import aliased

from tracker.codebook import ObstacleState, Validity
from tracker.datasets import shown
from tracker.datasets.places import to
from tracker.datasets.resource import Resource, Scope
from tracker.models import (
    Commitment,
    DeadlineRevision,
    Measurement,
    Milestone,
    MilestoneReached,
    Obstacle,
    ObstacleClosing,
    Organisation,
    PolicyDocument,
    User,
    obstacle_commitment,
    policy_document_commitment,
)
from tracker.obstacles import CATEGORIES
from tracker.standings import Question

_OF_COMMITMENT, _EVIDENCE = to("commitments", commitment="code"), to("evidence", evidence="id")


def _measurements(scope: Scope) -> Question:
    row = Measurement
    return (
        select(
            row.id, row.figure_id.label("figure"), row.value, row.as_of, row.evidence_id.label("evidence"), row.note,
            User.name.label("analyst"), row.recorded_at,
        )
        .join(User, User.id == row.analyst_id)
        .where(shown.measured(scope))
    )  # fmt: skip


def _milestones(scope: Scope) -> Question:
    row = Milestone
    return (
        select(
            row.id, Commitment.code.label("commitment"), row.title_zh, row.title_en, row.planned_on,
            row.evidence_id.label("evidence"), User.name.label("analyst"), row.recorded_at,
        )
        .join(Commitment, Commitment.id == row.commitment_id)
        .join(User, User.id == row.analyst_id)
        .where(shown.planned(scope))
    )  # fmt: skip


def _milestones_reached(scope: Scope) -> Question:
    row = MilestoneReached
    return (
        select(
            row.id, row.milestone_id.label("milestone"), row.reached_on, row.evidence_id.label("evidence"),
            User.name.label("analyst"), row.recorded_at,
        )
        .join(User, User.id == row.analyst_id)
        .where(shown.reached(scope))
    )  # fmt: skip


def _revisions(scope: Scope) -> Question:
    row = DeadlineRevision
    return (
        select(
            row.id, Commitment.code.label("commitment"), row.deadline_kind, row.deadline_text, row.window_end,
            row.announced_on, row.reason, row.note, row.evidence_id.label("evidence"), User.name.label("analyst"),
            row.recorded_at,
        )
        .join(Commitment, Commitment.id == row.commitment_id)
        .join(User, User.id == row.analyst_id)
        .where(shown.moved(scope))
    )  # fmt: skip


def _policies(scope: Scope) -> Question:
    rows = shown.policy_lists(scope)
    found = rows.selected_columns
    names = ("title", "number", "valid_from", "valid_to", "validity", "url")
    return rows.with_only_columns(
        found.id, found.city_code.label("city"), *(found[name] for name in names), Organisation.code.label("unit"),
        found.responsible_person, found.contact, found.recorded_at,
    )  # fmt: skip


def _policy_commitments(scope: Scope) -> Question:
    ties = policy_document_commitment.c
    listed = _policies(scope).order_by(None).with_only_columns(PolicyDocument.id)
    return (
        select(ties.policy_document_id.label("policy"), Commitment.code.label("commitment"))
        .join(Commitment, Commitment.id == ties.commitment_id)
        .where(scope.holds(ties.commitment_id), ties.policy_document_id.in_(listed))
    )


def _obstacles(scope: Scope) -> Question:
    rows = shown.obstacles(scope)
    found = rows.selected_columns
    first = ("title", "category", "remedy", "raised_on", "due_on", "raised_by", "recorded_at", "state", "closed_on")
    return rows.with_only_columns(
        found.number.label("id"), found.city_code.label("city"), literal(CATEGORIES).label("category_vocabulary"),
        *(found[name] for name in first), Organisation.code.label("unit"), found.closed_by, found.note,
        ObstacleClosing.evidence_id.label("evidence"), found.closing_recorded_at,
    )  # fmt: skip


def _obstacle_commitments(scope: Scope) -> Question:
    ties, tied = obstacle_commitment.c, aliased(Commitment)
    listed = _obstacles(scope).order_by(None).with_only_columns(Obstacle.id)
    return (
        select(ties.obstacle_id.label("obstacle"), tied.code.label("commitment"))
        .join(tied, tied.id == ties.commitment_id)
        .where(scope.holds(ties.commitment_id), ties.obstacle_id.in_(listed))
    )


FOLLOWED = (
    Resource(
        "measurements", "实测值", "Measurements",
        ("为原文数字后来查到的值", "a value found later for a stated figure"), ("id",), _measurements,
        (to("figures", figure="id"), _EVIDENCE),
    ),
    Resource(
        "milestones", "形象进度节点", "Milestones", ("一个有计划日期的节点", "a step with a planned date"), ("id",),
        _milestones, (_OF_COMMITMENT, _EVIDENCE),
    ),
    Resource(
        "milestones_reached", "节点达到", "Milestones reached",
        ("一个节点已达到，及其依据", "a milestone was reached, and what shows it"), ("id",), _milestones_reached,
        (to("milestones", milestone="id"), _EVIDENCE),
    ),
    Resource(
        "deadline_revisions", "期限调整", "Deadlines set anew",
        ("期限另行确定，原文期限不改", "a deadline was set anew; that of the text stays"), ("id",), _revisions,
        (_OF_COMMITMENT, _EVIDENCE),
    ),
    Resource(
        "policies", "惠企政策清单", "Policy list", ("政策清单的一行", "a line of a policy list"), ("id",), _policies,
        (to("cities", city="code"), to("organisations", unit="code")), codes={"validity": Validity},
        optional=frozenset({"unit"}),
    ),
    Resource(
        "policy_commitments", "政策与承诺", "Policies of commitments",
        ("一份政策文件与一条承诺相关", "a policy document is tied to a commitment"), ("policy", "commitment"),
        _policy_commitments, (to("policies", policy="id"), _OF_COMMITMENT),
    ),
    Resource(
        "obstacles", "问题台账", "Problem ledger", ("问题台账的一行", "a line of a problem ledger"), ("id",),
        _obstacles,
        (
            to("cities", city="code"), to("organisations", unit="code"), _EVIDENCE,
            to("terms", category_vocabulary="vocabulary", category="code"),
        ),
        codes={"state": ObstacleState},
        optional=frozenset({"unit", "closed_on", "closed_by", "note", "evidence", "closing_recorded_at"}),
    ),
    Resource(
        "obstacle_commitments", "问题与承诺", "Obstacles of commitments",
        ("一个问题与一条承诺相关", "an obstacle is tied to a commitment"), ("obstacle", "commitment"),
        _obstacle_commitments, (to("obstacles", obstacle="id"), _OF_COMMITMENT),
    ),
)  # fmt: skip
