"""Under which names the site answers: a name from elsewhere must not end up in a link, a cookie or a redirect."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker import config
from tracker.language import t

#: Names of the machine itself.
LOCAL = ("localhost", "127.0.0.1", "::1")

#: Addresses that a server listens on and nobody asks for.
EVERYWHERE = {"", "0.0.0.0", "::", "*"}  # noqa: S104 - to tell them from names

#: What `tracker serve` says where it listens to others and would answer none of them.
NOTICE = (
    "只应答 localhost；从别的机器访问，请用 TRACKER_TRUSTED_HOSTS 写明网址里的主机名 / "
    "Only localhost is answered; to be reached from elsewhere, name the host of its address in TRACKER_TRUSTED_HOSTS"
)


class ForeignHost(BadRequest):
    """The request was for a site of another name."""


def names(served_on: str, settings: config.Settings) -> frozenset[str]:
    """The names that the site answers to: those of the settings, that of the address it is served on, the machine's."""
    named = {*LOCAL, *settings.trusted_hosts, urlsplit(settings.base_url).hostname or "", served_on}
    return frozenset(name.lower() for name in named) - EVERYWHERE


def answers_nobody_else(served_on: str, settings: config.Settings) -> bool:
    """Whether a server would listen to other machines and answer to no name that they can ask for."""
    return served_on in EVERYWHERE and names(served_on, settings) <= {*LOCAL}


def behind_proxies(app: Flask, count: int) -> None:
    """Take address, scheme and host of a request from so many proxies; of none, whatever its headers claim."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def believed(settings: config.Settings) -> dict[str, bool]:
    """What waitress is told: without proxies nobody's word is taken for where a request comes from."""
    return {"clear_untrusted_proxy_headers": not settings.proxies}


def is_known() -> None:
    """Refuse a request for another site."""
    # An empty host is one that no browser could have asked for.
    asked = urlsplit(f"//{request.host}").hostname or ""
    known: frozenset[str] = current_app.config["HOSTS"]
    if asked not in known and not any(name.startswith(".") and asked.endswith(name) for name in known):
        raise ForeignHost(
            t(
                "本站不用这个主机名。管理员可用 TRACKER_TRUSTED_HOSTS 写明。",
                "This site does not go by that host name. An administrator can name it in TRACKER_TRUSTED_HOSTS.",
            )
        )
