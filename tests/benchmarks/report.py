"""The figures as a table, with what was asked of them beside, and its place in the README."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import figures
from figures import MILLISECONDS, Figure, Figures, Found, target

ROOT = Path(__file__).resolve().parents[2]

#: Between these the README holds what the command writes.
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def table(found: Found, versions: dict[str, str], runs: int, measured: str) -> str:
    """All of it as Markdown; `measured` is the commit that was measured."""
    lines = [heading(versions, runs, measured), ""]
    for engine, named in versions.items():
        sizes = sorted(size for one, size in found if one == engine)
        lines += [*_of_engine(named, [found[engine, size] for size in sizes], sizes), ""]
    return "\n".join(lines).rstrip() + "\n"


def heading(versions: dict[str, str], runs: int, measured: str) -> str:
    """What was measured on what, and when."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {measured}; {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB,"
        f" Python {platform.python_version()}, {', '.join(versions.values())}. Medians of up to {runs} answers of one run,"
        " over HTTP with kept connections; the tracker and its yardstick answer in turn."
        f" On the machine beside it: {os.getloadavg()[2]:.1f} processes wanted a core on average."
    )


def _of_engine(named: str, of: Sequence[Figures], sizes: Sequence[int]) -> Iterator[str]:
    heads = [f"{size:,}" for size in sizes]
    crowds = sorted({many for found in of for figure in found.values() for many in figure.crowd if many > 1})
    at_once = [f"{many} clients: ms, answers/s" for many in crowds]
    columns = [f"{named}: what", *heads, "growth", *at_once, "target", "so?"]
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for name in dict.fromkeys(name for found in of for name in found):
        cells = [_cell(found.get(name)) for found in of]
        # Crowds and targets speak of the largest ledger that has the figure.
        last = next(found for found in reversed(of) if name in found)
        crowd = [_crowd(last[name], many) for many in crowds]
        asked, so = _judged(name, last, of)
        yield f"| {name} | {' | '.join([*cells, _growth(name, of), *crowd, asked, so])} |"


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    bare = ""
    if figure.times is not None:
        bare = f" ({figure.times:.1f} × bare)" if figure.unit == MILLISECONDS else f" ({figure.times:.2f} of bare)"
        bare = f" (bare {figure.bare:.0f})" if figure.unit == figures.MEGABYTES else bare
    shown = (
        f"{figure.value:,.0f}"
        if figure.value >= 100
        else f"{figure.value:,.2g}"
        if figure.value < 1
        else f"{figure.value:,.1f}"
    )
    return f"{shown} {figure.unit}{bare}{'; ' + figure.note if figure.note else ''}"


def _growth(name: str, of: Sequence[Figures]) -> str:
    if not _grows(name, of):
        return ""
    return f"× {of[-1][name].value / of[0][name].value:.2f}"


def _grows(name: str, of: Sequence[Figures]) -> bool:
    """Whether a figure is one of a page, known of the smallest and of a larger ledger."""
    there = len(of) > 1 and all(name in found for found in (of[0], of[-1]))
    return there and of[0][name].unit == MILLISECONDS


def _crowd(figure: Figure, many: int) -> str:
    if many not in figure.crowd:
        return ""
    milliseconds, rate = figure.crowd[many]
    return f"{milliseconds:,.0f}, {rate:,.0f}" if rate >= 10 else f"{milliseconds:,.0f}, {rate:,.1f}"


def _judged(name: str, last: Figures, of: Sequence[Figures]) -> tuple[str, str]:
    """What is asked of a figure, and whether it is so."""
    asked, holds = [], []
    wanted = target(name)
    if wanted:
        asked.append(wanted.words)
        holds.append(wanted.holds(last[name], last, of[0]))
    if _grows(name, of):
        asked.append(f"growth ≤ {figures.GROWTH:g}")
        holds.append(of[-1][name].value <= figures.GROWTH * of[0][name].value)
    return "; ".join(asked), "" if not asked else "yes" if all(holds) else "**missed**"


def write(text: str) -> None:
    """Put the table where the README keeps it."""
    readme = ROOT / "README.md"
    kept = readme.read_text(encoding="utf-8")
    place = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not place.search(kept):
        raise SystemExit(f"{readme} has no place for it: {BEGIN} … {END}")
    readme.write_text(place.sub(lambda _: f"{BEGIN}\n\n{text}\n{END}", kept), encoding="utf-8")


def commit() -> str:
    """The commit that this checkout is of, and whether the program was changed since."""
    told = ["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"]
    name = subprocess.run(told, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    changed = subprocess.run(["git", "-C", str(ROOT), "status", "--porcelain", "src", "migrations", "tests/benchmarks"],
                             capture_output=True, text=True, check=False).stdout  # fmt: skip
    return f"`{name}`{' with changes' if changed else ''}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()
