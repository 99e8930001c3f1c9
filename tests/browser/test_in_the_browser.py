"""What a person does with the product, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from visitors import Served, sign_up, visit

CODE = "CZ-2020-01.1"


def test_a_first_day_at_the_desk(browser: Browser, unboxed: Served) -> None:
    """From the one-time link to a follow-up that readers see."""
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, unboxed)
    page.goto(f"{unboxed.address}/desk/commitment/?city=431000&search=代言")
    page.get_by_role("link", name=CODE, exact=True).click()
    page.get_by_role("link", name="记录跟踪").click()
    page.select_option("[name=execution]", "in_progress")
    page.fill("[name=effective_on]", "2020-12-31")
    page.fill("[name=summary]", "直播仍在举办")
    page.locator("[name$=url]").first.fill("https://example.org/news/1")
    page.get_by_role("button", name="记录").click()
    expect(page.locator("main")).to_contain_text("直播仍在举办")
    expect(page.locator("main")).to_contain_text("推进中")
    reader = visit(browser)
    reader.page.goto(f"{unboxed.address}/cities/chenzhou#{CODE}")
    expect(reader.page.locator(f"[id='{CODE}']")).to_contain_text("推进中")
    assert visitor.complaints == reader.complaints == []


def test_a_refused_follow_up_keeps_what_was_typed(browser: Browser, served: Served) -> None:
    visitor = visit(browser, language="en-GB")
    page = visitor.page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/commitment/record/?code={CODE}")
    page.select_option("[name=execution]", "completed")
    page.fill("[name=effective_on]", "2020-12-31")
    page.fill("[name=summary]", "Said to be done")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("main")).to_contain_text("rests on evidence")
    expect(page.locator("[name=summary]")).to_have_value("Said to be done")


def test_the_one_time_link_works_once(browser: Browser, served: Served) -> None:
    sign_up(visit(browser), served)
    later = visit(browser).page
    answer = later.goto(served.setup)
    assert answer is not None
    assert answer.status == 404


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_list_shows_its_record_buttons_without_scrolling_sideways(
    browser: Browser, served: Served, language: str
) -> None:
    visitor = visit(browser, language=language)
    sign_up(visitor, served)
    visitor.page.goto(f"{served.address}/desk/commitment/")
    hidden = visitor.page.evaluate("(box => box.scrollWidth - box.clientWidth)(document.querySelector('.scroll'))")
    assert hidden == 0
