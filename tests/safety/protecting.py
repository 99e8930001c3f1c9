"""What every answer has to carry."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

CARRIED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def unprotected(answer: TestResponse, *, signed_in: bool = False, secure: bool = False) -> list[str]:
    """What an answer lacks of what protects it."""
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers.get("Content-Security-Policy", "").split(";"))
    held = {name: headers.get(name) == value for name, value in CARRIED.items()}
    held |= {
        "nothing but our own": policy.get("default-src") in {"'self'", "'none'"} and "unsafe" not in str(policy),
        "scripts by nonce": bool(re.fullmatch(r"'self'( 'nonce-[\w-]{20,}')?", policy.get("script-src", "'self'"))),
        "no plug-in": policy.get("object-src", policy.get("default-src")) == "'none'",
        "no frame": policy.get("frame-ancestors") == "'none'",
        "Permissions-Policy": "geolocation=()" in headers.get("Permissions-Policy", ""),
        "one policy": len(headers.getlist("Content-Security-Policy")) == 1,
        "HSTS over TLS only": ("max-age=" in headers.get("Strict-Transport-Security", "")) is secure,
        "kept nowhere": not signed_in or headers.get("Cache-Control") == "no-store",
    }
    return [name for name, is_so in held.items() if not is_so]
