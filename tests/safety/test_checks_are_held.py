"""Every check of safety has a test that carries its id, or a reason why it has none."""

from __future__ import annotations

import ast
import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SLOW = {"nightly", "release"}
_SLOW = re.compile(r"mark\.(nightly|release)\b")

#: How many checks each theme has: durability, concurrency, migrations, input, authorisation, web, exports, supply, sight.
THEMES = {"D": 11, "C": 8, "M": 9, "I": 10, "Z": 10, "W": 16, "E": 6, "S": 8, "O": 6}

with (Path(__file__).parent / "checks.csv").open(encoding="utf-8", newline="") as table:
    CHECKS = {row["id"]: row for row in csv.DictReader(table)}


def marks_of(node: ast.FunctionDef, everywhere: set[str], lists: dict[str, str]) -> tuple[set[str], bool]:
    """The slow markers of a test, and whether it runs at every push too (some of its parameters are slow, not all)."""
    whole, some = set(everywhere), set[str]()
    for decorator in node.decorator_list:
        text = ast.unparse(decorator)
        named = {each.id for each in ast.walk(decorator) if isinstance(each, ast.Name)}
        found = set(_SLOW.findall(" ".join([text, *(lists[name] for name in named & set(lists))])))
        if re.fullmatch(r"pytest\.mark\.\w+", text):
            whole |= found
        else:
            some |= found
    return whole | some, not whole


def found_by_id() -> dict[str, list[tuple[set[str], bool]]]:
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lists = {
            ast.unparse(node.targets[0]): ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign)
        }
        everywhere = set(_SLOW.findall(lists.get("pytestmark", "")))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (ids := re.match(r"test_((?:[A-Z]\d+_)+)", node.name)):
                for each in ids[1].strip("_").split("_"):
                    found[each].append(marks_of(node, everywhere, lists))
    return found


FOUND = found_by_id()


def test_the_table_names_each_check_once_and_no_other() -> None:
    assert list(CHECKS) == [f"{theme}{number + 1}" for theme, count in THEMES.items() for number in range(count)]
    assert len(CHECKS) == 84
    assert set(FOUND) <= set(CHECKS)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_has_a_test_or_a_reason(check: dict[str, str]) -> None:
    tests = FOUND.get(check["id"], [])
    runs = set(check["run"].split())
    assert runs
    assert runs <= {"P", "N", "R"}
    assert check["holds"]
    match check["status"]:
        case "held":
            assert not check["reason"]
            assert "P" not in runs or any(pushed for _, pushed in tests), "no test that runs at every push"
            assert runs == {"P"} or any(slow & SLOW for slow, _ in tests), "no test marked nightly or release"
        case "partly":
            assert tests
            assert check["reason"]
        case "left":
            assert not tests
            assert check["reason"]
        case status:
            pytest.fail(f"no status: {status}")


def test_the_readme_shows_no_threat_by_a_check_that_is_left_out() -> None:
    readme = (TESTS.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (T\d+) \|.*\| ([^|]+) \|$", readme, re.MULTILINE)
    assert [threat for threat, _ in rows] == [f"T{number}" for number in range(1, 16)]
    for _, shown_by in rows:
        for check in re.findall(r"[A-Z]\d+", shown_by):
            assert CHECKS[check]["status"] != "left", check
