"""One's own tokens, by which programs act in one's name: made after the password, shown once, revoked at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from tracker import tokens
from tracker.admin import arguments
from tracker.admin.base import Closed
from tracker.admin.fields import CodeField
from tracker.auth.visitor import account
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.language import lazy, t
from tracker.models import ApiToken, User
from tracker.rules import RuleBroken


class OwnRoleField(CodeField):
    """A choice among the roles that one's own covers."""

    def iter_choices(self) -> Iterator[Any]:
        """Those that the account has, the least first."""
        mine = account().role
        return (choice for choice in super().iter_choices() if mine.covers(Role(choice.value)))


class TokenForm(FlaskForm):
    """A new token: what it is called, the most that it lets do, and for how long."""

    name = StringField(
        lazy("名称", "Name"),
        [DataRequired(), Length(max=tokens.LONGEST_NAME)],
        description=lazy("哪个程序用、做什么", "Which program uses it, for what"),
    )
    role = OwnRoleField(
        lazy("角色", "Role"),
        [InputRequired()],
        codes=Role,
        blank=False,
        default=Role.READER,
        description=lazy("至多为您自己的角色；够用就好", "At most your own; no more than the program needs"),
    )
    days = IntegerField(
        lazy("有效天数", "Days"),
        [InputRequired(), NumberRange(1, tokens.MOST_DAYS)],
        default=tokens.USUAL_DAYS,
    )


class TokenView(Closed):
    """Tokens of one's own account; nobody else's."""

    opens: ClassVar[dict[str, Role]] = dict.fromkeys(("index", "revoke"), Role.READER)
    proved = frozenset({"index", "revoke"})

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("接口令牌", "API tokens"), endpoint="token", url="/desk/me/token")
        self.session = session

    def is_visible(self) -> bool:
        """Not in the menu: the page of one's own account leads here."""
        return False

    @expose("/", methods=("GET", "POST"))
    def index(self) -> ResponseReturnValue:
        """Make a token, which is shown in the answer and nowhere else."""
        me, form = account(), TokenForm()
        if form.validate_on_submit():
            session, role = self.session(), form.role.data or Role.READER
            try:
                made, text = tokens.make(
                    session, session.get_one(User, me.id), form.name.data or "", role, days=form.days.data or 0
                )
                session.commit()
            except RuleBroken as broken:
                session.rollback()
                for fault in broken.faults:
                    form[fault.field].errors = [*form[fault.field].errors, t(fault.zh, fault.en)]
            else:
                say(Event.TOKEN_MADE, who=me.name, what=me.name, token=made.name, role=role, days=form.days.data)
                return self.render("desk/me_token_made.html", made=made, text=text)
        return self.render("desk/me_token.html", form=form)

    @expose("/revoke", methods=("POST",))
    def revoke(self) -> ResponseReturnValue:
        """Have a token of one's own open nothing from now on."""
        me, session, number = account(), self.session(), arguments.key(request.args.get("id"))
        token = session.scalar(select(ApiToken).where(ApiToken.id == number, ApiToken.user_id == me.id))
        if token is None:
            abort(404, t("没有这个令牌。", "There is no such token."))
        tokens.revoke(token)
        session.commit()
        say(Event.TOKEN_REVOKED, who=me.name, what=me.name, token=token.name)
        flash(t(f"令牌“{token.name}”已作废。", f"The token “{token.name}” opens nothing any more."), "success")
        return redirect(url_for("me.index"))
