"""Settings, read from environment variables that begin with `TRACKER_`.

Read by hand: these few do not repay a settings library that costs every command 0.2 s to load.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

#: Longest that a change may be told to wait, in seconds: whoever sent it thinks it lost after that.
_LONGEST_WAIT = 15

#: Fewest characters of a secret that is set by hand.
_SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Settings:
    """What an installation can set. The README lists each with its default."""

    #: SQLAlchemy address of the database; without it `tracker.db` in the current folder
    database_url: str = ""
    #: key that signs sessions and forms; without it one is made and kept beside the database
    secret_key: str = ""
    #: file of the key that signs checkpoints; without it one is made and kept beside the database
    checkpoint_key: str = ""
    #: `1` where the site is served over TLS: cookies are then sent over TLS only
    secure_cookies: bool = False
    #: `approved` where readers see only assessments that a second person has approved
    readers_see: str = "all"
    #: file that security events and faults are appended to; without it a server writes them to standard error
    log: str = ""
    #: how many seconds a change waits for another one that is being written, before it is refused
    lock_seconds: float = 10.0
    #: folder of the backups; without it one beside the database
    backups: str = ""
    #: how old the newest backup may be before that is a warning, in hours; 0 where this program takes none
    backup_hours: float = 26.0
    #: share of a disk, in percent, below which its room is a warning
    disk_percent: float = 10.0
    #: what whoever draws the metrics has to send; without it there are none
    metrics_token: str = ""
    #: host names that the site answers to, beside the machine's own and that of `base_url`; `.example.org` is all below
    trusted_hosts: tuple[str, ...] = ()
    #: address that the site is read under: citations and links begin with it; without it, with what was asked for
    base_url: str = ""
    #: connections to the database that a process keeps open; at most as many again while all are in use
    pool_size: int = 8
    #: SQLAlchemy addresses of streaming replicas of the database, which readers' pages are read from
    replica_urls: tuple[str, ...] = ()
    #: how far a replica may be behind before nothing is read from it, in seconds
    replica_lag_seconds: float = 10.0
    #: how many proxies stand before the site, whose `X-Forwarded-*` it believes
    proxies: int = 0


class WrongSetting(ValueError):
    """A setting holds what it cannot. The text says what is allowed."""


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    """The value of a setting; the first of `allowed` where it is not set."""
    given = os.environ.get(name, "") or allowed[0]
    if given not in allowed:
        # Showing unreviewed work because of a slip of the pen is worse than not starting.
        raise WrongSetting(f"{name}=“{given}” 不可用 / is not understood; allowed: {', '.join(allowed)}")
    return given


def _number(name: str, default: float, most: int, unit: str, *, least: int = 0) -> float:
    """The value of a setting that is a number from `least` to `most`."""
    given = os.environ.get(name, "")
    try:
        number = float(given or default)
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        raise WrongSetting(f"{name}=“{given}” 不可用 / is not understood; allowed: {least} to {most} {unit}")
    return number


def _secret(name: str) -> str:
    """The value of a setting that opens something; empty where it is not set."""
    given = os.environ.get(name, "")
    if given and len(given) < _SHORTEST_SECRET:
        raise WrongSetting(f"{name} 太短 / is too short to be secret: {_SHORTEST_SECRET} characters or more")
    return given


def _address(name: str) -> str:
    """The value of a setting that is the beginning of addresses, without a slash at its end."""
    given = os.environ.get(name, "").rstrip("/")
    if given and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~-]+)*", given):
        raise WrongSetting(f"{name}=“{given}” 不可用 / is not understood; allowed: https://host, http://host:8000")
    return given


def settings() -> Settings:
    """The settings of this process."""
    base_url = _address("TRACKER_BASE_URL")
    return Settings(
        database_url=os.environ.get("TRACKER_DATABASE_URL", ""),
        checkpoint_key=os.environ.get("TRACKER_CHECKPOINT_KEY", ""),
        secret_key=os.environ.get("TRACKER_SECRET_KEY", ""),
        secure_cookies=os.environ.get("TRACKER_SECURE_COOKIES", "") == "1" or base_url.startswith("https://"),
        log=os.environ.get("TRACKER_LOG", ""),
        readers_see=_one_of("TRACKER_READERS_SEE", ("all", "approved")),
        lock_seconds=_number("TRACKER_LOCK_SECONDS", Settings.lock_seconds, _LONGEST_WAIT, "seconds"),
        backups=os.environ.get("TRACKER_BACKUPS", ""),
        backup_hours=_number("TRACKER_BACKUP_HOURS", Settings.backup_hours, 10_000, "hours"),
        disk_percent=_number("TRACKER_DISK_PERCENT", Settings.disk_percent, 100, "percent"),
        metrics_token=_secret("TRACKER_METRICS_TOKEN"),
        trusted_hosts=tuple(re.split(r"[\s,]+", os.environ.get("TRACKER_TRUSTED_HOSTS", "").strip(" ,"))),
        base_url=base_url,
        pool_size=int(_number("TRACKER_POOL_SIZE", Settings.pool_size, 200, "connections", least=1)),
        replica_urls=tuple(filter(None, re.split(r"[\s,]+", os.environ.get("TRACKER_REPLICA_URLS", "")))),
        replica_lag_seconds=_number(
            "TRACKER_REPLICA_LAG_SECONDS", Settings.replica_lag_seconds, 86_400, "seconds", least=1
        ),
        proxies=int(_one_of("TRACKER_PROXIES", tuple("0123456789"))),
    )


def database_address(url: str = "") -> str:
    """A database address as SQLAlchemy takes it: absolute, with the driver that the project ships.

    `url` goes before the setting, the setting before `tracker.db` in the current folder.
    """
    url = url or settings().database_url or "sqlite:///tracker.db"
    if url.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith("sqlite:///") and not url.startswith("sqlite:///:memory:"):
        return f"sqlite:///{Path(url.removeprefix('sqlite:///')).absolute()}"
    return url
