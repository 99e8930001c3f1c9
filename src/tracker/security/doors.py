"""Which routes open: those named here, and those that the desk's views open themselves. Every other is closed."""

from __future__ import annotations

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue

from tracker import api, auth
from tracker.admin.base import Closed
from tracker.codebook import Role
from tracker.language import t

#: Route → the role that it takes; none where anybody may ask. Those of the desk stand in `opens` of their view.
OPEN: dict[str, Role | None] = {
    **dict.fromkeys(
        (
            "static",
            "pages.front",
            "pages.city",
            "pages.city_charts",
            "pages.city_report",
            "pages.commitments",
            "pages.commitment",
            "pages.kind",
            "pages.sector",
            "pages.term",
            "pages.data",
            "pages.data_file",
            "pages.document",
            "pages.chart",
            "pages.method",
            "pages.codebook",
            "pages.integrity",
            "pages.checkpoint",
            "first_account.make",
            "security.login",
            "security.confirm",
            "security.factor",
            "security.logout",
            "probes.alive",
            "probes.ready",
            "probes.metrics",
            # Each operation of the API is declared by name with the role that its token needs.
            *api.ROUTES,
        )
    ),
}


def install(app: Flask) -> None:
    """Close every route of `app` that nobody has opened by name."""
    app.before_request(_closed_unless_opened)


def _closed_unless_opened() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or _is_of_the_desk(endpoint):
        return None  # there is no such route; or its view looks who may
    if endpoint not in OPEN:
        abort(403, t("这里没有开放。", "This is not open."))
    role = OPEN[endpoint]
    return None if role is None else auth.refused(role)


def _is_of_the_desk(endpoint: str) -> bool:
    """Whether a route is a method of a view that is closed unless its `opens` says otherwise."""
    return isinstance(getattr(current_app.view_functions[endpoint], "__self__", None), Closed)
