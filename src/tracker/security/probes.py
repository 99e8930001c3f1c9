"""Addresses for programs that watch over the installation: does it live, is it ready, and its metrics.

Anybody may ask the first two, which tell how each thing is and nothing more. Reasons, figures and metrics are for
whoever sends the token of `TRACKER_METRICS_TOKEN`; without that setting, for nobody.
"""

from __future__ import annotations

import hmac
import time
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tracker import config
from tracker.health import Health, State, look

#: How it is, in the words of a program that asks whether it may send requests here.
_STATUS = {State.OK: "ready", State.WARNING: "degraded", State.FAILED: "unready"}


def install(app: Flask) -> None:
    """Open the three addresses."""
    app.config.setdefault("HEALTH_SECONDS", 2.0)
    app.config["METRICS_TOKEN"] = config.settings().metrics_token
    app.register_blueprint(_blueprint())


def _blueprint() -> Blueprint:
    probes = Blueprint("probes", __name__)
    probes.add_url_rule("/healthz", "alive", _alive)
    probes.add_url_rule("/readyz", "ready", _ready)
    probes.add_url_rule("/metrics", "metrics", _metrics)
    probes.after_request(_unkept)
    return probes


def health() -> Health:
    """How the installation is; kept for a moment, so that whoever asks often keeps nobody from writing."""
    kept = current_app.extensions.get("health")
    if kept is None or time.monotonic() - kept[0] >= current_app.config["HEALTH_SECONDS"]:
        kept = time.monotonic(), look(current_app.extensions["engine"], current_app.extensions["replicas"])
        current_app.extensions["health"] = kept
    found: Health = kept[1]
    return found


def _alive() -> Response:
    return jsonify(status="alive")


def _ready() -> tuple[Response, int]:
    now, damage = health(), current_app.config.get("READ_ONLY", "")
    state = State.FAILED if damage else now.state
    told = _may_be_told()
    checks = {check.name: _said(check, told=told) for check in now.checks}
    checks["serving"] = "failed" if damage and not told else {"state": "failed", "why": damage} if damage else "ok"
    return jsonify(status=_STATUS[state], checks=checks), 503 if state is State.FAILED else 200


def _said(check: Any, *, told: bool) -> Any:
    """What is told of one check: its state, and to whoever may be told, everything."""
    if not told:
        return check.state.value
    return {"state": check.state.value, "why": check.why, **check.figures, **check.notes}


def _metrics() -> Response:
    if not current_app.config["METRICS_TOKEN"]:
        abort(404)
    if not _may_be_told():
        answer = jsonify(error="Authorization: Bearer …")
        answer.status_code, answer.headers["WWW-Authenticate"] = 401, "Bearer"
        return answer
    return Response(generate_latest(current_app.extensions["metrics"]), content_type=CONTENT_TYPE_LATEST)


def _may_be_told() -> bool:
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
