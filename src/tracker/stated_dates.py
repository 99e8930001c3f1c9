"""A date as texts and tables state it: 2023-12-31, 2023年12月底前, 第三季度, 年底, June 2024.

The last day of the time that is stated is meant. Nothing is guessed at: 明年, 2021—2023年, 2025年前, 每年 and
03/04/2023 are refused.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date

_MONTHS = {
    name[:length].lower(): number for number, name in enumerate(calendar.month_name) for length in (3, 4, 9) if name
}

#: What may stand before and after a time without changing it.
_BEFORE = r"(?:于|在|到|截至|力争|争取|确保|[Bb]y )?"
_AFTER = r"(?:完成|办结|建成|投用)?(?:[ T]0{1,2}:00(?::00)?)?"
#: “6月底前” is by the end of June; “6月前” may be before it, and “15日前” is by that day. In a pattern `@E` and `@D`.
_END, _DAY = r"(?:份?(?:底|末|下旬)(?:之?前|以前)?|份?内?)", r"(?:之?前|以前)?"

_TIMES = tuple(
    re.compile(rf"\A{_BEFORE}{pattern.replace('@E', _END).replace('@D', _DAY)}{_AFTER}\Z", re.ASCII)
    for pattern in (
        r"(?P<year>[12]\d{3})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?@D",
        r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日@D",
        r"(?:(?P<year>[12]\d{3}) ?年? ?)?第?(?P<quarter>[一二三四1-4])季度@E",
        r"(?P<year>[12]\d{3}) ?年? ?[Qq](?P<quarter>[1-4])",
        r"(?:(?P<year>[12]\d{3}) ?年? ?)?(?P<half>上半年|下半年)@E",
        r"(?P<year>[12]\d{3})[-/.年] ?(?P<month>\d{1,2})月?@E",
        r"(?P<month>\d{1,2})月@E",
        r"(?P<year>[12]\d{3}) ?年?@E",
        r"(?:(?:今|本|当)?年(?:(?:底|末)(?:之?前|以前)?|内)|全年|本年|当年|今年)",
    )
)

_NAMED_MONTH = re.compile(
    r"\A(?:(?P<first>\d{1,2}) )?(?P<month>[A-Za-z]{3,9})\.?(?: (?P<second>\d{1,2}),?)? (?P<year>[12]\d{3})\Z", re.ASCII
)


def last_day(text: str, year: int) -> date:
    """The last day of the time that a phrase states, of `year` where it names none. Raises `ValueError`."""
    narrow = in_figures(unicodedata.normalize("NFKC", text).strip())
    for pattern in _TIMES:
        if found := pattern.match(narrow):
            said = {name: value for name, value in found.groupdict().items() if value}
            of, month = int(said.get("year", year)), _last_month(said)
            return date(of, month, int(said["day"]) if "day" in said else calendar.monthrange(of, month)[1])
    raise ValueError(f"“{text}” states no date such as 2023-12-31, 2023-12, 2023 or 12月底")


def _last_month(said: dict[str, str]) -> int:
    """The month that a time ends in. Raises `ValueError`."""
    if "quarter" in said:
        return ("一二三四".find(said["quarter"]) + 1 or int(said["quarter"])) * 3
    if "half" in said:
        return 6 if said["half"] == "上半年" else 12
    month = int(said.get("month", 12))
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return month


def in_figures(text: str) -> str:
    """A date with the English name of its month, in figures: 2023-08, 2024-02-29; any other text as it is."""
    found = _NAMED_MONTH.match(re.sub(r"\A[Bb]y ", "", text.strip()))
    month = _MONTHS.get(found["month"].lower()) if found else None
    if not found or not month or (found["first"] and found["second"]):
        return text
    day = found["first"] or found["second"]
    return f"{found['year']}-{month:02}" + (f"-{int(day):02}" if day else "")
