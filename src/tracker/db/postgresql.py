"""PostgreSQL: what each of its connections is told, also where a pooler such as pgbouncer stands before the server.

A pooler that hands out servers by the transaction keeps nothing of a connection from one transaction to the next: what
was set for a session is lost to whoever set it and found by a stranger, and a statement that was prepared is not there.
It is told from a server by asking at which process one has arrived: a server names its own at the beginning. What is
wanted is then said in each transaction anew, for that transaction, and nothing is prepared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, Connection, func, select, true

#: Under this name a connection that leads through a pooler keeps what each of its transactions is told.
_EACH_TIME = "tracker_each_transaction"


def parameters(url: URL) -> dict[str, Any]:
    """How a connection is made and watched, where its address does not say so itself."""
    wanted = {
        # A server that does not answer any more is noticed within seconds, not minutes.
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15000,
    }
    return {name: value for name, value in wanted.items() if name not in url.query}


def wanted(url: URL, *, patience: float, served: bool) -> dict[str, str]:
    """What a session is told, by setting of the server; nothing where the address has options of its own.

    `patience` is how many seconds a change waits for another one; `served` says that somebody waits for a page.
    """
    if "options" in url.query:
        return {}
    # PostgreSQL would compile large questions, which takes longer than it takes to answer them.
    told = {"jit": "off", "lock_timeout": str(round(patience * 1000))}
    if served:
        # Nobody waits longer for a page; a request that was cut off must not hold what it locked.
        told |= {"statement_timeout": "60000", "idle_in_transaction_session_timeout": "60000"}
    return told


def open_up(connection: Any, record: Any, told: Mapping[str, str]) -> None:
    """Prepare a new connection of psycopg: tell the server once, or have each transaction told (see `begin`)."""
    settings = ", ".join("set_config(%s, %s, false)" for _ in told) or "1"
    values = [part for pair in told.items() for part in pair]
    connection.autocommit = True
    # Nothing is set where the condition does not hold.
    is_direct = connection.execute(
        f"SELECT {settings} WHERE pg_backend_pid() = %s", [*values, connection.info.backend_pid]
    ).fetchone()
    connection.autocommit = False
    if is_direct is None:
        connection.prepare_threshold = None
        record.info[_EACH_TIME] = dict(told)


def begin(connection: Connection) -> None:
    """Tell a transaction through a pooler what a session would have been told."""
    told: dict[str, str] = connection.info.get(_EACH_TIME, {})
    if told:
        connection.execute(select(*(func.set_config(name, said, true()) for name, said in told.items())))


def through_a_pooler(connection: Connection) -> bool:
    """Whether something stands between this connection and its server."""
    return connection.dialect.name == "postgresql" and _EACH_TIME in connection.info
