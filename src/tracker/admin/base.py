"""The safe base of the desk's views: closed by default, typed addresses, total order, no silent overwrite.

Flask-Admin 2.2.1 leaves each of these open; the names of the overridden methods are Flask-Admin's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from flask import abort, flash, request
from flask_admin.model.base import ViewArgs
from sqlalchemy import func, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload, raiseload, selectinload

from tracker import auth
from tracker.admin import arguments, labels, refusals, trail, values
from tracker.admin.fields import Columns, DeskForm
from tracker.codebook import Coded, Role
from tracker.language import t
from tracker.models import Base

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


class Closed(BaseView):
    """A view that is closed to everybody, but for the routes that `opens` lists, each with its role."""

    #: name of a route's function → who may call it
    opens: ClassVar[dict[str, Role]] = {}

    def allows(self, route: str) -> bool:
        """Whether whoever is signed in may call this route."""
        role = self.opens.get(route)
        return role is not None and auth.may(role)

    def is_accessible(self) -> bool:
        """Whether the menu shows the view."""
        return self.allows(self._default_view)

    def render(self, template: str, **given: Any) -> str:
        """A page of the desk, which knows how values are written."""
        return str(super().render(template, shown=values.shown, named=values.named, **given))

    def _handle_view(self, name: str, **_: Any) -> ResponseReturnValue | None:
        refusal = auth.refused(self.opens.get(name, Role.READER))
        if refusal is None and name not in self.opens:
            abort(403, t("编辑台不提供这一操作。", "The desk does not offer this."))
        return refusal


class Table(Closed, ModelView):
    """The rows of one table: listed, looked at and, where `opens` says so, added and changed. Never deleted."""

    opens: ClassVar[dict[str, Role]] = {"index_view": Role.READER, "details_view": Role.READER}
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
        return [
            getattr(self.model, name) == code
            for name in self.narrowed_by
            if (code := arguments.one_of(name, list(self.codes(name)))) is not None
        ]

    def codes(self, name: str) -> type[Coded]:
        """The vocabulary of a coded column."""
        found: type[Coded] = self.model.__table__.c[name].type.enum_class
        return found

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the name is Flask-Admin's
        """The row with this key, if the list would show it; locked while it is being changed. Else 404."""
        query = self.get_query().where(self.model.id == arguments.key(id))
        row = query.with_for_update(of=self.model).one_or_none() if _writing() else query.one_or_none()
        if row is None:
            abort(404, t("没有这一行。", "There is no such row."))
        return row

    def _get_list_extra_args(self) -> ViewArgs:
        arguments.only(["page", "page_size", "sort", "desc", "search", *self.narrowed_by])
        sortable = [str(place) for place, (name, _) in enumerate(self._list_columns) if name in self._sortable_columns]
        sort, size = arguments.one_of("sort", sortable), arguments.one_of("page_size", self._sizes())
        narrowed = {name: arguments.one_of(name, list(self.codes(name))) for name in self.narrowed_by}
        return ViewArgs(
            page=arguments.number("page"),
            page_size=int(size or PAGE),
            sort=int(sort) if sort else None,
            sort_desc=arguments.one_of("desc", ["0", "1"]) == "1",
            search=arguments.search() or None,
            extra_args={name: code for name, code in narrowed.items() if code},
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

    def edit_form(self, obj: Any = None) -> Any:
        """The form on a row; opened, it notes which state of the row it shows."""
        form = super().edit_form(obj)
        if not _writing():
            form.row_version.data = values.version(obj)
        return form

    def update_model(self, form: Any, model: Any) -> bool:
        """Write the form to the row, unless somebody changed the row since the form was opened."""
        now = values.version(model)
        if form.row_version.data != now:
            form.row_version.data = now
            form.saved = self._as_saved(form, model)
            flash(
                t(
                    "没有保存：您打开之后，别人改了这一行。下面是您填的，与现存不同的标出了现存内容；再次保存即以您的为准。",
                    "Not saved: somebody changed this row after you opened it. Below is what you typed, and beside it"
                    " what is saved now where that differs; saving again lets yours stand.",
                ),
                "error",
            )
            return False
        return bool(super().update_model(form, model))

    def _as_saved(self, form: Any, model: Any) -> dict[str, str]:
        """Field → what the row holds now, where that is not what was typed."""
        saved = self._edit_form_class(formdata=None, obj=model)
        return {
            field.name: values.shown(saved[field.name].data) or t("（空）", "(empty)")
            for field in form
            if field.name in saved and field.name not in {"csrf_token", "row_version"}
            if field.data != saved[field.name].data
        }

    def written(self, change: Callable[[], Any]) -> Any:
        """Make a change and commit it; none, with the reason flashed and nothing kept, where it is refused."""
        try:
            made = change()
            self.session.commit()
        except SQLAlchemyError as error:
            self.handle_view_exception(error)
            self.session.rollback()
            return None
        return made

    def handle_view_exception(self, exc: Exception) -> bool:
        """Say in plain words what the database refused; anything else is a fault of ours and raised."""
        if not isinstance(exc, SQLAlchemyError):
            raise exc
        flash(refusals.said(exc), "error")
        return True

    def get_save_return_url(self, model: Any, is_created: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002
        """On to the page of the row."""
        return str(self.get_url(".details_view", id=model.id))

    # --- showing

    def _get_list_value(self, context: Any, model: Any, name: str, column_formatters: Any, _types: Any) -> Any:
        written = column_formatters.get(name)
        return written(self, context, model, name) if written else values.shown(getattr(model, name))

    def trail(self, row: Any) -> list[trail.Entry]:
        """Who changed what on a row, the latest first."""
        return trail.of(self.session, self.model.__tablename__, str(row.id))


def _writing() -> bool:
    return request.method == "POST"
