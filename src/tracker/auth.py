"""Who is signed in, and what their role may do.

Accounts sign in by e-mail and password (argon2) through Flask-Security. There is no default account:
while nobody can sign in, a one-time address, printed by `tracker serve`, makes the first administrator.
"""

from __future__ import annotations

import hmac
import unicodedata
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask import session as browser_session
from flask_login import current_user, user_logged_out
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    UserMixin,
    login_user,
    uia_email_mapper,
)
from flask_security.core import RoleMixin
from flask_wtf import FlaskForm
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, scoped_session
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, InputRequired, Length, ValidationError

from tracker import audit
from tracker.codebook import Role
from tracker.language import lazy, t
from tracker.models import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

#: Shortest password of an account that signs in by password alone.
PASSWORD_LENGTH = 15


class Account(UserMixin, User):
    """A user as Flask-Security sees one; the same rows, so that the models need nothing of the web."""

    @property
    def roles(self) -> list[_RoleName]:
        return [_RoleName(self.role.value)]


class _RoleName(RoleMixin):
    def __init__(self, name: str) -> None:
        self.name = name


class _Store:
    """What Flask-Security asks of a database: a session."""

    def __init__(self, session: scoped_session[Session]) -> None:
        self.session = session


def install(app: Flask, session: scoped_session[Session]) -> None:
    """Sign-in, sign-out and the making of the first account."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of the method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_PASSWORD_LENGTH_MIN=PASSWORD_LENGTH,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"email": {"mapper": uia_email_mapper, "case_insensitive": True}}],
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_REGISTERABLE=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/desk/",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_API_ENABLED_METHODS=["session"],
        REMEMBER_COOKIE_DURATION=timedelta(days=14),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=app.config["SESSION_COOKIE_SECURE"],
        SECURITY_I18N_DIRNAME=["builtin"],
    )
    Security(app, SQLAlchemyUserDatastore(_Store(session), Account, _RoleName))
    app.register_blueprint(_first_account(session))
    app.before_request(_refuse_what_nobody_sends)
    app.before_request(lambda: _sign(session))
    user_logged_out.connect(_end_every_session(session), app, weak=False)
    app.jinja_env.globals.update(may=may)


#: Longest body of a sign-in, in bytes.
_SIGN_IN_LENGTH = 4096


def _refuse_what_nobody_sends() -> None:
    """Close what Flask-Security opens unasked: sign-in by JSON, and bodies no person types."""
    if request.endpoint == "security.login" and (request.is_json or (request.content_length or 0) > _SIGN_IN_LENGTH):
        abort(400)


def _end_every_session(session: scoped_session[Session]) -> Callable[..., None]:
    """Signing out ends every session of the account: a cookie that somebody kept opens nothing."""

    def end(_app: Flask, user: Account, **_: Any) -> None:
        audit.signed_by(session(), user.name)
        user.fs_uniquifier = uuid.uuid4().hex
        session.commit()

    return end


def _sign(session: scoped_session[Session]) -> None:
    """What this request changes is signed by whoever is signed in; a session lasts from its last use."""
    if current_user.is_authenticated:
        browser_session.permanent = True
        audit.signed_by(session(), current_user.name)
    elif request.endpoint == "security.login":
        # Signing in may renew the hash of the account's password.
        audit.signed_by(session(), "sign-in")


def may(role: Role | str) -> bool:
    """Whether whoever is signed in may do what `role` may do."""
    return bool(current_user.is_authenticated and current_user.active and current_user.role.covers(Role(role)))


def refused(role: Role) -> ResponseReturnValue | None:
    """The answer to somebody who may not do what `role` may do; none to those who may."""
    if may(role):
        return None
    if current_user.is_authenticated:
        abort(403)
    return redirect(url_for("security.login", next=way_back()))


def way_back() -> str | None:
    """Where whoever signs in now goes on: to this address, where it can be opened; a form opens what it was sent to."""
    opens = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.full_path.rstrip("?") if opens and request.path.startswith("/desk/") else None


def somebody_can_sign_in(session: Session) -> bool:
    """Whether there is an account with a password."""
    return bool(session.scalar(select(exists().where(User.password.is_not(None), User.active))))


def make_account(session: Session, *, name: str, email: str, password: str, role: Role) -> User:
    """An account that can be signed in to; a name that has only signed so far gets its password.

    Flushed, not committed.
    """
    user = session.scalar(select(User).where(User.name == name, User.password.is_(None)))
    if user is None:
        user = User(name=name, fs_uniquifier=uuid.uuid4().hex)
        session.add(user)
    user.email, user.role, user.active = email, role, True
    user.password = hashed(password)
    session.flush()
    return user


def hashed(password: str) -> str:
    """The argon2 hash of a password, as Flask-Security verifies it; needs no app, so that a command can make one."""
    return PasswordHasher().hash(unicodedata.normalize("NFKD", password))


def is_a_name(_form: Any, field: Any) -> None:
    """Refuse what cannot sign: names of the program, and characters that nobody sees."""
    if not audit.can_sign(field.data or ""):
        raise ValidationError(t("这个姓名不能用于署名，请换一个。", "This name cannot sign; choose another."))


class FirstAccountForm(FlaskForm):
    """Name, e-mail and password of the first administrator."""

    name = StringField(
        lazy("姓名（用于署名）", "Name (it signs your changes)"), [DataRequired(), Length(max=100), is_a_name]
    )
    email = EmailField(lazy("电子邮箱（用于登录）", "E-mail (for signing in)"), [InputRequired(), Email()])
    password = PasswordField(
        lazy(f"密码（至少 {PASSWORD_LENGTH} 个字符）", f"Password ({PASSWORD_LENGTH} characters or more)"),
        [
            InputRequired(),
            Length(
                min=PASSWORD_LENGTH,
                max=128,
                message=lazy(f"密码至少 {PASSWORD_LENGTH} 个字符", f"Use {PASSWORD_LENGTH} characters or more"),
            ),
        ],
    )
    again = PasswordField(
        lazy("再次输入密码", "The password again"),
        [EqualTo("password", message=lazy("两次输入的密码不一致", "The two passwords differ"))],
    )


def _first_account(session: scoped_session[Session]) -> Blueprint:
    blueprint = Blueprint("first_account", __name__)

    @blueprint.route("/setup/<token>", methods=["GET", "POST"])
    def make(token: str) -> Any:
        from flask import current_app  # noqa: PLC0415

        expected = current_app.config.get("SETUP_TOKEN") or ""
        if (
            not expected
            or not hmac.compare_digest(token.encode(), expected.encode())
            or somebody_can_sign_in(session())
        ):
            abort(404, t("这个一次性链接已失效。", "This one-time link is no longer valid."))
        form = FirstAccountForm()
        if not form.validate_on_submit():
            return render_template("setup.html", form=form)
        name, email = ((field.data or "").strip() for field in (form.name, form.email))
        audit.signed_by(session(), name)
        user = make_account(
            session(), name=name, email=email.lower(), password=form.password.data or "", role=Role.ADMIN
        )
        session.commit()
        login_user(session.scalar(select(Account).where(Account.id == user.id)))
        return redirect(url_for("admin.index"))

    return blueprint
