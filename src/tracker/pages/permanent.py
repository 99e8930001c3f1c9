"""Names that stay: of the entries of feeds and calendars, and of these themselves.

A reader's program knows by its name what it has seen, so the name must outlast everything else: the site may move to
another host, be read in another language or be restored from a backup. A name is therefore a `urn:uuid:`, made
(version 5) of the name of the installation, which the first entry of the chain holds and every copy of the database
keeps, and of what is named: the table and the number of a row that is never given to another. Not a `tag:`: that needs
a domain of whoever mints it, and a ledger at `localhost` has none.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session

from tracker import chain

#: What an address carries that does not change what is followed.
_PASSING = {"lang", "format", "before", "page", "per", "after"}


def naming(session: Session) -> Callable[[str], uuid.UUID]:
    """Gives what is named in this ledger (`assessment/12`) its permanent name."""
    ledger = uuid.uuid5(uuid.NAMESPACE_URL, session.scalar(chain.instance()) or "")
    return lambda what: uuid.uuid5(ledger, what)


def of_page() -> str:
    """What is followed here, whatever the order of its conditions: the address without the host and the manner."""
    asked = sorted((name, value) for name, value in request.args.items(multi=True) if name not in _PASSING and value)
    return f"{request.path}?{urlencode(asked)}".rstrip("?")
