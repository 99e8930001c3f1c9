"""The small forms of following up: review, measure, move a deadline, plan and reach a milestone, keep a page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, FloatField, StringField, TextAreaField, URLField
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.admin.fields import CodeField, tidy
from tracker.codebook import DeadlineKind, EvidenceReports, Reason, Verdict
from tracker.findings import Source
from tracker.language import lazy, t
from tracker.models import LINE
from tracker.rules import Fault

_LINE = Length(max=LINE)


def _today() -> date:
    return datetime.now().astimezone().date()


class ActForm(FlaskForm):
    """A form whose broken rules stand beside the fields that they are about."""

    #: what a rule calls a field → what the form calls it
    called: dict[str, str] = {"evidence": "url"}  # noqa: RUF012 - never changed

    def take(self, faults: list[Fault]) -> None:
        """Put each rule that was broken beside its field."""
        for fault in faults:
            field = self[self.called.get(fault.field, fault.field)]
            field.errors = [*field.errors, t(fault.zh, fault.en)]


class ReviewForm(ActForm):
    """A second person's verdict."""

    verdict = CodeField(lazy("复核意见", "Verdict"), [InputRequired()], codes=Verdict)
    note = TextAreaField(
        lazy("理由", "Why"), filters=[tidy], description=lazy("退回时必填", "Needed where it is returned")
    )


class _Sourced(ActForm):
    """A form that cites a page."""

    url = URLField(lazy("依据网址", "Link"), [DataRequired()], filters=[tidy])
    reports = CodeField(lazy("报道内容", "It reports"), codes=EvidenceReports)

    def source(self) -> Source:
        """The page, as it is cited."""
        return Source(self.url.data or "", reports=self.reports.data)


class MeasureForm(_Sourced):
    """A value found for a stated figure."""

    value = FloatField(lazy("查实的数值", "Value found"), [InputRequired()])
    as_of = DateField(lazy("数值日期", "Value of"), [InputRequired()])
    note = TextAreaField(
        lazy("说明", "Note"), filters=[tidy], description=lazy("数了什么，没数什么", "What was counted, and what not")
    )


class DeadlineForm(_Sourced):
    """A deadline set anew."""

    until = DateField(lazy("新的最后一天", "The new last day"), [InputRequired()])
    text = StringField(lazy("出处原话", "The words that set it"), [DataRequired(), _LINE], filters=[tidy])
    announced_on = DateField(lazy("宣布日期", "Announced"), [InputRequired()])
    kind = CodeField(
        lazy("期限性质", "Kind of deadline"), codes=DeadlineKind, blank=False, default=DeadlineKind.COMPLETION
    )
    reason = CodeField(lazy("原因", "Reason"), codes=Reason)
    note = TextAreaField(lazy("备注", "Note"), filters=[tidy])


class MilestoneForm(_Sourced):
    """A step with a planned day."""

    title_zh = StringField(lazy("节点（中文）", "Step, in Chinese"), [DataRequired(), _LINE], filters=[tidy])
    title_en = StringField(lazy("节点（英文）", "Step, in English"), [_LINE], filters=[tidy])
    planned_on = DateField(lazy("计划日期", "Planned"), [InputRequired()])


class ReachForm(_Sourced):
    """A step was reached."""

    reached_on = DateField(lazy("达到日期", "Reached"), [InputRequired()])


class ArchiveForm(ActForm):
    """A file to keep of a piece of evidence."""

    file: Any = FileField(
        lazy("文件", "File"),
        [FileRequired()],
        description=lazy(
            "HTML、TXT、PDF、PNG 或 JPG；有摘录的，摘录须见于网页文件",
            "HTML, TXT, PDF, PNG or JPG; where there is an excerpt it has to stand in the page",
        ),
    )
    retrieved_on = DateField(lazy("获取日期", "Retrieved"), [InputRequired()], default=_today)
