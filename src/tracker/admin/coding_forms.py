"""The forms of second coding: draw a round, code an item, decide one."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from tracker.admin.fields import tidy
from tracker.codebook import CodedField
from tracker.language import label, lazy, t
from tracker.models import LINE
from tracker.reliability import SEEDS
from tracker.rules import LONGEST_TEXT, Fault

_CHOOSE = lazy("请选一项", "Choose one")


class _Form(FlaskForm):
    def take(self, faults: list[Fault]) -> list[str]:
        """Put faults beside the fields that they are about; returns those about no field of the form."""
        others = []
        for fault in faults:
            if fault.field in self and not isinstance(self[fault.field], HiddenField):
                self[fault.field].errors = [*self[fault.field].errors, t(fault.zh, fault.en)]
            else:
                others.append(t(fault.zh, fault.en))
        return others


class DrawForm(_Form):
    """A new round."""

    name = StringField(lazy("轮次名称", "Name of the round"), [DataRequired(), Length(max=LINE)], filters=[tidy])
    city = SelectField(lazy("城市", "City"), validate_choice=True)
    size = IntegerField(lazy("抽取几条承诺", "How many commitments"), [InputRequired(), NumberRange(min=1)], default=40)
    fields = SelectMultipleField(lazy("重编哪些字段", "Which fields"), [InputRequired(message=_CHOOSE)])
    seed = IntegerField(
        lazy("随机种子（可不填）", "Random seed (may be empty)"),
        [Optional(), NumberRange(min=0, max=SEEDS - 1)],
        description=lazy(
            "不填则自动生成并存档；同一台账、同一种子抽出同一样本。",
            "Made and kept where it is empty; the same ledger and seed give the same sample.",
        ),
    )

    def __init__(self, cities: list[tuple[str, str]]) -> None:
        super().__init__()
        self.city.choices = [("", t("全部", "All")), *cities]
        self.fields.choices = [(field.value, label(field)) for field in CodedField]


class _ValueForm(_Form):
    #: the item that the form was opened on
    item = HiddenField()
    value = RadioField(validators=[InputRequired(message=_CHOOSE)])

    def __init__(self, field: CodedField, item: int) -> None:
        super().__init__()
        self.value.choices = [(code.value, label(code)) for code in field.codes]
        self.item.data = str(item)
        self.definitions = {code.value: t(code.definition_zh, code.definition_en) for code in field.codes}


class ReadingForm(_ValueForm):
    """What a coder reads."""

    note = TextAreaField(lazy("疑问（可不填）", "Doubt (may be empty)"), [Length(max=LONGEST_TEXT)], filters=[tidy])


class AdjudicationForm(_ValueForm):
    """What is decided, and why."""

    note: Any = TextAreaField(lazy("裁定理由", "Why"), [DataRequired(), Length(max=LONGEST_TEXT)], filters=[tidy])
