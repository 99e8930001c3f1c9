"""A server that is killed, stopped or crowded: what was acknowledged is there, and nothing is half-written."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from restarting import UNANSWERED, Person, Restarted, restarted
from sqlalchemy import Engine, select, text

from following import ANALYST
from tracker import db
from tracker.codebook import Role
from tracker.models import Commitment, StatusAssessment
from tracker.verification import verify
from visiting import account

WRITERS = 4


@pytest.fixture
def ledger(ledger_url: str) -> Engine:
    """Both interviews; no connection stays that has the file open."""
    return db.connect(ledger_url)


@pytest.fixture
def mails(ledger: Engine) -> list[str]:
    """People who record."""
    with db.writing(ledger, actor=ANALYST) as session:
        for number in range(WRITERS):
            account(session, f"分析员{number}", Role.ANALYST, f"analyst{number}@example.org")
    return [f"analyst{number}@example.org" for number in range(WRITERS)]


@pytest.fixture
def codes(ledger: Engine) -> list[str]:
    with db.reading(ledger) as session:
        parts = select(Commitment.code).where(Commitment.parent_id.is_not(None)).order_by(Commitment.id)
        return list(session.scalars(parts))


@pytest.fixture
def served(ledger: Engine) -> Iterator[Restarted]:
    with restarted(ledger.url.render_as_string(hide_password=False)) as server:
        yield server


class Writer(threading.Thread):
    """Records one follow-up after the other, each with a sentence of its own, and writes down which were answered."""

    def __init__(self, person: Person, codes: list[str], name: str) -> None:
        super().__init__(daemon=True)
        self.person, self.codes, self.called = person, codes, name
        self.acknowledged: list[str] = []
        self.took: list[float] = []
        self.unanswered = 0
        self.other: list[int] = []
        self.up, self.enough = threading.Event(), threading.Event()

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            self.up.wait()
            number += 1
            said, begun = f"{self.called} 第{number}次", time.monotonic()
            try:
                answer = self.person.record(self.codes[number % len(self.codes)], said)
            except UNANSWERED:
                self.unanswered += 1
                continue
            self.took.append(time.monotonic() - begun)
            if answer.status == 302:
                self.acknowledged.append(said)
            else:
                self.other.append(answer.status)


def writers(server: Restarted, mails: list[str], codes: list[str]) -> list[Writer]:
    """People who are signed in and have commitments of their own to record."""
    made = []
    for number, mail in enumerate(mails):
        person = Person(server)
        person.sign_in(mail)
        made.append(Writer(person, codes[number :: len(mails)], mail.partition("@")[0]))
    return made


def whole(ledger: Engine, acknowledged: list[str]) -> None:
    """Everything that was acknowledged is there once, and the ledger stands every test."""
    with db.reading(ledger) as session:
        stored = list(session.scalars(select(StatusAssessment.summary)))
        assert len(stored) == len(set(stored))
        assert set(acknowledged) <= set(stored)
        assert [(check.en, check.faults) for check in verify(session) if check.faults] == []
        if ledger.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []


@pytest.mark.parametrize(
    ("dialect", "kills"),
    [
        pytest.param("sqlite", 50, id="sqlite"),
        pytest.param("postgresql", 10, id="postgresql"),
        pytest.param("sqlite", 500, marks=pytest.mark.nightly, id="sqlite-500"),
        pytest.param("postgresql", 100, marks=pytest.mark.nightly, id="postgresql-100"),
    ],
    indirect=["dialect"],
)
def test_D3_killed_while_people_record_it_loses_nothing_that_it_acknowledged(
    ledger: Engine,
    served: Restarted,
    mails: list[str],
    codes: list[str],
    kills: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(5)  # noqa: S311 - nothing is secret here
    people = writers(served, mails, codes)
    for writer in people:
        writer.start()
    for number in range(kills):
        before = sum(len(writer.acknowledged) for writer in people)
        for writer in people:
            writer.up.set()
        while number % 5 and sum(len(writer.acknowledged) for writer in people) == before:
            assert all(writer.is_alive() for writer in people)
            assert [writer.other for writer in people] == [[]] * len(people)
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))  # the moment of the blow, not a wait for something
        assert served.end(signal.SIGKILL) == -signal.SIGKILL
        for writer in people:
            writer.up.clear()
        served.start()
    for writer in people:
        writer.enough.set()
        writer.up.set()
    for writer in people:
        writer.join()
    acknowledged = [said for writer in people for said in writer.acknowledged]
    record_property(f"D3 {ledger.dialect.name}: kills, acknowledged", (kills, len(acknowledged)))
    assert [writer.other for writer in people] == [[]] * len(people)
    assert len(acknowledged) >= kills * 4 // 5
    whole(ledger, acknowledged)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_D11_told_to_stop_it_finishes_what_it_writes_and_leaves_one_file(
    ledger: Engine, served: Restarted, mails: list[str], codes: list[str]
) -> None:
    people = writers(served, mails, codes)
    for writer in people:
        writer.start()
        writer.up.set()
    journal = Path(f"{ledger.url.database}-wal")
    while sum(len(writer.acknowledged) for writer in people) < 20:
        assert all(writer.is_alive() for writer in people)
        time.sleep(0.01)
    assert journal.exists()
    begun = time.monotonic()
    assert served.end(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 10
    assert not journal.exists()
    for writer in people:
        writer.enough.set()
        writer.join()
    whole(ledger, [said for writer in people for said in writer.acknowledged])


def processes(parent: int) -> list[int]:
    """The processes that a process has made."""
    return [int(number) for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def opened(process: int) -> set[str]:
    """The files, pipes and connections that a process has open."""
    return {str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir()}


def acknowledged(people: list[Writer], more: int) -> None:
    """Wait until so many more follow-ups were acknowledged."""
    before = sum(len(writer.acknowledged) for writer in people)
    while sum(len(writer.acknowledged) for writer in people) < before + more:
        assert all(writer.is_alive() for writer in people)
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_D11_of_several_workers_one_is_killed_the_others_go_on_and_all_stop_when_told(
    ledger: Engine, mails: list[str], codes: list[str]
) -> None:
    with restarted(ledger.url.render_as_string(hide_password=False), workers=4) as served:
        people = writers(served, mails, codes)
        for writer in people:
            writer.start()
            writer.up.set()
        acknowledged(people, 20)
        killed, *others = processes(served.process)
        assert len(others) == 3
        # All they share is where they listen: none has taken over a connection to the database.
        shared = [
            {file for file in opened(served.process) & opened(one) if ".db" in file or "socket" in file}
            for one in others
        ]
        assert [len(files) for files in shared] == [1, 1, 1]
        os.kill(killed, signal.SIGKILL)
        acknowledged(people, 20)
        assert set(others) < set(processes(served.process))
        begun = time.monotonic()
        assert served.end(signal.SIGTERM) == 0
        assert time.monotonic() - begun < 10
        for writer in people:
            writer.enough.set()
        for writer in people:
            writer.join()
    # The one that was killed takes with it no more than what each was just asking for.
    assert [writer.other for writer in people] == [[]] * len(people)
    assert not Path(f"{ledger.url.database}-wal").exists()
    whole(ledger, [said for writer in people for said in writer.acknowledged])


class Reader(threading.Thread):
    """Reads one page after the other, and notes how long each took and what was not answered as it should."""

    def __init__(self, server: Restarted, pages: list[str]) -> None:
        super().__init__(daemon=True)
        self.person, self.pages = Person(server), pages
        self.took: list[float] = []
        self.wrong: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        for page in cycle(self.pages):
            if self.enough.is_set():
                return
            begun = time.monotonic()
            try:
                status = self.person.ask(page).status
            except UNANSWERED as error:
                self.wrong.append(f"{page}: {error!r}")
                continue
            self.took.append(time.monotonic() - begun)
            if status != 200:
                self.wrong.append(f"{page}: {status}")


@pytest.mark.nightly
def test_C3_twenty_who_write_and_fifty_who_read_for_a_minute_meet_no_error(
    ledger: Engine, served: Restarted, codes: list[str], record_property: Callable[[str, object], None]
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        for number in range(20):
            account(session, f"写手{number}", Role.ANALYST, f"writer{number}@example.org")
    people = writers(served, [f"writer{number}@example.org" for number in range(20)], codes)
    pages = ["/commitments?status=in_progress", *(f"/commitments/{code}" for code in codes[:20]), "/codebook"]
    readers = [Reader(served, pages[number % 5 :]) for number in range(50)]
    for thread in (*people, *readers):
        thread.start()
    for writer in people:
        writer.up.set()
    time.sleep(60)  # the length of the trial
    for thread in (*people, *readers):
        thread.enough.set()
    for thread in (*people, *readers):
        thread.join()
    acknowledged = [said for writer in people for said in writer.acknowledged]
    wrote, read = (sorted(t for one in some for t in one.took) for some in (people, readers))
    name = ledger.dialect.name
    record_property(f"C3 {name}: follow-ups written, pages read", (len(wrote), len(read)))
    for what, took in (("write", wrote), ("read", read)):
        record_property(f"C3 {name}: {what} p95, ms", round(1000 * took[len(took) * 95 // 100]))
    assert [writer.other for writer in people] == [[]] * len(people)
    assert [writer.unanswered for writer in people] == [0] * len(people)
    assert [wrong for reader in readers for wrong in reader.wrong] == []
    whole(ledger, acknowledged)


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_D4_the_journal_is_on_the_disk_before_an_answer_says_so(
    ledger: Engine,
    served: Restarted,
    mails: list[str],
    codes: list[str],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    person, log = Person(served), tmp_path / "calls"
    person.sign_in(mails[0])
    calls = "trace=fsync,fdatasync,pwrite64,sendto"
    words = ["strace", "-f", "-y", "-s", "24", "-e", calls, "-o", str(log), "-p", str(served.process)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        if "attached" not in (said := tracer.stderr.readline()):
            pytest.skip(f"strace may not look: {said}")
        for number, code in enumerate(codes[:10]):
            assert person.record(code, f"第{number}次").status == 302
        tracer.terminate()
    journal = re.escape(f"{ledger.url.database}-wal")
    answered, written, synced = 0, False, False
    for line in log.read_text(errors="replace").splitlines():
        if re.search(rf"pwrite64\(\d+<{journal}>", line):
            written, synced = True, False
        elif re.search(rf"f(data)?sync\(\d+<{journal}>", line):
            synced = True
        elif "sendto(" in line and "HTTP/1.1 302" in line:
            assert (written, synced) == (True, True), line
            answered, written = answered + 1, False
    assert answered == 10
    record_property("D4 answers after their journal was on the disk", answered)
