"""Security events: one line of JSON each, to the log of the process, for whoever watches over the installation."""

from __future__ import annotations

import enum
import json
import logging
import traceback
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

#: Where the events go. A server writes them to standard error, or to a file; see `listen`.
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
    TOKEN_MADE = "token_made"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - the name of an event
    ACCOUNT_MADE = "account_made"
    ACCOUNT_CHANGED = "account_changed"
    REFUSED = "refused"
    EXPORTED = "exported"
    IMPORTED = "imported"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    UPGRADED = "upgraded"
    VERIFIED = "verified"
    LOOKED_AT_IN_PART = "looked_at_in_part"
    GUARDS_MADE_ANEW = "guards_made_anew"
    CLOCK_BACK = "clock_back"
    FAULT = "fault"
    ANSWERED = "answered"
    NOTICE = "notice"


#: How often each event was said in this process.
COUNTED: Counter[str] = Counter()


def say(event: Event, *, who: str = "", what: str = "", **facts: object) -> None:
    """Write one event: who did it, what it was done to, and whatever else is known. Never a secret."""
    COUNTED[event.value] += 1
    LOG.info(_line(event, {"who": who, "what": what, **facts}))


def fault(error: BaseException) -> None:
    """Write that something unexpected happened, and where in the program; nothing of the rows that it was about."""
    say(Event.FAULT, what=type(error).__name__, trace=" | ".join(_trace(error)))


def listen(file: str = "") -> None:
    """Send the events of this process, and whatever else it has to say, to `file`, or to standard error."""
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    handler.setFormatter(_Lines())
    logging.getLogger().addHandler(handler)
    LOG.setLevel(logging.INFO)


class _Lines(logging.Formatter):
    """Events as they are; what a library says, as an event."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == LOG.name:
            return record.getMessage()
        said: dict[str, object] = {"what": record.name, "level": record.levelname.lower(), "said": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            said["trace"] = " | ".join(_trace(record.exc_info[1]))
        return _line(Event.NOTICE, said)


def _line(event: Event, facts: dict[str, object]) -> str:
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event.value, **(REQUEST.get() or {})}
    # ASCII only: no character that ends a line, or colours a terminal, is written as it is.
    return json.dumps(line | {name: str(value) for name, value in facts.items() if value not in ("", None)})


def _trace(error: BaseException | None) -> Iterator[str]:
    """Where an error was raised and what led to it, the last first. Only the first line of a message:
    a database tells in the others what stood in the row."""
    while error is not None:
        yield f"{type(error).__name__}: {str(error).partition(chr(10))[0][:300]}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            yield f"{Path(*Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
