"""Two people on one row: who saves second is shown both versions, field by field, and chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, PasswordField
from wtforms.fields.choices import SelectFieldBase

from tracker.admin import values
from tracker.language import t
from tracker.models import AuditEvent, Base
from tracker.reverting import valued

#: What a choice between the two versions of a field is called in a form, before the name of the field.
CHOICE = "take-"

#: Texts of which at least one is so long are compared word for word, in characters.
_LONG = 30


@dataclass(frozen=True)
class Theirs:
    """What a row holds now in one field, where that is not what was typed."""

    #: in words
    value: str
    #: the same in pieces, and whether what was typed lacks each
    pieces: list[tuple[str, bool]]
    #: who changed it since the form was opened, and when; empty where only whoever typed did
    actor: str
    at: datetime | None
    #: what was typed is what stood there when the form was opened: whoever typed left the field alone
    is_untouched: bool


def said(events: Sequence[AuditEvent]) -> str:
    """That a form was not saved, and whose change came first; `events` since it was opened, the latest first."""
    who = [f"{event.actor}（{values.shown(event.at)}）" for event in events]
    zh, en = who[0] if who else "别人", who[0].replace("（", " (").replace("）", ")") if who else "somebody"
    return t(
        f"没有保存：您打开之后，{zh}改了这一行。您填的都在；请逐项选用哪一边的，再保存。",
        f"Not saved: {en} changed this row after you opened it. All you typed is here: choose for each field which"
        " version to use, and save.",
    )


def settled(saved: Any) -> MultiDict[str, str]:
    """What was sent, with the saved value in each field for which that was chosen; `saved` is the form on the row."""
    sent = MultiDict(request.form)
    for field in saved:
        if sent.get(CHOICE + field.name) == "theirs":
            sent.setlist(field.name, _as_sent(field))
    return sent


def is_settled() -> bool:
    """Whether what was sent chooses between two versions."""
    return any(name.startswith(CHOICE) for name in request.form)


def _as_sent(field: Any) -> list[str]:
    """The value of a field as its form would send it."""
    if isinstance(field, BooleanField):
        return ["y"] if field.data else []
    if isinstance(field, SelectFieldBase):
        return [str(value) for value, _, selected, *_ in field.iter_choices() if selected]
    return [str(field._value())]  # noqa: SLF001 - what WTForms writes into the page


def differences(form: Any, saved: Any, row: Base, events: Sequence[AuditEvent]) -> dict[str, Theirs]:
    """Field → what the row holds now, where that is not what was typed; `events` since the form was opened."""
    return {
        field.name: _theirs(field, saved[field.name], row, events)
        for field in form
        if field.name in saved
        and field.name not in {"csrf_token", "row_version"}
        and not isinstance(field, PasswordField)
        and field.data != saved[field.name].data
    }


def _theirs(field: Any, saved: Any, row: Base, events: Sequence[AuditEvent]) -> Theirs:
    changed = [(event, name) for event in events for name in (field.name, f"{field.name}_id") if name in event.changes]
    value = values.shown(saved.data) or t("（空）", "(empty)")
    return Theirs(
        value=value,
        pieces=_pieces(values.shown(field.data), value),
        actor=changed[0][0].actor if changed else "",
        at=changed[0][0].at if changed else None,
        is_untouched=bool(changed) and _stood(row, *changed[-1], field.data),
    )


def _stood(row: Base, event: AuditEvent, name: str, typed: Any) -> bool:
    """Whether what was typed is what stood in a column before an event."""
    if name not in row.__table__.columns:  # a tie
        return False
    try:
        return bool(valued(row.__table__, name, event.changes[name][0]) == getattr(typed, "id", typed))
    except ValueError:  # a code that a later codebook no longer has
        return False


def _pieces(mine: str, theirs: str) -> list[tuple[str, bool]]:
    """`theirs` in pieces, with whether `mine` lacks each; a short text is one piece."""
    if max(len(mine), len(theirs)) < _LONG:
        return [(theirs, False)]
    steps = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    return [(theirs[start:end], step != "equal") for step, _, _, start, end in steps if start < end]
