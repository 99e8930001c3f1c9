"""The house itself: how long its pieces are, who commits, and that the README tells of all there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tracker import cli, codebook
from tracker.codebook import Coded
from tracker.models import Base
from tracker.records import FIELDS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
README = (ROOT / "README.md").read_text()

#: The edge: a command, a form, a page. Nothing below it commits.
EDGE = {"cli", "admin", "api", "app.py", "auth"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_stays_below_250_lines_and_a_function_below_40(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 250
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, functions):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 40, node.name


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_room_is_named_for_nothing(path: Path) -> None:
    idle = {"utils", "util", "helpers", "common", "services", "repositories", "dto", "managers", "misc"}
    assert not idle & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}


def test_only_the_edge_commits() -> None:
    below = [path for path in SOURCES if path.relative_to(ROOT / "src" / "tracker").parts[0] not in EDGE]
    assert len(below) > 30
    assert [name(path) for path in below if ".commit(" in path.read_text()] == []


def test_the_top_level_holds_what_was_agreed() -> None:
    agreed = {
        "pyproject.toml",
        "deploy",
        "migrations",
        "src",
        "seed",
        "tests",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "requirements.lock",
    }
    hidden = re.compile(r"^\.|^(build|dist)$|\.(db|key|backups|verified|egg-info)")
    assert {path.name for path in ROOT.iterdir() if not hidden.search(path.name)} == agreed


def commands(group: click.Group, words: tuple[str, ...] = ("tracker",)) -> Iterator[str]:
    for called, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, called))
        else:
            yield " ".join((*words, called))


@pytest.mark.parametrize("command", list(commands(cli.tracker)))
def test_the_readme_names_every_command(command: str) -> None:
    assert command in README


@pytest.mark.parametrize(
    "setting", sorted(set(re.findall(r"TRACKER_[A-Z_]+", "".join(p.read_text() for p in SOURCES))))
)
def test_the_readme_names_every_setting(setting: str) -> None:
    assert f"`{setting}`" in README


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_the_data_dictionary_names_every_table(table: str) -> None:
    assert f"`{table}`" in README


@pytest.mark.parametrize("field", FIELDS)
def test_the_data_dictionary_names_every_field_of_a_record(field: str) -> None:
    assert f"`{field}`" in README


CODEBOOKS = [codes for codes in vars(codebook).values() if isinstance(codes, type) and issubclass(codes, Coded)]


@pytest.mark.parametrize("codes", [codes for codes in CODEBOOKS if codes is not Coded])
def test_every_code_has_a_label_in_both_languages(codes: type[Coded]) -> None:
    for code in codes:
        assert code == codebook.Comparator.EQ or (code.zh and code.en)
        assert re.fullmatch(r"[a-z]+([_-][a-z]+)*", code.value)


def test_the_readme_speaks_of_pictures_that_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file()
