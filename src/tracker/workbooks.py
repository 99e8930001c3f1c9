"""Excel workbooks: rows as they come, in little memory, and the same bytes whenever the rows are the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from tracker.texts import width

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

#: When every workbook says that it was made: two of the same rows are then the same file.
MADE = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)

#: Columns are as wide as what they hold, within these bounds, in characters; what is longer is wrapped.
_NARROW, _WIDE = 8, 48

#: How wide a text is; most of them stand in many rows.
_width = lru_cache(maxsize=4096)(width)

#: Longest text that a cell of Excel takes.
_LONGEST = 32_767


@contextmanager
def made(out: IO[bytes], **options: Any) -> Iterator[Workbook]:
    """A workbook that is written to `out` once it is whole; nothing of it stays anywhere else."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - only this format needs it

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
        book = Workbook(file, {"tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False, **options})
        book.set_properties({"created": MADE})
        try:
            yield book
            book.close()
        finally:
            # The library leaves its files of rows open where no row or an error came.
            for sheet in book.worksheets():
                if sheet.row_data_fh:
                    sheet.row_data_fh.close()
        file.seek(0)
        shutil.copyfileobj(file, out)
    out.flush()


def written(rows: Iterator[Mapping[str, Any]], out: IO[bytes], called: str, fields: Sequence[str] = ()) -> int:
    """Write rows of cells as the one sheet of a workbook, headed by their names; returns how many.

    `fields` head a sheet without rows.
    The header stays in view and filters; columns are as wide as what they hold, long texts are wrapped.
    """
    with made(out, constant_memory=True) as book:
        sheet = book.add_worksheet(called)
        bold = book.add_format({"bold": True, "valign": "top"})
        plain, wrapped = book.add_format({"valign": "top"}), book.add_format({"valign": "top", "text_wrap": True})
        sheet.freeze_panes(1, 1)
        count, widths = 0, dict[int, int]()
        for count, row in enumerate(rows, 1):
            widths = widths or _headed(sheet, row, bold)
            for column, value in enumerate(row.values()):
                taken = put(sheet, count, column, value, plain, wrapped)
                widths[column] = max(widths[column], taken)
        widths = widths or _headed(sheet, fields, bold)
        for column, taken in widths.items():
            sheet.set_column(column, column, fitting(taken))
        if count:
            sheet.autofilter(0, 0, count, len(widths) - 1)
    return count


def _headed(sheet: Worksheet, names: Iterable[str], bold: Any) -> dict[int, int]:
    """Write the header; returns how wide each column has to be for it."""
    widths = {}
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
        widths[column] = width(name) + 3  # beside the name stands the button of the filter
    return widths


def fitting(taken: int) -> int:
    """How wide a column is made whose widest cell takes so many characters."""
    return min(max(taken + 1, _NARROW), _WIDE)


def put(sheet: Worksheet, row: int, column: int, value: Any, plain: Any = None, wrapped: Any = None) -> int:
    """Write one cell, never as a formula or a link; returns how many characters wide it is, at most one line's."""
    match value:
        case None | "":
            return 0
        case bool():
            sheet.write_boolean(row, column, value, plain)
        case int() | float():
            sheet.write_number(row, column, value, plain)
        case _:
            text = str(value)[:_LONGEST]
            taken = _WIDE + 1 if len(text) > _WIDE else _width(text)
            sheet.write_string(row, column, text, wrapped if taken > _WIDE or "\n" in text else plain)
            return taken
    return len(str(value))
