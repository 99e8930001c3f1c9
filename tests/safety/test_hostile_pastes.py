"""A table that is pasted is read whole or refused with its rows named, whatever stands in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from sqlalchemy import Engine

from following import ANALYST, PAGE
from tracker import audit, db, pasted
from tracker.batches import record_entries
from tracker.models import Evidence, StatusAssessment
from visiting import count

_SOUND = (
    "编号\t执行状态\t状态生效日\t核查结论\t依据网址\t报道内容\t完成比例（%）\n"
    f"CZ-2020-01.1\t推进中\t2020-12-31\t已动工\t{PAGE}\t交付\t40\n"
    f"CZ-2020-01.2\t推进中\t2020/12/31\t已签约\t{PAGE}\t交付\t\n"
    "CZ-2020-02.1\t未核查\t2020年12月31日\t尚未查\t\t\t\n"
)
_PIECES = (
    "\0",
    "\ufeff",
    "\ud800",
    "\r",
    "\r\n",
    "\n",
    "\t",
    '"',
    "'",
    "NaN",
    "1e999",
    "-0",
    "",
    "=1+1",
    "\u202e",
    "\u200b",
    "é",
    "𠮷",
    "2020-02-30",
    "9" * 500,
    "CZ-2020-01.1",
    "推进中",
    "{" * 300,
    "编号\t编号",
    "\x1b",
    "字" * 5000,
)


def mutated(random: Random) -> str:
    """A sound table with one to four things wrong with it."""
    text = _SOUND
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(text) + 1)
        match random.randrange(4):
            case 0:
                text = text[:place] + random.choice(_PIECES) + text[place:]
            case 1:
                text = text[:place] + text[place + random.randint(1, 30) :]
            case 2:
                text = (
                    text[:place]
                    + chr(random.choice([random.randrange(32), random.randrange(0x3000), random.randrange(0x110000)]))
                    + text[place + 1 :]
                )
            case _:
                lines = text.split("\n")
                lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
                text = "\n".join(lines)
    return text


@pytest.mark.parametrize(
    ("pastes", "dialect"),
    [
        (300, "sqlite"),
        pytest.param(10_000, "sqlite", marks=pytest.mark.nightly),
        pytest.param(2_000, "postgresql", marks=pytest.mark.nightly),
    ],
)
def test_I2_a_paste_is_all_or_nothing_and_its_faults_are_named(
    ledger: Engine, pastes: int, record_property: Callable[[str, object], None]
) -> None:
    random, refused = Random(5), 0  # noqa: S311
    before = [count(ledger, model) for model in (StatusAssessment, Evidence)]
    with db.writing(ledger, actor=ANALYST) as session:
        analyst = audit.signer(session, ANALYST)
    for number in range(pastes):
        sheet = pasted.read(mutated(random), today=date(2021, 1, 31))
        faults = [*sheet.faults, *(fault for entry in sheet.entries for fault in entry.faults)]
        # At every push some are tried on the database as well, at night all.
        if pastes > 1000 or number % 25 == 0:
            with db.sessions(ledger)() as session:
                audit.signed_by(session, ANALYST)
                tried = record_entries(session, sheet.entries, analyst=session.merge(analyst))
                faults += [fault for row in tried for fault in row.faults]
                session.rollback()
        refused += bool(faults)
        assert all(fault.zh and fault.en for fault in faults)
        assert all(entry.number >= 2 for entry in sheet.entries)
        assert sheet.faults == () or sheet.entries == ()
    record_property(f"I2 pastes, {ledger.dialect.name}", f"{pastes}, {refused} refused, 0 exceptions")
    assert refused > pastes / 2
    assert [count(ledger, model) for model in (StatusAssessment, Evidence)] == before
