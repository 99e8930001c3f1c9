"""The problem ledger (问题台账) at the desk: raised, edited while it is open, closed by a second person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, cast

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import DateField, FormField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from tracker import ledgers
from tracker.admin import arguments
from tracker.admin.assessments import SourceForm
from tracker.admin.city_lists import CityList
from tracker.admin.fields import DeskForm, tidy
from tracker.codebook import ObstacleState, Role
from tracker.language import label, lazy, t
from tracker.ledgers import ObstacleFilter
from tracker.models import Obstacle, ObstacleClosing, Term, User, Vocabulary
from tracker.obstacles import (
    CATEGORIES,
    Difficulty,
    close_obstacle,
    faults_of,
    raise_obstacle,
    who_may_not_close,
)
from tracker.rules import Fault, RuleBroken


def _today() -> date:
    return datetime.now().astimezone().date()


def _account() -> User:
    """The account that is signed in; the row itself, not the proxy."""
    return cast("User", current_user._get_current_object())  # noqa: SLF001


def _take(form: Any, faults: Iterable[Fault]) -> None:
    """Put the rules that were broken beside the fields that they are about."""
    for fault in faults:
        field = form.evidence.form.url if fault.field == "evidence" else form[fault.field]
        field.errors = [*field.errors, t(fault.zh, fault.en)]


def _state(view: Any, _context: Any, obstacle: Obstacle, _name: str) -> str:
    return str(view.state_of(obstacle))


class CloseForm(FlaskForm):
    """How an obstacle was settled, since when, and on what evidence."""

    closed_on = DateField(
        lazy("销号日期", "Closed on"),
        [InputRequired()],
        default=_today,
        description=lazy("从这一天起困难不复存在", "The day from which it is out of the way"),
    )
    note = TextAreaField(lazy("怎样解决的", "How it was settled"), [DataRequired()], filters=[tidy])
    evidence = FormField(SourceForm)

    def __init__(self) -> None:
        super().__init__()
        self.evidence.form.url.flags.required = True


class ObstacleView(CityList):
    """Lines of a problem ledger. A closed one is never edited."""

    opens: ClassVar[dict[str, Role]] = {**CityList.opens, "close_view": Role.ANALYST}
    column_list = ("id", "title", "jurisdiction", "category", "state", "raised_on", "due_on", "unit")
    column_details_list = (
        "jurisdiction",
        "category",
        "state",
        "raised_on",
        "due_on",
        "remedy",
        "unit",
        "commitments",
        "raised_by",
        "recorded_at",
    )
    form_columns = ("jurisdiction", "title", "category", "raised_on", "remedy", "unit", "due_on", "commitments")
    column_searchable_list = ("title", "remedy")
    column_sortable_list = ("id", "title", ("jurisdiction", "jurisdiction.code"), "raised_on", "due_on")
    column_default_sort = ("id", True)
    column_formatters: ClassVar[dict[str, Any]] = {"state": _state}
    column_formatters_detail: ClassVar[dict[str, Any]] = {**CityList.column_formatters_detail, "state": _state}
    also_loaded = ("closing",)
    details_template = "desk/obstacle.html"

    def __init__(self, *given: Any, **named: Any) -> None:
        self.form_args = {
            "category": {"query_factory": self._categories, "validators": [DataRequired()]},
            "raised_on": {"default": _today},
        }
        super().__init__(*given, **named)

    def _categories(self) -> Any:
        rows = self.session.query(Term).join(Term.vocabulary).options(joinedload(Term.vocabulary))
        return rows.where(Vocabulary.code == CATEGORIES).order_by(Term.position)

    # --- where an obstacle stands

    def choices(self) -> dict[str, dict[str, str]]:
        """By city, and by where they stand."""
        return {**super().choices(), "state": {state.value: label(state) for state in ObstacleState}}

    def narrowed(self, name: str, value: str) -> Any:
        """In a state: as the ledger tells it today."""
        if name != "state":
            return super().narrowed(name, value)
        found = ledgers.obstacles(ObstacleFilter(state=ObstacleState(value)))
        return Obstacle.id.in_(found.order_by(None).with_only_columns(Obstacle.id))

    def _states(self, numbers: list[int]) -> dict[int, ObstacleState]:
        found = self.session.execute(ledgers.obstacles(ObstacleFilter()).where(Obstacle.id.in_(numbers)))
        return {row.number: row.state for row in found}

    def get_list(self, page: int, *asked: Any, **given: Any) -> Any:
        """Count and rows of a page; where each stands is read at once."""
        count, rows = super().get_list(page, *asked, **given)
        g.obstacle_states = self._states([row.id for row in rows])
        return count, rows

    def state_of(self, obstacle: Obstacle) -> str:
        """Where an obstacle stands today."""
        if "obstacle_states" not in g:
            g.obstacle_states = self._states([obstacle.id])
        return label(g.obstacle_states[obstacle.id])

    def closing(self, obstacle: Obstacle) -> ObstacleClosing | None:
        """How an obstacle was closed, with the evidence and who closed it."""
        rows = select(ObstacleClosing).where(ObstacleClosing.obstacle_id == obstacle.id)
        ties = (joinedload(ObstacleClosing.evidence), joinedload(ObstacleClosing.closed_by))
        found: ObstacleClosing | None = self.session.scalar(rows.options(*ties))
        return found

    def why_not(self, obstacle: Obstacle) -> list[str]:
        """Why whoever is signed in may not close an obstacle; empty where they may."""
        return [t(fault.zh, fault.en) for fault in who_may_not_close(obstacle, _account())]

    # --- raising, editing, closing

    def create_form(self, obj: Any = None) -> Any:
        """The form of a new obstacle, no category chosen: the first of a list is none that somebody gave."""
        form = super().create_form(obj)
        form.category.allow_blank = True
        return form

    def create_model(self, form: Any) -> Any:
        """Raise an obstacle."""
        difficulty = _difficulty(form, form.raised_on.data)
        try:
            return self.written(lambda: raise_obstacle(self.session(), difficulty, analyst=_account()))
        except RuleBroken as broken:
            _take(form, broken.faults)
            return None

    def editable(self, row: Any) -> bool:
        """Whether an obstacle may be edited: while it is open."""
        return super().editable(row) and row.closing is None

    def edit_form(self, obj: Any = None) -> DeskForm:
        """The form on an obstacle that is open. The day it was raised stays."""
        if obj.closing is not None:
            abort(
                403,
                t(
                    "已销号的问题不再修改。困难再现请另记一条。",
                    "A closed obstacle is never edited: raise another if it is back.",
                ),
            )
        form: DeskForm = super().edit_form(obj)
        del form.raised_on
        return form

    def update_model(self, form: Any, model: Any) -> bool:
        """Change an obstacle within the rules that it was raised under."""
        faults = list(faults_of(_difficulty(form, model.raised_on), _today()))
        _take(form, faults)
        return not faults and super().update_model(form, model)

    @expose("/close/", methods=("GET", "POST"))
    def close_view(self) -> ResponseReturnValue:
        """Close an obstacle: the form on GET, the closing on POST; or why whoever asks may not."""
        arguments.only(["id"])
        obstacle = self.get_one(request.args.get("id"))
        form, refusals = CloseForm(), self.why_not(obstacle)
        if not refusals and form.validate_on_submit() and self._closed(form, obstacle):
            flash(t("已销号。", "Closed."), "success")
            return redirect(url_for(".details_view", id=obstacle.id))
        page = self.render("desk/close.html", form=form, obstacle=obstacle, refusals=refusals)
        return page, 422 if form.is_submitted() else 200

    def _closed(self, form: CloseForm, obstacle: Obstacle) -> ObstacleClosing | None:
        def change() -> ObstacleClosing:
            return close_obstacle(
                self.session(),
                obstacle,
                form.evidence.form.source(),
                closed_on=cast("date", form.closed_on.data),
                note=form.note.data or "",
                closer=_account(),
            )

        try:
            made: ObstacleClosing | None = self.written(change)
        except RuleBroken as broken:
            _take(form, broken.faults)
            return None
        return made


def _difficulty(form: Any, raised_on: date) -> Difficulty:
    """What a valid form says."""
    return Difficulty(
        jurisdiction=form.jurisdiction.data,
        title=form.title.data,
        category=form.category.data,
        raised_on=raised_on,
        remedy=form.remedy.data,
        unit=form.unit.data,
        due_on=form.due_on.data,
        commitments=tuple(form.commitments.data or ()),
    )
