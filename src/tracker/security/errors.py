"""Pages about what went wrong: what it is, what to do, and what was typed."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from tracker import auth, events
from tracker.api import problems
from tracker.events import Event
from tracker.security import references

#: What a form sends for a choice: a code, or nothing. It says nothing to a person.
_CHOSEN = re.compile(r"\s*|[a-z_]+")

#: Fields of a form that a page about an error does not show again.
_NOT_SHOWN_AGAIN = {"csrf_token", "row_version", "latest", "previewed", "password", "again", "new_password", "email"}


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, _say_what_is_wrong)
    app.log_exception = _log  # type: ignore[assignment,method-assign]  # Flask's own way writes many lines, and the whole address


def _log(*told: Any) -> None:
    events.fault(told[-1][1])


def _say_what_is_wrong(error: HTTPException) -> Response | HTTPException:
    """Errors as a page of ours, with what was typed, so that an expired form loses nothing; redirects as they are."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    _note(error, error.code)
    if problems.is_asked():
        return problems.answer(error)
    try:
        page = make_response(_page(error), error.code)
    except Exception as fault:  # what broke the page may break the page about it
        events.fault(fault)
        page = make_response(references.last_resort(), error.code)
    if isinstance(error, MethodNotAllowed):
        page.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return page


def _note(error: HTTPException, code: int) -> None:
    """Log what was refused, or that something failed; where a fault was raised, the log has its trace already."""
    with suppress(Exception):  # whom the database does not tell now goes without a name
        references.note_who()
    if code < 500:
        events.say(Event.REFUSED, status=code, why=type(error).__name__)
    elif getattr(error, "original_exception", None) is None:
        events.say(Event.FAULT, what=type(error).__name__, status=code)


def _page(error: HTTPException) -> str:
    return render_template("error.html", error=error, typed=_typed(error), way_back=auth.way_back())


def _typed(error: HTTPException) -> list[str]:
    """What a person typed, without the choices and the secrets."""
    try:
        # What is too large was not read, and reading it again would raise again.
        form = {} if error.code == 413 else request.form
    except HTTPException:
        return []
    return [text for name, text in form.items() if name not in _NOT_SHOWN_AGAIN and not _CHOSEN.fullmatch(text)]
