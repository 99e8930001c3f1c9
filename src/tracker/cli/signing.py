"""The key that signs checkpoints, where the commands look for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from tracker import config, db

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def own_key(engine: Engine, *, make: bool) -> Ed25519PrivateKey | None:
    """The key of this installation; none where there is none and none is to be made."""
    from tracker import checkpoints  # noqa: PLC0415 - most commands sign nothing

    beside = db.beside(engine, checkpoints.KEY)
    return (
        checkpoints.signing_key(beside) if make or Path(config.settings().checkpoint_key or beside).exists() else None
    )
