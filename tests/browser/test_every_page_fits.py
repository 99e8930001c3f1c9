"""What holds for every page in a real browser: it fits, it can be used by everybody, and nothing is complained of."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from addresses import DESK, PAGES
from visitors import Served, Visitor, sign_up, visit

#: What WCAG 2.2 AA asks for and axe can see.
_ASKED = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}

#: What a fresh ledger has no row for.
_EMPTY = {"coding.round_view", "coding.code_view", "coding.adjudicate_view", "follow.reach", "obstacle.close_view",
          "obstacle.details_view", "obstacle.edit_view", "first_account.make", "importing.read_view"}  # fmt: skip


def addresses(listed: dict[str, list[str]]) -> list[str]:
    return [address for endpoint, found in listed.items() if endpoint not in _EMPTY for address in found]


def every_page(reader: Visitor, desk: Visitor, served: Served) -> list[tuple[str, Page]]:
    """Each address with the page that opens it."""
    sign_up(desk, served)
    return [(a, reader.page) for a in addresses(PAGES)] + [(a, desk.page) for a in addresses(DESK)]


def faults(page: Page, axe: Axe) -> list[tuple[str, str]]:
    """What is wrong with the page that is open: wider than the screen, without its one heading, or barred to some."""
    found = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(("wider than", str(width)))
    if page.locator("h1").count() != 1:
        found.append(("h1", str(page.locator("h1").count())))
    violations = axe.run(page, options=_ASKED).response["violations"]
    grave = [fault for fault in violations if fault["impact"] in {"serious", "critical"}]
    return found + [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in grave]


@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_page_fits_axe_finds_nothing_serious_and_the_browser_has_no_complaint_under_the_strict_policy(
    browser: Browser, served: Served, language: str, scheme: str
) -> None:
    given = {"language": language, "color_scheme": scheme, "reduced_motion": "reduce"}
    reader, desk = visit(browser, **given), visit(browser, **given)
    found, axe = {}, Axe()
    for address, page in every_page(reader, desk, served):
        answer = page.goto(served.address + address)
        assert answer is not None
        assert (address, answer.status) == (address, 200)
        # The 督办单 is a Chinese form, whoever prints it.
        spoken = "en" if language == "en-GB" and "duban" not in address else "zh-Hans"
        assert (address, page.locator("html").get_attribute("lang")) == (address, spoken)
        assert reader.complaints == desk.complaints == [], address
        if wrong := faults(page, axe):
            found[address] = wrong
        # What axe itself tries under the policy is no complaint of the page.
        reader.complaints.clear()
        desk.complaints.clear()
    assert found == {}
