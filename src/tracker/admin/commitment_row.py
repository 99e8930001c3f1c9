"""What a row of the list opens to: its words, its history, and the form that records a follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from wtforms import FieldList, FormField

from tracker import histories
from tracker.admin.assessments import FollowUpForm
from tracker.filters import NOW
from tracker.models import Commitment, StatusAssessment
from tracker.quotes import Words, words
from tracker.standings import Cutoff


@dataclass(frozen=True)
class Opened:
    """An open row."""

    commitment: Commitment
    words: Words
    #: the latest first
    assessments: Sequence[StatusAssessment]
    #: ids of assessments that a later one corrects
    corrected: frozenset[int | None]
    form: FollowUpForm


def opened(session: Session, commitment: Commitment, cutoff: Cutoff, form: FollowUpForm | None = None) -> Opened:
    """A row opened as it stood at `cutoff`; with `form` what was typed into it, else a new one."""
    written = session.scalars(histories.assessments(commitment.id, NOW)).all()
    shown = written if cutoff == NOW else session.scalars(histories.assessments(commitment.id, cutoff)).all()
    form = form or FollowUpForm(commitment=commitment, earlier=written, fresh=True)
    _stand_apart(form, commitment.code)
    return Opened(
        commitment=commitment,
        words=words(session, commitment),
        assessments=shown,
        corrected=frozenset(row.corrects_id for row in shown),
        form=form,
    )


def _stand_apart(fields: Iterable[Any], code: str) -> None:
    """Several rows can be open on one page: each field's mark begins with the code of its commitment."""
    for field in fields:
        field.id = f"{code}-{field.id}"
        if isinstance(field, FieldList | FormField):
            _stand_apart(field, code)
