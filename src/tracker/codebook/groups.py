"""Statuses taken together, for a reader who follows many commitments over years."""

from __future__ import annotations

from tracker.codebook.assessments import Execution
from tracker.codebook.coded import Coded


class StatusGroup(Coded):
    """What several statuses of execution have in common. Computed, never typed."""

    DONE = ("done", "已完成", "Done", "已完成、缩减完成", "Completed, or completed on a smaller scale")
    UNDER_WAY = ("under_way", "推进中", "Under way", "推进中、部分完成", "In progress or partly completed")
    NOT_BEGUN = ("not_begun", "未动手", "Not begun", "已列入计划、未启动", "Planned or not started")
    HALTED = (
        "halted",
        "停滞或落空",
        "Halted or undone",
        "停滞、受阻、已放弃、已逆转",
        "Stalled, blocked, abandoned or reversed",
    )
    NOTHING_FOUND = ("nothing_found", "已查无据", "No evidence found", "查过，未见公开依据", "Searched, nothing found")
    NOT_ASSESSABLE = ("not_assessable", "无法评估", "Not assessable", "表述无法检验", "Nothing could settle it")
    UNREVIEWED = ("unreviewed", "未核查", "Not reviewed", "尚无人查看", "Nobody had looked yet")

    @property
    def statuses(self) -> tuple[Execution, ...]:
        """The statuses of the group, the most common first: its colour stands for the group."""
        return _STATUSES[self]


_STATUSES = {
    StatusGroup.DONE: (Execution.COMPLETED, Execution.COMPLETED_REDUCED),
    StatusGroup.UNDER_WAY: (Execution.IN_PROGRESS, Execution.PARTLY_COMPLETED),
    StatusGroup.NOT_BEGUN: (Execution.PLANNED, Execution.NOT_STARTED),
    StatusGroup.HALTED: (Execution.STALLED, Execution.BLOCKED, Execution.ABANDONED, Execution.REVERSED),
    StatusGroup.NOTHING_FOUND: (Execution.NO_EVIDENCE_FOUND,),
    StatusGroup.NOT_ASSESSABLE: (Execution.NOT_ASSESSABLE,),
    StatusGroup.UNREVIEWED: (Execution.NOT_REVIEWED,),
}
