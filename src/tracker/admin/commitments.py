"""Commitments at the desk: the list, the page of one, its coding, and recording a follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy.orm import joinedload

from tracker import briefs, histories, queries
from tracker.admin import (
    arguments,
    commitment_address,
    commitment_filters,
    commitment_list,
    commitment_page,
    commitment_row,
)
from tracker.admin.assessments import FollowUpForm
from tracker.admin.base import Table
from tracker.admin.comments import comments_of
from tracker.admin.commitment_address import Asked
from tracker.admin.commitment_filters import Offers
from tracker.assessments import record_assessment
from tracker.codebook import Light, Role, Timeliness
from tracker.filters import NOW
from tracker.language import t
from tracker.models import Commitment, StatusAssessment
from tracker.rules import RuleBroken


class CommitmentView(Table):
    """Commitments. Code, quote, position and document are fixed by the text and not edited here."""

    opens: ClassVar[dict[str, Role]] = {
        "index_view": Role.READER,
        "details_view": Role.READER,
        "edit_view": Role.ANALYST,
        "record_view": Role.ANALYST,
        "row_view": Role.READER,
        "record_row_view": Role.ANALYST,
    }
    can_create = False
    column_list = column_details_list = ("code", "title_zh")
    form_columns = (
        "title_zh",
        "title_en",
        "secondary_kind",
        "tense",
        "tense_confidence",
        "tense_words",
        "tense_note_zh",
        "tense_note_en",
        "checkability",
        "completion_zh",
        "completion_en",
        "beneficiaries_zh",
        "beneficiaries_en",
        "note_zh",
        "note_en",
        "stands_alone",
        "publication_state",
        "next_check",
    )

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The list, as the address asks for it."""
        offers = self._offers()
        asked = commitment_address.asked(offers.codes())
        if commitment_address.is_untidy():
            return redirect(commitment_address.tidy_address())
        found = commitment_list.found(self.session(), asked)
        opened = next((row for row in found.rows if row.code == asked.opened), None)
        return self.render(
            "desk/commitments.html",
            found=found,
            bar=commitment_filters.bar(offers),
            address=commitment_address,
            question=urlencode(commitment_address.said()),
            opened=opened and commitment_row.opened(self.session(), self._coded(opened.code), asked.which.cutoff),
            **self._shown(asked, [row.id for row in found.rows]),
        )

    def _offers(self) -> Offers:
        return Offers(self.session(), current_user.id)

    def _shown(self, asked: Asked, ids: list[int]) -> dict[str, Any]:
        """What rows of the list need to be shown."""
        return {
            "asked": asked,
            "headings": commitment_address.headings(),
            "said": urlencode(commitment_address.said(here=True)),
            "briefs": briefs.of_commitments(self.session(), ids, asked.which.cutoff),
            # whether whoever looks may record several rows at once
            "many": self.allows("record_view"),
            "today": asked.which.cutoff.day(),
            "timeliness_of": Timeliness,
            "light_of": Light,
        }

    @expose("/row/")
    def row_view(self) -> ResponseReturnValue:
        """One row and what it opens to, for a list that is on the screen already."""
        return self._row(self._asked_beside())

    @expose("/row/", methods=("POST",))
    def record_row_view(self) -> ResponseReturnValue:
        """Record a follow-up from the list: the row as it then is, or its form with what is wrong."""
        asked, commitment = self._asked_beside(), self._coded(request.args.get("code", ""))
        earlier = self.session.scalars(histories.assessments(commitment.id, NOW)).all()
        form = FollowUpForm(commitment=commitment, earlier=earlier)
        if form.validate_on_submit() and self._recorded(form, commitment, earlier) is not None:
            flash(t("已记录。", "Recorded."), "success")
            return self._row(asked)
        return self._row(asked, form), 409 if form.newer else 422

    def _asked_beside(self) -> Asked:
        """The list that the row stands in."""
        return commitment_address.asked(self._offers().codes(), also=["code"])

    def _row(self, asked: Asked, form: FollowUpForm | None = None) -> str:
        commitment = self._coded(request.args.get("code", ""))
        row = commitment_list.one(self.session(), commitment.code, asked)
        return self.render(
            "desk/row.html",
            row=row,
            failed=form is not None,
            opened=commitment_row.opened(self.session(), commitment, asked.which.cutoff, form),
            **self._shown(asked, [row.id]),
        )

    @expose("/details/")
    def details_view(self) -> str:
        """One commitment, named by `code` (or by `id`)."""
        arguments.only(["code", "id", "as_of", "recorded_by"])
        commitment, cutoff = self._named(), arguments.cutoff()
        return self.render(
            "desk/commitment.html",
            page=commitment_page.page(self.session(), commitment, cutoff),
            cutoff=cutoff,
            trail_entries=self.trail(commitment),
            discussion=comments_of(self.session(), commitment),
            timeliness_of=Timeliness,
        )

    def _named(self) -> Commitment:
        """The commitment that the address names. Else 404."""
        if "code" not in request.args:
            return self.get_one(request.args.get("id"))  # type: ignore[no-any-return]
        return self._coded(request.args["code"])

    def _coded(self, code: str) -> Commitment:
        """The commitment with this code. Else 404."""
        rows = self.get_query().where(Commitment.code == code.strip()[:100])
        row = (rows.with_for_update(of=Commitment) if request.method == "POST" else rows).one_or_none()
        if row is None:
            abort(404, t("没有这个编号的承诺。", "There is no commitment with this code."))
        return row  # type: ignore[no-any-return]

    def _loaded(self) -> list[Any]:
        return [joinedload(tie) for tie in (Commitment.passage, Commitment.focus, Commitment.turn)]

    def get_save_return_url(self, model: Any, is_created: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002
        """Back to the page of the commitment."""
        return url_for("commitment.details_view", code=model.code)

    @expose("/record/", methods=("GET", "POST"))
    def record_view(self) -> ResponseReturnValue:
        """Record a follow-up: the form on GET, the assessment on POST."""
        arguments.only(["code", "id", "back"])
        commitment = self._named()
        back = commitment_address.back(commitment.code)
        earlier = self.session.scalars(histories.assessments(commitment.id, NOW)).all()
        row = self.session.execute(*queries.coded(commitment.code, NOW)).one()
        form = FollowUpForm(commitment=commitment, earlier=earlier)
        if form.validate_on_submit():
            assessment = self._recorded(form, commitment, earlier)
            if assessment is not None:
                flash(t("已记录。", "Recorded."), "success")
                return redirect(back or url_for("commitment.details_view", code=commitment.code))
        page = self.render("desk/record.html", form=form, row=row, earlier=earlier, back=back)
        return page, 409 if form.newer else 422 if form.is_submitted() else 200

    def _recorded(
        self, form: FollowUpForm, commitment: Commitment, earlier: Sequence[StatusAssessment]
    ) -> StatusAssessment | None:
        """Append the assessment; none where it breaks a rule or another one came first."""
        if form.came_late(earlier):
            flash(
                t(
                    "没有记录：您打开表单之后，又有一条新评估（见下）。仍要记录，请再按一次。",
                    "Not recorded: another assessment came after you opened the form (see below). Press again to"
                    " record yours as well.",
                ),
                "error",
            )
            return None

        def change() -> StatusAssessment:
            analyst = current_user._get_current_object()  # noqa: SLF001 - the account itself, not the proxy
            made = record_assessment(self.session(), commitment, form.finding(), analyst=analyst)
            commitment.next_check = form.next_check_of(commitment)
            return made

        try:
            made: StatusAssessment | None = self.written(change)
        except RuleBroken as broken:
            form.take(broken.faults)
            return None
        return made
