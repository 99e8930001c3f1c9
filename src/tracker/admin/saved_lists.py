"""Lists of commitments kept under a name: keep what the list was asked for, call it otherwise, forget it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from tracker import saved_lists
from tracker.admin import arguments, commitment_address, refusals
from tracker.admin.base import Closed
from tracker.admin.fields import tidy
from tracker.codebook import Role
from tracker.language import lazy, t
from tracker.models import SavedList
from tracker.rules import RuleBroken


class KeepForm(FlaskForm):
    """A name for what the list is asked for."""

    name = StringField(lazy("名称", "Name"), [DataRequired(), Length(max=saved_lists.LONGEST_NAME)], filters=[tidy])
    shared = BooleanField(lazy("编辑台的人都看得到", "Everybody at the desk sees it"))
    over = BooleanField(lazy("替换同名的", "Replace the one of that name"))
    question = HiddenField()


class SavedListsView(Closed):
    """What somebody keeps and what colleagues share. Reached from the list of commitments."""

    opens: ClassVar[dict[str, Role]] = {
        "index": Role.READER,
        "keep": Role.READER,
        "rename": Role.READER,
        "forget": Role.READER,
    }

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("存下的列表", "Saved lists"), endpoint="saved", url="/desk/saved")
        self.session = session

    def is_visible(self) -> bool:
        """Not in the menu."""
        return False

    @expose("/")
    def index(self) -> str:
        """All of them."""
        arguments.only([])
        return self._page()

    @expose("/keep/", methods=("POST",))
    def keep(self) -> ResponseReturnValue:
        """Keep a question under a name, and show the list again."""
        arguments.only([])
        form = KeepForm()
        question = commitment_address.question(form.question.data or "")
        name, shared, over = form.name.data or "", bool(form.shared.data), bool(form.over.data)
        made = form.validate() and self._done(
            form, lambda: saved_lists.keep(self._now(), name, question, owner=_me(), shared=shared, over=over)
        )
        if not made:
            return self._page(form), 422
        flash(t(f"已存为“{name}”。", f"Saved as “{name}”."), "success")
        return redirect(url_for("commitment.index_view") + "?" + question)

    @expose("/rename/", methods=("POST",))
    def rename(self) -> ResponseReturnValue:
        """Call one's own otherwise, or share it or no longer."""
        kept, form = self._own(), KeepForm()
        name, shared = form.name.data or "", bool(form.shared.data)
        made = form.validate() and self._done(
            form, lambda: saved_lists.rename(self._now(), kept, name, shared=shared, owner=_me())
        )
        if not made:
            return self._page(renaming=(int(request.args["id"]), form)), 422
        flash(t("已保存。", "Saved."), "success")
        return redirect(url_for(".index"))

    @expose("/forget/", methods=("POST",))
    def forget(self) -> ResponseReturnValue:
        """Keep one's own no longer."""
        kept = self._own()
        name = refusals.written(self.session, lambda: saved_lists.forget(self._now(), kept))
        if name is not None:
            flash(t(f"“{name}”已删除。", f"“{name}” is deleted."), "success")
        return redirect(url_for(".index"))

    def _page(self, form: KeepForm | None = None, renaming: tuple[int, KeepForm] | None = None) -> str:
        kept = self.session.scalars(saved_lists.visible_to(current_user.id)).all()
        return self.render("desk/saved.html", kept=kept, form=form, renaming=renaming)

    def _now(self) -> Any:
        return self.session()

    def _own(self) -> SavedList:
        """The list that the address names, if it is one's own. Else 404."""
        arguments.only(["id"])
        rows = saved_lists.of_owner(current_user.id).where(SavedList.id == arguments.key(request.args.get("id")))
        kept = self.session.scalars(rows).one_or_none()
        if kept is None:
            abort(404, t("您没有这个存下的列表。", "You keep no such list."))
        return kept  # type: ignore[no-any-return]

    def _done(self, form: KeepForm, change: Callable[[], Any]) -> Any:
        """Make a change and commit it; none, with the rules beside their fields, where it breaks any."""
        try:
            return refusals.written(self.session, change)
        except RuleBroken as broken:
            self.session.rollback()
            for fault in broken.faults:
                field = form[fault.field]
                field.errors = [*field.errors, t(fault.zh, fault.en)]
            return None


def _me() -> Any:
    return current_user._get_current_object()  # noqa: SLF001 - the account itself, not the proxy
