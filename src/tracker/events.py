"""Security events: one line of JSON each, to the log of the process, for whoever watches over the installation."""

from __future__ import annotations

import enum
import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

#: Where the events go. A server writes them to standard error; see `listen`.
LOG = logging.getLogger("tracker.events")

#: What is known of the request that is being answered: `reference`, `address`, `method`, `path`, `who`.
REQUEST: ContextVar[dict[str, str] | None] = ContextVar("request", default=None)


class Event(enum.StrEnum):
    """What is worth a line."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_THROTTLED = "sign_in_throttled"
    SIGNED_OUT = "signed_out"
    SESSION_EXPIRED = "session_expired"
    CONFIRMED = "confirmed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    ACCOUNT_MADE = "account_made"
    ACCOUNT_CHANGED = "account_changed"
    REFUSED = "refused"
    EXPORTED = "exported"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    UPGRADED = "upgraded"
    VERIFIED = "verified"
    FAULT = "fault"


def say(event: Event, *, who: str = "", what: str = "", **facts: object) -> None:
    """Write one event: who did it, what it was done to, and whatever else is known. Never a secret."""
    request = REQUEST.get() or {}
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event.value, **request}
    line |= {name: str(value) for name, value in {"who": who, "what": what, **facts}.items() if value not in ("", None)}
    LOG.info(json.dumps(line, ensure_ascii=True))


def listen() -> None:
    """Send the events of this process to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
