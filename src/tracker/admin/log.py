"""The log of the whole ledger at the desk, and taking back what it tells of."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_wtf import FlaskForm
from sqlalchemy import Select, func, select

from tracker import auth, events
from tracker.admin import arguments, labels, naming, trail, values
from tracker.admin.base import PAGE, READ, Table
from tracker.codebook import AuditAction, Role
from tracker.events import Event
from tracker.export import harmless
from tracker.language import label, t
from tracker.models import AuditEvent, Base, Commitment
from tracker.reverting import bring_back, state_before, take_back, why_not
from tracker.rules import Fault, RuleBroken

#: Most events in a file; what is older is asked for by `before`.
LARGEST_FILE = 5000

_ASKED = ("actor", "table", "action", "row", "from", "to", "before", "format")


class AuditEventView(Table):
    """Who changed what, the latest first. The log grows without end, so its rows are never counted."""

    opens: ClassVar[dict[str, Role]] = {
        **READ,
        "take_back_view": Role.ANALYST,
        "bring_back_view": Role.ANALYST,
    }
    column_list = column_details_list = ("at", "actor", "action", "table_name", "row_key")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The entries that the address asks for, as a page or as a file."""
        arguments.only(_ASKED)
        if arguments.one_of("format", ["csv"]):
            return self._file(self.session.scalars(self._asked(LARGEST_FILE)).all())
        found = self.session.scalars(self._asked(PAGE + 1)).all()
        entries = trail.entries_of(self.session, found[:PAGE])
        return self.render(
            "desk/log.html",
            runs=[list(run) for _, run in groupby(entries, _run)],
            older=entries[-1].id if len(found) > PAGE else None,
            actors=self.session.scalars(_actors()).all(),
            tables={name: labels.table(name) for name in sorted(self._tables(), key=labels.table)},
            actions=AuditAction,
        )

    def _tables(self) -> list[str]:
        return [name for name in labels.TABLES if name != "user" or auth.may(Role.ADMIN)]

    def _asked(self, most: int) -> Select[AuditEvent]:
        row, table = request.args.get("row", "").strip(), arguments.one_of("table", self._tables())
        if row and (not table or not all(part.isascii() and part.isdigit() for part in row.split(","))):
            arguments.refuse(f"row={row[:40]}", [t("与 table 同用的行号", "the number of a row, with its table")])
        action, actor = arguments.one_of("action", list(AuditAction)), request.args.get("actor", "").strip()
        since, until, before = arguments.day("from"), arguments.day("to"), arguments.number("before")
        rows = select(AuditEvent).where(*self._narrowing())
        for column, value in (("actor", actor), ("table_name", table), ("row_key", row), ("action", action)):
            rows = rows.where(getattr(AuditEvent, column) == value) if value else rows
        if since:
            rows = rows.where(AuditEvent.at >= _midnight(since))
        if until:
            rows = rows.where(AuditEvent.at < _midnight(until + timedelta(days=1)))
        if before:
            rows = rows.where(AuditEvent.id < before)
        return rows.order_by(AuditEvent.id.desc()).limit(most)

    def _narrowing(self) -> list[Any]:
        """Accounts, their addresses and roles are the administrators' to see."""
        return [] if auth.may(Role.ADMIN) else [AuditEvent.table_name != "user"]

    def _file(self, found: Any) -> Response:
        """The entries as CSV, one line a column that was changed."""
        out = io.StringIO()
        writer = csv.writer(out)
        columns = [labels.of("audit_event", name) for name in ("id", "at", "actor", "action", "table_name", "row_key")]
        columns += [t("名称", "Name"), t("栏目", "Column"), t("原值", "Old"), t("新值", "New")]
        writer.writerow(columns)
        for start in range(0, len(found), 500):
            for line in _lines(trail.entries_of(self.session, found[start : start + 500])):
                writer.writerow([harmless(value) for value in line])
        events.say(Event.EXPORTED, what="csv", rows=len(found))
        answer = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="log.csv"'
        return answer

    @expose("/details/")
    def details_view(self) -> str:
        """One entry."""
        arguments.only(["id"])
        (entry,) = trail.entries_of(self.session, [self.get_one(request.args.get("id"))])
        return self.render("desk/log_entry.html", entry=entry)

    # --- taking back

    @expose("/take-back/", methods=("GET", "POST"))
    def take_back_view(self) -> ResponseReturnValue:
        """What taking an edit back would change, on GET; take it back, on POST."""
        arguments.only(["id"])
        event = self.session.scalar(
            select(AuditEvent).where(AuditEvent.id == arguments.key(request.args.get("id")), *self._narrowing())
        )
        if event is None:
            abort(404, t("没有这一行。", "There is no such row."))
        (entry,) = trail.entries_of(self.session, [event])
        return self._act(
            t("撤回这次修改", "Take this edit back"),
            entry.row,
            [change._replace(old=change.new, new=change.old) for change in entry.changes],
            why_not(self.session(), event),
            lambda: take_back(self.session(), event),
            entry=entry,
        )

    @expose("/bring-back/", methods=("GET", "POST"))
    def bring_back_view(self) -> ResponseReturnValue:
        """What bringing a withdrawn commitment back would change, on GET; bring it back, on POST."""
        arguments.only(["id"])
        commitment = self.session.get(Commitment, arguments.key(request.args.get("id")), with_for_update=_sent())
        if commitment is None:
            abort(404, t("没有这一行。", "There is no such row."))
        before = state_before(self.session(), commitment)
        change = values.Change(
            labels.of("commitment", "publication_state"), label(commitment.publication_state), label(before)
        )
        row = naming.names(self.session, {("commitment", commitment.id)})["commitment", commitment.id]
        zh, en = "这条承诺没有撤下，不用恢复", "This commitment is not withdrawn"
        faults = [] if change.old != change.new else [Fault("is-withdrawn", "", zh, en)]
        heading = t("恢复这条承诺", "Bring this commitment back")
        return self._act(heading, row, [change], faults, lambda: bring_back(self.session(), commitment))

    def _act(
        self,
        heading: str,
        row: naming.Named | None,
        changes: list[values.Change],
        faults: list[Fault],
        do: Callable[[], Base],
        *,
        entry: trail.Entry | None = None,
    ) -> ResponseReturnValue:
        """Show what would change and what is in the way; or do it and go to the page of the row."""
        form = FlaskForm()
        if form.validate_on_submit() and not faults:
            try:
                if self.written(do) is not None:
                    flash(t("已恢复，这次改动也已署名记录。", "Done; this change is signed in the log too."), "success")
                    return redirect(row.address if row and row.address else self.get_url(".index_view"))
            except RuleBroken as broken:
                self.session.rollback()
                faults = broken.faults
        said = [(labels.of(entry.table, fault.field) if entry and fault.field else "", fault) for fault in faults]
        page = self.render(
            "desk/take_back.html", form=form, heading=heading, row=row, changes=changes, faults=said, entry=entry
        )
        return page, 409 if _sent() else 200


