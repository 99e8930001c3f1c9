"""Readers and writers of a server go on while its replicas are killed, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from restarting import Person, restarted

from servers import replicated_ledger, select_nothing
from tracker import db
from tracker.codebook import Role
from visiting import account

KILLS = 8


@pytest.mark.nightly
def test_no_reading_fails_and_nobody_misses_what_they_wrote_while_replicas_are_killed_in_turn(
    seeded_server: Any, record_property: Callable[[str, object], None]
) -> None:
    ended = Event()

    def read(server: Any) -> list[int]:
        reader, answers = Person(server), []
        while not ended.is_set():
            paths = ("/", "/commitments/JZ-2020-01", "/cities/jingzhou", "/api/v1/commitments")
            answers += [reader.ask(path).status for path in paths]
        return answers

    def write(server: Any, at: int) -> list[bool]:
        analyst, seen, code = Person(server), [], f"JZ-2020-0{at}"
        analyst.sign_in("analyst@example.org")
        while not ended.is_set():
            said = f"第{len(seen)}次所记，{at}"
            assert analyst.record(code, said).status == 302
            seen += [said in analyst.ask(f"/commitments/{code}").text for _ in range(5)]
        return seen

    with replicated_ledger(seeded_server.url) as servers:
        primary = servers.primary.url("tracker")
        with db.writing(db.connect(primary), actor="测试") as session:
            account(session, "某分析员", Role.ANALYST, "analyst@example.org")
        named = {"TRACKER_REPLICA_URLS": ",".join(one.url("tracker") for one in servers.replicas)}
        with restarted(primary, **named) as server, ThreadPoolExecutor(9) as people:
            readers = [people.submit(read, server) for _ in range(6)]
            writers = [people.submit(write, server, at) for at in (1, 2, 3)]
            try:
                for at in range(KILLS):
                    servers.replicas[at % 2].kill()
                    for _ in range(20):
                        select_nothing()
                    servers.replicas[at % 2].start()
                    servers.await_all()
            finally:
                ended.set()
            answers = [status for reader in readers for status in reader.result()]
            seen = [one for writer in writers for one in writer.result()]
    record_property(
        f"readings while replicas were killed {KILLS} times, and of one's own words", (len(answers), len(seen))
    )
    assert set(answers) == {200}
    assert set(seen) == {True}
