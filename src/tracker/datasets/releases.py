"""Numbered releases: folders `0001`, `0002` … of files with their sums, signed, and what changed since the last one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from tracker import checkpoints, export, records
from tracker.codebook import Execution
from tracker.datasets import changes, notes, package, sqlite_file
from tracker.datasets.changes import Change
from tracker.datasets.descriptor import Edition

SUMS = "SHA256SUMS"

_NUMBER = re.compile(r"\d{4,}")

#: Most changes of a status that CHANGES.md names one by one.
_NAMED = 500


def numbers(folder: Path) -> list[int]:
    """The releases in a folder, the oldest first."""
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(int(path.name) for path in there if path.is_dir() and _NUMBER.fullmatch(path.name))


def place(folder: Path, number: int) -> Path:
    """Where a release is."""
    return folder / f"{number:04}"


def damaged(release: Path) -> list[str]:
    """What in a release is not as its sums say, one line each."""
    listed = release / SUMS
    if not listed.is_file():
        return [f"{release}: 没有 / there is no {SUMS}"]
    lines = listed.read_text(encoding="utf-8", errors="replace").splitlines()
    sums = {name: sum_ for sum_, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    faults = [f"{release / name}: 没有这个文件 / is missing" for name in sorted(set(sums) - there)]
    unlisted = there - set(sums) - {SUMS, f"{SUMS}.checkpoint"}
    faults += [f"{release / name}: 不在清单上 / is not in {SUMS}" for name in sorted(unlisted)]
    for name in sorted(set(sums) & there):
        if checkpoints.digest(release / name) != sums[name]:
            faults.append(f"{release / name}: 与发布时不同 / is not what was released: its SHA-256 is another")
    return faults


def release(session: Session, of: Edition, folder: Path, key: Ed25519PrivateKey, note: str = "") -> dict[str, Any]:
    """Make the next release of an edition in `folder`, whole or not at all; returns what `releases.json` says of it.

    The release before, where there is one, has to be proved before. Raises `OSError`.
    """
    before = next(iter(reversed(numbers(folder))), 0)
    of = replace(of, release=before + 1)
    with export.new_folder(place(folder, before + 1)) as made:
        (made / "datapackage").mkdir()
        count = package.write_folder(session, of, made / "datapackage", key)
        _lists(session, of, made)
        sqlite_file.write_sqlite(session, of, made / "ledger.db")
        _json(made / "ledger.db.metadata.json", sqlite_file.described(of, "ledger"))
        old = place(folder, before) / "datapackage"
        found = changes.between(old, made / "datapackage") if before else iter(())
        counts, statuses = changes.write(found, made / "changes.csv")
        said = {
            "number": before + 1,
            "path": f"{before + 1:04}",
            "made": of.made.isoformat(),
            "note": note,
            "commitments": count,
            "changes": changes.counted(counts) if before else None,
            **{name: value for name, value in of.said().items() if name != "release"},
        }
        _json(made / "release.json", said)
        _texts(of, made, note, before, counts, statuses)
        _sums(session, made, key)
    _index(folder)
    return said


def _lists(session: Session, of: Edition, made: Path) -> None:
    """The commitments with how they stand, as one list in each form that a list has."""
    for form in ("csv", "jsonl", "xlsx"):
        rows = records.as_licensed(session, records.records(session, of.scope.asked))
        with (made / f"commitments.{form}").open("wb") as file:
            export.write(rows, form, file)


def _texts(
    of: Edition, made: Path, note: str, before: int, counts: Counter[tuple[str, str]], statuses: list[Change]
) -> None:
    named = {one.value: f"{one.zh} {one.en}" for one in Execution}
    moved = [f"{one.key}：{named.get(one.old, one.old)} → {named.get(one.new, one.new)}" for one in statuses[:_NAMED]]
    tables = sorted({table for table, _ in counts})
    told = {
        "note": note,
        "before": before,
        "tables": [(table, *(counts[table, kind] for kind in ("added", "changed", "removed"))) for table in tables],
        "moved": moved,
        "more": len(statuses) - len(moved),
    }
    texts: dict[str, Callable[[], str]] = {
        "README.md": lambda: notes.text("release.md", of),
        "CHANGES.md": lambda: notes.text("changes.md", of, **told),
        "LICENSE": notes.licence,
        "CITATION.cff": lambda: notes.citation_file(of),
    }
    for name, text in texts.items():
        (made / name).write_text(text(), encoding="utf-8", newline="\n")


def _sums(session: Session, made: Path, key: Ed25519PrivateKey) -> None:
    """The sum of every file, as `sha256sum --check` reads it, and a signed checkpoint of the sums."""
    paths = sorted(path for path in made.rglob("*") if path.is_file())
    lines = [f"{checkpoints.digest(path)}  {path.relative_to(made).as_posix()}\n" for path in paths]
    listed = made / SUMS
    listed.write_text("".join(lines), encoding="utf-8", newline="\n")
    signed = checkpoints.checkpoint(session, key, file=listed)
    (made / f"{SUMS}.checkpoint").write_text(signed, encoding="utf-8", newline="\n")


def _index(folder: Path) -> None:
    """`releases.json`: what each release says of itself, so that it can be made anew at any time."""
    said = []
    for number in numbers(folder):
        made = place(folder, number)
        sums = checkpoints.digest(made / SUMS)
        said.append({**json.loads((made / "release.json").read_text(encoding="utf-8")), "sha256sums": sums})
    with export.replacing(folder / "releases.json") as file:
        file.write(json.dumps({"releases": said}, ensure_ascii=False, indent=2).encode() + b"\n")


def _json(path: Path, said: Any) -> None:
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
