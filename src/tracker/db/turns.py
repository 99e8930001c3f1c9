"""Who writes to an SQLite file next: within a process, one after the other in the order in which they came.

SQLite itself has no queue. Whoever meets its lock sleeps, longer each time, and looks again; with many writers some
look only while others write, and wait for seconds. Between processes that stays so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable


class Turns:
    """The turns of one file."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, patience: float) -> bool:
        """Wait for one's turn, so many seconds at most; whether it has come."""
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return True
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it came at the last moment

    def leave(self) -> None:
        """Let the next one go on."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_of_files: dict[Hashable, Turns] = {}
_mutex = threading.Lock()


def of(file: Hashable) -> Turns:
    """The turns of a file."""
    with _mutex:
        return _of_files.setdefault(file, Turns())
