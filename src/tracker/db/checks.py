"""What the checks of the database ask for, in plain words."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

#: name of a check → what it asks for
_CHECKS = {
    "ck_jurisdiction_code_is_short": ("行政区划代码为 2 至 6 个字符。", "The code of a place has 2 to 6 characters."),
    "ck_policy_document_validity_runs_forward": (
        "执行时限的起始日须不晚于截止日。",
        "A policy's validity begins on or before its last day.",
    ),
    "ck_obstacle_due_after_it_was_raised": (
        "办结期限须不早于登记日期。",
        "An obstacle is due on or after the day it was raised.",
    ),
    "ck_commitment_only_a_head_stands_alone": (
        "只有总项可以“独立计数”，分项不可以。",
        "Only a head can be counted on its own, a part cannot.",
    ),
    "ck_commitment_a_low_reading_says_why": (
        "时态把握为“低”时，须写明时态说明（中文）。",
        "Where the tense is read with low confidence, the Chinese note on the tense says why.",
    ),
    "ck_user_has_a_name": ("账户须有姓名。", "An account has a name."),
}


def broken_check(message: str, constraint: str) -> tuple[str, str] | None:
    """What the check asks for that an error names, in Chinese and English; none where it names none of these."""
    named = (constraint, *re.findall(r"\w+", message))
    return next((said for name, said in _CHECKS.items() if name in named), None)


def constraint(error: DBAPIError) -> str:
    """The constraint that was broken, where the database says; empty on SQLite, whose message names it."""
    return str(getattr(getattr(error.orig, "diag", None), "constraint_name", "") or "")
