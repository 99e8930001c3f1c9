"""The form that records a follow-up: four fields first, everything else folded away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from tracker import batches
from tracker.admin.fields import CodeField, tidy
from tracker.codebook import (
    Attribution,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
)
from tracker.findings import Finding, Search, Source
from tracker.language import lazy, t
from tracker.models import LINE, Commitment, StatusAssessment
from tracker.rules import Fault

#: Rows for evidence in the form.
SOURCES = 3

_LINE = Length(max=LINE)

#: Fields of the first piece of evidence that stand among the first fields of the form.
_OPEN = {"evidence-0-url", "evidence-0-reports"}


def _today() -> date:
    return datetime.now().astimezone().date()


class SourceForm(Form):
    """A published thing, as the form takes it; nothing where the address is empty."""

    url = URLField(lazy("依据网址", "Link"), filters=[tidy])
    reports = CodeField(lazy("报道内容", "It reports"), codes=EvidenceReports)
    relation = CodeField(
        lazy("与结论的关系", "It speaks"), codes=EvidenceRelation, blank=False, default=EvidenceRelation.SUPPORTS
    )
    origin = CodeField(lazy("来源方", "Origin"), codes=EvidenceOrigin)
    title = StringField(lazy("标题", "Title"), [_LINE], filters=[tidy])
    publisher = StringField(lazy("发布者", "Publisher"), [_LINE], filters=[tidy])
    published_on = DateField(lazy("发布日期", "Published"), [Optional()])
    excerpt = TextAreaField(lazy("摘录", "Excerpt"), filters=[tidy])

    def source(self) -> Source:
        """The evidence, as a finding takes it."""
        return Source(
            url=self.url.data or "",
            relation=self.relation.data or EvidenceRelation.SUPPORTS,
            reports=self.reports.data,
            origin=self.origin.data,
            title=self.title.data or None,
            publisher=self.publisher.data or None,
            published_on=self.published_on.data,
            excerpt=self.excerpt.data or None,
        )

    def is_said(self) -> bool:
        """Whether anything was typed."""
        named = (self.url, self.reports, self.origin, self.title, self.publisher, self.published_on, self.excerpt)
        return any(field.data for field in named)

    def validate_url(self, field: Any) -> None:
        """Words about evidence without its address would be lost: ask for it."""
        if not field.data and self.is_said():
            raise ValidationError(t("请附上网址", "Give its address"))


class FollowUpForm(FlaskForm):
    """What an analyst found about a commitment."""

    #: the latest assessment when the form was opened: neither a double click nor a colleague is overlooked
    latest = HiddenField()

    execution = CodeField(lazy("执行状态", "Status"), [InputRequired()], codes=Execution)
    effective_on = DateField(
        lazy("状态生效日", "True of"), [InputRequired()], description=lazy("事实发生的那一天", "The day it happened")
    )
    summary = TextAreaField(
        lazy("核查结论（一句话）", "What was found, in a sentence"), [DataRequired()], filters=[tidy]
    )
    reviewed_up_to = DateField(
        lazy("核查截止日", "Reviewed up to"),
        [DataRequired()],
        default=_today,
        description=lazy("查到哪一天为止", "The search went up to this day"),
    )
    effective_precision = CodeField(
        lazy("只知到月或年", "Known only to the month or year"),
        codes=Precision,
        description=lazy("日期填该月或该年的最后一天", "Give the last day of that month or year"),
    )
    summary_en = TextAreaField(lazy("核查结论（英文）", "The same in English"), filters=[tidy])
    evidence = FieldList(FormField(SourceForm), min_entries=SOURCES, max_entries=SOURCES)

    searched_in = StringField(lazy("检索处", "Searched in"), [_LINE], filters=[tidy])
    query = StringField(lazy("检索词", "Searched for"), [_LINE], filters=[tidy])
    searched_on = DateField(lazy("检索日期", "Searched on"), [Optional()], default=_today)
    results_read = IntegerField(lazy("已读结果数", "Results read"), [Optional(), NumberRange(min=0, max=1_000_000)])

    outcome = CodeField(lazy("成效", "Outcome"), codes=Outcome, blank=False, default=Outcome.UNKNOWN)
    official_claim = CodeField(
        lazy("官方说法", "Official claim"),
        codes=Execution,
        description=lazy(
            "市里自己怎么说；以第一条官方依据为出处",
            "What the city itself says; its source is the first official evidence",
        ),
    )
    progress = TextAreaField(lazy("进展", "Progress"), filters=[tidy])
    problems = TextAreaField(lazy("问题", "Problems"), filters=[tidy])
    next_steps = TextAreaField(lazy("下一步", "Next steps"), filters=[tidy])
    progress_share = IntegerField(
        lazy("完成比例（%）", "Achieved share (%)"), [Optional(), NumberRange(min=0, max=100)]
    )
    reason = CodeField(lazy("原因", "Reason"), codes=Reason)
    attribution = CodeField(lazy("归因", "Attribution"), codes=Attribution)
    confidence = CodeField(lazy("把握程度", "Confidence"), codes=Confidence)
    corrects = SelectField(lazy("更正哪一条评估", "Corrects which assessment"), validate_choice=False, coerce=str)
    next_check = DateField(lazy("下次查看", "Next check"), [Optional()])

    def __init__(self, *, commitment: Commitment, earlier: Sequence[StatusAssessment], fresh: bool = False) -> None:
        planned = commitment.next_check
        ahead = planned if planned and planned > _today() else None
        # A fresh one takes nothing of what was sent: that has been recorded.
        sent = {"formdata": None} if fresh else {}
        super().__init__(data={"next_check": ahead, "latest": _latest(earlier)}, **sent)
        #: assessments that came after the form was opened, once it is known that some did
        self.newer: list[StatusAssessment] = []
        self.corrects.choices = [("", t("（不更正）", "(none)"))] + [
            (str(row.id), f"{row.effective_on} {t(row.execution.zh, row.execution.en)} · {row.summary[:40]}")
            for row in earlier
        ]

    def next_check_of(self, commitment: Commitment) -> date | None:
        """The next check: what was typed; else a day to come stays, and one that has passed is done with."""
        return batches.next_check(commitment, self.next_check.data)

    def came_late(self, earlier: Sequence[StatusAssessment]) -> bool:
        """Whether an assessment was recorded since the form was opened; the next try is then let through."""
        opened_on, self.latest.data = self.latest.data or "", _latest(earlier)
        seen = int(opened_on) if opened_on.isascii() and opened_on.isdigit() else 0
        self.newer = [row for row in earlier if row.id > seen]
        return bool(opened_on != self.latest.data)

    def finding(self) -> Finding:
        """What was typed and found valid, as `record_assessment` takes it. Empty means not given."""
        share = self.progress_share.data
        return Finding(
            execution=self.execution.data,
            effective_on=cast("date", self.effective_on.data),
            reviewed_up_to=cast("date", self.reviewed_up_to.data),
            effective_precision=self.effective_precision.data,
            summary=self.summary.data or "",
            summary_en=self.summary_en.data or None,
            evidence=tuple(entry.form.source() for entry in self.evidence if entry.form.is_said()),
            searches=self._searches(),
            outcome=self.outcome.data or Outcome.UNKNOWN,
            official_claim=self.official_claim.data,
            progress=self.progress.data or None,
            problems=self.problems.data or None,
            next_steps=self.next_steps.data or None,
            progress_share=None if share is None else share / 100,
            reason=self.reason.data,
            attribution=self.attribution.data,
            confidence=self.confidence.data,
            corrects=int(self.corrects.data) if self.corrects.data else None,
        )

    def _searches(self) -> tuple[Search, ...]:
        if not (self.searched_in.data and self.query.data):
            return ()
        return (Search(self.searched_in.data, self.query.data, self.searched_on.data, self.results_read.data),)

    def validate_searched_in(self, _field: Any) -> None:
        """Where and for what go together."""
        if bool(self.searched_in.data) != bool(self.query.data):
            raise ValidationError(t("检索处和检索词须同时填写", "Say both where and for what"))

    def validate_corrects(self, field: Any) -> None:
        """Only an assessment of this commitment can be corrected."""
        if field.data and field.data not in dict(field.choices):
            raise ValidationError(t("请从列表中选择", "Choose one of the list"))

    def take(self, faults: list[Fault]) -> None:
        """Put the rules that were broken beside the fields that they are about."""
        for fault in faults:
            field = self._field(fault.field)
            field.errors = [*field.errors, t(fault.zh, fault.en)]

    def _field(self, name: str) -> Any:
        match name:
            case "evidence":
                return self.evidence[0].form.url
            case "searches":
                return self.searched_in
            case _:
                return self[name]

    def is_plain(self, *names: str) -> bool:
        """Whether these fields are as they were opened: what was typed, or is wrong, must not be folded away."""
        return not self.is_submitted() or not any(_touched(field) for name in names for field in self._folded(name))

    def _folded(self, name: str) -> list[Any]:
        """The single fields under a name, but for those of the first link that are never folded."""
        if name != "evidence":
            return [self[name]]
        return [field for entry in self.evidence for field in entry.form if field.name not in _OPEN]


def _latest(earlier: Sequence[StatusAssessment]) -> str:
    """The assessment that was recorded last; empty where there is none."""
    return str(max((row.id for row in earlier), default=""))


def _touched(field: Any) -> bool:
    return bool(field.errors) or (field.data or None) != (field.object_data or None)
