"""What was measured: figures by name, engine and size, and what was asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MILLISECONDS, SECONDS, RATE, MEGABYTES = "ms", "s", "/s", "MB"


@dataclass
class Figure:
    """A figure in its unit, with that of the yardstick beside it where it has one."""

    value: float
    unit: str = MILLISECONDS
    #: the same at the bare limit
    bare: float | None = None
    #: clients at once → median milliseconds, answers a second
    crowd: dict[int, tuple[float, float]] = field(default_factory=dict)
    #: acts that the server did not take at first
    refused: int = 0
    #: what else is to be told
    note: str = ""

    @property
    def times(self) -> float | None:
        """How many times as slow as the bare limit, or what part of its rate."""
        if not self.bare:
            return None
        return self.value / self.bare


#: Figures of a ledger by name, in the order in which they are shown.
Figures = dict[str, Figure]

#: Engine and size → figures.
Found = dict[tuple[str, int], Figures]

#: What a target says of the figures of the largest ledger and those of the smallest.
Test = Callable[[Figure, Figures, Figures], bool]


@dataclass(frozen=True)
class Target:
    """What is asked of a figure, in words, and whether it is so."""

    words: str
    holds: Test


#: What a page may grow by from 10,000 to 1,000,000 commitments.
GROWTH = 1.5

PLAIN_LIST, PLAIN_RATE = "Flask-Admin: list of 50", "Flask-Admin: an assessment, form and sending"


def times_bare(most: float) -> Target:
    """At most so many times the bare limit."""
    return Target(f"≤ {most:g} × bare", lambda figure, *_: (figure.times or 0) <= most)


def at_most(most: float, unit: str) -> Target:
    return Target(f"≤ {most:g} {unit}", lambda figure, *_: figure.value <= most)


def at_least(least: float, unit: str) -> Target:
    return Target(f"≥ {least:,g} {unit}", lambda figure, *_: figure.value >= least)


def _desk_list(figure: Figure, _: Figures, smallest: Figures) -> bool:
    plain = smallest.get(PLAIN_LIST)
    return (figure.times or 0) <= 25 and (plain is None or figure.value <= plain.value)


def _search(beside: str) -> Test:
    """A search may cost what a list costs, and three times the bare one."""

    def holds(figure: Figure, same: Figures, _: Figures) -> bool:
        return figure.value <= 3 * (figure.bare or 0) + same[beside].value

    return holds


def _twice(figure: Figure, _: Figures, smallest: Figures) -> bool:
    plain = smallest.get(PLAIN_RATE)
    return not figure.refused and (plain is None or figure.value >= 2 * plain.value)


#: Beginning of a figure's name → its target. The first that fits counts.
TARGETS: dict[str, Target] = {
    "list of a city": times_bare(10),
    "search at the desk": Target("≤ 3 × bare and a list", _search("desk list, the largest city")),
    "search": Target("≤ 3 × bare and a list", _search("list of a city, the largest")),
    "a commitment": times_bare(10),
    "desk list": Target("≤ 25 × bare, ≤ plain Flask-Admin", _desk_list),
    "summary of all cities": at_most(20, "ms"),
    "recorded at the desk, 8 writers on as many": Target("≥ 2 × plain Flask-Admin, none refused", _twice),
    "recorded at the desk, 8 writers on one": Target("none refused", lambda figure, *_: not figure.refused),
    "reading and recording": Target("none refused", lambda figure, *_: not figure.refused),
    "`record_assessment`, called": Target("≥ ¼ of bare", lambda figure, *_: (figure.times or 1) >= 0.25),
    "memory added by an export": at_most(60, "MB"),
    "import": at_least(5000, "/s"),
    "memory of the server": at_most(250, "MB"),
    "`tracker list`": at_most(0.8, "s"),
}


def target(name: str) -> Target | None:
    """What is asked of the figure with that name."""
    return next((asked for beginning, asked in TARGETS.items() if name.startswith(beginning)), None)
