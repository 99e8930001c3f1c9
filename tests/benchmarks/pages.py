"""What pages cost with 100,000 commitments: queries, bytes, and warm time, beside a bare yardstick.

    .venv/bin/python tests/benchmarks/pages.py [--database big.db] [--commitments 100000] [--only WORD]

Makes the SQLite ledger where there is none yet (`generate.py`), serves it in this process, at the desk signed in as
an analyst, and asks for each page 15 times (fewer where one takes seconds). The codes that a page shows are compared with what
plain SQL and a few lines of Python make of the same rows: a fast wrong answer ends the run.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import generate
from jinja2 import Template
from sqlalchemy import Engine, event, select

from tracker.db.sqlite import driver

RUNS = 15

#: Seconds after which a page is not asked for again.
_ENOUGH = 10

_CODE = re.compile(r"T\d{5}-\d{4}-\d\d(?:\.\d+)?")

#: Where a readers' list, its JSON and the page of a commitment name those that were asked for: a list also shows heads.
_LISTED = re.compile(rf'<article class="commitment" id="({_CODE.pattern})"')
_AS_DATA = re.compile(rf'^{{"code": ?"({_CODE.pattern})"', re.MULTILINE)
_TITLED = re.compile(rf'<h1><span class="code">({_CODE.pattern})')

#: Limits of a page of 50 rows: queries, bytes, milliseconds.
LIMITS = (5, 120_000, 100)

_YARDSTICK = """
    SELECT commitment.code, title_zh, name_zh, kind, window_end, next_check FROM commitment
    JOIN jurisdiction ON jurisdiction.id = jurisdiction_id ORDER BY document_id, position LIMIT 50
