"""Many follow-ups at once, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from visitors import Served, sign_up, visit

HEADINGS = "编号\t执行状态\t状态生效日\t核查结论\t依据网址\t报道内容"
ROWS = [
    "CZ-2020-01.1\t推进中\t2020-12-31\t直播仍在举办\thttps://example.org/news/1\t统计",
    "CZ-2020-21.4\t推进中\t2020/12/31\t园区已动工\thttps://example.org/news/2\t宣布",
    'JZ-2020-21.2\t已完成\t2020年12月31日\t"贷款已发放\n（两行）"\thttps://example.org/news/1\t交付',
]


def test_three_rows_are_pasted_one_is_refused_mended_and_all_are_written(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    page.get_by_role("link", name="批量记录").click()
    page.get_by_role("link", name="从表格粘贴").click()
    page.fill("[name=text]", "\n".join([HEADINGS, *ROWS]))
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("3 行中有 1 行不合规则")
    expect(page.locator("#row-3")).to_contain_text("仅有宣布不算进展")
    expect(page.get_by_role("button", name="写入全部")).to_have_count(0)
    page.fill("[name=text]", page.input_value("[name=text]").replace("宣布", "开工"))
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("status")).to_contain_text("还没有写入")
    page.get_by_role("button", name="写入全部 3 条").click()
    page.wait_for_url("**/desk/commitment/")
    expect(page.locator(".notice.good")).to_contain_text("已记录 3 条跟踪")
    page.goto(f"{served.address}/desk/commitment/details/?code=JZ-2020-21.2")
    expect(page.locator("main")).to_contain_text("贷款已发放")


def test_enter_previews_and_a_typed_finding_survives_to_be_written(browser: Browser, served: Served) -> None:
    visitor = visit(browser, language="en-GB", width=390)
    page = visitor.page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/bulk/?code=CZ-2020-01.1&code=CZ-2020-21.4")
    page.select_option("[name=execution]", "in_progress")
    page.fill("[name=effective_on]", "2020-12-31")
    page.fill("[name=summary]", "  年底仍在办理\n第二句 ")
    page.select_option("[name=evidence-0-reports]", "statistics")
    page.fill("[name=evidence-0-url]", "https://example.org/news/1")
    page.press("[name=evidence-0-url]", "Enter")
    expect(page.locator("#row-2")).to_contain_text("CZ-2020-21.4")
    # On a preview, Enter shows another preview: it never writes.
    with page.expect_navigation():
        page.press("[name=evidence-0-url]", "Enter")
    expect(page.get_by_role("status")).to_contain_text("Nothing is written yet")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Write all 2").click()
    expect(page.locator(".notice.good")).to_contain_text("2 follow-ups recorded.")
    assert visitor.complaints == []


def test_ticked_rows_are_not_overwritten_by_what_was_typed_before(browser: Browser, served: Served) -> None:
    page = (visitor := visit(browser)).page
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/bulk/")
    page.fill("[name=codes]", "JZ-2020-21.2")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("还不能预览")
    page.goto(f"{served.address}/desk/bulk/")
    expect(page.locator("[name=codes]")).to_have_value("JZ-2020-21.2")
    page.goto(f"{served.address}/desk/bulk/?code=CZ-2020-01.1")
    expect(page.locator("[name=codes]")).to_have_value("CZ-2020-01.1")


def test_what_is_typed_for_ticked_rows_is_kept_for_just_these(browser: Browser, served: Served) -> None:
    page = (visitor := visit(browser)).page
    sign_up(visitor, served)
    ticked = f"{served.address}/desk/bulk/?code=CZ-2020-01.1&code=CZ-2020-21.4"
    page.goto(ticked)
    page.fill("[name=summary]", "年底仍在办理")
    page.wait_for_function("() => Object.values(localStorage).some(kept => kept.includes('年底仍在办理'))")
    page.reload()
    expect(page.locator("[name=summary]")).to_have_value("年底仍在办理")
    expect(page.locator("[name=codes]")).to_have_value("CZ-2020-01.1\nCZ-2020-21.4")
    for other in ("", "?code=CZ-2020-01.1"):
        page.goto(f"{served.address}/desk/bulk/{other}")
        expect(page.locator("[name=summary]")).to_have_value("")
    page.goto(ticked)
    page.get_by_role("button", name="预览").first.click()
    expect(page.get_by_role("alert")).to_contain_text("还不能预览")
    expect(page.locator("[name=summary]")).to_have_value("年底仍在办理")
    expect(page.get_by_role("button", name="不要，恢复原样")).to_have_count(0)
    assert [said for said in visitor.complaints if "422" not in said] == []
