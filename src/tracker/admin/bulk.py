"""Many follow-ups at once: previewed, then written in one go, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from tracker import pasted
from tracker.admin import arguments, refusals
from tracker.admin.base import Closed
from tracker.admin.bulk_forms import SameFindingForm, SheetForm
from tracker.batches import Entry, Tried, record_entries
from tracker.codebook import Coded, Role
from tracker.language import lazy, t
from tracker.rules import Fault

#: What a rule calls a field → the column that it is about.
_COLUMNS = {"evidence": "url", "searches": "searched_in"}

#: Rows that a line about a rule names.
_NAMED_ROWS = 12


@dataclass(frozen=True)
class Refusal:
    """A rule, the column that breaks it, and the rows that do."""

    column: str
    text: str
    rows: tuple[Entry, ...]

    @property
    def named(self) -> tuple[Entry, ...]:
        """The first rows: a rule that hundreds break is told once, not hundreds of times."""
        return self.rows[:_NAMED_ROWS]


@dataclass(frozen=True)
class Preview:
    """What would be written, and what is refused."""

    rows: Sequence[Tried]
    #: codes of which somebody recorded an assessment since the last preview
    late: frozenset[str] = frozenset()

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return sum(bool(row.faults) for row in self.rows)

    def refusals(self) -> list[Refusal]:
        """Each rule that is broken once, in the order of the rows."""
        found: dict[tuple[str, str], list[Entry]] = {}
        for row in self.rows:
            for fault in row.faults:
                found.setdefault((column_of(fault), t(fault.zh, fault.en)), []).append(row.entry)
        return [Refusal(column, text, tuple(rows)) for (column, text), rows in found.items()]


def column_of(fault: Fault) -> str:
    """The heading of the column that a fault is about; empty where it is about the whole row."""
    column = pasted.NAMED.get(_COLUMNS.get(fault.field, fault.field))
    return t(column.zh, column.en) if column else ""


class _Changed(Exception):
    """The rows cannot be written as they were previewed."""

    def __init__(self, preview: Preview) -> None:
        super().__init__()
        self.preview = preview


class BulkView(Closed):
    """One finding for several commitments, or a finding for each from a spreadsheet."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.ANALYST, "sheet_view": Role.ANALYST}

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("批量记录", "Record many"), endpoint="bulk", url="/desk/bulk")
        self.session = session

    @expose("/", methods=("GET", "POST"))
    def index(self) -> ResponseReturnValue:
        """One finding for the commitments that `code` names, or that are typed."""
        arguments.only(["code"])
        form = SameFindingForm()
        if not form.is_submitted():
            form.codes.data = "\n".join(pasted.codes("\n".join(request.args.getlist("code"))))
        preview = None
        if form.validate_on_submit():
            preview = self._previewed_or_written(form, form.entries())
            if preview is None:
                return redirect(url_for("commitment.index_view"))
            form.take_shared(preview.rows)
        return self._page("desk/bulk.html", form, preview)

    @expose("/sheet/", methods=("GET", "POST"))
    def sheet_view(self) -> ResponseReturnValue:
        """A finding for each row that is pasted."""
        arguments.only([])
        form, preview, sheet = SheetForm(), None, pasted.Sheet()
        if form.validate_on_submit():
            sheet = form.sheet()
            if not sheet.faults:
                preview = self._previewed_or_written(form, sheet.entries)
                if preview is None:
                    return redirect(url_for("commitment.index_view"))
        return self._page(
            "desk/bulk_sheet.html", form, preview, unread=sheet.unread, columns=pasted.COLUMNS, accepted=accepted,
            example=_example(),
        )  # fmt: skip

    def _page(self, template: str, form: Any, preview: Preview | None, **given: Any) -> ResponseReturnValue:
        wrong = form.is_submitted() and (preview is None or not preview.rows or preview.refused or preview.late)
        page = self.render(template, form=form, preview=preview, column_of=column_of, most=pasted.MOST_ROWS, **given)
        return page, 422 if wrong else 200

    def _previewed_or_written(self, form: Any, entries: Sequence[Entry]) -> Preview | None:
        """The preview of the entries, empty where the database refuses to look; none once they are written."""
        preview = None
        try:
            if form.asks_to_write() and form.was_previewed():
                made = refusals.written(self.session, lambda: self._recorded(form, entries))
                if made is not None:
                    flash(t(f"已记录 {len(made)} 条跟踪。", f"{len(made)} follow-ups recorded."), "success")
                    return None
            elif form.asks_to_write():
                flash(
                    t(
                        "没有写入：预览之后内容改过。请核对新的预览。",
                        "Not written: the form has changed since the preview. Check the new one.",
                    ),
                    "error",
                )
            preview = Preview(self._tried(entries))
        except _Changed as changed:
            preview = changed.preview
        except SQLAlchemyError as error:
            flash(refusals.said(error), "error")
        self.session.rollback()
        preview = preview or Preview(())
        form.note(preview.rows)
        return preview

    def _recorded(self, form: Any, entries: Sequence[Entry]) -> list[Tried]:
        """The entries, recorded. Raises `_Changed` where one is refused or has a newer assessment than was shown."""
        tried = self._tried(entries)
        preview = Preview(tried, frozenset(form.recorded_since(tried)))
        if preview.refused or preview.late:
            raise _Changed(preview)
        return tried

    def _tried(self, entries: Sequence[Entry]) -> list[Tried]:
        analyst = current_user._get_current_object()  # noqa: SLF001 - the account itself, not the proxy
        return record_entries(self.session(), entries, analyst=analyst)


def accepted(column: pasted.Column) -> str:
    """What a column takes, in words."""
    holds = column.holds
    if issubclass(holds, Coded):
        return t("、", ", ").join(t(code.zh, code.en) for code in holds)
    return {
        str: t("文字", "text"),
        int: t("整数", "a whole number"),
        float: t("0 至 100 的整数", "a whole number from 0 to 100"),
    }.get(holds, t("日期，如 2020-12-31", "a day, as 2020-12-31"))


#: What the example row holds: evidently an example, of a commitment that is none.
_EXAMPLE = {
    "code": ("XX-2020-01.1", "XX-2020-01.1"),
    "execution": ("推进中", "In progress"),
    "effective_on": ("2020-12-31", "2020-12-31"),
    "summary": ("一句话写明所见", "What was found, in a sentence"),
    "reviewed_up_to": ("2021-01-31", "2021-01-31"),
    "url": ("https://example.org/page", "https://example.org/page"),
    "reports": ("开工", "Start"),
    "origin": ("官方", "Official"),
}


def _example() -> str:
    """A line of headings and a row, as a spreadsheet takes them."""
    headings = [t(pasted.NAMED[name].zh, pasted.NAMED[name].en) for name in _EXAMPLE]
    return "\t".join(headings) + "\n" + "\t".join(t(*said) for said in _EXAMPLE.values())
