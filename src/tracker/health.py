"""How the installation is: whether it can take a change now, and what somebody should look at soon.

`failed`: no change can be taken, or none should be. `warning`: all works, and somebody has to act. Each look costs some
milliseconds, so that it can be asked for every few seconds; it leaves nothing behind.
"""

from __future__ import annotations

import enum
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tracker import db, stored
from tracker.backups import files, holdings, manifest, taking
from tracker.config import settings
from tracker.db import sqlite
from tracker.models import AuditEvent, guards
from tracker.verification import chained

#: Seconds that a look waits for somebody who is writing.
_PATIENCE = 1

#: How many of the newest entries of the chain a look proves.
_NEWEST = 20

#: Share of a disk below which no change should be taken any more.
_DISK_IS_FULL = 0.01

#: How far the newest change may lie ahead of the clock.
_CLOCK_MAY_GO_BACK = timedelta(seconds=60)


class State(enum.StrEnum):
    """How one thing is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """How one thing is, why in both languages, and its figures; none of that is for strangers, but the state."""

    name: str
    state: State
    why: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Health:
    """How everything is, as of one moment."""

    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        """The worst of all."""
        states = {check.state for check in self.checks}
        return next((state for state in (State.FAILED, State.WARNING) if state in states), State.OK)


def look(engine: Engine, replicas: db.Replicas | None = None) -> Health:
    """How the installation is now. Never raises: what cannot be asked has failed.

    `replicas` are those that a server watches over; without them, those of the settings are looked at.
    """
    # A connection of its own: it waits less than others do, and is not kept.
    own = db.connect(engine.url.render_as_string(hide_password=False), pooled=True)
    try:
        return _looked(own, replicas)
    finally:
        own.dispose()


def _looked(own: Engine, watched: db.Replicas | None) -> Health:
    there = _asked("database", _database, own)
    inside = {"writing": _writing, "guards": _guards, "chain": _chain, "clock": _clock}
    if there.state is State.OK:
        checks = [_asked(name, check, own) for name, check in inside.items()]
    else:  # asking on would make an empty file where there is none
        checks = [Check(name, State.FAILED, there.why) for name in inside]
    around = {"disk": _disk, "backup": _backup, "verification": _verification, "sqlite": _sqlite}
    around["replicas"] = partial(_replicas, watched=watched)
    return Health((there, *checks, *(_asked(name, check, own) for name, check in around.items())))


def _asked(name: str, check: Callable[[str, Engine], Check], engine: Engine) -> Check:
    try:
        return check(name, engine)
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        return Check(name, State.FAILED, f"数据库没有应答 / the database does not answer: {said}")
    except Exception as error:  # the way to ask must not fail with what is asked about
        return Check(name, State.FAILED, str(error) or type(error).__name__)


def _database(name: str, engine: Engine) -> Check:
    """It is there, and at the revision of this program."""
    db.check_ready(engine)
    return Check(name, State.OK, notes={"revision": str(db.revision(engine))})


def _writing(name: str, engine: Engine) -> Check:
    """A change can be made; it is taken back at once."""
    with _patiently(engine, writes=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        connection.rollback()
    return Check(name, State.OK)


def _patiently(engine: Engine, *, writes: bool = False) -> Connection:
    options = {**(db.WRITES if writes else {}), "tracker_patience": _PATIENCE}
    connection = engine.execution_options(**options).connect()
    if engine.dialect.name == "postgresql":
        for limit in ("lock_timeout", "statement_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = '{_PATIENCE}s'"))
    return connection


def _guards(name: str, engine: Engine) -> Check:
    """What refuses changes of the history, and what keeps the stored tables, is in force."""
    with _patiently(engine) as connection:
        absent = [*guards.missing(connection), *stored.missing(connection)]
    state = State.FAILED if absent else State.OK
    why = f"防改触发器缺失 / guards are missing: {', '.join(absent[:5])}" if absent else ""
    return Check(name, state, why, {"guards_missing": len(absent)})


def _chain(name: str, engine: Engine) -> Check:
    """How far the chain goes, and that its newest entries fit; `tracker verify` looks at all."""
    with _patiently(engine) as connection, Session(connection) as session:
        size, head = holdings.chain(connection)
        misfits = chained.recent(session, _NEWEST)
    state = State.FAILED if misfits else State.OK
    why = f"记录链有不符 / the chain of events does not fit: {misfits[0]}" if misfits else ""
    return Check(name, state, why, {"chain_size": size}, {"chain_head": head})


def _clock(name: str, engine: Engine) -> Check:
    """The clock is not behind what was written already."""
    with _patiently(engine) as connection:
        newest = connection.scalar(select(func.max(AuditEvent.at)))
    behind = max(timedelta(0), newest - datetime.now(UTC)) if newest else timedelta(0)
    figures = {"clock_back_seconds": behind.total_seconds()}
    if behind <= _CLOCK_MAY_GO_BACK:
        return Check(name, State.OK, figures=figures)
    return Check(
        name, State.WARNING, f"时钟比最新的记录慢 / the clock is behind the newest change by {behind}", figures
    )


def _disk(name: str, engine: Engine) -> Check:
    """There is room, where the database is (of a server's, where this program runs) and where the backups are."""
    places = {db.beside(engine, "").parent, taking.folder(engine)}
    free = {place: shutil.disk_usage(place) for place in places if place.is_dir()}
    place, least = min(free.items(), key=lambda pair: pair[1].free / pair[1].total)
    share, limit = least.free / least.total, settings().disk_percent / 100
    figures = {"disk_free_bytes": least.free, "disk_free_ratio": share}
    if share >= limit:
        return Check(name, State.OK, figures=figures)
    state = State.FAILED if share < _DISK_IS_FULL else State.WARNING
    return Check(
        name, state, f"磁盘剩余不足 / {place} has {share:.1%} of its disk left, less than {limit:.0%}", figures
    )


def _backup(name: str, engine: Engine) -> Check:
    """The newest backup of the folder is not too old."""
    hours = settings().backup_hours
    if not hours:
        return Check(name, State.OK)
    folder = taking.folder(engine)
    newest = next((known.taken_at for _, known in manifest.taken(folder)), None)
    if newest is None:
        return Check(name, State.WARNING, f"还没有备份 / there is no backup in {folder}: run “tracker db backup”")
    age = datetime.now(UTC) - newest
    figures = {"backup_age_seconds": age.total_seconds()}
    if age <= timedelta(hours=hours):
        return Check(name, State.OK, figures=figures)
    why = f"备份过旧 / the newest backup in {folder} is {age.total_seconds() / 3600:.0f} hours old, more than {hours:g}"
    return Check(name, State.WARNING, why, figures)


def _verification(name: str, engine: Engine) -> Check:
    """The last `tracker verify` found nothing wrong."""
    try:
        said = json.loads(_remembered(engine).read_bytes())
        at, faults, first = datetime.fromisoformat(said["at"]), int(said["faults"]), str(said["first"])
    except FileNotFoundError:
        return Check(name, State.OK)
    except (ValueError, KeyError, TypeError):
        return Check(name, State.WARNING, f"读不出 / cannot be read: {_remembered(engine)}; run “tracker verify”")
    age = (datetime.now(UTC) - at).total_seconds()
    figures = {"verify_faults": faults, "verify_age_seconds": age}
    if not faults:
        return Check(name, State.OK, figures=figures)
    return Check(name, State.WARNING, f"最近一次核验未通过 / the last verification failed: {first}", figures)


def remember_verification(engine: Engine, faults: int, first: str) -> None:
    """Keep what `tracker verify` found, for the next looks; where nothing can be written, its exit code has to do."""
    said = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "faults": faults, "first": first[:300]}
    with suppress(OSError), files.unnamed(_remembered(engine)) as path:
        path.write_text(json.dumps(said), encoding="utf-8")
        files.put(path, _remembered(engine))


