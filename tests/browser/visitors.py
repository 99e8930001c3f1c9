"""Somebody at a real browser."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

CHROMIUM = os.environ.get("TRACKER_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

#: Password of the administrator that the tests make.
PASSWORD = "纸上得来终觉浅，绝知此事要躬行"


@dataclass
class Served:
    """A running `tracker serve`."""

    address: str
    #: the one-time link that it printed
    setup: str


@dataclass
class Visitor:
    """Somebody at a browser, and what it complained of."""

    page: Page
    complaints: list[str]


def visit(browser: Browser, *, language: str = "zh-CN", width: int = 1280, **given: object) -> Visitor:
    """A browser of its own that asks for a language."""
    context: BrowserContext = browser.new_context(
        locale=language,
        viewport={"width": width, "height": 900},
        **given,  # type: ignore[arg-type]
    )
    page, complaints = context.new_page(), []

    def note(message: ConsoleMessage) -> None:
        # Who types before the first frame is drawn has chosen a field: the browser says so and is right to.
        if not message.text.startswith("Autofocus processing was blocked"):
            complaints.append(message.text)

    page.on("console", note)
    return Visitor(page, complaints)


def sign_up(visitor: Visitor, served: Served) -> None:
    """Make the first administrator by the one-time link; ends signed in at the desk."""
    page = visitor.page
    page.goto(served.setup)
    page.fill("[name=name]", "李明")
    page.fill("[name=email]", "li@example.org")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.press("[name=again]", "Enter")
    page.wait_for_url(f"{served.address}/desk/")


def sign_in(visitor: Visitor, served: Served, email: str = "li@example.org") -> None:
    """Sign in by the form; ends at the desk."""
    page = visitor.page
    page.goto(f"{served.address}/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{served.address}/desk/")


def colleague(administrator: Visitor, other: Visitor, served: Served, name: str, role: str) -> None:
    """The administrator makes an account by the form; whoever it is for signs in."""
    page, email = administrator.page, f"{role}@example.org"
    page.goto(f"{served.address}/desk/account/new/")
    page.fill("[name=name]", name)
    page.fill("[name=email]", email)
    page.select_option("[name=role]", role)
    page.fill("[name=new_password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.press("[name=again]", "Enter")
    page.wait_for_url("**/desk/account/details/**")
    sign_in(other, served, email)
