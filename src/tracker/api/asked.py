"""What a request asks for, once it is understood: who asks, at which point of both time axes, which commitments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from tracker import queries, vocabularies
from tracker.api import cursors, parameters
from tracker.api.problems import Problem, of_parameter
from tracker.codebook import (
    Checkability,
    DeadlineKind,
    Execution,
    Kind,
    ReviewState,
    Tense,
    Timeliness,
)
from tracker.filters import CommitmentFilter
from tracker.models import User
from tracker.standings import Cutoff
from tracker.texts import composed

#: Most values that are named where one is not known.
_NAMED = 100


@dataclass(frozen=True)
class Asked:
    """A request that was understood."""

    session: Session
    #: whose token it bears; none for anybody
    who: User | None = None
    #: what the address says, by name
    said: dict[str, Any] = field(default_factory=dict)
    #: what the body says
    body: dict[str, Any] = field(default_factory=dict)

    def somebody(self) -> User:
        """The account that signs, in the session of the request. Raises `Problem` where nobody does."""
        if self.who is None:
            raise Problem(401, "须有令牌", "this needs a token")
        return self.who

    @property
    def as_the_desk(self) -> bool:
        """Whether drafts, withdrawn and unreviewed work are asked for. Raises `Problem` without a token."""
        if self.said.get("view") != "desk":
            return False
        if self.who is None:
            raise Problem(401, "view=desk 须有令牌", "view=desk needs a token")
        return True

    def cutoff(self) -> Cutoff:
        """The point on both time axes, and whether unreviewed work is shown."""
        approved_only = current_app.config["READERS_SEE"] == "approved" and not self.as_the_desk
        return Cutoff(self._day("as_of"), self._day("recorded_by"), approved_only=approved_only)

    def _day(self, name: str) -> date | None:
        return date.fromisoformat(self.said[name]) if name in self.said else None

    def limit(self) -> int:
        """Rows of a page."""
        return int(self.said.get("limit", parameters.USUAL))

    def after(self, *kinds: type) -> list[cursors.Key]:
        """The key that the page begins after; empty for the first page."""
        return cursors.after(self.said["cursor"], kinds) if "cursor" in self.said else []

    def cities(self) -> tuple[str, ...]:
        """GB/T codes of the cities that are asked for. Raises `Problem` for one that there is not."""
        given: tuple[str, ...] = self.said.get("city", ())
        if not given:
            return ()
        there = self.session.execute(queries.cities()).all()
        codes = {name: row.code for row in there for name in (row.slug, row.code, row.name_zh)}
        _refuse_unknown("city", given, codes, [row.slug for row in there])
        return tuple(dict.fromkeys(codes[name] for name in given))

    def commitments(self) -> CommitmentFilter:
        """Which commitments are asked for."""
        disputed = self.said.get("disputed")
        return CommitmentFilter(
            cities=self.cities(),
            search=composed(self.said.get("search", "")).strip(),
            kinds=self._codes("kind", Kind),
            executions=self._codes("status", Execution),
            timeliness=self._codes("timeliness", Timeliness),
            deadline_kinds=self._codes("deadline", DeadlineKind),
            tenses=self._codes("tense", Tense),
            checkabilities=self._codes("checkability", Checkability),
            review_states=self._codes("review", ReviewState),
            terms=self._terms(),
            units=self._units(),
            disputed=None if disputed is None else disputed == "1",
            due_by=self._day("due_by"),
            next_check_by=self._day("next_check_by"),
            not_checked_since=self._day("not_checked_since"),
            any_of=self.said.get("match") == "any",
            cutoff=self.cutoff(),
            unpublished=self.as_the_desk,
        )

    def _codes(self, name: str, codes: Any) -> tuple[Any, ...]:
        return tuple(codes(value) for value in self.said.get(name, ()))

    def _terms(self) -> tuple[str, ...]:
        given: tuple[str, ...] = self.said.get("term", ())
        if given:
            known = self.session.execute(vocabularies.terms_named(given))
            there = {name for row in known for name in (row.code, row.whole)}
            if not there.issuperset(given):
                used = vocabularies.used_terms(self.session)
                _refuse_unknown("term", given, there, [f"{row.vocabulary}/{row.code}" for row in used])
        return given

    def _units(self) -> tuple[str, ...]:
        given: tuple[str, ...] = self.said.get("unit", ())
        if given:
            there = set(self.session.scalars(vocabularies.units_named(given)))
            if not there.issuperset(given):
                _refuse_unknown("unit", given, there, self.session.scalars(vocabularies.units_in_use()).all())
        return given


def _refuse_unknown(name: str, given: Sequence[str], there: Collection[str], offered: Sequence[str]) -> None:
    for value in given:
        if value not in there:
            allowed = ", ".join(offered[:_NAMED]) + (" …" if len(offered) > _NAMED else "")
            raise of_parameter(
                name, f"没有“{value[:40]}”；可用：{allowed}", f"there is no “{value[:40]}”; allowed: {allowed}"
            )
