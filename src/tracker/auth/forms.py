"""Forms of signing in: what is asked for, and which passwords are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, InputRequired, Length, ValidationError

from tracker import audit, passkeys, passwords
from tracker.language import lazy, t

#: What is said of a password before one is typed.
ADVICE = lazy(
    f"{passwords.ALONE} 到 {passwords.LONGEST} 个字符，可用空格和汉字；一句自己才想得到的话最好记",
    f"{passwords.ALONE} to {passwords.LONGEST} characters, spaces and any script allowed; a sentence of your own is"
    " easiest to keep",
)
SAME = lazy("两次输入的密码不一致", "The two passwords differ")


def is_a_name(_form: Any, field: Any) -> None:
    """Refuse what cannot sign: names of the program, and characters that nobody sees."""
    if not audit.can_sign(field.data or ""):
        raise ValidationError(t("这个姓名不能用于署名，请换一个。", "This name cannot sign; choose another."))


def is_strong(*about: str) -> Callable[[Any, Any], None]:
    """Refuse a password that is easily guessed; `about` names the fields that say whose it is."""

    def check(form: Any, field: Any) -> None:
        known = tuple(form[name].data or "" for name in about if name in form)
        if found := passwords.fault(field.data or "", about=known):
            raise ValidationError(t(*found))

    return check


class SignInForm(FlaskForm):
    """E-mail and password."""

    email = EmailField(lazy("电子邮箱", "E-mail"), [InputRequired()])
    password = PasswordField(lazy("密码", "Password"), [InputRequired()])


class FactorForm(FlaskForm):
    """A code of the app, or a recovery code."""

    code = StringField(lazy("验证码或恢复码", "Code of the app, or a recovery code"), [InputRequired(), Length(max=40)])


class ConfirmForm(FlaskForm):
    """The password of whoever is signed in."""

    password = PasswordField(lazy("密码", "Password"), [InputRequired()])


class NewPasswordForm(FlaskForm):
    """Another password of one's own; the old one is asked for, so that nobody sets it at a desk left open."""

    password = PasswordField(lazy("现在的密码", "Your password now"), [InputRequired()])
    new_password = PasswordField(lazy("新密码", "New password"), [InputRequired()], description=ADVICE)
    again = PasswordField(lazy("再次输入新密码", "The new password again"), [EqualTo("new_password", message=SAME)])


class AppForm(FlaskForm):
    """The first code of an app, and the seed that it was shown."""

    sealed = HiddenField(validators=[InputRequired()])
    code = StringField(
        lazy("应用显示的六位验证码", "The six figures that the app shows"), [InputRequired(), Length(max=40)]
    )


class PasskeyForm(FlaskForm):
    """What a passkey answered to a challenge, as the browser passes it on."""

    answer = HiddenField(validators=[InputRequired(), Length(max=passkeys.LONGEST)])


class NewPasskeyForm(PasskeyForm):
    """A new passkey, and what its owner calls it."""

    name = StringField(
        lazy("名称", "Name"),
        [DataRequired(), Length(max=100)],
        description=lazy("您自己认得出的叫法，例如：工作手机", "Words by which you know it, such as: phone at work"),
    )


class FirstAccountForm(FlaskForm):
    """Name, e-mail and password of the first administrator."""

    name = StringField(
        lazy("姓名（用于署名）", "Name (it signs your changes)"), [DataRequired(), Length(max=100), is_a_name]
    )
    email = EmailField(lazy("电子邮箱（用于登录）", "E-mail (for signing in)"), [InputRequired(), Email()])
    password = PasswordField(
        lazy("密码", "Password"), [InputRequired(), is_strong("name", "email")], description=ADVICE
    )
    again = PasswordField(lazy("再次输入密码", "The password again"), [EqualTo("password", message=SAME)])