"""
_TABLE = Template("<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell|e }}</td>{% endfor %}{% endfor %}")


@dataclass(frozen=True)
class Row:
    """A commitment as plain SQL gives it, with its standing as Python makes it."""

    code: str
    city: str
    kind: str
    next_check: str | None
    text: str
    status: str


@dataclass(frozen=True)
class Page:
    """A page, and the codes that it has to show (none: only that it answers) where `shown` finds them."""

    name: str
    address: str
    codes: list[str] | None = None
    shown: re.Pattern[str] = _CODE


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--database", type=Path, default=Path("big.db"))
    words.add_argument("--commitments", type=int, default=100_000)
    words.add_argument("--only", default="", help="pages whose name holds this word")
    asked = words.parse_args()
    os.environ["TRACKER_DATABASE_URL"] = url = f"sqlite:///{asked.database.absolute()}"
    if not asked.database.exists():
        generate.generate(url, asked.commitments)
    bare = yardstick(asked.database)
    client = analyst(url)
    readers = client.application.test_client()
    print(f"{'page':36}{'queries':>8}{'bytes':>10}{'median ms':>11}{'runs':>5}{'× bare':>8}")
    print(f"{'bare: 50 rows, SQLite and Jinja':36}{1:8}{'':10}{bare:11.2f}{RUNS:5}{1:8}")
    for page in pages(rows(asked.database)):
        if asked.only in page.name:
            show(page, measured(readers if page.name.startswith("readers") else client, page), bare)


def show(page: Page, found: tuple[int, int, float, int], bare: float) -> None:
    """Print a line; what is past its limit is marked."""
    marks = ["!" if value > limit else " " for value, limit in zip(found[:3], LIMITS, strict=True)]
    queries, size, milliseconds, runs = found
    print(
        f"{page.name:36}{queries:7}{marks[0]}{size:9,}{marks[1]}{milliseconds:10.1f}{marks[2]}{runs:5}"
        f"{milliseconds / bare:8.0f}",
        flush=True,
    )


def pages(ledger: list[Row]) -> Iterable[Page]:
    """The pages that are measured, with what they have to show."""

    def first(condition: Callable[[Row], bool] = bool, key: Any = None, start: int = 0, most: int = 50) -> list[str]:
        found = [row for row in ledger if condition(row)]
        return [row.code for row in (sorted(found, key=key) if key else found)[start : start + most]]

    desk, big, small = "/desk/commitment/", "900001", f"9{generate.CITIES:05}"
    yield Page("desk list", desk, first())
    yield Page("desk list, big city", f"{desk}?city={big}", first(lambda row: row.city == big))
    yield Page("desk list, small city", f"{desk}?city={small}", first(lambda row: row.city == small))
    yield Page(
        "desk list, kind", f"{desk}?kind=investment_priority", first(lambda row: row.kind == "investment_priority")
    )
    yield Page(
        "desk list, kind and city",
        f"{desk}?city={big}&kind=investment_priority",
        first(lambda row: row.kind == "investment_priority" and row.city == big),
    )
    yield Page("desk list, deep page", f"{desk}?page=150", first(start=7500))
    yield Page(
        "desk list, by next check",
        f"{desk}?sort=next_check&desc=0",
        first(key=lambda row: (row.next_check is None, row.next_check)),
    )
    yield Page("desk list, by title", f"{desk}?sort=title&desc=0")
    for status in ("not_reviewed", "completed", "reversed"):
        asked_for = first(lambda row, status=status: row.status == status)  # type: ignore[misc]
        yield Page(f"desk list, {status}", f"{desk}?status={status}", asked_for)
    yield Page(
        "desk list, completed, big city",
        f"{desk}?status=completed&city={big}",
        first(lambda row: row.status == "completed" and row.city == big),
    )
    yield Page("desk list, overdue", f"{desk}?timeliness=overdue")
    yield Page("desk list, by status", f"{desk}?sort=status&desc=0")
    yield Page("desk list, as of 2019", f"{desk}?as_of=2019-12-31", first())
    for word in ("物流", "氢能"):
        asked_for = first(lambda row, word=word: word in row.text)  # type: ignore[misc]
        yield Page(f"desk list, search {word}", f"{desk}?search={word}", asked_for)
    yield Page("desk, one commitment", f"{desk}details/?code={ledger[len(ledger) // 2].code}")
    yield Page("desk, front", "/desk/")
    yield from readers_pages(ledger, first)


def readers_pages(ledger: list[Row], first: Callable[..., list[str]]) -> Iterable[Page]:
    """The pages of readers; `first` picks the codes of a page."""
    big, small = (f"/cities/generated-{number:04}" for number in (1, generate.CITIES))
    of_big, of_small = "900001", f"9{generate.CITIES:05}"

    def listed(name: str, address: str, codes: list[str]) -> Page:
        return Page(f"readers, {name}", address, codes, _LISTED)

    yield listed("small city", small, first(lambda row: row.city == of_small))
    yield listed("big city", big, first(lambda row: row.city == of_big))
    yield listed("big city, page 20", f"{big}?page=20", first(lambda row: row.city == of_big, start=950))
    for status in ("completed", "not_reviewed"):
        found = first(lambda row, status=status: row.city == of_big and row.status == status)  # type: ignore[misc]
        yield listed(f"big city, {status}", f"{big}?status={status}", found)
    kind = first(lambda row: row.kind == "investment_priority")
    yield listed("commitments", "/commitments", first())
    yield listed("commitments, page 150", "/commitments?page=150", first(start=7450))
    yield listed(
        "commitments, completed", "/commitments?status=completed", first(lambda row: row.status == "completed")
    )
    yield listed("kind", "/kinds/investment_priority", kind)
    yield listed("search 物流", "/commitments?search=物流", first(lambda row: "物流" in row.text))
    every = first(lambda row: row.city == of_small, most=len(ledger))
    yield Page("readers, small city, JSON", f"{small}?format=json", every, _AS_DATA)
    every = first(lambda row: row.city == of_big and row.status == "completed", most=len(ledger))
    yield Page("readers, big city, completed, JSON", f"{big}?status=completed&format=json", every, _AS_DATA)
    for name, asked in (("small city", small), ("big city", big), ("everything", "/commitments"), ("kind",
                        "/kinds/investment_priority"), ("search 物流", "/commitments?search=物流")):  # fmt: skip
        mark = "&" if "?" in asked else "?"
        yield Page(f"readers, {name}, Atom", f"{asked}{mark}format=atom")
        yield Page(f"readers, {name}, iCalendar", f"{asked}{mark}format=ics")
    one = ledger[len(ledger) // 2].code
    yield Page("readers, one commitment", f"/commitments/{one}", [one], _TITLED)
    yield Page("readers, front", "/")


def rows(database: Path) -> list[Row]:
    """Every commitment in the order of the documents, read past the code that is measured."""
    with driver().connect(database) as connection:
        stands = standing(connection)
        found = connection.execute(
            "SELECT c.id, c.code, j.code, c.kind, c.next_check, c.title_zh || ' ' ||"
            " substr(d.text, coalesce(f.start, q.start) + 1, coalesce(f.end, q.end) - coalesce(f.start, q.start))"
            " FROM commitment c JOIN jurisdiction j ON j.id = c.jurisdiction_id JOIN source_document d"
            " ON d.id = c.document_id JOIN passage q ON q.id = c.passage_id LEFT JOIN passage f ON f.id = c.focus_id"
            " ORDER BY c.document_id, c.position"
        )
        return [Row(*values, stands.get(number, "not_reviewed")) for number, *values in found]


def standing(connection: Any) -> dict[int, str]:
    """Status of every commitment that has one: the latest assessment neither corrected nor returned.

    To have found nothing stands only where nothing else was found.
    """
    returned: dict[int, bool] = {}
    for assessment, verdict in connection.execute("SELECT assessment_id, verdict FROM review ORDER BY id"):
        returned[assessment] = verdict == "return"
    given = connection.execute(
        "SELECT commitment_id, id, execution, effective_on, recorded_at, corrects_id FROM status_assessment"
    ).fetchall()
    corrected = {row[5] for row in given}
    best: dict[int, tuple[Any, ...]] = {}
    for commitment, number, execution, effective, recorded, _ in given:
        if number not in corrected and not returned.get(number):
            place = (execution not in {"not_reviewed", "no_evidence_found"}, effective, recorded, number, execution)
            best[commitment] = max(best.get(commitment, place), place)
    return {commitment: place[-1] for commitment, place in best.items()}


def analyst(url: str) -> Any:
    """A browser that is signed in as an analyst."""
    from tracker import accounts, db, passwords
    from tracker.app import create_app
    from tracker.auth import sessions
    from tracker.codebook import Role
    from tracker.models import User

    with db.writing(db.connect(url), actor="benchmark") as session:
        user = session.scalar(select(User).where(User.name == "bench")) or accounts.make_account(
            session,
            name="bench",
            email="bench@example.org",
            password=passwords.kept(os.urandom(16).hex()),
            role=Role.ANALYST,
        )
        token = user.fs_uniquifier
    client = create_app(url).test_client()
    with client.session_transaction() as signed_in:
        signed_in.update(_user_id=token, **sessions.stamps())
    return client


def measured(client: Any, page: Page) -> tuple[int, int, float, int]:
    """Queries, bytes, warm median in milliseconds, runs. Ends the program where the page shows other rows."""
    statements: list[str] = []

    def noted(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", noted)
    times, begun = [], time.perf_counter()
    while len(times) < RUNS + 1 and (len(times) < 2 or time.perf_counter() - begun < _ENOUGH):
        statements.clear()
        start = time.perf_counter()
        answer = client.get(page.address)
        times.append(time.perf_counter() - start)
    event.remove(Engine, "before_cursor_execute", noted)
    assert answer.status_code == 200, (page.address, answer.status, answer.text[:500])
    if page.codes is not None:
        wrong = set(page.codes) ^ set(page.shown.findall(answer.text))
        assert not wrong, (page.address, f"{len(page.codes)} expected, missing or too many:", sorted(wrong)[:5])
    queries = sum(not statement.startswith("BEGIN") for statement in statements)
    return queries, len(answer.data), 1000 * statistics.median(times[1:]), len(times) - 1


def yardstick(database: Path) -> float:
    """Milliseconds of the bare limit: one query with the driver, rendered as a plain table."""
    with driver().connect(database) as connection:
        times = []
        for _ in range(RUNS + 1):
            start = time.perf_counter()
            _TABLE.render(rows=connection.execute(_YARDSTICK).fetchall())
            times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[1:])


if __name__ == "__main__":
    main()
