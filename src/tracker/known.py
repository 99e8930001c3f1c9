"""What was read of the ledger stays so until that changes: it is kept by the last hash of the chain."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.orm import Session

from tracker import chain, noting

T = TypeVar("T")


def state(session: Session) -> str | None:
    """The last hash of the chain, asked once in a transaction: whatever was changed before it, it is another one."""
    transaction, last = session.info.get("state", (None, None))
    if transaction is None or transaction is not session.get_transaction():
        last = chain.head(session)
        session.info["state"] = session.get_transaction(), last
    return cast("str | None", last)


class Known(Generic[T]):
    """What was read, by the state of the ledger and the question; at most so many, the oldest go first.

    One thread at a time reads: the others wait, and mostly for the same.
    """

    def __init__(self, most: int) -> None:
        self._most, self._turn = most, Lock()
        self._kept: OrderedDict[tuple[Any, ...], T] = OrderedDict()

    def of(self, session: Session, question: Hashable, read: Callable[[], T]) -> T:
        """What `read` gives, which depends on nothing but the ledger and `question`: the day is part of that."""
        # What this transaction has written is in no chain yet.
        if noting.has_changed(session):
            return read()
        key = (state(session), question)
        with self._turn:
            if (known := self._kept.get(key)) is None:
                known = self._kept[key] = read()
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return known
