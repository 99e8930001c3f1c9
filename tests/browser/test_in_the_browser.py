"""What a person does with the product, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from visitors import Served, sign_up, visit

CODE = "CZ-2020-01.1"

PAGES = ["/", "/cities/chenzhou", "/cities/jingzhou", "/sign-in"]

DESK = [
    "/desk/",
    "/desk/commitment/",
    f"/desk/commitment/details/?code={CODE}",
    f"/desk/commitment/record/?code={CODE}",
    "/desk/sourcedocument/",
    "/desk/policydocument/",
    "/desk/auditevent/",
    "/desk/account/",
]


def test_a_first_day_at_the_desk(browser: Browser, served: Served) -> None:
    """From the one-time link to a follow-up that readers see."""
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/commitment/?city=431000&search=代言")
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
    reader.page.goto(f"{served.address}/cities/chenzhou#{CODE}")
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
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_fits_the_screen_and_the_browser_has_no_complaint(
    browser: Browser, served: Served, language: str, width: int
) -> None:
    visitor = visit(browser, language=language, width=width)
    seen = [(path, visitor) for path in PAGES]
    desk = visit(browser, language=language, width=width)
    sign_up(desk, served)
    for path, who in [*seen, *((path, desk) for path in DESK)]:
        answer = who.page.goto(served.address + path)
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        assert who.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert who.page.locator("h1").count() == 1, path
        assert who.page.locator("html").get_attribute("lang") == ("zh-Hans" if language == "zh-CN" else "en")
    assert visitor.complaints == desk.complaints == []


def test_no_interface_word_is_left_in_the_other_language(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    sign_up(visitor, served)
    for path in [*DESK, *PAGES[:3]]:
        visitor.page.goto(served.address + path)
        labels = visitor.page.locator("label, th, button, h1, h2, legend, nav a").all_inner_texts()
        english = [
            text for text in labels if re.fullmatch(r"[A-Za-z ]{4,}", text.strip()) and text.strip() != "English"
        ]
        assert english == [], path


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_list_shows_its_record_buttons_without_scrolling_sideways(
    browser: Browser, served: Served, language: str
) -> None:
    visitor = visit(browser, language=language)
    sign_up(visitor, served)
    visitor.page.goto(f"{served.address}/desk/commitment/")
    hidden = visitor.page.evaluate("(box => box.scrollWidth - box.clientWidth)(document.querySelector('.scroll'))")
    assert hidden == 0
