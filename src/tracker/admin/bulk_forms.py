"""The forms that record many follow-ups at once: one finding for several commitments, or rows of a spreadsheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from tracker import pasted
from tracker.admin.assessments import FollowUpForm
from tracker.admin.fields import tidy
from tracker.batches import Entry, Tried
from tracker.language import lazy, t
from tracker.models import Commitment
from tracker.pasted import MOST_ROWS
from tracker.rules import Fault

#: Fields that carry the form and not what it says.
_CARRIERS = {"csrf_token", "latest", "previewed"}


class _BatchForm(FlaskForm):
    """A form that is previewed before it is written."""

    #: the last assessment of each commitment when it was previewed: who recorded meanwhile is not overlooked
    latest = HiddenField()
    #: a digest of what was previewed: nothing else is written
    previewed = HiddenField()

    def asks_to_write(self) -> bool:
        """Whether the button was pressed that writes."""
        return request.form.get("do") == "write"

    def was_previewed(self) -> bool:
        """Whether the form says what it said when it was previewed."""
        return bool(self.previewed.data == self._digest())

    def recorded_since(self, tried: Sequence[Tried]) -> set[str]:
        """Codes of which an assessment was recorded since the preview."""
        now, then = _latest(tried), _noted(self.latest.data)
        return {code for code in now if then.get(code) != now[code]}

    def note(self, tried: Sequence[Tried]) -> None:
        """Carry the state that this preview shows."""
        self.latest.data, self.previewed.data = json.dumps(_latest(tried)), self._digest()

    def _digest(self) -> str:
        """A digest of all that the form says, line ends aside: browsers change those."""
        said = {name: said for name, said in self.data.items() if name not in _CARRIERS}
        return hashlib.sha256(json.dumps(said, default=str).replace(r"\r\n", r"\n").encode()).hexdigest()


class SameFindingForm(_BatchForm, FollowUpForm):
    """One finding, recorded of several commitments."""

    codes = TextAreaField(
        lazy("承诺编号", "Codes"),
        [DataRequired()],
        filters=[tidy],
        description=lazy(
            f"用空格、逗号或换行隔开，至多 {MOST_ROWS} 条",
            f"Parted by blanks, commas or lines; {MOST_ROWS} at most",
        ),
    )

    def __init__(self) -> None:
        # Of no commitment in particular: no next check is planned, and there is nothing to correct.
        super().__init__(commitment=Commitment(), earlier=[])

    def validate_codes(self, field: Any) -> None:
        """As many as can be looked through."""
        if len(pasted.codes(field.data or "")) > MOST_ROWS:
            raise ValidationError(t(f"至多 {MOST_ROWS} 条", f"{MOST_ROWS} at most"))

    def entries(self) -> list[Entry]:
        """The finding for each code."""
        finding, check = self.finding(), self.next_check.data
        return [Entry(place, code, finding, check) for place, code in enumerate(pasted.codes(self.codes.data or ""), 1)]

    def take_shared(self, tried: Sequence[Tried]) -> None:
        """Put what is wrong with every row beside its field: it is wrong with the finding."""
        shared = [fault for fault in tried[0].faults if all(fault in other.faults for other in tried)] if tried else []
        self.take([fault for fault in shared if fault.field != "code"])


class SheetForm(_BatchForm):
    """Rows of a spreadsheet."""

    text = TextAreaField(
        lazy("表格内容", "Rows of the spreadsheet"),
        [DataRequired()],
        description=lazy("行号从标题行数起：标题行是第 1 行", "Rows are counted from the headings: those are row 1"),
    )

    def sheet(self) -> pasted.Sheet:
        """What can be read of the rows; what keeps them from being read stands beside the field."""
        sheet = pasted.read(self.text.data or "", today=_today())
        self.take(list(sheet.faults))
        return sheet

    def take(self, faults: list[Fault]) -> None:
        """Put what is wrong with the whole sheet beside its field."""
        self.text.errors = [*self.text.errors, *(t(fault.zh, fault.en) for fault in faults)]


def _today() -> date:
    return datetime.now().astimezone().date()


def _latest(tried: Sequence[Tried]) -> dict[str, int]:
    """Code → id of the assessment that was recorded last; 0 where there is none."""
    return {row.entry.code: row.latest.id if row.latest else 0 for row in tried if row.title_zh}


def _noted(text: str | None) -> dict[str, Any]:
    """The state as the form carries it; none where it is not one of ours."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
