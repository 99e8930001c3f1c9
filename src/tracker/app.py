"""The web application: the pages, the desk, and what every answer carries."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session

from tracker import admin, api, auth, checkpoints, config, db, keys, language, pages, security
from tracker.security import hosts, incoming, origins, readers
from tracker.verification import starting


def create_app(url: str = "", *, served_on: str = "", damage: str | None = None) -> Flask:
    """The application on a database that is ready (see `db.check_ready`).

    `served_on` is a name that the site answers to, beside those of the settings. `damage` is what is known to be wrong
    with the database, which is then read and not written; without it, that is looked for.
    """
    settings = config.settings()
    engine = db.connect(url, pooled=True)
    db.check_ready(engine)
    damage = starting.damage(engine) if damage is None else damage
    if damage:
        db.close_to_writing(engine)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=_key(settings.secret_key, engine),
        READERS_SEE=settings.readers_see,
        HOSTS=hosts.names(served_on, settings),
        BASE_URL=settings.base_url,
        **_cookies(settings),
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        READ_ONLY=damage,
    )
    app.extensions["engine"] = engine  # the one database of this application; for whoever closes or changes it
    app.extensions["checkpoint_key"] = checkpoints.signing_key(db.beside(engine, checkpoints.KEY))
    session = app.extensions["session"] = _request_session(app)
    language.install(app)
    for look in (hosts.is_known, origins.is_ours, incoming.room_for_a_copy):
        app.before_request(look)
    csrf = CSRFProtect(app)
    auth.install(app, session)
    app.register_blueprint(pages.blueprint(session))
    programs = api.blueprint(session)
    # No cookie is taken there: what writes bears a token, which no page of another site can send.
    csrf.exempt(programs)
    app.register_blueprint(programs)
    admin.install(app, session)
    security.install(app)
    hosts.behind_proxies(app, settings.proxies)
    return app


def _cookies(settings: config.Settings) -> dict[str, Any]:
    return {
        # A name with this prefix is taken only over TLS, from this very host and for all of it.
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure_cookies else "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
    }


def _key(given: str, engine: Engine) -> str:
    """The key that signs sessions and forms: the one that is set, or one made and kept beside the database."""
    return keys.strong(given) if given else keys.kept(db.beside(engine, ".key"))


def _request_session(app: Flask) -> scoped_session[Session]:
    """One session a request, on a replica where that will do. One that may write takes SQLite's write lock at once."""
    factory = db.sessions(app.extensions["engine"])

    def make() -> Session:
        elsewhere = readers.session(factory) if has_request_context() else None
        if elsewhere is not None:
            return elsewhere
        engine: Engine = app.extensions["engine"]
        writes = has_request_context() and request.method not in origins.SAFE and request.endpoint not in auth.HASHES
        writes = writes and not g.get("only_reads", False)
        return factory(bind=engine.execution_options(**db.WRITES) if writes else engine)

    session: scoped_session[Session] = scoped_session(
        make,  # type: ignore[arg-type]  # any maker of sessions will do
        scopefunc=lambda: id(g._get_current_object()),  # noqa: SLF001
    )
    app.teardown_appcontext(lambda _error: db.let_go(session))
    return session
