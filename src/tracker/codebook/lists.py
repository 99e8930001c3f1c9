"""Codes of the lists that a city keeps: policies (惠企政策清单) and problems (问题台账). Computed, never stored."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class Validity(Coded):
    """Whether a policy document is in force on a day."""

    IN_FORCE = ("in_force", "执行中", "In force", "这一天在执行时限之内", "The day lies within its validity")
    NOT_YET = ("not_yet", "未到执行期", "Not yet", "执行时限尚未开始", "Its validity has not begun")
    EXPIRED = ("expired", "已到期", "Expired", "执行时限已过", "Its validity has ended")
    NOT_STATED = (
        "not_stated",
        "时限未载明",
        "Validity not stated",
        "起止都未载明，不能断定是否执行中",
        "Neither day is stated, so nobody can tell",
    )


class ObstacleState(Coded):
    """Where an obstacle stands on a day."""

    OPEN = ("open", "未销号", "Open", "已登记，尚未销号", "Raised and not closed")
    OVERDUE = ("overdue", "逾期未销号", "Overdue", "办结期限已过，尚未销号", "Its due date has passed and it is open")
    CLOSED = ("closed", "已销号", "Closed", "已由他人凭依据销号", "Closed by a second person on evidence")
