"""The 督办单 of a city: a sheet for print and for the hand, in Chinese, grouped by head."""

from collections.abc import Callable
from typing import IO

from tracker.duban.files import BY_HAND, lines, page, policy, write_csv, write_html
from tracker.duban.paper import write_docx
from tracker.duban.sheet import COLUMNS, NOTE, Sheet, sheet
from tracker.duban.workbook import write_xlsx

#: What writes a sheet as a file, by the ending of its name.
FORMS: dict[str, Callable[[Sheet, IO[bytes]], None]] = {
    ".csv": write_csv,
    ".html": write_html,
    ".xlsx": write_xlsx,
    ".docx": write_docx,
}

__all__ = [
    "BY_HAND",
    "COLUMNS",
    "FORMS",
    "NOTE",
    "Sheet",
    "lines",
    "page",
    "policy",
    "sheet",
    "write_csv",
    "write_docx",
    "write_html",
    "write_xlsx",
]
