"""A browser gets no script or style but our own; what Flask-Admin ships of others' is not served."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import flask_admin
import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

HERE = Path(__file__).parent
OURS = HERE.parents[1] / "src" / "tracker"
SHIPPED = Path(flask_admin.__file__).parent / "static"

with (HERE / "libraries.csv").open(encoding="utf-8", newline="") as table:
    LIBRARIES = list(csv.DictReader(table))

#: What files that somebody else wrote have in them.
_NOT_OURS = re.compile(
    r"@license|@preserve|@copyright|Copyright \(|sourceMappingURL|Licensed under|/\*!", re.IGNORECASE
)


@pytest.fixture
def app(opened: Callable[..., Flask], ledger_url: str) -> Flask:
    return opened(ledger_url)


def libraries(text: str) -> dict[str, str]:
    """Library → version, of those that `text` says it is."""
    found = {row["library"]: re.search(row["mark"], text) for row in LIBRARIES}
    return {name: mark[1] for name, mark in found.items() if mark}


def written_by_hand(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.suffix in {".js", ".css", ".html", ".svg"}]


def test_S4_the_marks_of_libraries_find_those_that_flask_admin_ships() -> None:
    shipped = defaultdict(set)
    for path in SHIPPED.rglob("*.js"):
        for library, version in libraries(path.read_text(encoding="utf-8", errors="replace")).items():
            shipped[library].add(version)
    assert shipped == {row["library"]: set(row["shipped with Flask-Admin"].split()) for row in LIBRARIES}


def test_S4_no_library_stands_among_our_own_files() -> None:
    files = [*written_by_hand(OURS / "static"), *written_by_hand(OURS / "templates")]
    assert len(files) > 60
    assert not [path.name for path in files if ".min." in path.name]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert (libraries(text), _NOT_OURS.search(text)) == ({}, None), path.name


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_S4_one_folder_is_served_and_it_is_ours(app: Flask) -> None:
    assert Path(app.static_folder or "") == OURS / "static"
    addresses = app.url_map.bind("localhost")
    shipped = [path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.*") if path.is_file()]
    assert len(shipped) > 100
    for path in shipped:
        assert not (OURS / "static" / path).exists()
        for where in ("/desk/static", "/admin/static", "/static/admin", "/desk/commitment/static"):
            try:
                endpoint, _ = addresses.match(f"{where}/{path}")
            except NotFound:
                continue
            # The one folder that is served, where it does not stand.
            assert endpoint == "static"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_S4_files_of_the_libraries_are_not_there(app: Flask) -> None:
    client = app.test_client()
    for where in ("/desk/static", "/static/admin", "/static"):
        address = f"{where}/vendor/select2/select2.min.js"
        assert client.get(address).status_code in {403, 404}


def test_S4_no_page_asks_for_a_script_or_style_from_elsewhere() -> None:
    asked = re.compile(
        r"<(?:script|link|img|iframe|object|embed)\b[^>]*?(?:src|href|data)=\"([^\"]*)\"|@import|url\(\s*['\"]?http"
    )
    for path in [*written_by_hand(OURS / "static"), *written_by_hand(OURS / "templates")]:
        for found in asked.finditer(path.read_text(encoding="utf-8")):
            assert (found[1] or "").startswith("{{"), f"{path.name}: {found[0]}"