def _sent() -> bool:
    return request.method == "POST"


def _run(entry: trail.Entry) -> tuple[Any, ...]:
    """What tells a run of rows that were added at once from the next; any other entry stands alone."""
    return (entry.at, entry.actor, entry.table) if entry.action is AuditAction.INSERT else (entry.id,)


def _midnight(day: date) -> datetime:
    """The instant at which a day begins, where the ledger is kept."""
    return datetime.combine(day, time()).astimezone()


def _actors() -> Select[str]:
    """The names that sign, found one by one in the index: the log is far longer than the list of them."""
    first = select(func.min(AuditEvent.actor).label("actor")).cte("actors", recursive=True)
    following = (
        select(func.min(AuditEvent.actor)).where(AuditEvent.actor > first.c.actor).correlate(first).scalar_subquery()
    )
    found = first.union_all(select(following).where(first.c.actor.is_not(None)))
    return select(found.c.actor).where(found.c.actor.is_not(None)).order_by(found.c.actor)


def _lines(entries: list[trail.Entry]) -> Iterator[list[Any]]:
    for entry in entries:
        who = [entry.id, entry.at.isoformat(), entry.actor, label(entry.action), labels.table(entry.table), entry.key]
        named = entry.row.name if entry.row else ""
        for change in entry.changes or [values.Change("", "", "")]:
            yield [*who, named, change.column, change.old, change.new]
