"""What somebody types at the desk is there again after a reload, and after the session has ended."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from visitors import PASSWORD, Served, sign_up, visit

RECORD = "/desk/commitment/record/?code=CZ-2020-01.1"
SUMMARY = "直播仍在举办，但没有销售额"


def typed(page: Page, served: Served) -> None:
    """A follow-up is typed and not sent."""
    page.goto(served.address + RECORD)
    page.select_option("[name=execution]", "in_progress")
    page.fill("[name=effective_on]", "2020-12-31")
    page.fill("[name=summary]", SUMMARY)
    page.wait_for_function("summary => Object.values(localStorage).some(kept => kept.includes(summary))", arg=SUMMARY)


def test_text_survives_a_reload_until_it_is_dropped(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    typed(page, served)
    page.reload()
    expect(page.locator("[name=summary]")).to_have_value(SUMMARY)
    page.get_by_role("button", name="不要，恢复原样").click()
    expect(page.locator("[name=summary]")).to_have_value("")
    page.reload()
    expect(page.locator("[name=summary]")).to_have_value("")


def test_text_survives_a_session_that_has_ended(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    typed(page, served)
    page.context.clear_cookies()
    page.get_by_role("button", name="记录", exact=True).first.click()
    expect(page.locator("main")).to_contain_text(SUMMARY)
    page.get_by_role("link", name="重新登录").click()
    page.fill("[name=email]", "li@example.org")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{RECORD}")
    expect(page.locator("[name=summary]")).to_have_value(SUMMARY)
    expect(page.locator("[name=execution]")).to_have_value("in_progress")


def test_what_was_taken_does_not_come_back(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    typed(page, served)
    page.locator("[name$=url]").first.fill("https://example.org/news/1")
    page.get_by_role("button", name="记录", exact=True).first.click()
    expect(page.locator("main")).to_contain_text(SUMMARY)
    # The page that says that it was taken drops the draft once it has come whole.
    page.wait_for_load_state()
    page.goto(served.address + RECORD)
    expect(page.locator("[name=summary]")).to_have_value("")
    assert visitor.complaints == []
