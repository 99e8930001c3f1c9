"""A table in a file: a row of headings, then rows of texts. Read line by line, never held whole.

What cannot be read is told by line and in plain words. A row of headings may stand below a title.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from tracker.export import plain, shown
from tracker.texts import is_unstorable

#: Ways of writing letters that a text file may be in. Chinese Excel saves plain CSV as the second.
ENCODINGS = ("utf-8", "gb18030")

#: Largest table: rows, columns, and characters of a cell.
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
LONGEST_CELL = 100_000

#: How far down the row of headings is looked for, and how deep JSON may be nested.
_FIRST_ROWS = _DEEPEST = 10


class Unreadable(ValueError):
    """A file is no table that can be read; why, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True)
class Line:
    """A row that is not blank, with a cell for each heading; `number` is the line of the file or row of the sheet."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table in a file, to be read as often as is needed."""

    #: name of the file
    name: str
    headings: tuple[str, ...]
    lines: Callable[[], Iterator[Line]]


def opened(path: Path, *, name: str = "", encoding: str = "utf-8", sheet: str = "") -> Table:
    """The table in a file, by the ending of its `name`: CSV, TSV, JSON Lines, JSON, XLSX.

    Of a workbook it is the first sheet, or the one that is called `sheet`. Raises `Unreadable`, also while its lines
    are read.
    """
    name = name or path.name
    match Path(name).suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return _from_rows(name, lambda: _csv_rows(path, encoding))
        case ".jsonl" | ".ndjson":
            return _from_objects(name, lambda: _json_lines(path))
        case ".json":
            return _from_objects(name, lambda: _json_rows(path))
        case ".xlsx" | ".xlsm":
            from tracker.importing import workbooks  # noqa: PLC0415 - only a workbook needs its library

            return _from_rows(name, lambda: workbooks.rows(path, sheet))
    raise Unreadable(
        f"不认识“{name}”这种文件：可用 .csv、.tsv、.xlsx、.jsonl、.json、.yaml（旧版 .xls 请另存为 .xlsx）",
        f"“{name}” cannot be imported: .csv, .tsv, .xlsx, .jsonl, .json and .yaml can (save .xls as .xlsx)",
    )


def _from_rows(name: str, rows: Callable[[], Iterator[tuple[int, Sequence[str]]]]) -> Table:
    first = [(number, cells) for number, cells in islice(rows(), _FIRST_ROWS) if any(cell.strip() for cell in cells)]
    if not first:
        raise Unreadable("文件里没有内容", "the file is empty")
    # A title above the table stands in a row by itself.
    heading, cells = next(((n, c) for n, c in first if sum(bool(one.strip()) for one in c) > 1), first[0])
    headings = _named(cells)

    def lines() -> Iterator[Line]:
        for count, (number, row) in enumerate(rows()):
            if count > MOST_ROWS:
                raise Unreadable(f"超过 {MOST_ROWS} 行，请分成几个文件", f"more than {MOST_ROWS} rows: part the file")
            if number > heading and any(cell.strip() for cell in row):
                yield Line(number, _fitted(number, row, len(headings)))

    return Table(name, headings, lines)


def _named(cells: Sequence[str]) -> tuple[str, ...]:
    """The headings, each of its own: an empty one is called by its place, a second one of a name by its number."""
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(f"超过 {MOST_COLUMNS} 列", f"more than {MOST_COLUMNS} columns")
    if any(is_unstorable(cell) for cell in cells):
        raise Unreadable("标题行有无法保存的字符", "a heading holds a character that cannot be stored")
    named: list[str] = []
    last = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
    for place, cell in enumerate(cells[:last], 1):
        name = " ".join(cell.split())[:200] or f"第 {place} 列 (column {place})"
        same = sum(one == name or one.startswith(f"{name} (") for one in named)
        named.append(f"{name} ({same + 1})" if same else name)
    return tuple(named)


