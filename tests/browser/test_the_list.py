"""The desk's list in a real browser: filter, open, record in place."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from visitors import Served, sign_up, visit

CODE = "CZ-2020-01.1"


def test_a_follow_up_is_recorded_without_leaving_the_list(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/commitment/")
    page.locator("summary", has_text="城市").click()
    page.get_by_label("郴州", exact=True).check()
    page.locator("details[open] button").click()
    page.wait_for_url("**/desk/commitment/?city=431000")
    expect(page.locator(".chips")).to_contain_text("城市：郴州")

    title = page.locator(f"[id='row-{CODE}'] a[data-open]")
    title.click()
    opened = page.locator(f"[id='opened-{CODE}']")
    expect(opened.locator("mark")).to_contain_text("代言")
    expect(title).to_have_attribute("aria-expanded", "true")
    title.click()
    expect(opened).to_be_hidden()

    page.locator(f"[id='row-{CODE}'] a[data-record]").click()
    expect(opened.locator("[name=execution]")).to_be_focused()
    opened.locator("[name=execution]").select_option("in_progress")
    opened.locator("[name=summary]").fill("直播仍在举办")
    opened.locator("[name=evidence-0-url]").fill("https://example.org/news/1")
    opened.get_by_role("button", name="记录", exact=True).click()
    expect(opened.locator("[name=effective_on]")).to_be_focused()
    expect(opened.locator("[name=summary]")).to_have_value("直播仍在举办")
    opened.locator("[name=effective_on]").fill("2020-12-31")
    opened.get_by_role("button", name="记录", exact=True).click()

    expect(page.locator(f"[id='row-{CODE}'] .status")).to_have_text("推进中")
    expect(title).to_be_focused()
    expect(opened.locator(".history")).to_contain_text("直播仍在举办")
    assert page.url.endswith("?city=431000")
    # The browser itself notes the one answer that was refused.
    assert [said for said in visitor.complaints if "422" not in said] == []


def test_a_row_opens_and_records_without_a_script(browser: Browser, served: Served) -> None:
    visitor = visit(browser, java_script_enabled=False)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/commitment/?search=代言")
    page.locator(f"[id='row-{CODE}'] a[data-record]").click()
    opened = page.locator(f"[id='opened-{CODE}']")
    opened.locator("[name=execution]").select_option("in_progress")
    opened.locator("[name=effective_on]").fill("2020-12-31")
    opened.locator("[name=summary]").fill("直播仍在举办")
    opened.locator("[name=evidence-0-url]").fill("https://example.org/news/1")
    opened.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".notice.good")).to_have_text("已记录。")
    expect(opened.locator(".history")).to_contain_text("直播仍在举办")
