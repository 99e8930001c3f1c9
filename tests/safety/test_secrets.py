"""No secret was ever committed, and none is packed."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest
from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).parents[2]

with (Path(__file__).parent / "no_secrets.csv").open(encoding="utf-8", newline="") as table:
    #: (file, text found) → why it is no secret.
    NO_SECRETS = {(row["file"], row["text"]): row["reason"] for row in csv.DictReader(table)}


#: What a line with a secret has in it: a word for one, or letters and digits in a long row. Only such lines are looked at
#: closely, which takes a minute for all.
_PERHAPS = re.compile(r"(?i)pass|pwd|secret|contrase|key|token|auth|://|[a-z0-9+/=_-]{16,}")


def found(folder: Path) -> set[tuple[str, str]]:
    """Every (file, text) below `folder` that looks like a secret."""
    secrets = SecretsCollection(root=str(folder))
    with default_settings():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                secrets.scan_file(str(path.relative_to(folder)))
    return {(file, secret.secret_value or "") for file, secret in secrets}


def ever_committed(repository: Path, into: Path) -> Path:
    """Each file below `into` with every line that any commit of `repository` put into it."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "log",
        "--patch",
        "--unified=0",
        "--no-renames",
        "-m",
        "--root",
        "--format=",
    ]
    command += ["--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/"]
    log = subprocess.run(command, cwd=repository, capture_output=True, check=True).stdout.decode(errors="replace")
    lines, path = defaultdict[str, dict[str, None]](dict), ""
    for line in log.split("\n"):
        if named := re.fullmatch(r'\+\+\+ "?b/(.*?)"?\t?', line):
            path = named[1]
        elif line.startswith("+") and _PERHAPS.search(line):
            lines[path][line[1:]] = None
    for name, texts in lines.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text("\n".join(texts), encoding="utf-8")
    return into


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout")
def test_S7_no_secret_was_ever_committed(tmp_path: Path) -> None:
    unexplained = found(ever_committed(ROOT, tmp_path)) - set(NO_SECRETS)
    assert not unexplained, "take it back where it is one, and say in no_secrets.csv why where it is none"
    assert all(NO_SECRETS.values())


def test_S7_a_secret_that_was_committed_and_taken_out_again_is_found(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=tmp_path / "repository", check=True, capture_output=True)

    (tmp_path / "repository").mkdir()
    (tmp_path / "history").mkdir()
    git("init")
    settings = tmp_path / "repository" / "settings.py"
    for text in ('TOKEN_PASSWORD = "pl4nted-9f8e7d6c5b4a"\n', "# nothing\n"):
        settings.write_text(text)
        git("add", ".")
        git("commit", "-m", "x")
    assert found(ever_committed(tmp_path / "repository", tmp_path / "history")) == {
        ("settings.py", "pl4nted-9f8e7d6c5b4a")
    }


def test_S7_the_wheel_holds_nothing_that_is_not_in_the_tree_under_version_control(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="a wheel is made with what .ci/install installs")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(ROOT)]
    subprocess.run(command, cwd=tmp_path, check=True)
    tracked = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    texts = {(ROOT / name).read_bytes() for name in tracked.split("\0") if name and (ROOT / name).is_file()}
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = [name for name in wheel.namelist() if ".dist-info/" not in name]
        assert len(names) > 200
        assert [name for name in names if wheel.read(name) not in texts] == []
