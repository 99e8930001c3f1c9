"""What of the OWASP Application Security Verification Standard 5.0, levels 1 and 2, applies here, and what shows it.

`asvs.csv` says each requirement in words of its own; the standard has the full ones under the same number. `shown by`
names checks of safety, other tests, or the part of the README (`README: Web`) where something is written down.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
README = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
#: Parts of the README under their English headings, as far as they say something.
PARTS = {
    part.split("\n")[0].split(" · ")[0]
    for part in re.split(r"^##+ ", README, flags=re.MULTILINE)[1:]
    if len(part) > 300
}

with (HERE / "asvs.csv").open(encoding="utf-8", newline="") as table:
    REQUIREMENTS = {row["id"]: row for row in csv.DictReader(table)}
with (HERE / "checks.csv").open(encoding="utf-8", newline="") as table:
    CHECKS = {row["id"]: row["status"] for row in csv.DictReader(table)}

TESTS = {
    node.name
    for path in HERE.parent.rglob("test_*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
}

#: Requirements of the standard at each level, and how many each chapter has at both.
LEVELS = {"1": 70, "2": 183}
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13,
            16: 16, 17: 7}  # fmt: skip


def shown(row: dict[str, str]) -> bool:
    return row["applies"] == "yes" and not row["remark"].startswith("not met: ")


def test_every_requirement_of_both_levels_is_there_once() -> None:
    assert Counter(row["level"] for row in REQUIREMENTS.values()) == LEVELS
    assert Counter(int(number.split(".")[0]) for number in REQUIREMENTS) == CHAPTERS
    assert list(REQUIREMENTS) == sorted(REQUIREMENTS, key=lambda number: [int(part) for part in number.split(".")])


@pytest.mark.parametrize("row", REQUIREMENTS.values(), ids=REQUIREMENTS)
def test_a_requirement_that_applies_is_shown_or_said_not_to_be_met(row: dict[str, str]) -> None:
    assert row["requires"]
    evidence, remark = row["shown by"], row["remark"]
    if row["applies"] != "yes":
        assert (row["applies"], evidence) == ("no", "")
        assert remark
        return
    assert evidence or remark.startswith("not met: ")
    if evidence.startswith("README: "):
        assert evidence.removeprefix("README: ") in PARTS
        return
    for word in evidence.split():
        assert CHECKS.get(word, "left") != "left" or word in TESTS, word


def test_the_readme_says_how_many_are_shown() -> None:
    applicable = [row for row in REQUIREMENTS.values() if row["applies"] == "yes"]
    met = [row for row in applicable if shown(row)]
    assert f"{len(applicable)} of the {len(REQUIREMENTS)} apply here, {len(met)} are shown" in README
