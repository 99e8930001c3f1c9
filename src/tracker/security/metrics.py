"""What is counted of requests and drawn of health, in the format of Prometheus.

Each process counts for itself: behind several workers, what one scrape shows is of the worker that answered it. Figures
of health are the same from all of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, g, request, request_started
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from tracker import events, health
from tracker.security import probes

_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

#: How bad a state is, as a number that an alarm can be set on.
_DEGREE = {health.State.OK: 0, health.State.WARNING: 1, health.State.FAILED: 2}


def install(app: Flask) -> None:
    """Count every request to `app`."""
    # A row for each row, of which nobody draws anything.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    count = Counter(
        "tracker_requests", "Requests that were answered.", ["endpoint", "method", "status"], registry=registry
    )
    taken = Histogram(
        "tracker_request_seconds", "How long an answer took.", ["endpoint"], registry=registry,
        buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
    )  # fmt: skip

    def note(response: Response) -> Response:
        # Names of our own only: an address or a method that somebody makes up must not become a row of its own.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "other"
        count.labels(endpoint, method, response.status_code).inc()
        if "began" in g:
            taken.labels(endpoint).observe(time.monotonic() - g.began)
        return response

    app.after_request(note)
    request_started.connect(_begin, app)
    registry.register(_Looked(app))
    app.extensions["metrics"] = registry


def _begin(_app: Flask, **_: Any) -> None:
    g.began = time.monotonic()


class _Looked:
    """What is not counted but looked up when somebody asks."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def collect(self) -> Iterator[Any]:
        said = CounterMetricFamily("tracker_security_events", "Events of the log.", labels=["event"])
        for event in events.Event:
            said.add_metric([event.value], events.COUNTED[event.value])
        yield said
        if replicas := self.app.extensions["replicas"]:
            readers = CounterMetricFamily("tracker_readers", "Readers by what served them.", labels=["by"])
            for by, count in sorted(replicas.served.items()):
                readers.add_metric([by], count)
            yield readers
        now = probes.health()
        states = GaugeMetricFamily("tracker_check", "0 ok, 1 warning, 2 failed.", labels=["check"])
        for check in now.checks:
            states.add_metric([check.name], _DEGREE[check.state])
        states.add_metric(["serving"], 2 if self.app.config.get("READ_ONLY") else 0)
        yield states
        for check in now.checks:
            for name, value in check.figures.items():
                yield GaugeMetricFamily(f"tracker_{name}", f"Looked up by the check of {check.name}.", value=value)
