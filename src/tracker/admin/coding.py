"""Second coding at the desk: rounds, one item at a time without the first coding, results, adjudication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from tracker import filters, queries, reliability
from tracker.admin import arguments, refusals
from tracker.admin.base import Closed
from tracker.admin.coding_forms import AdjudicationForm, DrawForm, ReadingForm
from tracker.agreement import results, rounds
from tracker.codebook import CodedField, Role
from tracker.language import lazy, t
from tracker.materials import materials
from tracker.models import CodingItem, CodingRound, Commitment, User
from tracker.quotes import words
from tracker.rules import RuleBroken


class CodingView(Closed):
    """Rounds of second coding. Who is in the middle of coding one sees no result of it."""

    opens: ClassVar[dict[str, Role]] = {
        "index_view": Role.READER,
        "round_view": Role.READER,
        "draw_view": Role.ANALYST,
        "code_view": Role.ANALYST,
        "adjudicate_view": Role.ANALYST,
    }

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("双人编码", "Second coding"), endpoint="coding", url="/desk/coding")
        self.session = session

    @expose("/")
    def index_view(self) -> str:
        """The rounds, the newest first."""
        arguments.only([])
        return self.render(
            "desk/coding_rounds.html",
            rounds=self.session.execute(rounds()).all(),
            left=reliability.left_by_round(self.session(), _me()) if self.allows("code_view") else {},
        )

    @expose("/draw/", methods=("GET", "POST"))
    def draw_view(self) -> ResponseReturnValue:
        """Draw a round: the form on GET, the sample on POST."""
        arguments.only([])
        cities = self.session.execute(queries.cities()).all()
        form = DrawForm([(city.code, t(city.name_zh, city.name_en)) for city in cities])
        if form.validate_on_submit():
            drawn = self._written(form, lambda: self._drawn(form))
            if drawn is not None:
                flash(t(f"已抽取，种子 {drawn.seed}。", f"Drawn with seed {drawn.seed}."), "success")
                return redirect(url_for(".round_view", id=drawn.id))
        page = self.render("desk/coding_draw.html", form=form)
        return page, 422 if form.is_submitted() else 200

    def _drawn(self, form: DrawForm) -> CodingRound:
        return reliability.draw(
            self.session(),
            form.name.data or "",
            size=form.size.data or 0,
            fields={CodedField(field) for field in form.fields.data or []},
            drawn_by=_me(),
            seed=form.seed.data,
            city_code=form.city.data or None,
        )

    @expose("/round/")
    def round_view(self) -> str:
        """Agreement and disagreements of a round, for whoever may see them."""
        arguments.only(["id", "look"])
        drawn, me = self._round(), _me()
        mine = reliability.readings_of(self.session(), drawn, me)
        left = reliability.left(self.session(), drawn, me) if self.allows("code_view") else []
        blind = bool(mine and left)
        return self.render(
            "desk/coding_round.html",
            round=drawn,
            done=len(mine),
            left=len(left),
            blind=blind,
            found=None if blind else results(self.session(), drawn),
            # Who could still code sees the values only after saying that they will not.
            shows_values=not left or arguments.one_of("look", ["1"]) is not None,
        )

    @expose("/code/", methods=("GET", "POST"))
    def code_view(self) -> ResponseReturnValue:
        """The next item that whoever is signed in has still to code."""
        arguments.only(["id"])
        drawn, me = self._round(), _me()
        left = reliability.left(self.session(), drawn, me)
        item = self._posted(drawn) or next(iter(left), None)
        if item is None:
            return redirect(url_for(".round_view", id=drawn.id))
        form = ReadingForm(item.field, item.id)
        if form.validate_on_submit():
            value, note = form.value.data, form.note.data
            if self._written(form, lambda: reliability.code(self.session(), item, value, coder=me, note=note)):
                if len(left) == 1:
                    flash(t("已编完，结果如下。", "All is coded; here are the results."), "success")
                return redirect(url_for(".code_view", id=drawn.id))
            if not form.errors:
                # It cannot be coded (any more), whatever is typed: on to the next.
                return redirect(url_for(".code_view", id=drawn.id))
        done = len(reliability.readings_of(self.session(), drawn, me))
        page = self.render(
            "desk/coding_item.html",
            round=drawn,
            form=form,
            place=min(done + 1, done + len(left)),
            total=done + len(left),
            **self._shown(item),
        )
        return page, 422 if form.is_submitted() else 200

    @expose("/adjudicate/", methods=("GET", "POST"))
    def adjudicate_view(self) -> ResponseReturnValue:
        """Decide an item that was coded again."""
        arguments.only(["item"])
        item, me = self._item(request.args.get("item")), _me()
        if reliability.is_blind(self.session(), item.round, me):
            abort(
                403, t("您在这一轮还没有编完，请先编完。", "You are in the middle of coding this round: finish first.")
            )
        form = AdjudicationForm(item.field, item.id)
        if form.validate_on_submit():
            value, note = form.value.data, form.note.data or ""
            if self._written(
                form, lambda: reliability.adjudicate(self.session(), item, value, note=note, adjudicator=me)
            ):
                flash(t("已裁定；台账本身未变。", "Decided; the ledger itself is as it was."), "success")
                return redirect(url_for(".round_view", id=item.round_id, look=1, _anchor=f"i{item.id}"))
        page = self.render("desk/coding_adjudicate.html", form=form, readings=item.readings, **self._shown(item))
        return page, 422 if form.is_submitted() else 200

    def _shown(self, item: CodingItem) -> dict[str, Any]:
        """What an item is coded by, and nothing of the first coding."""
        asked = filters.CommitmentFilter(code=item.commitment.code, unpublished=True)
        row: Row[Any] = self.session.execute(queries.commitments(asked)).one()
        return {
            "item": item,
            "question": row.question,
            "question_head_missing": row.question_head_missing,
            "words": words(self.session(), item.commitment),
            "materials": materials(self.session(), item),
        }

    def _written(self, form: Any, change: Callable[[], Any]) -> Any:
        """Make a change and commit it; none, with the reason said and nothing kept, where a rule refuses it."""
        try:
            made = change()
            self.session.commit()
        except RuleBroken as broken:
            self.session.rollback()
            for said in form.take(broken.faults):
                flash(said, "error")
            return None
        except SQLAlchemyError as error:
            # Somebody else was quicker by a moment: the database held the rule.
            self.session.rollback()
            flash(refusals.said(error), "error")
            return None
        return made

    def _round(self) -> CodingRound:
        """The round that the address names. Else 404."""
        found: CodingRound | None = self.session.get(CodingRound, arguments.key(request.args.get("id")))
        if found is None:
            abort(404, t("没有这一轮。", "There is no such round."))
        return found

    def _posted(self, drawn: CodingRound) -> CodingItem | None:
        """The item that a form was sent for; none where none was sent. 404 where it is of another round."""
        if request.method != "POST":
            return None
        found = self._item(request.form.get("item"))
        if found.round_id != drawn.id:
            abort(404, t("这一轮没有这一项。", "There is no such item in this round."))
        return found

    def _item(self, given: object) -> CodingItem:
        rows = select(CodingItem).where(CodingItem.id == arguments.key(given))
        ties = joinedload(CodingItem.commitment)
        loaded = [ties.joinedload(tie) for tie in (Commitment.passage, Commitment.focus, Commitment.turn)]
        found: CodingItem | None = self.session.scalar(rows.options(*loaded, joinedload(CodingItem.round)))
        if found is None:
            abort(404, t("没有这一项。", "There is no such item."))
        return found


def _me() -> User:
    """The account of whoever is signed in, not its proxy."""
    account: User = current_user._get_current_object()  # noqa: SLF001
    return account
