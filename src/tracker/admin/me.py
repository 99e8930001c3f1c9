"""Everybody's own account: another password, and second factors."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

import segno
from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from markupsafe import Markup
from sqlalchemy import select

from tracker import accounts, passkeys, passwords, second_factors, tokens
from tracker.admin import arguments
from tracker.admin.base import Closed
from tracker.auth import challenges, proving, sessions
from tracker.auth.forms import AppForm, NewPasskeyForm, NewPasswordForm
from tracker.auth.visitor import Account, account
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.language import lazy, t
from tracker.models import AuthenticatorApp, Passkey, User

#: Seconds that somebody has to take a new app in.
_TO_SET_UP = 15 * 60


class MeView(Closed):
    """What everybody changes about their own account; nobody's role, and nobody else's."""

    opens: ClassVar[dict[str, Role]] = dict.fromkeys(
        ("index", "password", "app", "passkey", "remove_passkey", "codes", "remove"), Role.READER
    )
    proved = frozenset({"app", "passkey", "remove_passkey", "codes", "remove"})

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("我的账户", "My account"), endpoint="me", url="/desk/me")
        self.session = session

    def is_visible(self) -> bool:
        """Whether the menu shows it: the name at the top leads here."""
        return False

    @expose("/")
    def index(self) -> str:
        """What the account has."""
        me, session = account(), self.session()
        return self.render(
            "desk/me.html",
            app=session.scalar(select(AuthenticatorApp).where(AuthenticatorApp.user_id == me.id)),
            passkeys=passkeys.of(session, me.id),
            codes_left=second_factors.codes_left(session, me.id),
            codes_whole=second_factors.CODES,
            tokens=[row for row in session.scalars(tokens.of(me.id)) if tokens.is_good(row, datetime.now(UTC))],
            token_role=tokens.may,
        )

    @expose("/password/", methods=("GET", "POST"))
    def password(self) -> ResponseReturnValue:
        """Another password, which ends every other session of the account."""
        me, form = account(), NewPasswordForm()
        has_factor = second_factors.has_one(self.session(), me.id)
        self.session.remove()
        asked = partial(self.render, "desk/me_form.html", form=form, heading=t("改密码", "Change my password"))
        if not form.validate_on_submit() or not _is_taken(form, me, has_factor=has_factor):
            return asked()
        try:
            old = form.password.data or ""
            right = proving.prove(
                lambda: passwords.fits(old, me.password) or None, proving.marks(me.email or ""), who=me.name
            )
        except proving.TooOften as often:
            return asked(often=often), 429, {"Retry-After": str(often.seconds)}
        if right is None:
            form.password.errors = [t("现在的密码不对", "This is not your password")]
            return asked()
        kept = passwords.kept(form.new_password.data or "")
        with proving.writing(me.name) as session:
            accounts.set_password(session.get_one(User, me.id), kept)
            session.flush()
            renewed = session.scalars(select(Account).where(Account.id == me.id)).one()
        sessions.renew(renewed)
        say(Event.PASSWORD_CHANGED, who=me.name, what=me.name)
        flash(
            t("密码已改，其他设备上的登录都已结束。", "Your password is changed; you are signed out everywhere else."),
            "success",
        )
        return redirect(url_for(".index"))

    @expose("/app/", methods=("GET", "POST"))
    def app(self) -> ResponseReturnValue:
        """Take in an app: shown as a picture, and proved by its first code."""
        me, key, form = account(), current_app.config["SECRET_KEY"], AppForm()
        if self.session.scalar(select(AuthenticatorApp.id).where(AuthenticatorApp.user_id == me.id)):
            return redirect(url_for(".index"))
        seed = _brought_back(form, me, key) if form.is_submitted() else ""
        step = second_factors.step_of(seed, form.code.data or "") if seed and form.validate() else None
        if step is not None:
            codes = second_factors.add_app(self.session(), self.session.get(User, me.id), seed, step, key)
            self.session.commit()
            say(Event.SECOND_FACTOR_ADDED, who=me.name, what="app")
            return self.render("desk/me_codes.html", codes=codes)
        if form.is_submitted():
            form.code.errors = [
                t("这个码不对，请看应用现在显示的。", "This code is wrong: see what the app shows now.")
            ]
        if not seed:
            seed = second_factors.new_seed()
            form.sealed.data = second_factors.sealed(f"{me.id} {seed}", key)
        picture = segno.make(second_factors.address(seed, me.email or me.name), error="m")
        drawn = Markup(picture.svg_inline(scale=5, border=3, dark="#000", light="#fff", svgclass=None, lineclass=None))  # noqa: S704 - drawn here from a seed of ours
        return self.render(
            "desk/me_app.html",
            form=form,
            picture=drawn,
            seed=" ".join(seed[at : at + 4] for at in range(0, len(seed), 4)),
        )

    @expose("/passkey/", methods=("GET", "POST"))
    def passkey(self) -> ResponseReturnValue:
        """Take in a passkey, which the browser makes on a device."""
        me, session, form = account(), self.session(), NewPasskeyForm()
        site, failed = challenges.site(), False
        if form.validate_on_submit():
            user, name = session.get_one(User, me.id), (form.name.data or "").strip()
            added = passkeys.add(session, user, name, form.answer.data or "", site=site, challenge=challenges.asked())
            lacks_codes = added and not second_factors.codes_left(session, me.id)
            codes = second_factors.renew_codes(session, user) if lacks_codes else []
            session.commit()  # an answer that is no good has used its challenge up, too
            if added:
                say(Event.SECOND_FACTOR_ADDED, who=me.name, what="passkey")
                flash(t(f"通行密钥“{name}”已添加。", f"The passkey “{name}” is added."), "success")
                return self.render("desk/me_codes.html", codes=codes) if codes else redirect(url_for(".index"))
            failed = True
        asked = passkeys.to_add(session, me, site, challenges.ask())
        return self.render("desk/me_passkey.html", form=form, asked=asked, failed=failed)

    @expose("/passkey/remove", methods=("POST",))
    def remove_passkey(self) -> ResponseReturnValue:
        """Take a passkey of one's own away."""
        me, session, key_id = account(), self.session(), arguments.key(request.args.get("id"))
        key = session.scalar(select(Passkey).where(Passkey.id == key_id, Passkey.user_id == me.id))
        if key is None:
            abort(404, t("没有这个通行密钥。", "There is no such passkey."))
        try:
            passkeys.remove(session, session.get_one(User, me.id), key)
        except second_factors.PasswordTooShort:
            return _stays()
        session.commit()
        say(Event.SECOND_FACTOR_REMOVED, who=me.name, what="passkey")
        flash(t("通行密钥已删除。", "The passkey is removed."), "success")
        return redirect(url_for(".index"))

    @expose("/codes", methods=("POST",))
    def codes(self) -> ResponseReturnValue:
        """New recovery codes; the old ones are void."""
        me, session = account(), self.session()
        if not second_factors.has_one(session, me.id):
            return redirect(url_for(".index"))
        codes = second_factors.renew_codes(session, session.get_one(User, me.id))
        session.commit()
        say(Event.SECOND_FACTOR_ADDED, who=me.name, what="recovery codes")
        return self.render("desk/me_codes.html", codes=codes)

    @expose("/remove", methods=("POST",))
    def remove(self) -> ResponseReturnValue:
        """Take the second factor away, where the password can stand alone."""
        me, session = account(), self.session()
        try:
            second_factors.remove_all(session, session.get_one(User, me.id))
        except second_factors.PasswordTooShort:
            return _stays()
        session.commit()
        say(Event.SECOND_FACTOR_REMOVED, who=me.name, what=me.name)
        flash(
            t("第二步验证已取消，以后只用密码登录。", "The second factor is gone: the password is enough from now on."),
            "success",
        )
        return redirect(url_for(".index"))


def _brought_back(form: AppForm, me: Account, key: str) -> str:
    """The seed that a form brings back sealed; empty where it was another account's, or is too old."""
    whole = second_factors.opened(form.sealed.data or "", key, within=_TO_SET_UP) or ""
    whose, _, seed = whole.partition(" ")
    return seed if whose == str(me.id) else ""


def _stays() -> ResponseReturnValue:
    """What is said where the last factor cannot be taken away."""
    flash(
        t(
            f"您的密码不足 {passwords.ALONE} 个字符，只能与第二步验证同用。请先改一个更长的密码。",
            f"Your password has fewer than {passwords.ALONE} characters and stands only beside a second factor:"
            " choose a longer one first.",
        ),
        "error",
    )
    return redirect(url_for(".index"))


def _is_taken(form: NewPasswordForm, me: Account, *, has_factor: bool) -> bool:
    """Whether the new password may be used; else the form says why not."""
    fault = passwords.fault(form.new_password.data or "", about=(me.name, me.email or ""), has_factor=has_factor)
    if fault:
        form.new_password.errors = [t(*fault)]
    return fault is None
