"""Accounts: made and changed by administrators. Nobody sees a password's hash or a session's mark."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash
from flask_login import current_user
from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, InputRequired, Length, Optional

from tracker import accounts, passwords, second_factors
from tracker.admin.base import Table
from tracker.admin.fields import CodeField, DeskForm, tidy
from tracker.auth.forms import ADVICE, SAME, is_a_name, is_strong
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.language import lazy, t
from tracker.models import User

_NEW = {"autocomplete": "new-password"}
_NAMED = {"autocomplete": "username"}


class NewAccountForm(DeskForm):
    """A new account: who, what role, and a first password."""

    name = StringField(
        lazy("姓名（用于署名，以后不能改）", "Name (it signs changes and stays)"),
        [DataRequired(), Length(max=100), is_a_name],
        filters=[tidy],
    )
    email = EmailField(
        lazy("电子邮箱（用于登录）", "E-mail (for signing in)"),
        [DataRequired(), Email()],
        filters=[tidy],
        render_kw=_NAMED,
    )
    role = CodeField(lazy("角色", "Role"), [InputRequired()], codes=Role)
    new_password = PasswordField(
        lazy("密码", "Password"), [InputRequired(), is_strong("name", "email")], description=ADVICE, render_kw=_NEW
    )
    again = PasswordField(
        lazy("再次输入密码", "The password again"), [EqualTo("new_password", message=SAME)], render_kw=_NEW
    )


class AccountForm(DeskForm):
    """What can be changed of an account."""

    email = EmailField(
        lazy("电子邮箱（用于登录）", "E-mail (for signing in)"),
        [DataRequired(), Email()],
        filters=[tidy],
        render_kw=_NAMED,
    )
    role = CodeField(lazy("角色", "Role"), [InputRequired()], codes=Role)
    active = BooleanField(
        lazy("启用", "Active"), description=lazy("停用后不能登录，署名保留", "Inactive: no signing in; signatures stay")
    )
    new_password = PasswordField(
        lazy("新密码（不改则留空）", "New password (empty: unchanged)"),
        [Optional(), is_strong("email")],
        description=lazy("改密码会结束该账户的所有登录", "A new password ends every session of the account"),
        render_kw=_NEW,
    )
    again = PasswordField(
        lazy("再次输入新密码", "The new password again"), [EqualTo("new_password", message=SAME)], render_kw=_NEW
    )

    reset_factor = BooleanField(
        lazy("取消第二步验证", "Take the second factor away"),
        description=lazy(
            "手机或密钥丢失时用；本人下次只用密码登录，须重新设置",
            "For a lost phone or key: next time the password is enough, and it is to be set up anew",
        ),
    )


class AccountView(Table):
    """Who may sign in, and as what."""

    opens: ClassVar[dict[str, Role]] = dict.fromkeys(
        ("index_view", "details_view", "create_view", "edit_view"), Role.ADMIN
    )
    proved = frozenset({"create_view", "edit_view"})
    column_list = column_details_list = ("name", "email", "role", "active")
    column_searchable_list = ("name", "email")
    column_sortable_list = ("name", "email", "role", "active")
    column_default_sort = "name"
    narrowed_by = ("role",)

    def get_create_form(self) -> type[DeskForm]:
        """The form of a new account."""
        return NewAccountForm

    def get_edit_form(self) -> type[DeskForm]:
        """The form of an account that exists."""
        return AccountForm

    def create_model(self, form: Any) -> Any:
        """Make an account that can be signed in to."""
        made = self.written(
            lambda: accounts.make_account(
                self.session(),
                name=form.name.data,
                email=form.email.data.lower(),
                password=passwords.kept(form.new_password.data),
                role=form.role.data,
            )
        )
        if made is not None:
            say(Event.ACCOUNT_MADE, who=current_user.name, what=made.name, role=made.role)
        return made

    def update_model(self, form: Any, model: User) -> bool:
        """Change an account, unless nobody could manage accounts afterwards."""
        form.email.data = form.email.data.lower()
        stays = form.active.data and form.role.data.covers(Role.ADMIN)
        if not stays and accounts.is_last_administrator(self.session(), model):
            flash(
                t(
                    "这是最后一个可登录的管理员，不能停用或降级。请先另设一名管理员。",
                    "This is the last administrator who can sign in: make another one first.",
                ),
                "error",
            )
            return False
        if form.reset_factor.data and model.password_is_short and not form.new_password.data:
            form.new_password.errors = [
                t(
                    "这个账户的密码较短，只能与第二步验证同用：请同时设新密码",
                    "The password of this account stands only beside a second factor: set a new one too",
                )
            ]
            return False
        return super().update_model(form, model)

    def on_model_change(self, form: Any, model: User, is_created: bool) -> None:  # noqa: FBT001, ARG002
        """Set a new password, which ends every session of the account."""
        if form.new_password.data:
            accounts.set_password(model, passwords.kept(form.new_password.data))
        if form.reset_factor.data:
            second_factors.remove_all(self.session(), model)
            accounts.end_sessions(model)

    def after_model_change(self, form: Any, model: User, is_created: bool) -> None:  # noqa: FBT001, ARG002
        """Tell whoever watches what was changed."""
        say(Event.ACCOUNT_CHANGED, who=current_user.name, what=model.name, role=model.role, active=model.active)
        if form.new_password.data:
            say(Event.PASSWORD_CHANGED, who=current_user.name, what=model.name)
        if form.reset_factor.data:
            say(Event.SECOND_FACTOR_REMOVED, who=current_user.name, what=model.name)
