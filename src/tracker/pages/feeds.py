"""What changed, as an Atom feed (RFC 4287) of exactly the commitments that an address asks for.

An entry is one thing that was written down, which is never changed: its name is permanent (`permanent.py`), its two
instants are that of the writing. Older entries are on further pages (RFC 5005), each going on from the numbers that the
one before it ended with. What is corrected later gets an entry of its own, and what is withdrawn is told by its code
alone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import news
from tracker.codebook import DeadlineKind, PublicationState, Verdict
from tracker.filters import CommitmentFilter
from tracker.language import label, t
from tracker.news import News
from tracker.pages import address, citation, formats, permanent
from tracker.standings import dated

#: Entries of a page.
PAGE = 50

#: What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: The updated instant of a feed in which nothing has happened yet; a feed must name one.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

#: A sort and a number that a row can have.
_CURSOR = re.compile(r"([a-z]{1,20}):([0-9]{1,9})")


class Fact(NamedTuple):
    """A line of an entry: what it is about, what it says, and whether that is Chinese whatever the language."""

    about: str
    words: str
    is_chinese: bool = False


def feed(session: Session, asked: CommitmentFilter, title: str, name: str) -> ResponseReturnValue:
    """The feed of the commitments asked for; `title` is that of their page, `name` that of the file.

    Raises `address.UnknownValue` where `before` is no place to go on from.
    """
    before = _before()
    found = news.latest(session, asked, PAGE + 1, sorts=news.SORTS, before=before)
    shown = found[:PAGE]
    further = {**before, **{one.what: one.number for one in shown}} if len(found) > PAGE else {}
    naming = permanent.naming(session)
    text = render_template(
        "feed.xml",
        title=t(f"{title}：有何变化", f"{title}: what changed"),
        id=naming(f"feed{permanent.of_page()}").urn,
        updated=instant(max((one.recorded_at for one in shown), default=_NEVER)),
        itself=_there(),
        page=_there(format="", before=""),
        first=_there(before=""),
        next=_there(before=",".join(f"{what}:{number}" for what, number in sorted(further.items()))),
        is_first=not before,
        is_last=not further,
        entries=[(one, naming(f"{one.what}/{one.number}").urn) for one in shown],
        licence_address=citation.LICENCE,
        codebook=address.outside("pages.codebook", as_of=None, recorded_by=None),
        says={"headline": headline, "facts": facts, "sort": sort, "link": link, "instant": instant, "there": _there},
        asked=asked,
    )
    changed = formats.changed(session, asked.cutoff)
    body = clean(text).encode()
    return formats.followed(body, lambda: body, "atom", name, changed, rows=len(shown))


def _there(**changes: str) -> str:
    """The whole address of this feed, or of another form or page of it."""
    return f"{address.whole()}{address.here(**changes)}".rstrip("?")


def clean(text: str) -> str:
    """A text without what XML cannot hold; a mark stands in its place."""
    return _NO_XML.sub("\ufffd", text)


def instant(at: datetime) -> str:
    """An instant as RFC 3339 writes it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _before() -> dict[str, int]:
    """Sort → number to go on from, as the address says."""
    given = request.args.get("before", "").strip()
    found = [_CURSOR.fullmatch(part) for part in given.split(",")] if given else []
    if not all(part and part[1] in news.SORTS for part in found):
        raise address.UnknownValue(
            t("before 只能是订阅源自己给出的。", "`before` can only be what the feed itself gave."),
            links=[(address.here(before=""), t("最新的条目", "The newest entries"))],
        )
    return {part[1]: int(part[2]) for part in found if part}


def headline(one: News) -> str:
    """What happened, in one line."""
    what = f"{one.code} {t(one.title_zh, one.title_en)}"
    match one.what:
        case "publication":
            return _public(one, what)
        case "review" if one.verdict is Verdict.APPROVE:
            return t(f"{what}：“{label(one.execution)}”复核通过", f"{what}: “{label(one.execution)}” approved")
        case "review":
            return t(f"{what}：“{label(one.execution)}”被退回，不作数",
                     f"{what}: “{label(one.execution)}” returned, does not stand")  # fmt: skip
        case "revision" if one.until_kind is DeadlineKind.HORIZON:
            return t(f"{what}：行动时段改为到 {one.until} 为止", f"{what}: period to act in now ends on {one.until}")
        case "revision":
            return t(f"{what}：期限改为 {one.until}", f"{what}: deadline now {one.until}")
        case "step":
            return t(f"{what}：节点“{one.step_zh}”已达到", f"{what}: “{one.step_en or one.step_zh}” reached")
        case _:
            return _judged(one, what)


def _public(one: News, what: str) -> str:
    if one.state is PublicationState.WITHDRAWN:
        return t(f"{one.code} 已撤下", f"{one.code} was withdrawn")
    if one.state_before is PublicationState.WITHDRAWN:
        return t(f"{what}：恢复公开", f"{what}: public again")
    return t(f"{what}：新收录", f"{what}: newly published")


def _judged(one: News, what: str) -> str:
    now, before = label(one.execution), label(one.corrected or one.before)
    if one.corrected:
        return t(f"{what}：更正，“{before}”改为“{now}”", f"{what}: corrected, “{before}” is now “{now}”")
    if one.before is one.execution:
        return t(f"{what}：再次认定“{now}”", f"{what}: “{now}” found again")
    return t(f"{what}：{before} → {now}", f"{what}: {before} → {now}")


def facts(one: News) -> list[Fact]:
    """What an entry says beside its headline."""
    english = t("", one.summary_en or "")
    told = [
        Fact(t("结论", "Found"), english or one.summary or "", is_chinese=not english),
        Fact(t("此前", "Before"), label(one.before)),
        Fact(t("被更正的判断", "Corrected judgement"), label(one.corrected)),
        Fact(t("现在", "Now") if one.what == "assessment" else t("判断", "Judgement"), label(one.execution)),
        Fact(t("状态日期", "True of"), dated(one.effective_on, one.effective_precision) if one.effective_on else ""),
        Fact(t("复核", "Review"), label(one.verdict)),
        Fact(t("原来的最后一天", "Last day before"), _day(one.was)),
        Fact(t("新的最后一天", "Last day now"), _day(one.until)),
        Fact(t("性质", "What it means"), _meaning(one.until_kind)),
        Fact(t("宣布日期", "Announced on"), _day(one.announced_on)),
        Fact(t("计划日期", "Planned for"), _day(one.planned_on)),
        Fact(t("达到日期", "Reached on"), _day(one.reached_on)),
        Fact(t("说明", "Note"), one.note or "", is_chinese=True),
        Fact(t("城市", "City"), t(one.city, one.city_en)),
    ]
    return [fact for fact in told if fact.words]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _meaning(kind: DeadlineKind | None) -> str:
    return f"{label(kind)}{t('：', ': ')}{t(kind.definition_zh, kind.definition_en)}" if kind else ""


def sort(one: News) -> tuple[str, str]:
    """Of which sort an entry is: for programs, and for people."""
    if one.what == "publication" and one.state:
        return one.state.value, label(one.state)
    if one.corrected:
        return "correction", t("更正", "Correction")
    return one.what, {
        "assessment": t("判断", "Judgement"),
        "review": t("第二人复核", "Review by a second person"),
        "revision": t("期限调整", "Deadline set anew"),
        "step": t("节点达到", "Milestone reached"),
    }[one.what]


def link(one: News) -> str:
    """Where an entry leads: to the page of its commitment, and there to the judgement."""
    anchor = f"a{one.number}" if one.what == "assessment" else None
    return address.outside("pages.commitment", code=one.code, _anchor=anchor)
