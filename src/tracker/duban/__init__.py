"""The 督办单 of a city: a sheet for print and for the hand, in Chinese, grouped by head."""

from tracker.duban.files import BY_HAND, lines, page, policy, write_csv
from tracker.duban.sheet import COLUMNS, NOTE, Sheet, sheet

__all__ = ["BY_HAND", "COLUMNS", "NOTE", "Sheet", "lines", "page", "policy", "sheet", "write_csv"]
