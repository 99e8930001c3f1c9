"""What a plain Flask-Admin (`naive.py`) takes for the same: its list, and recording an assessment with its form."""

from __future__ import annotations

from contextlib import suppress

import launched
from clients import Client, Times, at_once, timed
from desk import SAID
from figures import PLAIN_LIST, PLAIN_RATE, RATE, Figure, Figures
from ledgers import Ledger, copied, without_triggers


def measure(ledger: Ledger, server: str, *, writers: int, each: int, runs: int) -> Figures:
    """Both on a copy of the ledger without triggers."""
    with copied(ledger, server, "plain") as copy:
        without_triggers(copy)
        numbers = copy.rows("SELECT id FROM commitment ORDER BY id LIMIT ?", writers * each)
        before, ids = copy.value("SELECT count(*) FROM status_assessment"), iter([row[0] for row in numbers])
        with launched.yardstick("naive", copy) as plain:
            listed, client = Times(), Client(plain.port)
            for _ in range(runs + 1):
                answer = timed(lambda: client.get("/admin/commitment/"), listed)
                assert answer.status == 200
                assert answer.text.count('name="rowid"') == 50
            client.close()

            def act(times: Times) -> None:
                own = Client(plain.port)
                for _ in range(each):
                    with suppress(StopIteration):
                        number = next(ids)
                        timed(lambda number=number: _plainly(own, number), times)
                own.close()

            sent = at_once([act] * writers)
        there = copy.value("SELECT count(*) FROM status_assessment") - before
    note = "" if there == len(sent.each) else f"{len(sent.each) - there} of {len(sent.each)} refused or lost"
    return {
        PLAIN_LIST: Figure(Times(listed.each[1:]).milliseconds()),
        PLAIN_RATE: Figure(there / sent.whole, RATE, crowd={writers: (sent.milliseconds(), there / sent.whole)}, note=note),
    }  # fmt: skip


def _plainly(client: Client, commitment: int) -> None:
    """Open the plain form, fill it in and send it. What it answers is seen by the count of the rows."""
    path = "/admin/statusassessment/new/"
    client.get(path)
    unsaid = dict.fromkeys(("official_claim", "effective_precision", "reason", "attribution", "confidence"), "__None")
    client.post(path, {
        **unsaid, "commitment": str(commitment), "analyst": "1", "execution": "in_progress", "outcome": "unknown",
        "effective_on": "2026-06-30", "reviewed_up_to": "2026-06-30", "summary": SAID, "codebook_version": "1",
    })  # fmt: skip
