"""A database that is busy, full or gone: answered at once, with when to come again, and nothing half-written."""

from __future__ import annotations

from flask import Flask, Response, current_app, g
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, TimeoutError
from werkzeug.exceptions import ServiceUnavailable

from tracker import db
from tracker.language import t
from tracker.security import readers


def install(app: Flask) -> None:
    """Answer 503 with `Retry-After` wherever the database cannot do now what it is asked."""
    app.register_error_handler(DBAPIError, _say_when_to_come_again)
    app.register_error_handler(TimeoutError, _say_when_to_come_again)


def _say_when_to_come_again(error: Exception) -> ResponseReturnValue:
    answered = readers.anew(error)
    if answered is not None:
        return answered
    trouble = db.trouble(error)
    if trouble is None:
        raise error
    # Nothing of the change is kept; what the page about it has to ask, it asks without the lock that was not to be had.
    db.let_go(current_app.extensions["session"])
    g.only_reads = True
    answer = current_app.make_response(current_app.handle_http_exception(ServiceUnavailable(t(trouble.zh, trouble.en))))
    return _again_after(answer, trouble.retry_after)


def _again_after(answer: Response, seconds: int) -> Response:
    answer.headers["Retry-After"] = str(seconds)
    return answer