def _fitted(number: int, row: Sequence[str], width: int) -> tuple[str, ...]:
    if any(cell.strip() for cell in row[width:]):
        raise Unreadable(f"第 {number} 行的单元格比标题多", f"row {number} has more cells than there are headings")
    if max(map(len, row)) > LONGEST_CELL:
        raise Unreadable(
            f"第 {number} 行有单元格超过 {LONGEST_CELL} 字",
            f"row {number} has a cell of more than {LONGEST_CELL} characters",
        )
    return tuple(row[:width]) + ("",) * (width - len(row))


def _csv_rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    with _text(path, encoding) as text:
        delimiter = _delimiter(text)
        reader, number = csv.reader(text, delimiter=delimiter, strict=True), 1
        try:
            for row in reader:
                yield number, [shown(cell) for cell in row]
                number = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"第 {number} 行附近不是 {encoding} 编码：请另存为“CSV UTF-8”，若文件是国标编码请选 gb18030",
                f"near line {number} the file is not {encoding}: save it as “CSV UTF-8”, or say that it is gb18030",
            ) from error
        except csv.Error as error:
            raise Unreadable(
                f"第 {number} 行附近的引号没有配对，或单元格过长",
                f"near line {number} a quotation mark is not closed, or a cell is too long",
            ) from error


def _text(path: Path, encoding: str = "utf-8") -> TextIO:
    """A file as text; what begins with a mark of its encoding is in that one."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise Unreadable(
            "这是工作簿或其他二进制文件，不是文本：请检查文件名后缀",
            "this is a workbook or another binary file and no text: check the ending of its name",
        )
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    return path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")


def _delimiter(text: TextIO) -> str:
    """What parts the cells: whatever parts one of the first lines into most; a title may stand above the table."""
    try:
        first = list(islice(text, _FIRST_ROWS))
    except UnicodeDecodeError:
        first = [""]
    text.seek(0)
    return max(",\t;", key=lambda mark: max((line.count(mark) for line in first), default=0))


def _from_objects(name: str, objects: Callable[[], Iterator[tuple[int, dict[str, Any]]]]) -> Table:
    keys: dict[str, None] = {}
    for _, found in objects():
        keys.update(dict.fromkeys(found))
    if not keys:
        raise Unreadable("文件里没有内容", "the file is empty")
    headings = _named(tuple(keys))

    def lines() -> Iterator[Line]:
        for number, found in objects():
            if any(value not in (None, "", [], {}) for value in found.values()):
                yield Line(number, _fitted(number, [_cell(found.get(key)) for key in keys], len(headings)))

    return Table(name, headings, lines)


def _cell(value: Any) -> str:
    """A value of JSON as a cell: lists and objects stay JSON."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=plain) if isinstance(value, list | dict) else str(value)


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    with _text(path) as text:
        try:
            for number, line in enumerate(text, 1):
                if line.strip():
                    yield number, _object(number, _parsed(number, line))
        except UnicodeDecodeError as error:
            raise _no_utf8(number + 1) from error


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list, or of the `rows` of what a page of this program answers as JSON."""
    try:
        with _text(path) as text:
            found = _parsed(1, text.read())
    except UnicodeDecodeError as error:
        raise _no_utf8(1) from error
    rows = found.get("rows") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise Unreadable("JSON 须是一个列表，或带有 rows", "the JSON is no list, and has no “rows”")
    yield from ((number, _object(number, row)) for number, row in enumerate(rows, 1))


def _no_utf8(number: int) -> Unreadable:
    return Unreadable(f"第 {number} 行附近不是 UTF-8 编码", f"near line {number} the file is no UTF-8")


def _parsed(number: int, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"第 {number} 行不是 JSON：{error}", f"line {number} is no JSON: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _object(number: int, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict) or _depth(found) > _DEEPEST:
        raise Unreadable(f"第 {number} 行不是一条记录", f"line {number} is no record")
    return found


def _depth(value: Any) -> int:
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, held), default=0)
