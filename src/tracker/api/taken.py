"""The shapes that the API takes, by name; what is sent is checked by them before anything else looks at it."""

from __future__ import annotations

from tracker.api.schemas import Schema

TAKEN: dict[str, Schema] = {}
