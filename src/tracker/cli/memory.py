"""How much memory a server keeps that it does not use."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress

#: What glibc calls the number of its arenas (`M_ARENA_MAX` of malloc.h).
_ARENAS = -8


def share_between_threads() -> None:
    """Have the threads of this process and of its forks take memory from two places, where the C library is glibc.

    Else each has a place of its own, which keeps what its largest page took: a third of the server, with eight threads.
    Does nothing where `MALLOC_ARENA_MAX` is set, or on another system. To be asked before there are threads.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).mallopt(_ARENAS, 2)


def settle() -> None:
    """Take what is there by now as there for good: to be asked once the application is made and before it answers.

    Python looks for what is left of answers once that is a quarter of all there is, and with a whole application there
    that takes many answers; forks go on sharing the memory of what nobody looks through.
    """
    gc.collect()
    gc.freeze()
