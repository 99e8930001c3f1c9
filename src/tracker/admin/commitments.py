"""Commitments at the desk: the list, the page of one, its coding, and recording a follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy import Row
from sqlalchemy.orm import joinedload

from tracker import queries
from tracker.admin import arguments, commitment_list, commitment_page
from tracker.admin.assessments import FollowUpForm
from tracker.admin.base import Table
from tracker.assessments import record_assessment
from tracker.codebook import DeadlineKind, Execution, Kind, Role, Timeliness
from tracker.language import t
from tracker.models import Commitment, StatusAssessment
from tracker.queries import CommitmentFilter
from tracker.rules import RuleBroken


class CommitmentView(Table):
    """Commitments. Code, quote, position and document are fixed by the text and not edited here."""

    opens: ClassVar[dict[str, Role]] = {
        "index_view": Role.READER,
        "details_view": Role.READER,
        "edit_view": Role.ANALYST,
        "record_view": Role.ANALYST,
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
    def index_view(self) -> str:
        """The list, as the address asks for it."""
        cities = self._cities()
        asked = commitment_list.asked([city.code for city in cities])
        return self.render(
            "desk/commitments.html",
            asked=asked,
            found=commitment_list.found(self.session(), asked),
            cities=cities,
            choices={"kind": Kind, "status": Execution, "timeliness": Timeliness, "deadline": DeadlineKind},
            sizes=commitment_list.SIZES,
            timeliness_of=Timeliness,
        )

    def _cities(self) -> Sequence[Row[Any]]:
        return self.session.execute(queries.cities()).all()  # type: ignore[no-any-return]

    @expose("/details/")
    def details_view(self) -> str:
        """One commitment, named by `code` (or by `id`)."""
        commitment = self._named()
        return self.render(
            "desk/commitment.html",
            page=commitment_page.page(self.session(), commitment),
            trail_entries=self.trail(commitment),
            timeliness_of=Timeliness,
        )

    def _named(self) -> Commitment:
        """The commitment that the address names. Else 404."""
        if "code" not in request.args:
            return self.get_one(request.args.get("id"))  # type: ignore[no-any-return]
        rows = self.get_query().where(Commitment.code == request.args["code"].strip()[:100])
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
        arguments.only(["code", "id"])
        commitment = self._named()
        earlier = commitment_page.history(self.session(), commitment)
        asked = CommitmentFilter(code=commitment.code, unpublished=True)
        row = self.session.execute(queries.commitments(asked)).one()
        form = FollowUpForm(commitment=commitment, earlier=earlier)
        if form.validate_on_submit():
            assessment = self._recorded(form, commitment, earlier)
            if assessment is not None:
                flash(t("已记录。", "Recorded."), "success")
                return redirect(url_for("commitment.details_view", code=commitment.code))
        page = self.render("desk/record.html", form=form, row=row, earlier=earlier)
        return page, 422 if form.is_submitted() else 200

    def _recorded(
        self, form: FollowUpForm, commitment: Commitment, earlier: list[StatusAssessment]
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
