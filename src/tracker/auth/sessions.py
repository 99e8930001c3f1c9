"""A browser's session: how it begins, how long it lasts, and when it was last proved that its owner sits there.

A session is a signed cookie. What ends it for good is the account's mark, which it is tied to and which changes at
sign-out, at a new password and when an account is closed.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Any

from flask import Flask, redirect, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from tracker import audit, db
from tracker.auth import proving
from tracker.auth.visitor import Account, way_back
from tracker.events import Event, say

#: Seconds that a session lasts without being used, and at most.
IDLE = 8 * 3600
ABSOLUTE = 24 * 3600

#: Seconds between the password and the second factor, at most.
HALF = 10 * 60

#: Seconds after which the password is asked for again, before what is dangerous is opened; who opened it has time to
#: fill it in.
PROOF = 10 * 60
TO_FILL_IN = 5 * 60


def install(app: Flask, session: scoped_session[Session]) -> None:
    """Have the app know who is signed in, and for how long."""
    # The cookie outlives its idle limit, so that a session that went over is told from none.
    app.config.update(PERMANENT_SESSION_LIFETIME=ABSOLUTE)
    manager = LoginManager(app)
    manager.session_protection = None

    def load(mark: str) -> Account | None:
        # A replica may not know yet whom somebody has just shut out.
        with proving.reading() if db.FROM in session.info else nullcontext(session) as asked:
            found = asked.scalar(select(Account).where(Account.fs_uniquifier == mark))
        return found if found is not None and found.active else None

    manager.user_loader(load)
    app.before_request(_end_what_is_over)
    app.before_request(lambda: _sign(session))


def stamps() -> dict[str, Any]:
    """What a session that begins now notes about time."""
    now = int(time.time())
    return {"since": now, "seen": now, "proved": now}


def begin(account: Account, *, method: str) -> None:
    """Begin a session."""
    renew(account)
    say(Event.SIGNED_IN, who=account.name, method=method)


def renew(account: Account) -> None:
    """Begin a session without a word: nothing of the one before stays, so nobody can hand somebody one of their own."""
    browser_session.clear()
    login_user(account)
    browser_session.update(stamps())
    browser_session.permanent = True


def begin_half(account: Account) -> None:
    """Note that the password was right and the second factor is still to come. Nobody is signed in by that."""
    browser_session.clear()
    browser_session["half"] = [account.fs_uniquifier, int(time.time())]


def half() -> Account | None:
    """Whose password was right a moment ago in this browser, if the account is still open."""
    match browser_session.get("half"):
        case [str(mark), int(at)] if 0 <= int(time.time()) - at <= HALF:
            with proving.reading() as session:
                return session.scalar(select(Account).where(Account.fs_uniquifier == mark, Account.active))
    return None


def end() -> None:
    """End the session of this browser."""
    logout_user()
    browser_session.clear()


def prove_now() -> None:
    """Note that whoever sits there has just proved who they are."""
    browser_session["proved"] = int(time.time())


def unproved() -> ResponseReturnValue | None:
    """The way to prove oneself again, where the last proof is too old for what this request wants; else none."""
    age = int(time.time()) - _noted("proved")
    if 0 <= age <= PROOF + (TO_FILL_IN if request.method == "POST" else 0):
        return None
    return redirect(url_for("security.confirm", next=way_back()))


def _noted(name: str) -> int:
    found = browser_session.get(name, 0)
    return found if isinstance(found, int) else 0


def _end_what_is_over() -> None:
    if "_user_id" not in browser_session:
        return
    now = int(time.time())
    idle, whole = now - _noted("seen"), now - _noted("since")
    if idle <= IDLE and whole <= ABSOLUTE:
        browser_session["seen"] = now
        return
    say(
        Event.SESSION_EXPIRED,
        who=current_user.name if current_user.is_authenticated else "",
        limit="idle" if idle > IDLE else "absolute",
    )
    end()
    browser_session["over"] = True


def _sign(session: scoped_session[Session]) -> None:
    """What this request changes is signed by whoever is signed in."""
    if current_user.is_authenticated:
        audit.signed_by(session(), current_user.name)
