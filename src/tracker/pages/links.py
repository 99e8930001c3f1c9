"""Addresses of pages in templates: most are asked for again and again, and each takes its time to be put together."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import flask
from flask import request

#: What makes an address depend on more than where the application stands.
_WHOLE = frozenset({"_external", "_scheme", "_method"})


def url_for(endpoint: str, **values: Any) -> str:
    """As Flask's, remembered for the addresses within the site."""
    if endpoint.startswith(".") or not _WHOLE.isdisjoint(values):
        return flask.url_for(endpoint, **values)
    # One and true are the same key, and not the same address.
    named = tuple((name, type(value), value) for name, value in values.items())
    try:
        return _known(request.root_path, endpoint, named)
    except TypeError:  # of a list, which is no key
        return flask.url_for(endpoint, **values)


@lru_cache(maxsize=2048)
def _known(_root: str, endpoint: str, named: tuple[tuple[str, type, Any], ...]) -> str:
    return flask.url_for(endpoint, **{name: value for name, _, value in named})
