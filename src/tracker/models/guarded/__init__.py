"""What the guards hold: tables that are written once, and conditions under which a row is refused."""

from __future__ import annotations

from tracker.models.guarded import chain, coding, history, links, obstacles, texts
from tracker.models.guarded.rule import Rule

#: Tables whose rows are written once.
APPEND_ONLY = (
    "source_document",
    "turn",
    "passage",
    "evidence",
    "search_log",
    "status_assessment",
    "assessment_evidence",
    "review",
    "measurement",
    "deadline_revision",
    "milestone",
    "milestone_reached",
    "archived_copy",
    "obstacle_closing",
    "coding_round",
    "coding_item",
    "coding_reading",
    "adjudication",
    "comment",
    "comment_mention",
    "audit_event",
    "chain_entry",
)

#: Tables whose rows may be changed within the rules below, and are never replaced, nor emptied at a stroke.
KEPT = ("commitment", "obstacle", "obstacle_commitment", "user")

#: Every rule by its name.
RULES: dict[str, Rule] = texts.RULES | history.RULES | obstacles.RULES | coding.RULES | chain.RULES | links.RULES
