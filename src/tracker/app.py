"""The web application: the pages, the desk, and what every answer carries."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from flask import Flask, Response, abort, g, has_request_context, make_response, render_template, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, scoped_session
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from tracker import admin, auth, config, db, language, pages
from tracker.evidence import LARGEST_COPY

_SAFE = {"GET", "HEAD", "OPTIONS"}

#: What a form sends for a choice: a code, or nothing. It says nothing to a person.
_CHOSEN = re.compile(r"\s*|[a-z_]+")

#: Fields of a form that a page about an error does not show again.
_NOT_SHOWN_AGAIN = {"csrf_token", "row_version", "latest", "previewed", "password", "again", "new_password", "email"}


def create_app(url: str = "", *, setup_token: str = "") -> Flask:
    """The application on a database that is ready (see `db.check_ready`).

    `setup_token` opens `/setup/<token>` while no account can sign in.
    """
    settings = config.settings()
    engine = db.connect(url, pooled=True)
    db.check_ready(engine)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key or _kept_key(engine),
        SETUP_TOKEN=setup_token,
        READERS_SEE=settings.readers_see,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=8 * 3600,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["engine"] = engine  # the one database of this application; for whoever closes or changes it
    session = _request_session(app)
    language.install(app)
    app.before_request(_room_for_a_copy)
    CSRFProtect(app)
    auth.install(app, session)
    app.register_blueprint(pages.blueprint(session))
    admin.install(app, session)
    app.before_request(_without_nul)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _say_what_is_wrong)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    return app


def _request_session(app: Flask) -> scoped_session[Session]:
    """One session a request. A request that may write takes SQLite's write lock from the start."""
    factory = db.sessions(app.extensions["engine"])

    def make() -> Session:
        engine: Engine = app.extensions["engine"]
        # Signing in hashes for a quarter of a second: it must not keep others from writing meanwhile.
        writes = has_request_context() and request.method not in _SAFE and request.endpoint != "security.login"
        return factory(bind=engine.execution_options(**db.WRITES) if writes else engine)

    session: scoped_session[Session] = scoped_session(
        make,  # type: ignore[arg-type]  # any maker of sessions will do
        scopefunc=lambda: id(g._get_current_object()),  # noqa: SLF001
    )
    app.teardown_appcontext(lambda _error: session.remove())
    return session


def _room_for_a_copy() -> None:
    """Let the one form that takes a file take a large one, and those that take many rows all that is sent."""
    if request.endpoint == "follow.archive":
        request.max_content_length = LARGEST_COPY + 64 * 1024
    if request.blueprint == "bulk":
        # A browser sends nine bytes for a Chinese character.
        request.max_form_memory_size = request.max_content_length


def _without_nul() -> None:
    """Refuse a NUL character anywhere: no person types one, and PostgreSQL stores none."""
    if any("\x00" in text for text in (*request.args.values(), *request.form.values())):
        abort(400, language.t("内容含有空字符（NUL）。", "There is a NUL character in it."))


def _kept_key(engine: Engine) -> str:
    """The key that signs sessions: made once, kept beside the database, readable by its owner only."""
    database = make_url(engine.url).database or "tracker"
    folder = Path(database).parent if engine.dialect.name == "sqlite" else Path.cwd()
    path = folder / f"{Path(database).stem}.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def csp_nonce() -> str:
    """The nonce that lets a script of our own run in this answer."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _headers(response: Response) -> Response:
    script = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src {script}; style-src 'self'; img-src 'self' data:; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.path.startswith(("/desk", "/setup", "/sign-")):
        response.headers["Cache-Control"] = "no-store"
    return response


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
