"""A day at the desk without a mouse: move, open, record, send, next; and a word to a colleague in either language."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from visitors import Served, sign_up, visit

LIST = "/desk/commitment/?city=431000&search=代言"


def test_a_follow_up_is_recorded_from_the_list_by_keyboard_alone(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(served.address + LIST)
    for key in ("j", "j", "r"):
        page.keyboard.press(key)
    expect(page.locator("tr.opened [name=execution]")).to_be_focused()
    page.locator("tr.opened [name=execution]").select_option("in_progress")
    page.locator("tr.opened [name=effective_on]").fill("2020-12-31")
    page.locator("tr.opened [name=summary]").fill("直播仍在举办")
    page.locator("tr.opened [name$=url]").first.fill("https://example.org/news/1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr.row", has_text="CZ-2020-01.1")).to_contain_text("推进中")
    assert visitor.complaints == []


def test_the_list_of_keys_opens_and_single_keys_can_be_switched_off(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(served.address + LIST)
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="启用单键快捷键").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("tr.at")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_comment_calls_on_a_colleague_and_the_desk_changes_its_language(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/commitment/details/?code=CZ-2020-01.1")
    page.fill("[name=text]", "@李明 请再查一次直播的日期")
    page.get_by_role("button", name="发表").click()
    expect(page.locator("main")).to_contain_text("请再查一次直播的日期")
    page.get_by_role("link", name="English").click()
    page.goto(f"{served.address}/desk/comments/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main")).to_contain_text("请再查一次直播的日期")
