"""What static analysis warns of in our own code is explained, place by place, or is not there."""

from __future__ import annotations

import ast
import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("src", "migrations") for path in sorted((ROOT / folder).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "src" / "tracker" / "templates").rglob("*.html"))

SCRIPTS = sorted((ROOT / "src" / "tracker" / "static").glob("*.js"))

with (Path(__file__).parent / "explained.csv").open(encoding="utf-8", newline="") as table:
    #: (what, file or folder) → how often at most, in a folder as often as it likes; every row says why that is no harm.
    EXPLAINED = {(row["what"], row["file"]): int(row["most"] or 10**6) for row in csv.DictReader(table) if row["why"]}

#: What makes SQL or markup of a text, or runs it. Of a text that stands in the code there is nothing to explain.
_OF_A_TEXT = {
    "Markup",
    "text",
    "literal_column",
    "exec_driver_sql",
    "DDL",
    "from_string",
    "render_template_string",
    "eval",
    "exec",
    "system",
    "popen",
}


def explained(what: str, file: str) -> int:
    folders = [f"{parent.as_posix()}/" for parent in Path(file).parents]
    return max(EXPLAINED.get((what, place), 0) for place in (file, *folders))


def unexplained(found: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {place: count for place, count in found.items() if count > explained(*place)}


def stands_in_the_code(node: ast.expr) -> bool:
    """Whether it is a text, markup made of one, or a name in capitals for one."""
    match node:
        case ast.Constant() | ast.Call(func=ast.Name(id="Markup"), args=[ast.Constant()]):
            return True
        case ast.Name(id=name):
            return name.isupper()
    return False


def made_of_texts(path: Path) -> Iterator[str]:
    """The name of each call that makes SQL or markup of a text that does not stand in the code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or (node.args and isinstance(node.args[0], ast.Constant)):
            continue
        match node.func:
            case ast.Name(id=name) if name in _OF_A_TEXT and (name in imported or name in {"eval", "exec"}):
                yield name
            case ast.Attribute(
                attr=name,
            ) if name in _OF_A_TEXT - {"text"}:
                yield name
            case ast.Attribute(attr="format" | "format_map", value=owner) if not stands_in_the_code(owner):
                yield "format"
            case ast.Attribute(attr="text", value=ast.Name(id="sa" | "sqlalchemy")):
                yield "text"
            case ast.Attribute(attr="execute", value=ast.Name(id="op")):
                yield "op.execute"


def test_S6_sql_and_markup_are_made_of_texts_that_stand_in_the_code() -> None:
    found = Counter((name, str(path.relative_to(ROOT))) for path in SOURCES for name in made_of_texts(path))
    assert sum(found.values()) > 5
    assert unexplained(found) == {}, "say in explained.csv why it is no harm, or do without"


def test_S6_no_template_passes_by_the_escaping() -> None:
    marks = re.compile(r"\|\s*safe\b|autoescape|\{%-?\s*filter\b")
    found = Counter(
        ("template", str(path.relative_to(ROOT)))
        for path in TEMPLATES
        for _ in marks.findall(path.read_text(encoding="utf-8"))
    )
    assert len(TEMPLATES) > 30
    assert unexplained(found) == {}


def test_S6_scripts_make_no_markup_and_set_nothing_by_a_name_from_outside() -> None:
    risky = r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|\bFunction\(|\w\[[^\]'\"\d]+\]\s*=[^=]"
    found = Counter(
        ("script", str(path.relative_to(ROOT)))
        for path in SCRIPTS
        for _ in re.findall(risky, path.read_text(encoding="utf-8"))
    )
    assert len(SCRIPTS) > 2
    assert unexplained(found) == {}


def test_S6_bandit_warns_of_nothing_that_is_not_explained() -> None:
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json", "src", "migrations"]
    report = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout)
    assert report["errors"] == []
    assert report["metrics"]["_totals"]["loc"] > 5000
    found = Counter((each["test_id"], each["filename"].removeprefix("./")) for each in report["results"])
    assert unexplained(found) == {}, "say in explained.csv why it is no harm, or do without"


def test_S6_no_warning_is_silenced_without_a_reason() -> None:
    silent = re.compile(r"#\s*nosec|#\s*noqa\s*$|#\s*noqa:.*\bS\d{3}\b(?!.* - \w)")
    assert [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in SOURCES
        for line in path.read_text(encoding="utf-8").splitlines()
        if silent.search(line)
    ] == []
