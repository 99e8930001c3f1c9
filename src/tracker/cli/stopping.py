"""How a server stops: what is being written is finished, what was answered is sent, and the database is put away."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import Any

from waitress import wasyncore

#: Seconds in which answers that are ready must have gone out.
_LAST_WORDS = 2.0


def run_until_told(server: Any, sockets: dict[int, Any]) -> None:
    """Serve until SIGTERM or Ctrl-C. Takes nothing new then, and gives what is being answered five seconds.

    `sockets` is the map that the server was made with.
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        server.run()  # waits for its threads
        _send_what_is_left(sockets)
    finally:
        server.close()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _send_what_is_left(sockets: dict[int, Any]) -> None:
    """Send the answers that were ready when the server was told to stop; whoever was quick would not know otherwise."""
    for listening in [channel for channel in sockets.values() if getattr(channel, "accepting", False)]:
        listening.del_channel(sockets)
    until = time.monotonic() + _LAST_WORDS
    while any(getattr(channel, "total_outbufs_len", 0) for channel in list(sockets.values())):
        if time.monotonic() > until:
            break
        wasyncore.loop(timeout=0.1, map=sockets, count=1)
