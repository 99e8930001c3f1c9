"""Pages about what went wrong: what it is, what to do, and what was typed."""

from __future__ import annotations

import re

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from tracker import auth

#: What a form sends for a choice: a code, or nothing. It says nothing to a person.
_CHOSEN = re.compile(r"\s*|[a-z_]+")

#: Fields of a form that a page about an error does not show again.
_NOT_SHOWN_AGAIN = {"csrf_token", "row_version", "latest", "previewed", "password", "again", "new_password", "email"}


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, _say_what_is_wrong)


def _say_what_is_wrong(error: HTTPException) -> Response | HTTPException:
    """Errors as a page of ours, with what was typed, so that an expired form loses nothing; redirects as they are."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    # What is too large was not read, and reading it again would raise again.
    form = {} if error.code == 413 else request.form
    typed = [text for name, text in form.items() if name not in _NOT_SHOWN_AGAIN and not _CHOSEN.fullmatch(text)]
    page = make_response(render_template("error.html", error=error, typed=typed, way_back=auth.way_back()), error.code)
    if isinstance(error, MethodNotAllowed):
        page.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return page
