"""Two people edit one commitment: the second is told, sees both versions, and loses nothing."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from visitors import Served, sign_in, sign_up, visit

CODE = "CZ-2020-01.1"


def test_who_saves_second_sees_both_versions_and_chooses(browser: Browser, served: Served) -> None:
    first, second = visit(browser), visit(browser, width=390)
    sign_up(first, served)
    sign_in(second, served)
    for who in (first, second):
        who.page.goto(f"{served.address}/desk/commitment/details/?code={CODE}")
        who.page.get_by_role("link", name="编辑编码").click()
    first.page.fill("[name=title_zh]", "先到的标题")
    first.page.fill("[name=note_zh]", "先到的备注")
    first.page.get_by_role("button", name="保存").click()
    expect(first.page.locator("h1")).to_contain_text("先到的标题")

    page = second.page
    page.fill("[name=title_zh]", "后到的标题")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("李明")
    title = page.get_by_role("group", name="中文标题")
    expect(title.get_by_role("textbox")).to_have_value("后到的标题")
    expect(title).to_contain_text("先到的标题")
    expect(page.get_by_role("group", name="备注（中文）").get_by_label("用现存的")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="保存").first.click()
    expect(page.locator("h1")).to_contain_text("后到的标题")
    expect(page.locator("main")).to_contain_text("先到的备注")
    assert first.complaints == []
    assert [said for said in second.complaints if "409" not in said] == []
