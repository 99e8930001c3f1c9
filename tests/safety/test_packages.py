"""Few packages, each pinned by version and hash."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

RUN = "requirements.lock"
TEST = "tests/requirements.lock"
BUILD = ".ci/build.lock"

_PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; [^\\]+)?(?: --hash=sha256:[0-9a-f]{64})+")


def lines(lock: str) -> list[str]:
    """What the file requires, each on one line, comments left out."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace(" \\\n   ", "")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pinned(lock: str) -> dict[str, set[Version]]:
    """Name → its versions: more than one where a system or Python of its own needs another."""
    found: dict[str, set[Version]] = {}
    for line in lines(lock):
        pin = _PINNED.fullmatch(line)
        assert pin, line
        found.setdefault(canonicalize_name(pin["name"]), set()).add(Version(pin["version"]))
    return found


def required(*extras: str) -> list[Requirement]:
    project = PYPROJECT["project"]
    texts = [*project["dependencies"], *(text for extra in extras for text in project["optional-dependencies"][extra])]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", [RUN, TEST, BUILD])
def test_S2_every_line_of_a_lock_file_is_pinned_by_version_and_hash_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert len(pinned(lock)) == len({line.split("==")[0] for line in lines(lock)}) > 5
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", text)


@pytest.mark.parametrize(("lock", "extras"), [(RUN, ()), (TEST, PYPROJECT["project"]["optional-dependencies"])])
def test_S2_the_lock_file_satisfies_what_the_project_requires(lock: str, extras: tuple[str, ...]) -> None:
    pins = pinned(lock)
    for requirement in required(*extras):
        versions = pins.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in {lock}: run .ci/lock"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: run .ci/lock"


def test_S2_what_runs_and_what_builds_are_tested_in_the_versions_that_are_installed() -> None:
    tested = pinned(TEST)
    for name, versions in {**pinned(RUN), **pinned(BUILD)}.items():
        assert tested[name] == versions


def test_S2_only_wheels_are_installed() -> None:
    commands = (ROOT / ".ci" / "install").read_text(encoding="utf-8")
    assert "--require-hashes --only-binary :all:" in commands
    assert "--no-binary" not in commands


def test_S5_at_most_25_packages_are_required_at_run_time_and_each_is_noted() -> None:
    with (Path(__file__).parent / "dependencies.csv").open(encoding="utf-8", newline="") as table:
        noted = {row["package"]: row["what for"] for row in csv.DictReader(table)}
    names = {canonicalize_name(requirement.name) for requirement in required()}
    assert len(names) <= 25
    assert names == set(noted)
    assert all(noted.values())
