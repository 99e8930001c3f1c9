"""The report of a city, to be printed or handed on: the words, the status, the evidence, and what is not known."""

from collections.abc import Callable
from typing import IO

from tracker.reports.page import page, policy, write_html
from tracker.reports.paper import write_docx
from tracker.reports.report import Head, Part, Report, edition, report

#: What writes a report as a file, by the ending of its name; the text is the signed checkpoint that goes with it.
FORMS: dict[str, Callable[[Report, str, IO[bytes]], None]] = {".html": write_html, ".docx": write_docx}

__all__ = ["FORMS", "Head", "Part", "Report", "edition", "page", "policy", "report", "write_docx", "write_html"]
