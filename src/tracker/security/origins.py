"""Where a request that changes something comes from: a page of this site. The token of a form is asked for besides."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import Forbidden

from tracker.language import t

#: Methods that change nothing.
SAFE = {"GET", "HEAD", "OPTIONS"}

#: What a browser says of a request that a page of this site makes, or a person without any page.
_OURS = {"same-origin", "none"}


class FromElsewhere(Forbidden):
    """A page of another site sent this in a visitor's name."""


def is_ours() -> None:
    """Refuse what another site sends. Who says nothing of where he comes from, as a program does, needs the token."""
    if request.method in SAFE or _bears_a_token():
        return
    site = request.headers.get("Sec-Fetch-Site", "none")
    # A page that hides where it is sends the origin "null".
    origin = request.headers.get("Origin") or _origin(request.headers.get("Referer", ""))
    if site not in _OURS or (origin and origin not in _own_origins()):
        raise FromElsewhere(
            t(
                "这一请求来自别的网站，没有执行。请从本站的页面操作。",
                "This was sent by another site and has not been done. Use the pages of this site.",
            )
        )


def _bears_a_token() -> bool:
    """Whether a program sends a token to the API: no page can have a browser do that for another site."""
    return request.blueprint == "api" and request.headers.get("Authorization", "").startswith("Bearer ")


def _own_origins() -> set[str]:
    own = {request.host_url.rstrip("/"), _origin(current_app.config["BASE_URL"])}
    if current_app.config["SESSION_COOKIE_SECURE"]:
        # A proxy that ends TLS passes plain HTTP on.
        own.add(f"https://{request.host}")
    return own


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all, and so none of ours
        return address
    return f"{parts.scheme}://{parts.netloc}" if address else ""
