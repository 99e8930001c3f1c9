"""A real browser on a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from serving import serving
from visitors import CHROMIUM, Served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skipped where there is none and none is required."""
    if CHROMIUM is None:
        if os.environ.get("TRACKER_REQUIRE_BROWSER"):
            pytest.fail("no chromium on this machine")
        pytest.skip("no chromium on this machine (set TRACKER_TEST_CHROMIUM)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the README's first command leaves behind, with both interviews and their follow-ups."""
    folder = tmp_path_factory.mktemp("library")
    with serving(folder):
        return folder


@pytest.fixture
def served(library: Path, tmp_path: Path) -> Iterator[Served]:
    """The product on a ledger of the test's own, where nobody has an account yet."""
    shutil.copy(library / "tracker.db", tmp_path / "tracker.db")
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def unboxed(tmp_path: Path) -> Iterator[Served]:
    """The product as the README's first command leaves it, in an empty folder."""
    with serving(tmp_path) as running:
        yield running
