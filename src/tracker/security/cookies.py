"""How the cookie of a session is signed."""

from __future__ import annotations

import hashlib

from flask import Flask
from flask.sessions import SecureCookieSessionInterface


class _Sessions(SecureCookieSessionInterface):
    """Signed with HMAC and SHA-256; Flask's own default is SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def install(app: Flask) -> None:
    """Sign the sessions of `app`."""
    app.session_interface = _Sessions()
