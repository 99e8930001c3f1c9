"""Make the pictures of the README: .venv/bin/python tests/browser/pictures.py ADDRESS SETUP_LINK"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from visitors import CHROMIUM, Served, sign_up, visit

served = Served(sys.argv[1].rstrip("/"), sys.argv[2])
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    visitor = visit(browser)
    sign_up(visitor, served)
    visitor.page.goto(f"{served.address}/desk/commitment/?city=431000")
    visitor.page.screenshot(path=Path(__file__).parent / "pictures" / "desk.png")
    browser.close()
