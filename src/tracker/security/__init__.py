"""What protects the web: what a request may bring, what an answer carries, and what an error tells."""

from __future__ import annotations

from flask import Flask

from tracker.security import (
    cookies,
    doors,
    errors,
    headers,
    incoming,
    metrics,
    probes,
    read_only,
    readers,
    redirects,
    references,
    unavailable,
)


def install(app: Flask) -> None:
    """Protect every route of `app`, those of the libraries included."""
    references.install(app)
    cookies.install(app)
    incoming.install(app)
    doors.install(app)
    redirects.install(app)
    headers.install(app)
    errors.install(app)
    unavailable.install(app)
    read_only.install(app)
    readers.install(app)
    metrics.install(app)
    probes.install(app)
