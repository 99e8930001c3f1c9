"""The first administrator, made by a one-time link while nobody can sign in."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from tracker import accounts, passwords
from tracker.auth import proving, sessions
from tracker.auth.forms import FirstAccountForm
from tracker.auth.visitor import Account
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.language import t


def blueprint(session: scoped_session[Session]) -> Blueprint:
    """The one page at the one-time link."""
    made = Blueprint("first_account", __name__)

    @made.route("/setup/<token>", methods=["GET", "POST"])
    def make(token: str) -> ResponseReturnValue:
        if not accounts.opens_setup(session(), token):
            _gone()
        session.remove()
        form = FirstAccountForm()
        if not form.validate_on_submit():
            return render_template("setup.html", form=form)
        sessions.begin(_made(token, form), method="setup")
        return redirect(url_for("admin.index"))

    return made


def _made(token: str, form: FirstAccountForm) -> Account:
    name, email = ((field.data or "").strip() for field in (form.name, form.email))
    password = passwords.kept(form.password.data or "")
    with proving.writing(name) as session:
        accounts.one_at_a_time(session)
        # Somebody else may have used the link while this password was hashed.
        if not accounts.opens_setup(session, token):
            _gone()
        user = accounts.make_account(session, name=name, email=email.lower(), password=password, role=Role.ADMIN)
        accounts.close_setup(session)
        say(Event.ACCOUNT_MADE, who=name, what=name, role=Role.ADMIN)
        return session.scalars(select(Account).where(Account.id == user.id)).one()


def _gone() -> None:
    abort(
        404,
        t(
            "这个一次性链接已失效：用过一次，或者已过一小时。还没有账户时，重新启动 tracker serve 会给出新的链接。",
            "This one-time link is no longer valid: it was used, or it is older than an hour. While there is no"
            " account, starting tracker serve again prints a new one.",
        ),
    )
