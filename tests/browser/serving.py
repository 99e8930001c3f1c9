"""The product as the README's first command starts it, from a process that has imported it beforehand."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from visitors import Served

#: What a server imports takes longer than all else at its start.
_IMPORTED = multiprocessing.get_context("forkserver")
_IMPORTED.set_forkserver_preload(["tracker.cli", "tracker.app", "tracker.seed", "alembic.command", "waitress.server"])


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """A server in a folder."""
    told, tells = _IMPORTED.Pipe(duplex=False)
    server = _IMPORTED.Process(target=_serve, args=(folder, tells), daemon=True)
    server.start()
    tells.close()
    try:
        with told, open(told.fileno(), encoding="utf-8", closefd=False) as said:
            address, setup = (said.readline() for _ in range(2))
            yield Served(address.split()[3].rstrip("/"), setup.split()[-1])
    finally:
        server.terminate()
        server.join()


def _serve(folder: Path, tells: Connection) -> None:
    from tracker.cli import main

    os.chdir(folder)
    sys.argv = ["tracker", "--database", f"sqlite:///{folder / 'tracker.db'}", "serve", "--port", "0"]
    with open(tells.fileno(), "w", encoding="utf-8", closefd=False) as sys.stdout:
        main()
