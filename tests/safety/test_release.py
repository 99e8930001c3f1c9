"""What is released can be made again, to the byte, and says what it is made of."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
PYTHON = ROOT / ".venv" / "bin" / "python"

pytestmark = [
    pytest.mark.release,
    pytest.mark.skipif(not PYTHON.exists(), reason="a release is made from an environment of .ci/install"),
]

#: Name and version of all that is installed, one a line.
_INSTALLED = "import importlib.metadata as m; print(*{f'{d.name}=={d.version}' for d in m.distributions()}, sep='\\n')"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the release in it, and the environment that it was described from."""
    folder = tmp_path_factory.mktemp("release")
    subprocess.run([ROOT / ".ci" / "release", folder / "dist", folder / "environment"], check=True)
    return folder


def test_S3_the_bill_of_materials_is_what_is_installed(release: Path, record_property: pytest.RecordProperty) -> None:
    bill = json.loads((release / "dist" / f"tracker-{VERSION}.cdx.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    listed = {f"{each['name']}=={each['version']}" for each in (*bill["components"], bill["metadata"]["component"])}
    python = release / "environment" / "bin" / "python"
    installed = subprocess.run([python, "-c", _INSTALLED], capture_output=True, text=True, check=True)
    assert listed == set(installed.stdout.split())
    record_property("S3 packages installed and in the bill of materials", len(listed))


def test_S8_the_wheel_made_again_elsewhere_is_the_same_to_the_byte(release: Path, tmp_path: Path) -> None:
    for part in ("src", "migrations", "seed", "pyproject.toml", "README.md", "LICENSE"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        copy(ROOT / part, tmp_path / part)
    made = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
    command = [
        PYTHON,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        "again",
        ".",
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": made.stdout.strip(), "TZ": "Asia/Shanghai"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    first, second = next((release / "dist").glob("*.whl")), next((tmp_path / "again").glob("*.whl"))
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_S8_the_sums_are_those_of_the_files(release: Path) -> None:
    sums = [line.split() for line in (release / "dist" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    assert {name.rpartition(".")[2] for _, name in sums} == {"whl", "json"}
    for sum_, name in sums:
        assert hashlib.sha256((release / "dist" / name).read_bytes()).hexdigest() == sum_
