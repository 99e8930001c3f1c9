"""Rows of an Excel workbook, read as a stream, after a look at what it would unpack to."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

from tracker.importing.tables import MOST_COLUMNS, MOST_ROWS, Unreadable

#: Largest workbook: files in it, bytes unpacked, bytes of its table of texts, how many times smaller it may be packed.
_MOST_PARTS = 2000
_LARGEST = 512 * 1024 * 1024
_LARGEST_TEXTS = 128 * 1024 * 1024
_PACKED = 200

#: A cell that is merged with others below it.
_MERGED = re.compile(r'<mergeCell ref="(?P<column>[A-Z]{1,3})(?P<first>[0-9]{1,7}):[A-Z]{1,3}(?P<last>[0-9]{1,7})"')

#: How much of a file of XML stands before its first element, at most; what must not; how that begins.
_PROLOG = 1 << 16
_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ELEMENT = re.compile(r"<[A-Za-z_]")

#: A workbook smaller than this may be packed as tightly as it likes.
_SMALL = 4 * 1024 * 1024

#: What Excel shows where a formula failed.
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


def rows(path: Path, sheet: str = "") -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet (the first where none is named), numbered as the sheet numbers them. Raises `Unreadable`."""
    _look(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        with closing(book):
            found = _sheet(book, sheet)
            merged = _merged(path, found)
            above: dict[int, str] = {}
            for number, cells in enumerate(found.iter_rows(values_only=True), 1):
                _fits(number, cells)
                row = [_text(number, cell) for cell in cells[:MOST_COLUMNS]]
                for column, spans in merged.items():
                    _fill_down(row, number, column, spans, above)
                yield number, row
    except Unreadable:
        raise
    except Exception as error:  # its parser raises whatever comes up in it
        raise _broken(error) from error


def _sheet(book: Any, name: str) -> Any:
    if name and name not in book.sheetnames:
        names = "、".join(book.sheetnames[:20])
        raise Unreadable(f"没有工作表“{name}”，有：{names}", f"there is no sheet “{name}”; there are: {names}")
    found = book[name or book.sheetnames[0]]
    # What a file says of its own size need not be true.
    found.reset_dimensions()
    return found


def _merged(path: Path, sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Column (from 0) → first and last rows of cells merged downwards: so a table of tasks groups its rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path.lstrip("/")) as file:  # noqa: SLF001
        rest = ""
        while block := file.read(1 << 16):
            text = rest + block.decode("utf-8", "replace")
            for said in _MERGED.finditer(text):
                column = column_index_from_string(said["column"]) - 1
                if int(said["last"]) > int(said["first"]) and column < MOST_COLUMNS:
                    found.setdefault(column, []).append((int(said["first"]), int(said["last"])))
            rest = text[-80:] if "<mergeCell" in text[-80:] else ""
    return found


def _fill_down(row: list[str], number: int, column: int, spans: list[tuple[int, int]], above: dict[int, str]) -> None:
    """Give a row what stands in the first of its merged cells."""
    if column < len(row) and row[column]:
        above[column] = row[column]
    elif any(first < number <= last for first, last in spans):
        row += [""] * (column + 1 - len(row))
        row[column] = above.get(column, "")


def _fits(number: int, cells: Sequence[Any]) -> None:
    if len(cells) > MOST_COLUMNS and any(cell is not None for cell in cells[MOST_COLUMNS:]):
        raise Unreadable(f"第 {number} 行超过 {MOST_COLUMNS} 列", f"row {number} has more than {MOST_COLUMNS} columns")
    if number > MOST_ROWS:
        raise Unreadable(f"超过 {MOST_ROWS} 行，请分成几个文件", f"more than {MOST_ROWS} rows: part the file")


def _broken(error: Exception) -> Unreadable:
    return Unreadable(
        f"工作簿已损坏或不是 .xlsx（{type(error).__name__}）：请用 Excel 或 WPS 打开后另存",
        f"the workbook is damaged or no .xlsx ({type(error).__name__}): open it in a spreadsheet and save it anew",
    )


def _look(path: Path) -> None:
    """Refuse an archive that would fill the memory, and XML that means more than it says."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size, packed = sum(part.file_size for part in parts), max(path.stat().st_size, 1)
            texts = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
            is_bomb = size > _LARGEST or texts > _LARGEST_TEXTS or (size > _SMALL and size > packed * _PACKED)
            if is_bomb or len(parts) > _MOST_PARTS:
                raise Unreadable(
                    f"解压后有 {size // 1024 // 1024} MB、{len(parts)} 个部件，过大：请只留下数据，另存为 CSV",
                    f"unpacked it has {size // 1024 // 1024} MB in {len(parts)} parts, too much: save the data as CSV",
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        _plainly_declared(file.read(_PROLOG))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise _broken(error) from error


def _plainly_declared(start: bytes) -> None:
    """Refuse XML that declares entities: they stand before its first element, in whatever encoding."""
    text = start.replace(b"\0", b"").decode("latin-1")
    found = _DECLARED.search(text)
    if found and not _ELEMENT.search(text[: found.start()]):
        raise Unreadable(
            "工作簿里的 XML 带有声明，不予读取", "the XML of the workbook holds declarations: it is not read"
        )


def _text(number: int, value: Any) -> str:
    """A cell as text: days as 2020-12-31, whole numbers without a point."""
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case str() if value in _ERRORS:
            raise Unreadable(f"第 {number} 行有公式出错（{value}）", f"in row {number} a formula failed ({value})")
        case _:
            return str(value)
