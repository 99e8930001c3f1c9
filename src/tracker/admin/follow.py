"""Following up beside the assessment itself: each act is one small form on its own address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tracker import evidence, measurements, reviews, schedules
from tracker.admin import arguments, commitment_address, refusals, values
from tracker.admin.base import Closed
from tracker.admin.follow_forms import (
    ActForm,
    ArchiveForm,
    DeadlineForm,
    MeasureForm,
    MilestoneForm,
    ReachForm,
    ReviewForm,
)
from tracker.codebook import Role
from tracker.language import label, lazy, t
from tracker.models import Base, Commitment, Evidence, Milestone, StatedFigure, StatusAssessment, User
from tracker.rules import RuleBroken
from tracker.standings import dated


class FollowView(Closed):
    """Review, measure, move a deadline, plan and reach milestones, keep pages. Reached from the commitment's page."""

    opens: ClassVar[dict[str, Role]] = {
        "review": Role.REVIEWER,
        "measure": Role.ANALYST,
        "deadline": Role.ANALYST,
        "milestone": Role.ANALYST,
        "reach": Role.ANALYST,
        "archive": Role.ANALYST,
    }

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("跟踪", "Follow-up"), endpoint="follow", url="/desk/follow")
        self.session = session

    def is_visible(self) -> bool:
        """Not in the menu: every act is about a row."""
        return False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Nothing by itself."""
        abort(404)

    @expose("/review/", methods=("GET", "POST"))
    def review(self) -> ResponseReturnValue:
        """A second person's verdict on an assessment."""
        judged = self._row(StatusAssessment, "back")
        form = ReviewForm()
        return self._act(
            form,
            judged.commitment,
            t("复核评估", "Review an assessment"),
            [
                f"№ {judged.id} {label(judged.execution)} {dated(judged.effective_on, judged.effective_precision)}",
                judged.analyst.name,
                judged.summary,
                t("怎样算完成：", "What would show completion: ")
                + t(judged.commitment.completion_zh, judged.commitment.completion_en),
            ],
            lambda: reviews.review(
                self.session(), judged, form.verdict.data, reviewer=_somebody(), note=form.note.data
            ),
            commitment_address.back(judged.commitment.code) or "",
            judged=judged,
        )

    @expose("/measure/", methods=("GET", "POST"))
    def measure(self) -> ResponseReturnValue:
        """A value found for a stated figure."""
        figure = self._row(StatedFigure)
        if figure.commitment_id is None:
            abort(404, t("这个数字不属于任何承诺。", "This figure belongs to no commitment."))
        form = MeasureForm()
        stated = f"{label(figure.comparator)}{values.shown(figure.value)} {values.named(figure.unit)}"
        return self._act(
            form,
            self.session.get(Commitment, figure.commitment_id),
            t("记录实测值", "Record a measurement"),
            [t(figure.what_zh, figure.what_en), t(f"原文：{stated}", f"Stated: {stated}")],
            lambda: measurements.measure(
                self.session(), figure, form.value.data or 0.0, as_of=form.as_of.data, source=form.source(),  # type: ignore[arg-type]
                analyst=_somebody(), note=form.note.data,
            ),
        )  # fmt: skip

    @expose("/deadline/", methods=("GET", "POST"))
    def deadline(self) -> ResponseReturnValue:
        """A deadline set anew."""
        commitment = self._row(Commitment)
        form = DeadlineForm()
        said = f"“{commitment.deadline_text}” {label(commitment.deadline_kind)} {commitment.window_end}"
        return self._act(
            form,
            commitment,
            t("记录期限调整", "Record a deadline set anew"),
            [said if commitment.deadline_text else t("原文没有说时间。", "The text gives no time.")],
            lambda: schedules.revise_deadline(
                self.session(), commitment, until=form.until.data, text=form.text.data or "",  # type: ignore[arg-type]
                announced_on=form.announced_on.data, source=form.source(), analyst=_somebody(),  # type: ignore[arg-type]
                kind=form.kind.data, reason=form.reason.data, note=form.note.data,
            ),
        )  # fmt: skip

    @expose("/milestone/", methods=("GET", "POST"))
    def milestone(self) -> ResponseReturnValue:
        """A step with its planned day."""
        commitment = self._row(Commitment)
        form = MilestoneForm()
        return self._act(
            form,
            commitment,
            t("添加形象进度节点", "Add a milestone"),
            [],
            lambda: schedules.plan_milestone(
                self.session(), commitment, title_zh=form.title_zh.data or "", title_en=form.title_en.data,
                planned_on=form.planned_on.data, source=form.source(), analyst=_somebody(),  # type: ignore[arg-type]
            ),
        )  # fmt: skip

    @expose("/reach/", methods=("GET", "POST"))
    def reach(self) -> ResponseReturnValue:
        """A step was reached."""
        step = self._row(Milestone)
        form = ReachForm()
        return self._act(
            form,
            step.commitment,
            t("记录节点达到", "Record that a milestone was reached"),
            [t(step.title_zh, step.title_en or step.title_zh), t("计划", "Planned") + f" {step.planned_on}"],
            lambda: schedules.reach_milestone(
                self.session(), step, reached_on=form.reached_on.data, source=form.source(), analyst=_somebody()  # type: ignore[arg-type]
            ),
        )  # fmt: skip

    @expose("/archive/", methods=("GET", "POST"))
    def archive(self) -> ResponseReturnValue:
        """Keep a file of a piece of evidence."""
        page = self._row(Evidence)
        form = ArchiveForm()

        def keep() -> Any:
            file: FileStorage = form.file.data
            ending = PurePath(file.filename or "").suffix.lower()
            return evidence.archive(
                self.session(), page, file.read(), media_type=evidence.MEDIA_TYPES.get(ending, ending),
                retrieved_on=form.retrieved_on.data, analyst=_somebody(),  # type: ignore[arg-type]
            )  # fmt: skip

        said = [page.title or page.url, page.excerpt or ""]
        return self._act(
            form, None, t("存档文件", "Keep a file"), said, keep, url_for("evidence.details_view", id=page.id)
        )

    def _row(self, model: type[Any], *also: str) -> Any:
        """The row that the address names by `id`, beside what it may `also` say. Else 404."""
        arguments.only(["id", *also])
        row = self.session.scalars(select(model).where(model.id == arguments.key(request.args.get("id")))).one_or_none()
        if row is None:
            abort(404, t("没有这一行。", "There is no such row."))
        return row

    def _act(
        self,
        form: ActForm,
        commitment: Commitment | None,
        title: str,
        about: list[str],
        do: Callable[[], Base],
        back: str = "",
        *,
        judged: StatusAssessment | None = None,
    ) -> ResponseReturnValue:
        """Show the form, or do what it says and go back to where it was opened."""
        back = back or url_for("commitment.details_view", code=commitment.code if commitment else "")
        if form.validate_on_submit():
            try:
                if refusals.written(self.session, do) is not None:
                    flash(t("已记录。", "Recorded."), "success")
                    return redirect(back)
            except RuleBroken as broken:
                self.session.rollback()
                form.take(broken.faults)
        page = self.render(
            "desk/act.html", form=form, commitment=commitment, heading=title, about=about, back=back, judged=judged
        )
        return page, 422 if form.is_submitted() else 200


def _somebody() -> User:
    """The account that is signed in."""
    found: User = current_user._get_current_object()  # noqa: SLF001 - the account itself, not the proxy
    return found
