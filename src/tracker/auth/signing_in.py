"""Signing in and out, and proving oneself again: the password, then the second factor where there is one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from tracker import accounts, passkeys, passwords, second_factors
from tracker.auth import challenges, proving, sessions
from tracker.auth.forms import ConfirmForm, FactorForm, PasskeyForm, SignInForm
from tracker.auth.visitor import Account, account, way_on
from tracker.events import Event, say
from tracker.models import User
from tracker.throttle import Counted

#: Longest body of a sign-in, in bytes.
_LONGEST = 8192


def blueprint(session: scoped_session[Session]) -> Blueprint:
    """The pages of signing in; the blueprint has the name under which the other rooms know them."""
    made = Blueprint("security", __name__)

    @made.before_request
    def only_what_a_person_types() -> None:
        if (request.content_length or 0) > _LONGEST:
            abort(400)
        # Whoever is looked up keeps no transaction open while a password is compared.
        if request.method == "POST" and current_user.is_authenticated:
            session.remove()

    made.add_url_rule("/sign-in", "login", _login, methods=["GET", "POST"])
    made.add_url_rule("/sign-in/factor", "factor", _factor, methods=["GET", "POST"])
    made.add_url_rule("/sign-out", "logout", _logout, methods=["POST"])
    made.add_url_rule("/confirm", "confirm", _confirm, methods=["GET", "POST"])
    return made


def _login() -> ResponseReturnValue:
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(way_on())
    form = SignInForm()
    return _password(form) if form.validate_on_submit() else _asked(form)


def _logout() -> ResponseReturnValue:
    if current_user.is_authenticated:
        with proving.writing(current_user.name) as session:
            accounts.end_sessions(session.get_one(User, current_user.id))
        say(Event.SIGNED_OUT, who=current_user.name)
    sessions.end()
    return redirect(url_for("pages.front"))


def _confirm() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return redirect(url_for("security.login", next=way_on()))
    form = ConfirmForm()
    return _again(form) if form.validate_on_submit() else _asked_again(form)


def _asked(form: SignInForm, *, wrong: bool = False, often: proving.TooOften | None = None) -> ResponseReturnValue:
    wrong = wrong or (form.is_submitted() and often is None)
    over = browser_session.pop("over", False)
    return _told(
        render_template("sign_in.html", form=form, wrong=wrong, often=often, over=over, way_on=way_on()), often
    )


def _asked_again(
    form: ConfirmForm, *, wrong: bool = False, often: proving.TooOften | None = None
) -> ResponseReturnValue:
    return _told(render_template("confirm.html", form=form, wrong=wrong, often=often, way_on=way_on()), often)


def _told(page: str, often: proving.TooOften | None) -> ResponseReturnValue:
    answer = make_response(page, 429 if often else 200)
    if often:
        answer.headers["Retry-After"] = str(often.seconds)
    return answer


def _password(form: SignInForm) -> ResponseReturnValue:
    """The answer to e-mail and password: the same words after the same time, whether there is the account or not."""
    email, password = (form.email.data or "").strip().lower(), form.password.data or ""
    found = _account(email)

    def compare() -> Account | None:
        return found if passwords.fits(password, found.password if found else None) else None

    try:
        proved = proving.prove(compare, proving.marks(email), who=found.name if found else "")
    except proving.TooOften as often:
        return _asked(form, often=often)
    if proved is None:
        return _asked(form, wrong=True)
    _renew(proved, password)
    with proving.reading() as session:
        if second_factors.has_one(session, proved.id):
            sessions.begin_half(proved)
            return redirect(url_for("security.factor", next=way_on()))
    sessions.begin(proved, method="password")
    return redirect(way_on())


def _factor() -> ResponseReturnValue:
    """The second factor, a code or a passkey's answer, from whoever has just given the right password."""
    if (who := sessions.half()) is None:
        return redirect(url_for("security.login", next=way_on()))
    by_passkey = "answer" in request.form
    form = PasskeyForm() if by_passkey else FactorForm()
    if not form.validate_on_submit():
        return _asked_factor(who)
    compare = _answered(who) if by_passkey else _typed(who)
    try:
        method = proving.prove(compare, ((Counted.FACTOR, str(who.id)), *proving.marks(who.email or "")), who=who.name)
    except proving.TooOften as often:
        return _asked_factor(who, often=often)
    if method is None:
        return _asked_factor(who, wrong="passkey" if by_passkey else "code")
    sessions.begin(who, method=f"password and {method}")
    return redirect(way_on())


def _typed(who: Account) -> Callable[[], str | None]:
    code, key = request.form.get("code", ""), current_app.config["SECRET_KEY"]

    def compare() -> str | None:
        with proving.writing() as session:
            return second_factors.use(session, who.id, code, key)

    return compare


def _answered(who: Account) -> Callable[[], str | None]:
    answer, site, challenge = request.form["answer"], challenges.site(), challenges.asked()

    def compare() -> str | None:
        with proving.writing() as session:
            fits = passkeys.use(session, who.id, answer, site=site, challenge=challenge)
        return "passkey" if fits else None

    return compare


def _asked_factor(who: Account, *, wrong: str = "", often: proving.TooOften | None = None) -> ResponseReturnValue:
    with proving.reading() as session:
        keys, has_app = passkeys.of(session, who.id), second_factors.has_app(session, who.id)
    asked = passkeys.to_sign_in(keys, challenges.site(), challenges.ask()) if keys else ""
    page = render_template(
        "second_factor.html", form=FactorForm(), asked=asked, has_app=has_app, wrong=wrong, often=often, way_on=way_on()
    )
    return _told(page, often)


def _account(email: str) -> Account | None:
    """The account that signs in with an e-mail, if it may."""
    with proving.reading() as session:
        return session.scalar(
            select(Account).where(Account.email == email, Account.active, Account.password.is_not(None))
        )


def _renew(proved: Account, password: str) -> None:
    """Hash a password anew that was hashed with weaker parameters than those of today."""
    if proved.password is not None and passwords.is_outdated(proved.password):
        kept = passwords.kept(password)
        with proving.writing() as session:
            session.get_one(User, proved.id).password = kept.hash


def _again(form: ConfirmForm) -> ResponseReturnValue:
    who, password = account(), form.password.data or ""
    try:
        proved = proving.prove(
            lambda: passwords.fits(password, who.password) or None, proving.marks(who.email or ""), who=who.name
        )
    except proving.TooOften as often:
        return _asked_again(form, often=often)
    if proved is None:
        return _asked_again(form, wrong=True)
    sessions.prove_now()
    say(Event.CONFIRMED, who=who.name)
    return redirect(way_on())
