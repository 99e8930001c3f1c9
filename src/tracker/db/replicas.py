"""Streaming replicas of the database: which of them may be read from now, and by whom.

A replica is looked at a few times a second. It serves where it answers, is a standby at the revision of this program,
and is not too far behind. How far that is, is measured without any clock but our own: the position of the primary's
journal is noted with the time, and a replica that has come to that position is as new as the database was then.

Who has just changed something names the position of the primary after that (`position`). Such a reader is served by a
replica that proves, over the very connection that is then read from, to have come so far.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from tracker import chain
from tracker.config import Settings, database_address
from tracker.db.engine import DatabaseNotReady, connect, place
from tracker.db.revisions import newest_revision

#: Seconds between two looks at a replica, and how long the last one says something: while the primary is away, a look
#: takes longer.
_EVERY, _HOLDS = 0.5, 15.0

#: A position that no replica ever comes to: who names it is served by the primary.
NEVER = "FFFFFFFF/FFFFFFFF"

#: Under this name a session tells which replica it reads from.
FROM = "replica"

_NOW = text("SELECT CAST(pg_current_wal_insert_lsn() AS text)")

_FIGURES = text(
    "SELECT pg_is_in_recovery(), CAST(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END AS text),"
    " (SELECT version_num FROM alembic_version), (SELECT instance FROM chain_entry WHERE seq = 0)"
)

_CAME_SO_FAR = text("SELECT coalesce(pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn), FALSE)")


def position(engine: Engine) -> str:
    """How far the journal of the primary goes now, in the words of PostgreSQL (`0/16B3740`): whatever was committed
    before is before it. `NEVER` where nobody can tell."""
    try:
        with engine.connect() as connection:
            return str(connection.scalar(_NOW))
    except SQLAlchemyError:
        return NEVER


def number(position: str) -> int:
    """A position as a number, in bytes."""
    high, _, low = position.partition("/")
    return int(high, 16) << 32 | int(low, 16)


@dataclass
class Replica:
    """One replica, and what the last look at it found."""

    engine: Engine
    #: when it was looked at, by our own clock; before the first look, never
    looked_at: float = float("-inf")
    #: the time that all is known to have come to it of which was written until then
    fresh_as_of: float = float("-inf")
    #: why it serves nobody, whoever asks; empty where it does
    why_not: str = "尚未查看 / not looked at yet"
    #: positions of the primary that were noted, oldest first, which it has not come to yet
    awaited: list[tuple[float, int]] = field(default_factory=list)
    #: name of the ledger that it should hold, once the primary has said it
    of: str = ""
    looking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def lag(self) -> float:
        """How many seconds it is behind at most."""
        return time.monotonic() - self.fresh_as_of

    def look(self, primary: Engine) -> None:
        """Ask how it is. Never raises."""
        with self.looking:
            now, known = time.monotonic(), position(primary)
            try:
                with self.engine.connect() as connection:
                    is_standby, replayed, revision, ledger = connection.execute(_FIGURES).one()
                self.of = self.of or _named(primary)
            except SQLAlchemyError as error:
                self.lost(error)
                return
            self._note(now, known, number(replayed) if replayed else 0)
            self.why_not = _unfit(is_standby=is_standby, revision=revision, is_ours=ledger == self.of)
            self.looked_at = time.monotonic()

    def _note(self, now: float, known: str, came: int) -> None:
        """Note the position of the primary, and to which of those noted before the replica has come."""
        if known != NEVER:
            self.awaited.append((now, number(known)))
        elif not self.awaited:
            # To a primary that is away nobody writes, as far as can be known from here.
            self.fresh_as_of = now
        while self.awaited and self.awaited[0][1] <= came:
            self.fresh_as_of = self.awaited.pop(0)[0]
        del self.awaited[:-_MOST_AWAITED]

    def lost(self, error: BaseException) -> None:
        """It broke: until the next look finds it well, nobody is sent there."""
        self.why_not = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0] or "?"
        self.looked_at = time.monotonic()


#: Positions that are waited for at most; of more, the oldest are forgotten: it is behind in any case.
_MOST_AWAITED = 2000


def _named(primary: Engine) -> str:
    with primary.connect() as connection:
        return connection.scalar(chain.instance()) or ""


def _unfit(*, is_standby: bool, revision: str, is_ours: bool) -> str:
    """Why a replica that answers serves nobody; empty where it may."""
    if not is_ours:
        return "是另一台账 / holds another ledger"
    if not is_standby:
        return "不是只读副本 / is no standby, but a server of its own"
    if revision != newest_revision():
        return f"版本不符 / is at revision {revision}, not {newest_revision()}"
    return ""


class Replicas:
    """The replicas of a database."""

    def __init__(self, primary: Engine, settings: Settings) -> None:
        """Those that the settings name; they are looked at from the first reader on."""
        self.primary, self.most = primary, settings.replica_lag_seconds
        self.all = tuple(Replica(_connected(url, primary)) for url in settings.replica_urls)
        #: how many readers were served by a replica, by the primary because none could, and anew after one broke
        self.served: Counter[str] = Counter()
        self._turn = itertools.count()
        self._watched_by, self._one_watcher, self._ended = 0, threading.Lock(), threading.Event()

    def session(self, make: sessionmaker[Session], after: str = "") -> Session | None:
        """A session on a replica that has come to the position `after`; none where no replica will do."""
        self._watch()
        for replica in self._in_turn():
            session = make(bind=replica.engine, info={FROM: replica})
            try:
                session.connection()
                if not after or session.scalar(_CAME_SO_FAR, {"position": after}):
                    self.served["replica"] += 1
                    return session
            except SQLAlchemyError as error:
                replica.lost(error)
            with suppress(SQLAlchemyError):
                session.close()
        self.served["primary"] += 1
        return None

    def states(self) -> Iterator[tuple[str, float, str]]:
        """Of each replica where it is, how many seconds it is behind at most, and why it serves nobody.

        One that is not known to serve is looked at first; one that is behind may come up for a moment.
        """
        for replica in self.all:
            tries = 0 if not self._why_not(replica) else 4
            while tries:
                replica.look(self.primary)
                tries = tries - 1 if replica.lag > self.most and not replica.why_not else 0
                self._ended.wait(_EVERY / 2 if tries else 0)
            yield place(replica.engine), replica.lag, self._why_not(replica)

    def close(self) -> None:
        """Look at none any more, and close their connections."""
        self._ended.set()
        for replica in self.all:
            with replica.looking:
                replica.engine.dispose()

    def _why_not(self, replica: Replica) -> str:
        if replica.why_not:
            return replica.why_not
        if time.monotonic() - replica.looked_at > _HOLDS:
            return "没有应答 / does not answer"
        return f"落后 / is {replica.lag:.0f} s behind" if replica.lag > self.most else ""

    def _in_turn(self) -> Sequence[Replica]:
        fit = [replica for replica in self.all if not self._why_not(replica)]
        first = next(self._turn) % len(fit) if fit else 0
        return fit[first:] + fit[:first]

    def _watch(self) -> None:
        """Have each replica looked at from now on; by threads of this process, also after it was forked."""
        if self._watched_by == os.getpid():
            return
        with self._one_watcher:
            if self._watched_by != os.getpid():
                self._watched_by = os.getpid()
                for replica in self.all:
                    threading.Thread(target=self._keep_looking, args=(replica,), daemon=True).start()

    def _keep_looking(self, replica: Replica) -> None:
        while not self._ended.is_set():
            replica.look(self.primary)
            self._ended.wait(_EVERY)


def _connected(url: str, primary: Engine) -> Engine:
    """An engine for a replica; whoever waits for one that is away goes on to the next after seconds."""
    address = make_url(database_address(url))
    if {address.get_backend_name(), primary.dialect.name} != {"postgresql"}:
        raise DatabaseNotReady(
            "只读副本须是 PostgreSQL 的 / TRACKER_REPLICA_URLS names streaming replicas of a PostgreSQL database"
        )
    impatient = {"connect_timeout": "2", "tcp_user_timeout": "4000"}
    address = address.update_query_dict({name: said for name, said in impatient.items() if name not in address.query})
    return connect(address.render_as_string(hide_password=False), pooled=True)
