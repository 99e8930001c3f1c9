"""Records as files: CSV, JSON Lines and Excel workbooks, written row by row."""

from __future__ import annotations

import csv
import enum
import errno
import io
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from tracker import events
from tracker.events import Event
from tracker.records import Record

#: A cell that begins so, behind apostrophes or not, is kept from spreadsheets by one more apostrophe: what begins so
#: without any they would run as a formula, full-width forms included.
_FORMULA = re.compile(r"\A'*+[=+\-@\t\r\n\0＝＋－＠]")


#: What a workbook is sent as.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


#: What is a cell by itself; most of a record is.
_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """A value as JSON takes it: codes by their value, times in ISO 8601."""
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


def as_json(record: Record) -> str:
    """One record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False, default=plain)


def cell(value: Any) -> Any:
    """A value as one cell: lists as JSON."""
    if value.__class__ in _AS_THEY_ARE:
        return value
    value = plain(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=plain) if value else ""
    return value


def harmless(value: Any) -> Any:
    """A cell of a CSV file: text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return "'" + value if isinstance(value, str) and _FORMULA.match(value) else value


def shown(cell: str) -> str:
    """The text that `harmless` made a cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write(
    rows: Iterator[Record], form: str, out: IO[bytes], *, sheet: str = "承诺 Commitments", fields: Sequence[str] = ()
) -> int:
    """Write records to `out` as `csv`, `jsonl` or `xlsx`; returns how many. CSV opens with a BOM, for Excel.

    `sheet` is what the one sheet of a workbook is called; `fields` head a table without rows.
    """
    match form:
        case "csv":
            count = _csv(rows, out, fields)
        case "jsonl":
            count = _jsonl(rows, out)
        case _:
            count = _xlsx(rows, out, sheet, fields)
    events.say(Event.EXPORTED, what=form, rows=count)
    return count


def _jsonl(rows: Iterator[Record], out: IO[bytes]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
        out.write(as_json(row).encode() + b"\n")
    out.flush()
    return count


def _csv(rows: Iterator[Record], out: IO[bytes], fields: Sequence[str]) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer, count = csv.writer(text), 0
    for count, row in enumerate(rows, 1):
        if count == 1:
            writer.writerow(row)
        writer.writerow([harmless(cell(value)) for value in row.values()])
    if fields and not count:
        writer.writerow(fields)
    text.flush()
    text.detach()
    return count


def _xlsx(rows: Iterator[Record], out: IO[bytes], called: str, fields: Sequence[str]) -> int:
    from tracker import workbooks  # noqa: PLC0415 - only this format needs it

    return workbooks.written(({name: cell(value) for name, value in row.items()} for row in rows), out, called, fields)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` only when it is whole; a link's target is replaced, not the link.

    Raises `OSError` where something stands at `path` that is no file.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "不是文件，不能写入 / is no file and cannot be written", str(path))
    mode = path.stat().st_mode if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(stat.S_IMODE(mode))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that stands at `path` only when it is whole. Raises `OSError` where more than that is there."""
    path = path.resolve()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(errno.EEXIST, "已有内容，不覆盖 / is there already and is not replaced", str(path))
    made = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        made.chmod(0o755)
        yield made
        if path.exists():
            path.rmdir()
        made.replace(path)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def copy(path: Path, out: IO[bytes]) -> None:
    """Write a file to `out`, a piece at a time."""
    with path.open("rb") as file:
        shutil.copyfileobj(file, out)
