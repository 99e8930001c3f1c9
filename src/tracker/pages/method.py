"""The method as a page. What the program decides by (ids, thresholds, statuses, rules of dates) is read from it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import agreement, codebook, deadlines
from tracker.codebook import Checkability, DeadlineRule, Execution, Reliability, Timeliness
from tracker.filters import NOW
from tracker.language import t
from tracker.pages import citation


def page(_session: Session) -> ResponseReturnValue:
    """The page."""
    title = t("方法", "Method")
    return render_template(
        "method.html",
        title=title,
        codebook_version=codebook.VERSION,
        timeliness_rule=deadlines.TIMELINESS_RULE,
        light_rule=deadlines.LIGHT_RULE,
        margin=round(deadlines.MARGIN * 100),
        red_margin=round(deadlines.RED_MARGIN * 100),
        deadline_rules=list(DeadlineRule),
        timeliness=list(Timeliness),
        without_evidence=[code for code in Execution if not code.needs_evidence],
        with_reason=[code for code in Execution if code.needs_reason],
        progress=[code for code in Execution if code.is_progress],
        checkabilities=list(Checkability),
        reliability=list(Reliability),
        resamples=agreement.RESAMPLES,
        citation=citation.citation(title, NOW),
    )
