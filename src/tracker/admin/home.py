"""The desk's first page: what wants doing, the most pressing first, city by city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import url_for
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy import Row

from tracker import comments, queries, worklists
from tracker.admin import arguments
from tracker.admin.base import Closed
from tracker.admin.comments import said
from tracker.auth import may
from tracker.codebook import Kind, Role
from tracker.language import lazy, t
from tracker.standings import Cutoff
from tracker.worklists import WorkList

#: Latest comments shown.
_COMMENTS = 4

#: Most cities that stand side by side: of more, those that want most.
_SIDE_BY_SIDE = 12

#: Which column the list of commitments is sorted by, for a work list that goes by this day.
_SORTS = {"due_on": "deadline", "reviewed_up_to": "checked", "next_check": "next_check"}

#: List → the sentence that says to begin with it.
_BEGIN = {
    "returned_mine": (
        "先改退回给您的 %d 条：看退回理由，再记一条新的评估。",
        "Begin with what was returned to you (%d): read why, then record a new assessment.",
    ),
    "awaiting": ("先复核别人写的 %d 条评估。", "Begin by reviewing what others assessed (%d)."),
    "overdue": (
        "先查已过完成期限的 %d 条：办结了没有，有什么依据。",
        "Begin with what is past its completion date (%d): is it done, and what shows it?",
    ),
    "look_again": ("先看到了查看日的 %d 条。", "Begin with what is to be looked at again (%d)."),
    "due_soon": (
        "没有逾期的；先查 30 天内到期的 %d 条。",
        "Nothing is overdue: begin with what falls due within 30 days (%d).",
    ),
    "returned": ("先处理复核退回的 %d 条。", "Begin with what a reviewer returned (%d)."),
    "disputed": (
        "没有到期的；先看来源说法不一的 %d 条。",
        "Nothing is due: begin with what the sources disagree on (%d).",
    ),
    "stale": (
        "没有到期的；先补查 90 天以上没人查过的 %d 条。",
        "Nothing is due: begin with what nobody has searched for in 90 days (%d).",
    ),
    "never": (
        "没有到期的；还有 %d 条从未核查，从最容易核查的做起。",
        "Nothing is due: begin with what was never checked (%d), the easiest to check first.",
    ),
}


class HomeView(Closed):
    """Where work begins."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.READER}

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("待办", "To do"), endpoint="admin", url="/desk")
        self.session = session

    @expose("/")
    def index(self) -> str:
        """The work lists; of one city where the address names it."""
        arguments.only(["city"])
        cities: Sequence[Row[Any]] = self.session.execute(queries.cities()).all()
        city = arguments.one_of("city", [row.code for row in cities])
        numbers = self._numbers()
        totals = _sum([row for row in numbers if city in (None, row.city_code)])
        of_city = defaultdict(list)
        for row in numbers:
            of_city[row.city_code].append(row)
        by_city = {row.code: _sum(of_city[row.code]) for row in cities}
        today = Cutoff().day()
        lists = [work for work in worklists.lists(today) if work.name != "awaiting" or may(Role.REVIEWER)]
        return self.render(
            "desk/index.html",
            cities=cities,
            beside=_beside(cities, {code: sum(of[work.name] for work in lists) for code, of in by_city.items()}, city),
            many=len(cities) > _SIDE_BY_SIDE,
            city=city,
            lists=lists,
            totals=totals,
            by_city=by_city,
            never={(row.city_code, row.kind): row.never for row in numbers},
            kinds=list(Kind),
            rows=self._rows(city),
            comments=[said(row, row.commitment) for row in self.session.scalars(self._mine()).unique()],
            begin=_begin(totals),
            today=today,
            to_list=to_list,
            limits={"soon": worklists.SOON, "stale": worklists.STALE},
        )

    def _numbers(self) -> list[Row[Any]]:
        return list(self.session.execute(worklists.counts(current_user.id)).all())

    def _rows(self, city: str | None) -> dict[str, list[Row[Any]]]:
        """List → its first rows."""
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self.session.execute(worklists.firsts(current_user.id, cities=(city,) if city else ())):
            found[row.list].append(row)
        return found

    def _mine(self) -> Any:
        return comments.meant_for(current_user.id).limit(_COMMENTS)


def _beside(cities: Sequence[Row[Any]], wants: dict[str, int], city: str | None) -> list[Row[Any]]:
    """The cities that stand side by side, in their order: all, or where there are many those that want most."""
    if city:
        return [row for row in cities if row.code == city]
    wanting = sorted(cities, key=lambda row: -wants[row.code])[:_SIDE_BY_SIDE]
    return [row for row in cities if row in wanting]


def to_list(work: WorkList, city: str | None = None, kind: Kind | None = None) -> str:
    """The address at which the list of commitments shows a work list; of horizons, the calendar."""
    which = work.which
    if which is None:
        return url_for("calendar.index", city=city)
    return url_for(
        "commitment.index_view",
        city=city,
        kind=kind.value if kind else None,
        status=[code.value for code in which.executions] or None,
        timeliness=[code.value for code in which.timeliness] or None,
        review=[code.value for code in which.review_states] or None,
        disputed=1 if which.disputed else None,
        due_by=which.due_by,
        next_check_by=which.next_check_by,
        not_checked_since=which.not_checked_since,
        sort=_SORTS.get(work.since),
    )


def _sum(numbers: list[Row[Any]]) -> dict[str, int]:
    """List → how many stand on it; of what awaits review, only what others wrote can be reviewed."""
    totals: dict[str, int] = defaultdict(int)
    for row in numbers:
        for name, count in row._mapping.items():  # noqa: SLF001 - the row's public mapping, underscored by SQLAlchemy
            if name not in {"city_code", "kind"}:
                totals[name] += count
    totals["awaiting_all"] = totals["awaiting"]
    totals["awaiting"] -= totals["awaiting_mine"]
    return totals


def _begin(totals: dict[str, int]) -> tuple[str, str]:
    """What to do first, and the list it is about; that there is nothing to do, where there is nothing."""
    for name, (zh, en) in _BEGIN.items():
        if totals.get(name) and (name != "awaiting" or may(Role.REVIEWER)):
            return t(zh, en) % totals[name], name.removesuffix("_mine")
    return t("眼下没有要办的。", "There is nothing to do now."), ""
