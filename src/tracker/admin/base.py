"""The safe base of the desk's views: closed by default, typed addresses, total order, no silent overwrite.

Flask-Admin 2.2.1 leaves each of these open; the names of the overridden methods are Flask-Admin's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from flask import abort, flash, g, request
from flask_admin.base import expose
from flask_admin.model.base import ViewArgs
from sqlalchemy import func, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload, raiseload, selectinload

from tracker import auth
from tracker.admin import arguments, conflicts, labels, refusals, trail, values
from tracker.admin.fields import Columns, DeskForm
from tracker.codebook import Role
from tracker.language import label, marked, t
from tracker.models import Base
from tracker.rules import RuleBroken

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    # Flask-Admin's annotations forbid what its documentation asks for (tuples of columns, class attributes).
    BaseView: TypeAlias = Any
    ModelView: TypeAlias = Any
else:
    from flask_admin import BaseView
    from flask_admin.contrib.sqla import ModelView

#: Rows on a page.
PAGE = 50

#: What a view opens whose rows every account may see.
READ = {"index_view": Role.READER, "details_view": Role.READER}


class Closed(BaseView):
    """A view that is closed to everybody, but for the routes that `opens` lists, each with its role."""

    #: name of a route's function → who may call it
    opens: ClassVar[dict[str, Role]] = {}
    #: those of them that ask for the password again where it was given some time ago
    proved: ClassVar[frozenset[str]] = frozenset()

    def allows(self, route: str) -> bool:
        """Whether whoever is signed in may call this route."""
        return route in self.opens and auth.may(self.opens[route])

    def is_accessible(self) -> bool:
        """Whether the menu shows the view."""
        return self.allows(self._default_view)

    def render(self, template: str, **given: Any) -> str:
        """A page of the desk, which knows how values are written."""
        return str(super().render(template, shown=values.shown, named=values.named, **given))

    def _run_view(self, route: Callable[..., Any], *named: Any, **given: Any) -> Any:
        # Flask-Admin's own way runs a view a second time where it raises a TypeError.
        return route(self, *named, **given)

    def _handle_view(self, name: str, **_: Any) -> ResponseReturnValue | None:
        refusal = auth.refused(self.opens.get(name, Role.READER))
        if refusal is None and name not in self.opens:
            abort(403, t("编辑台不提供这一操作。", "The desk does not offer this."))
        return auth.unproved() if refusal is None and name in self.proved else refusal


class Table(Closed, ModelView):
    """The rows of one table: listed, looked at, added and changed where `opens` says so. Never deleted."""

    #: coded columns that the list can be narrowed by
    narrowed_by: ClassVar[tuple[str, ...]] = ()
    #: relationships shown of each row, beside those in the list, the details and the form
    also_loaded: ClassVar[tuple[str, ...]] = ()

    can_delete = False
    can_export = False
    can_view_details = True
    can_set_page_size = True
    page_size = PAGE
    page_size_options = (PAGE, 100, 500)
    form_base_class = DeskForm
    model_form_converter = Columns
    list_template = "desk/list.html"
    details_template = "desk/details.html"
    create_template = "desk/form.html"
    edit_template = "desk/form.html"

    def __init__(self, model: type[Base], session: Any, name: Any, **given: Any) -> None:
        self.column_labels = labels.Columns(model.__tablename__)
        super().__init__(model, session, name=name, **given)

    # --- reading

    def get_query(self) -> Any:
        """Rows with just the ties that are shown; any other tie raises instead of costing a query per row."""
        query = self.session.query(self.model).options(*self._loaded(), raiseload("*"))
        return query.where(*self._narrowing())

    def get_count_query(self) -> Any:
        """How many rows there are."""
        return self.session.query(func.count()).select_from(self.model).where(*self._narrowing())

    def _loaded(self) -> list[Any]:
        wanted = {*(self.column_list or ()), *(self.column_details_list or ()), *(self.form_columns or ())}
        ties = self.model.__mapper__.relationships
        return [
            selectinload(getattr(self.model, name)) if ties[name].uselist else joinedload(getattr(self.model, name))
            for name in sorted(wanted.union(self.also_loaded))
            if name in ties
        ]

    def _narrowing(self) -> list[Any]:
        return [self.narrowed(name, value) for name, value in self._chosen().items()]

    def choices(self) -> dict[str, dict[str, str]]:
        """What the list can be narrowed by: name → value in the address → what it is called."""
        columns = self.model.__table__.c
        return {name: {code.value: label(code) for code in columns[name].type.enum_class} for name in self.narrowed_by}

    def narrowed(self, name: str, value: str) -> Any:
        """The condition that the list is narrowed to by a value."""
        return getattr(self.model, name) == value

    def _chosen(self) -> dict[str, str]:
        """Name → value that the address narrows the list by."""
        chosen = {name: arguments.one_of(name, allowed) for name, allowed in self.choices().items()}
        return {name: value for name, value in chosen.items() if value}

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the name is Flask-Admin's
        """The row with this key, if the list would show it; locked while it is being changed. Else 404."""
        query = self.get_query().where(self.model.id == arguments.key(id))
        row = query.with_for_update(of=self.model).one_or_none() if _writing() else query.one_or_none()
        if row is None:
            abort(404, t("没有这一行。", "There is no such row."))
        return row

    def _get_list_extra_args(self) -> ViewArgs:
        arguments.only(["page", "page_size", "sort", "desc", "search", *self.choices()])
        sortable = [str(place) for place, (name, _) in enumerate(self._list_columns) if name in self._sortable_columns]
        sort, size = arguments.one_of("sort", sortable), arguments.one_of("page_size", self._sizes())
        return ViewArgs(
            page=arguments.number("page"),
            page_size=int(size or PAGE),
            sort=int(sort) if sort else None,
            sort_desc=arguments.one_of("desc", ["0", "1"]) == "1",
            search=arguments.search() or None,
            extra_args=self._chosen(),
        )

    def _sizes(self) -> list[str]:
        return [str(size) for size in self.page_size_options]

    def get_list(self, page: int, *asked: Any, **given: Any) -> Any:
        """Count and rows of a page; 404 beyond the last page."""
        count, rows = super().get_list(page, *asked, **given)
        if page and not rows:
            abort(404, t("没有这一页。", "There is no such page."))
        return count, rows

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: Any) -> Any:
        query, joins = super()._apply_sorting(query, joins, sort_column, sort_desc)
        # Rows that tie would otherwise come twice, or never, from page to page.
        return query.order_by(self.model.id), joins

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        columns = [getattr(self.model, name) for name in self.column_searchable_list]
        for word in search.split():
            held = or_(*(column.icontains(word, autoescape=True) for column in columns))
            query, count_query = query.where(held), None if count_query is None else count_query.where(held)
        return query, count_query, joins, count_joins

    # --- writing

    def get_form(self) -> Any:
        """The form of the named columns; without any an empty one, never one of everything."""
        return super().get_form() if self.form_columns else DeskForm

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """The form on a row, or what it changed; 409 where somebody else changed the row meanwhile."""
        page: ResponseReturnValue = super().edit_view()
        return (str(page), 409) if g.get("came_second") else page

    def edit_form(self, obj: Any = None) -> Any:
        """The form on a row; opened, it notes which state of the row it shows."""
        if conflicts.is_settled():
            return self._edit_form_class(conflicts.settled(self._edit_form_class(formdata=None, obj=obj)), obj=obj)
        form = super().edit_form(obj)
        if not _writing():
            form.row_version.data = self._state(obj)
        return form

    def _state(self, row: Any) -> str:
        """Which state of a row a form shows: its version, and the event of the log that led to it."""
        return f"{values.version(row)}.{trail.latest(self.session, self.model.__tablename__, str(row.id))}"

    def update_model(self, form: Any, model: Any) -> bool:
        """Write the form to the row, unless somebody changed the row since the form was opened."""
        opened_on, _, seen = (form.row_version.data or "").partition(".")
        if opened_on == values.version(model):
            return bool(super().update_model(form, model))
        g.came_second, form.row_version.data = True, self._state(model)
        saved = self._edit_form_class(formdata=None, obj=model)
        events = trail.since(self.session, self.model.__tablename__, str(model.id), seen)
        form.saved = conflicts.differences(form, saved, model, events)
        flash(conflicts.said(events), "error")
        return False

    def written(self, change: Callable[[], Any]) -> Any:
        """Make a change and commit it; none, with the reason flashed and nothing kept, where it is refused."""
        return refusals.written(self.session, change)

    def handle_view_exception(self, exc: Exception) -> bool:
        """Say in plain words what the database refused; anything else is a fault of ours and raised."""
        if isinstance(exc, RuleBroken):
            flash(" ".join(t(fault.zh, fault.en) for fault in exc.faults), "error")
            return True
        if not isinstance(exc, SQLAlchemyError):
            raise exc
        flash(refusals.said(exc), "error")
        return True

    def get_save_return_url(self, model: Any, is_created: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002
        """On to the page of the row."""
        return str(self.get_url(".details_view", id=model.id))

    # --- showing

    def editable(self, _row: Any) -> bool:
        """Whether whoever is signed in may edit a row."""
        return self.allows("edit_view")

    def _get_list_value(self, context: Any, model: Any, name: str, column_formatters: Any, _types: Any) -> Any:
        written = column_formatters.get(name)
        return marked(written(self, context, model, name) if written else values.shown(getattr(model, name)))

    def trail(self, row: Any) -> list[trail.Entry]:
        """Who changed what on a row, the latest first."""
        return trail.of(self.session, self.model.__tablename__, str(row.id))


def _writing() -> bool:
    return request.method == "POST"
