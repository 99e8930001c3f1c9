"""Recording assessments: over HTTP at the desk, among readers, and by the verb itself; counted afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from itertools import count
from random import Random
from urllib.parse import quote

import asked
import launched
import truth
from bare import Writer
from clients import Client, Times, at_once, timed
from desk import SAID, analysts, follow_up
from figures import RATE, Figure, Figures
from ledgers import Ledger, copied, without_triggers
from sqlalchemy import select

from tracker import db
from tracker.assessments import record_assessment
from tracker.codebook import EvidenceReports, Execution
from tracker.findings import Finding, Source
from tracker.models import Commitment, User

WRITERS = 8

#: Of so many acts of a client among readers one is a follow-up.
_ONE_IN = 8


class LostUpdate(SystemExit):
    """What was acknowledged is not there, or not derived as it should be."""


def measure(ledger: Ledger, server: str, *, each: int) -> Figures:
    """All of it on a copy of the ledger; `each` is how many acts each client does."""
    with copied(ledger, server, "written") as copy:
        written = Written(copy)
        cookies = analysts(copy, WRITERS)
        found = _over_http(written, cookies, each)
        found |= _among_readers(written, cookies, each)
        found["`record_assessment`, called"] = Figure(_called(written, 8 * each), RATE)
        # From here on nothing guards the copy and nothing is derived in it.
        without_triggers(copy)
        limit = _bare(copy, 8 * each)
        found["`record_assessment`, called"].bare = limit
        with launched.yardstick("bare", copy) as plain:
            http = at_once([lambda times: _many_times(plain.port, "/write", each, times)] * WRITERS).rate()
        for name in list(found)[:2]:
            found[name].bare = http
    return found


class Written:
    """A copy of a ledger, and what was acknowledged as recorded in it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.numbers = count(1)
        self.codes = truth.of_city(ledger, ledger.codes[0])
        self.before = ledger.value("SELECT count(*) FROM status_assessment")
        self.acknowledged = 0

    def code(self, number: int) -> str:
        """A commitment of its own for each number, as far as there are enough."""
        return self.codes[number * 7 % len(self.codes)]

    def check(self) -> None:
        """Whether all that was acknowledged is there, and every standing is what the history gives."""
        there = self.ledger.value("SELECT count(*) FROM status_assessment") - self.before
        said = self.ledger.value("SELECT count(*) FROM status_assessment WHERE summary LIKE ?", f"{SAID}%")
        if not there == said == self.acknowledged:
            raise LostUpdate(f"{self.acknowledged} assessments were acknowledged and {there} are there")
        touched = self.ledger.rows("SELECT commitment_id FROM status_assessment WHERE summary LIKE ?", f"{SAID}%")
        wrong = truth.mislaid(self.ledger, sorted({row[0] for row in touched}))
        if wrong:
            raise LostUpdate(f"commitments {wrong[:5]} do not stand as their history gives")


