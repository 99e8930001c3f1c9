"""What every answer carries, so that a browser does with it what was meant and nothing else."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request, session

#: What every answer carries, whatever it is.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}

#: How long a browser remembers that this site is asked over TLS only, in seconds.
_YEAR = 365 * 24 * 3600

#: Where the session of somebody who is signed in says who it is.
_USER = "_user_id"


def install(app: Flask) -> None:
    """Put the headers on every answer."""
    app.after_request(_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


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
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
    if request.path.startswith(("/desk", "/setup", "/sign-")) or (_USER in session and request.endpoint != "static"):
        # What somebody with an account is shown stays in no cache, not even of their own browser.
        response.headers["Cache-Control"] = "no-store"
    return response
