"""History that proves itself: every event of the audit is chained to the one before it.

The hash of an entry is SHA-256 over a zero byte, the hash before it (32 bytes, zeros before the first) and the entry
with the whole event as canonical JSON (RFC 8785; texts in NFC, times in UTC with microseconds). An event of a row that
is new holds every column of it, so the chain covers the rows too. This form is for ever: hashes that were published
must stay computable.

Entries are appended at the very end of a transaction, one after the other whoever writes: SQLite has one writer at a
time, on PostgreSQL a lock is held from here to the commit.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import Connection, Select, exists, insert, select, text
from sqlalchemy.orm import Session

from tracker.codebook import AuditAction
from tracker.events import Event, say
from tracker.models import AuditEvent, ChainEntry

#: How many events are chained at a step.
_STEP = 5000

#: What stands before the first hash.
NOTHING = "00" * 32

#: Number of the lock by which writers on PostgreSQL wait for each other.
LOCK = 7232468

#: How far the clock may go back before that is worth a line.
_CLOCK_MAY_GO_BACK = timedelta(seconds=60)

#: JSON with its keys in order, as RFC 8785 writes it too, but for what `_PARTICULAR` may be: a number that is not whole
#: or not small, and characters beyond the basic plane, which sort otherwise.
_WRITTEN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_PARTICULAR = re.compile(rb"(?:^|[\[,:])-?[0-9]+(?:[.e][0-9.e+-]*|[0-9]{15})(?:$|[,\]}])|[\xf0-\xff]")

#: The columns of an event that the hash covers: all of them.
EVENT = (
    AuditEvent.id,
    AuditEvent.at,
    AuditEvent.actor,
    AuditEvent.action,
    AuditEvent.table_name,
    AuditEvent.row_key,
    AuditEvent.changes,
)

#: The last entry, and how entries are written; put together once, as every transaction that writes needs them.
_NEWEST = select(ChainEntry.seq, ChainEntry.at, ChainEntry.hash).order_by(ChainEntry.seq.desc()).limit(1)
_ENTER = insert(ChainEntry)


class Noted(NamedTuple):
    """An event that was written, as it is to be chained."""

    number: int
    at: datetime
    actor: str
    action: AuditAction
    table: str
    key: str
    #: as `written`
    changes: str


@dataclass(frozen=True, order=True)
class Misfit:
    """One entry that does not fit, by its place in the chain, with the row that its event was about."""

    seq: int
    table: str
    key: str
    why: str

    def __str__(self) -> str:
        return " ".join(part for part in (f"seq {self.seq}:", self.table, self.key, f"− {self.why}") if part)


def content(
    seq: int, at: datetime, event: Mapping[Any, Any] | None = None, *, instance: str | None = None
) -> dict[str, Any]:
    """What an entry says: its place, its time, and its event in full, or the name of the installation."""
    said: dict[str, Any] = {"seq": seq, "at": _utc(at)}
    if instance is not None or event is None:
        return said | {"instance": instance}
    return said | {"event": {**event, "at": _utc(event["at"]), "action": event["action"].value}}


def canonical(said: Any) -> bytes:
    """JSON by RFC 8785 with every text in NFC."""
    made = _canonical(said)
    return made if unicodedata.is_normalized("NFC", made.decode()) else _canonical(_nfc(said))


def written(said: Any) -> str:
    """JSON by RFC 8785 with every text as it is."""
    return _WRITTEN(said) if isinstance(said, str) else _canonical(said).decode()


def _canonical(said: Any) -> bytes:
    # The library takes thirty times as long: it is asked where it may make a difference.
    made = _WRITTEN(said).encode()
    return rfc8785.dumps(said) if _PARTICULAR.search(made) else made


def linked(previous: str, said: bytes) -> str:
    """The hash of an entry that follows the hash `previous`, both in hexadecimal."""
    return hashlib.sha256(b"\0" + bytes.fromhex(previous) + said).hexdigest()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(name): _nfc(part) for name, part in value.items()}
    return [_nfc(part) for part in value] if isinstance(value, list) else value


def begin(connection: Connection) -> None:
    """Write the first row, which names the installation, and chain every event that there is."""
    instance, now = f"tracker/{uuid.uuid4().hex}", datetime.now(UTC)
    first = linked(NOTHING, canonical(content(0, now, instance=instance)))
    connection.execute(insert(ChainEntry), {"seq": 0, "at": now, "instance": instance, "hash": first})
    append(connection, 0)


def instance() -> Select[str | None]:
    """The name of the installation, which no other ledger has, and which a copy of this one keeps."""
    return select(ChainEntry.instance).where(ChainEntry.seq == 0)


def head(session: Session) -> str | None:
    """The hash of the last entry: another one whenever anything in the ledger was changed."""
    # Asked with every page: past the ORM, which has nothing to do for it.
    found: str | None = session.connection().scalar(_last())
    return found


@cache
def _last() -> Select[str]:
    return select(ChainEntry.hash).order_by(ChainEntry.seq.desc()).limit(1)


def append(connection: Connection, first: int) -> None:
    """Chain the events from number `first` on that are not chained, whoever wrote them: as `grow`."""
    wait(connection)
    seq, before, last = connection.execute(_NEWEST).one()
    now = datetime.now(UTC)
    while rows := connection.execute(_unchained(first)).mappings().all():
        made = []
        for row in rows:
            seq += 1
            last = linked(last, canonical(content(seq, now, row)))
            made.append({"seq": seq, "at": now, "event_id": row["id"], "hash": last})
        connection.execute(_ENTER, made)
        first = rows[-1]["id"] + 1
        if len(rows) < _STEP:
            break
    _look_at_the_clock(seq, before, now)


def grow(connection: Connection, noted: Iterable[Noted]) -> None:
    """Chain events that this transaction has written and that are known: the last thing that it does."""
    wait(connection)
    now, entries = continued(connection, noted)
    connection.execute(
        _ENTER, [{"seq": seq, "at": now, "event_id": number, "hash": last} for seq, number, last in entries]
    )


def continued(connection: Connection, noted: Iterable[Noted]) -> tuple[datetime, list[tuple[int, int, str]]]:
    """The next entries as (seq, number of the event, hash), and when they are chained."""
    # Only after the lock: what others have committed before it is then seen.
    seq, before, last = connection.execute(_NEWEST).one()
    now = datetime.now(UTC)
    made = []
    for (at, actor, action, table), alike in groupby(noted, key=itemgetter(1, 2, 3, 4)):
        begun = f'{{"at":"{_utc(now)}","event":{{"action":"{action.value}","actor":{written(actor)},"at":"{_utc(at)}"'
        ended = f'"table_name":{written(table)}}},"seq":'
        for number, *_, key, changes in alike:
            seq += 1
            said = f'{begun},"changes":{changes},"id":{number},"row_key":{written(key)},{ended}{seq}}}'
            # Of what a writer of JSON escapes, a part may join with what follows: what is to be composed is read anew.
            is_composed = unicodedata.is_normalized("NFC", said)
            last = linked(last, said.encode() if is_composed else canonical(json.loads(said)))
            made.append((seq, number, last))
    _look_at_the_clock(seq, before, now)
    return now, made


def wait(connection: Connection) -> None:
    """Have the chain, and what is counted, to oneself until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


def _look_at_the_clock(seq: int, before: datetime, now: datetime) -> None:
    if now < before - _CLOCK_MAY_GO_BACK:
        say(Event.CLOCK_BACK, what=f"seq {seq}", before=_utc(before), now=_utc(now))


def _unchained(first: int) -> Any:
    chained = exists().where(ChainEntry.event_id == AuditEvent.id)
    return select(*EVENT).where(AuditEvent.id >= first, ~chained).order_by(AuditEvent.id).limit(_STEP)


def log(connection: Connection) -> Iterator[bytes]:
    """The whole chain for somebody else to check: on each line the hash of an entry, a blank, and what is hashed."""
    columns = (ChainEntry.seq, ChainEntry.at.label("chained_at"), ChainEntry.instance, ChainEntry.hash, *EVENT)
    rows = select(*columns).outerjoin(AuditEvent, AuditEvent.id == ChainEntry.event_id).order_by(ChainEntry.seq)
    for row in connection.execute(rows, execution_options={"yield_per": _STEP}).mappings():
        event = {column.key: row[column.key] for column in EVENT} if row["seq"] else None
        said = content(row["seq"], row["chained_at"], event, instance=row["instance"])
        yield row["hash"].encode() + b" " + canonical(said) + b"\n"