def _over_http(written: Written, cookies: Sequence[str], each: int) -> Figures:
    """Eight analysts who open forms and send them: on commitments of their own, then all on one."""
    found: Figures = {}
    with launched.tracker(written.ledger) as server:
        for name, code, acts_of_each in (
            ("recorded at the desk, 8 writers on as many commitments", written.code, each),
            # Each of eight is taken at about every eighth try.
            ("recorded at the desk, 8 writers on one commitment", lambda _: written.codes[0], max(1, each // 5)),
        ):
            met: Counter[str] = Counter()
            _warm(server.port, cookies[0], written)
            acts = [_analyst(server.port, cookie, written, code, acts_of_each, met) for cookie in cookies]
            times = at_once(acts)
            written.acknowledged += len(times.each)
            found[name] = Figure(
                times.rate(), RATE, crowd={WRITERS: (times.milliseconds(), times.rate())},
                refused=met["refused"], note=_told(met),
            )  # fmt: skip
        found |= _anew(server.port, cookies[0], written, each)
        found["memory of the server, writing"] = Figure(server.peak(), "MB")
        # Not told to stop but killed: what was acknowledged must be on the disk by then.
        server.process.kill()
        server.process.wait()
    written.check()
    return found


def _told(met: Counter[str]) -> str:
    """How often forms were sent again, and why."""
    why = {"faster": "somebody else had been faster", "refused": "it was refused"}
    return "; ".join(f"sent again {met[name]} times as {words}" for name, words in why.items() if met[name])


def _warm(port: int, cookie: str, written: Written) -> None:
    """The first of all, which no time is taken of."""
    client, number = Client(port, cookie), next(written.numbers)
    follow_up(client, written.code(number), f"{SAID}{number}")
    client.close()
    written.acknowledged += 1


def _anew(port: int, cookie: str, written: Written, each: int) -> Figures:
    """What counts all cities, asked for the first time after each of some follow-ups."""
    analyst, reader = Client(port, cookie), Client(port)
    times = {name: Times() for name in asked.SUMMARIES}
    for _ in range(each):
        for name, path in asked.SUMMARIES.items():
            number = next(written.numbers)
            follow_up(analyst, written.code(number), f"{SAID}{number}")
            written.acknowledged += 1
            assert timed(lambda path=path: reader.get(path), times[name]).status == 200
    analyst.close()
    reader.close()
    return {f"{name}, first after a change": Figure(each.milliseconds()) for name, each in times.items()}


def _analyst(
    port: int, cookie: str, written: Written, code: Callable[[int], str], each: int, met: Counter[str]
) -> Callable[[Times], None]:
    def act(times: Times) -> None:
        client = Client(port, cookie)
        for _ in range(each):
            number = next(written.numbers)
            timed(lambda number=number: follow_up(client, code(number), f"{SAID}{number}", met), times)
        client.close()

    return act


def _among_readers(written: Written, cookies: Sequence[str], each: int) -> Figures:
    """Eight clients who read one page after another, and now and then record."""
    read, recorded, met = Times(), Times(), Counter[str]()
    ledger = written.ledger

    def act(cookie: str, seed: int) -> Callable[[Times], None]:
        def reads_and_writes(times: Times) -> None:
            random, reader, analyst = Random(seed), Client(port), Client(port, cookie)  # noqa: S311 - the same each time
            for step in range(2 * each):
                if step % _ONE_IN == seed % _ONE_IN:
                    number = next(written.numbers)
                    timed(lambda n=number: follow_up(analyst, written.code(n), f"{SAID}{n}", met), recorded)
                    times.each.append(recorded.each[-1])
                    continue
                path = random.choice((
                    f"/cities/generated-{random.randint(1, len(ledger.codes)):04}",
                    f"/commitments/{random.choice(written.codes)}",
                    f"/commitments?search={quote(asked.RARE)}",
                ))  # fmt: skip
                answer = timed(lambda path=path: reader.get(path), read)
                times.each.append(read.each[-1])
                assert answer.status == 200, (path, answer.status)
            reader.close()
            analyst.close()

        return reads_and_writes

    with launched.tracker(ledger) as server:
        port = server.port
        _warm(port, cookies[0], written)
        times = at_once([act(cookie, seed) for seed, cookie in enumerate(cookies)])
    written.acknowledged += len(recorded.each)
    written.check()
    ms = read.milliseconds(), times.rate()
    note = "; ".join(filter(None, (f"of {len(times.each)} acts {len(recorded.each)} follow-ups", _told(met))))
    figure = Figure(times.rate(), RATE, crowd={WRITERS: ms}, refused=met["refused"], note=note)
    return {"reading and recording, 8 clients": figure}


def _called(written: Written, times: int) -> float:
    """Assessments a second by `record_assessment` in a process, each committed."""
    engine = db.connect(written.ledger.url, pooled=True)
    day = date(2026, 6, 30)
    with db.reading(engine) as session:
        commitments = session.scalars(select(Commitment.id).order_by(Commitment.id).limit(times)).all()
        analyst = session.scalars(select(User).where(User.name == "bench-1")).one()
    start = time.perf_counter()
    for number in commitments:
        finding = Finding(
            Execution.IN_PROGRESS, day, day, f"{SAID}{number}",
            (Source(f"https://example.org/called/{number}", reports=EvidenceReports.START),),
        )  # fmt: skip
        with db.writing(engine, actor=analyst.name) as session:
            record_assessment(session, session.get_one(Commitment, number), finding, analyst=analyst)
    seconds = time.perf_counter() - start
    engine.dispose()
    written.acknowledged += len(commitments)
    written.check()
    return len(commitments) / seconds


def _bare(ledger: Ledger, times: int) -> float:
    """Transactions a second with the same rows and nothing else."""
    writer, before = Writer(ledger), ledger.value("SELECT count(*) FROM status_assessment")
    with closing(ledger.connection()) as connection:
        if ledger.is_sqlite:
            connection.execute("PRAGMA synchronous=FULL")
        writer.write(connection)
        start = time.perf_counter()
        for _ in range(times):
            writer.write(connection)
        seconds = time.perf_counter() - start
    assert ledger.value("SELECT count(*) FROM status_assessment") == before + times + 1
    return times / seconds


def _many_times(port: int, path: str, each: int, times: Times) -> None:
    client = Client(port)
    for _ in range(each):
        answer = timed(lambda: client.post(path, {}), times)
        assert answer.status == 200, answer.text[:500]
    client.close()