def _remembered(engine: Engine) -> Path:
    return db.beside(engine, ".verified.json")


def _replicas(name: str, engine: Engine, *, watched: db.Replicas | None) -> Check:
    """Every replica serves readers: it answers, and is not too far behind."""
    if not settings().replica_urls:
        return Check(name, State.OK)
    replicas = watched or db.Replicas(engine, settings())
    states = list(replicas.states())
    if watched is None:
        replicas.close()
    out = [f"{place} {why}" for place, _, why in states if why]
    # A replica that was never seen to follow is behind for ever, which is no figure.
    lag = max((lag for _, lag, _ in states if lag < float("inf")), default=0.0)
    figures = {"replicas": len(states), "replicas_out": len(out), "replica_lag_seconds": lag}
    return Check(name, State.WARNING if out else State.OK, "; ".join(out), figures)


def _sqlite(name: str, engine: Engine) -> Check:
    """The SQLite in use is not one that can damage a file in WAL mode."""
    if engine.dialect.name != "sqlite":
        return Check(name, State.OK)
    version = sqlite.driver().sqlite_version
    affected = sqlite.has_wal_reset_bug(sqlite.driver().sqlite_version_info)
    why = f"SQLite {version} 有缺陷，已不用 WAL / SQLite {version} has the WAL-reset bug, so WAL is not used"
    state = State.WARNING if affected else State.OK
    return Check(name, state, why if affected else "", {"sqlite_affected": affected}, {"sqlite_version": version})
