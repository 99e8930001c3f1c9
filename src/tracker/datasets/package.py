"""A Frictionless Data Package: `datapackage.json`, a CSV of each table, and what stands beside them."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from tracker import checkpoints, events
from tracker.datasets import descriptor, notes
from tracker.datasets.descriptor import Edition
from tracker.datasets.resource import Resource, Scope
from tracker.datasets.tables import RESOURCES
from tracker.events import Event
from tracker.export import harmless

#: When each file in an archive says that it was written: so the same files are the same archive.
_WRITTEN = (1980, 1, 1, 0, 0, 0)

_BLOCK = 1 << 16


def edition(session: Session, scope: Scope, key: Ed25519PrivateKey, release: int | None = None) -> Edition:
    """The data set of a scope as the ledger stands now."""
    (anchor,) = checkpoints.read(checkpoints.checkpoint(session, key))
    return Edition(scope, anchor, release)


def write_folder(session: Session, of: Edition, folder: Path, key: Ed25519PrivateKey) -> int:
    """Write the package into a folder that is there and empty; returns how many commitments it holds."""
    (folder / "data").mkdir()
    written = [_resource(session, of.scope, resource, folder) for resource in RESOURCES]
    counts = {one["name"]: one["rows"] for one in written}
    said = descriptor.descriptor(session, of, written)
    texts = {
        "datapackage.json": json.dumps(said, ensure_ascii=False, indent=2) + "\n",
        "README.md": notes.readme(of, RESOURCES, counts),
        "LICENSE": notes.licence(),
        "CITATION.cff": notes.citation_file(of),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    described = folder / "datapackage.json"
    signed = checkpoints.checkpoint(session, key, file=described)
    described.with_name(f"{described.name}.checkpoint").write_text(signed, encoding="utf-8", newline="\n")
    count: int = counts["commitments"]
    events.say(Event.EXPORTED, what="datapackage", rows=count)
    return count


def write_zip(session: Session, of: Edition, out: IO[bytes], key: Ed25519PrivateKey) -> int:
    """Write the package as one ZIP archive; returns how many commitments it holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = write_folder(session, of, folder, key)
        zip_folder(folder, out)
    return count


def zip_folder(folder: Path, out: IO[bytes]) -> None:
    """Write all files of a folder as an archive: the same files give the same bytes."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _WRITTEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with path.open("rb") as file, archive.open(entry, "w") as packed:
                while block := file.read(_BLOCK):
                    packed.write(block)


def _resource(session: Session, scope: Scope, resource: Resource, folder: Path) -> dict[str, Any]:
    """Write a table and describe it."""
    path = folder / "data" / f"{resource.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = write_csv(resource, resource.rows(session, scope), file)
    return {
        "profile": "tabular-data-resource",
        "name": resource.name,
        "path": f"data/{resource.name}.csv",
        "title": f"{resource.zh} {resource.en}",
        "description": f"一行是{resource.about[0]}。One row is {resource.about[1]}.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{checkpoints.digest(path)}",
        "rows": rows,
        "schema": descriptor.schema(resource),
    }


def write_csv(resource: Resource, rows: Iterable[list[Any]], file: Any) -> int:
    """Write the rows of a table as CSV with its header; returns how many. No cell is a formula."""
    writer, count = csv.writer(file), 0
    writer.writerow([column.name for column in resource.fields])
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
        writer.writerow([_cell(value) for value in row])
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value)


def damaged(folder: Path) -> list[str]:
    """What in a package is not what its `datapackage.json` says, one line each."""
    said = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    faults = []
    for one in said["resources"]:
        path = folder / one["path"]
        if not path.is_file():
            faults.append(f"{one['path']}: 没有这个文件 / is missing")
        elif f"sha256:{checkpoints.digest(path)}" != one["hash"]:
            faults.append(f"{one['path']}: 与清单不符 / is not what was written: its SHA-256 is another")
    return faults


def mark(folder: Path) -> str:
    """What changes with the tables of a package and not with the second that it was made in, in hexadecimal."""
    said = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    sums = "".join(one["hash"] for one in said["resources"])
    return hashlib.sha256(f"{said['program']} {said['as_of']} {said['recorded_by']} {sums}".encode()).hexdigest()
