"""Who is signed in, and what their role may do.

Accounts sign in by e-mail and password, and with a second factor where they have one. There is no default account:
while nobody can sign in, a one-time address, printed by `tracker serve`, makes the first administrator.
"""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from tracker.auth import first_account, sessions, signing_in
from tracker.auth.sessions import unproved
from tracker.auth.visitor import Account, may, refused, way_back

__all__ = ["HASHES", "Account", "install", "may", "refused", "unproved", "way_back"]

#: Routes that compare or hash a password, which is slow on purpose: they take the database's write lock later
#: themselves, for a moment, so that nobody else waits for them.
HASHES = {"security.login", "security.factor", "security.confirm", "first_account.make", "me.password"}


def install(app: Flask, session: scoped_session[Session]) -> None:
    """Sign-in, sign-out, sessions and the making of the first account."""
    sessions.install(app, session)
    app.register_blueprint(signing_in.blueprint(session))
    app.register_blueprint(first_account.blueprint(session))
    app.jinja_env.globals.update(may=may)
