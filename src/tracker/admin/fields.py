"""Form fields of the desk, and how a column becomes one.

Everything is a native control of the browser: no script, so nothing breaks under a strict policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask_admin.contrib.sqla.fields import QuerySelectField
from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.model.form import converts
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]  # its stubs lag behind
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import Select

from tracker.admin import values
from tracker.codebook import Coded
from tracker.language import label, lazy, t
from tracker.models import LONG, NAMES, Commitment
from tracker.rules import is_web_address
from tracker.texts import is_unseen


def tidy(text: Any) -> Any:
    """Text without white space around it and with one kind of line end."""
    return text.replace("\r\n", "\n").strip() if isinstance(text, str) else text


def _none_if_empty(value: Any) -> Any:
    return value or None


class VersionField(HiddenField):
    """The state of the row that the form was opened on. Never written to the row."""

    def process_data(self, _value: Any) -> None:
        """Nothing: a form that does not say which state it was opened on was opened on none."""
        self.data = None

    def populate_obj(self, obj: Any, name: str) -> None:
        """Leave the row alone."""


class DeskForm(FlaskForm):
    """Base of the forms that edit a row: Flask-WTF's token, and the version the form was opened on."""

    # No name with a leading underscore: WTForms drops those without a word.
    row_version = VersionField()

    def __init__(self, formdata: Any = None, obj: Any = None, **given: Any) -> None:
        # Flask-Admin's check of unique columns looks the row up under this name.
        self._obj = obj
        super().__init__(formdata=formdata, obj=obj, **given)


class CodeField(SelectField):
    """A choice among the codes of a closed vocabulary, shown by their labels."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, codes: type[Coded], blank: bool = True, **given: Any
    ) -> None:
        super().__init__(label, validators, choices=[], validate_choice=False, **given)
        self.codes, self.blank = codes, blank

    def iter_choices(self) -> Iterator[Any]:
        """Blank first, where that may be chosen or nothing is yet."""
        if self.blank and not (self.flags.required and self.data):
            yield Choice("", t("（未填）", "(not given)"), self.data is None, {})
        for code in self.codes:
            title = t(code.definition_zh, code.definition_en)
            yield Choice(code.value, label(code) or title, code is self.data, {"title": title} if title else {})

    def process_data(self, value: Any) -> None:
        """Take the code as it is."""
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the code; none where the blank was chosen; as it was where the form does not say."""
        if not valuelist:
            return
        self.data = None
        if valuelist[0]:
            try:
                self.data = self.codes(valuelist[0])
            except ValueError as unknown:
                raise ValueError(t("请从列表中选择", "Choose one of the list")) from unknown


class RowField(QuerySelectField):
    """A choice among the rows of another table, by their names."""

    widget: Any = Select()

    def iter_choices(self) -> Iterator[Choice]:
        """The rows; Flask-Admin still yields the plain tuples that WTForms is about to drop."""
        for choice in super().iter_choices():
            value, name, selected, *_ = choice
            yield Choice(value, name or t("（未填）", "(not given)"), selected, {})


class CommitmentCodesField(StringField):
    """Commitments, written as their codes: quicker than a list of hundreds."""

    data: Any

    def __init__(self, label: Any = None, validators: Any = None, *, session: Any = None, **given: Any) -> None:
        super().__init__(label, validators, **given)
        self.session = session

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return t("、", ", ").join(row.code for row in self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the commitments; name the codes that are not known."""
        codes = [code for code in re.split(r"[\s,，、;；]+", valuelist[0] if valuelist else "") if code]
        found = {row.code: row for row in self.session.scalars(select(Commitment).where(Commitment.code.in_(codes)))}
        unknown = [code for code in codes if code not in found]
        if unknown:
            listed = "、".join(unknown)
            raise ValueError(t(f"没有这样的编号：{listed}", f"No such code: {listed}"))
        self.data = list({code: found[code] for code in codes}.values())


class Columns(AdminModelConverter):
    """Columns as native form fields. The names of the methods are Flask-Admin's."""

    def _model_select_field(self, prop: Any, multiple: Any, remote_model: Any, **given: Any) -> Any:  # noqa: ARG002
        if multiple:
            given.pop("allow_blank", None)
            return CommitmentCodesField(session=self.session, **given)
        given["get_label"] = values.named
        given.setdefault("query_factory", lambda: self.session.query(remote_model).order_by(remote_model.code))
        return RowField(**given)

    @staticmethod
    def _text(column: Any, given: dict[str, Any]) -> dict[str, Any]:
        # `InputRequired` would let white space pass for content.
        given["validators"] = [DataRequired() if isinstance(v, InputRequired) else v for v in given["validators"]]
        given["validators"].append(Length(max=column.type.length or LONG))
        if column.key in NAMES:
            given["validators"].append(seen)
        given["filters"] = [tidy, _none_if_empty] if column.nullable else [tidy]
        return given

    @converts("String")
    def conv_String(self, column: Any, field_args: Any, **_: Any) -> Any:  # noqa: N802
        """One line."""
        return StringField(**self._text(column, field_args))

    @converts("Text")
    def conv_Text(self, column: Any, field_args: Any, **_: Any) -> Any:  # noqa: N802
        """Several lines."""
        return TextAreaField(**self._text(column, field_args))

    @converts("sqlalchemy.sql.sqltypes.Enum")
    def convert_enum(self, column: Any, field_args: Any, **_: Any) -> Any:
        """A code by its label."""
        return CodeField(codes=column.type.enum_class, **field_args)

    @converts("Date")
    def convert_date(self, field_args: Any, **_: Any) -> Any:
        """A day, in the browser's own calendar."""
        return DateField(**field_args)

    @converts("Boolean")
    def conv_Boolean(self, field_args: Any, **_: Any) -> Any:  # noqa: N802
        """Yes or no."""
        return BooleanField(**field_args)


def seen(_form: Any, field: Any) -> None:
    """Validator: a name without characters that nobody sees."""
    if field.data and is_unseen(field.data):
        raise ValidationError(lazy("含有看不见的字符，请删去", "Leave out the character that is not seen"))


def web_address(_form: Any, field: Any) -> None:
    """Validator: an address that can be opened in a browser."""
    if field.data and not is_web_address(field.data):
        raise ValidationError(
            lazy("网址须以 http:// 或 https:// 开头", "A web address begins with http:// or https://")
        )
