"""A disk that is full: told so, nothing half-written, reading goes on, and writing does again once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from restarting import Person, restarted
from sqlalchemy import func, select

from following import ANALYST
from tracker import db
from tracker.codebook import Role
from tracker.models import StatusAssessment
from tracker.verification import verify
from visiting import account

CODE = "CZ-2020-01.1"


@pytest.fixture
def small_disk(tmp_path: Path, seeded_file: Path) -> Iterator[Path]:
    """A disk of its own with a ledger on it and 4 MB to spare; skipped where none may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = seeded_file.stat().st_size + 4 * 1024 * 1024
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a disk can be mounted by root only")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(path: Path) -> None:
    """Write a file that takes what room there is."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_D5_on_a_full_disk_nothing_is_half_written_and_writing_goes_on_once_there_is_room(
    small_disk: Path, seeded_file: Path
) -> None:
    path = Path(shutil.copy(seeded_file, small_disk / "tracker.db"))
    ledger = db.connect(f"sqlite:///{path}")
    with db.writing(ledger, actor=ANALYST) as session:
        account(session, "分析员", Role.ANALYST, "analyst@example.org")

    def stored() -> int:
        with db.reading(ledger) as session:
            assert [check.en for check in verify(session) if check.faults] == []
            return session.scalar(select(func.count()).select_from(StatusAssessment)) or 0

    with restarted(f"sqlite:///{path}") as server:
        person = Person(server)
        person.sign_in("analyst@example.org")
        assert person.record(CODE, "还写得下").status == 302

        filler = small_disk / "filler"
        fill(filler)
        acknowledged = 1
        while (answer := person.record(CODE, f"越写越多 {acknowledged}" + "园" * 3000)).status == 302:
            acknowledged += 1
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert "磁盘满了" in answer.text
        assert "越写越多" in answer.text
        assert person.ask(f"/commitments/{CODE}").status == 200
        assert person.ask("/desk/commitment/?city=431000").status == 200
        assert stored() == acknowledged

        filler.unlink()
        assert person.record(CODE, "又写得下了").status == 302
        assert stored() == acknowledged + 1
