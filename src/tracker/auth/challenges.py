"""Challenges to passkeys: made for a browser, kept in its session, taken from it with the answer."""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlsplit

from flask import current_app, request
from flask import session as browser_session

from tracker.passkeys import Site
from tracker.throttle import Counted

#: Where the session of a browser keeps its challenge.
_KEPT = "challenge"

#: Seconds that a challenge can be answered; shorter than it is remembered that it was.
_OPEN = Counted.CHALLENGE.seconds - 300


def site() -> Site:
    """The site as browsers know it: by the address that is set, else by the host that was asked for, which is known."""
    parts = urlsplit((current_app.config["BASE_URL"] or request.host_url).lower())
    origins = [f"{parts.scheme}://{parts.netloc}"]
    if current_app.config["SESSION_COOKIE_SECURE"] and parts.scheme == "http":
        # A proxy that ends TLS passes plain HTTP on.
        origins.append(f"https://{parts.netloc}")
    return Site(parts.hostname or "", tuple(origins))


def ask() -> str:
    """A new challenge to this browser, in place of the one before."""
    challenge = secrets.token_urlsafe(32)
    browser_session[_KEPT] = [challenge, int(time.time())]
    return challenge


def asked() -> str:
    """The challenge that this browser answers now, and does not answer again; empty where there is none."""
    match browser_session.pop(_KEPT, None):
        case [str(challenge), int(at)] if 0 <= int(time.time()) - at <= _OPEN:
            return challenge
    return ""
