"""Which requests read from a replica of the database, and that nobody notices when one breaks.

Readers' pages and what programs read without a token may be a moment old. The desk, signing in, every change and
whatever a token opens are of the primary. Who has changed something is shown no less than that afterwards: a browser
keeps the position of the journal in its session, a program may send back the one that it was told.
"""

from __future__ import annotations

import re

from flask import Flask, Response, current_app, g, request
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, sessionmaker

from tracker import config, db
from tracker.security import origins

#: Header that tells a program how far the journal went after its change, and that it may send with what it reads.
POSITION = "Tracker-Position"

#: The same in the session of a browser.
_KEPT = "position"

_POSITION = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")


def install(app: Flask) -> None:
    """Where the settings name replicas, have whoever changes something remember how far that went."""
    settings = config.settings()
    app.extensions["replicas"] = None
    if settings.replica_urls:
        app.extensions["replicas"] = db.Replicas(app.extensions["engine"], settings)
        app.after_request(_remember)


def session(make: sessionmaker[Session]) -> Session | None:
    """A session on a replica, for a request that may read from one; none where it reads from the primary."""
    replicas: db.Replicas | None = current_app.extensions["replicas"]
    return replicas.session(make, _after()) if replicas and _may_read_elsewhere() else None


def _may_read_elsewhere() -> bool:
    if request.method not in {"GET", "HEAD"} or g.get("only_primary", False):
        return False
    return request.blueprint == "pages" or (request.blueprint == "api" and "Authorization" not in request.headers)


def _after() -> str:
    """The position of the last change of whoever asks; empty where they have made none."""
    of_api = request.blueprint == "api"
    said = str(request.headers.get(POSITION, "") if of_api else browser_session.get(_KEPT, ""))
    return said if _POSITION.fullmatch(said) else ""


def _remember(response: Response) -> Response:
    if request.method not in origins.SAFE:
        position = db.position(current_app.extensions["engine"])
        if request.blueprint == "api":
            response.headers[POSITION] = position
        else:
            browser_session[_KEPT] = position
    return response


def anew(error: Exception) -> ResponseReturnValue | None:
    """The answer by the primary where the request was reading from a replica; none where it was not.

    Nothing has been sent yet, and what reads can be done twice. What takes too long would take as long there.
    """
    session = current_app.extensions["session"]
    replica = session.info.get(db.FROM) if session.registry.has() else None
    trouble = db.trouble(error)
    if replica is None or trouble is db.Trouble.SLOW:
        return None
    if trouble is db.Trouble.GONE:
        replica.lost(error)
    current_app.extensions["replicas"].served["anew"] += 1
    db.let_go(session)
    g.only_primary = True
    try:
        return current_app.dispatch_request()
    except Exception as again:  # what a page says instead of an answer, too
        return current_app.handle_user_exception(again)
