"""The days of exactly the commitments that an address asks for, as an iCalendar (RFC 5545, RFC 7986) to subscribe to.

Every day is an event of a whole day that blocks no time. An event keeps its name (`permanent.py`) when its day moves;
then its SEQUENCE rises. Its instants are those of what it tells, so that a calendar is the same to the byte until
something changes. There is no METHOD: with one, DTSTAMP would be when the file was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import days
from tracker.filters import CommitmentFilter
from tracker.language import t
from tracker.pages import formats, permanent
from tracker.pages.occasions import Occasion, occasions

#: Most days in one calendar, which is then a megabyte: programs take no more well. Those nearest to today are kept.
MOST = 1000

#: How often a program is asked to look again.
_AGAIN = timedelta(hours=12)

#: What a text of a calendar cannot hold.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def calendar(session: Session, asked: CommitmentFilter, title: str, name: str) -> ResponseReturnValue:
    """The calendar of the commitments asked for; `title` is that of their page, `name` that of the file."""
    found, naming = session.execute(days.days(asked, MOST + 1)).all(), permanent.naming(session)
    shown = occasions(session, found[:MOST], asked.cutoff, naming)
    about = t(
        "完成期限、行动时段、活动日期、节点、问题办结期限和下次查看的日子。",
        "Due dates, ends of periods to act in, events, milestones, due dates of obstacles, next checks.",
    )
    if len(found) > MOST:
        about += t(f"日子多于 {MOST} 个，只列离今天最近的。", f" More than {MOST} days: these are nearest to today.")
    made_of = (shown, t(f"{title}：日子", f"{title}: days"), about, naming(f"calendar{permanent.of_page()}"))
    changed = formats.changed(session, asked.cutoff)
    return formats.followed(made_of, lambda: _written(*made_of), "ics", name, changed, rows=len(shown))


def _written(shown: Iterable[Occasion], title: str, about: str, name: UUID) -> bytes:
    """The calendar as its file: lines of 75 octets at most that end in CRLF."""
    from icalendar import Calendar, Event, vDuration, vText  # noqa: PLC0415 - only this format needs it

    made = Calendar()
    made.add("prodid", "-//tracker//commitments//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("uid", str(name))
    for key, text in (("name", title), ("x-wr-calname", title), ("description", about), ("x-wr-caldesc", about)):
        made.add(key, vText(clean(text)))
    made.add("refresh-interval", vDuration(_AGAIN), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(_AGAIN))
    for one in shown:
        event = Event()
        event.add("uid", one.name)
        event.add("dtstamp", one.at.replace(microsecond=0))
        event.add("last-modified", one.at.replace(microsecond=0))
        event.add("sequence", one.sequence)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        event.add("summary", clean(one.summary))
        event.add("description", clean("\n".join(filter(None, one.description))))
        event.add("categories", [clean(category) for category in one.categories])
        event.add("url", one.url)
        made.add_component(event)
    if not made.subcomponents:
        made.add_component(_nothing())
    written: bytes = made.to_ical()
    return written


def _nothing() -> Any:
    """What stands in a calendar without a day, because one has to hold something: the zone of its times."""
    from icalendar import Timezone, TimezoneStandard  # noqa: PLC0415

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Etc/UTC")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - local time, as the rule of a zone is written
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone.add_component(standard)
    return zone


def clean(text: str) -> str:
    """A text without what a calendar cannot hold; a mark stands in its place."""
    return _NO_TEXT.sub("\ufffd", text.replace("\r\n", "\n"))
