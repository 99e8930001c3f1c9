"""A table of another city, from its upload to the city's page, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from test_every_page_fits import faults
from visitors import Served, sign_up, visit

TABLE = """序号,事项,牵头单位,完成时限,进展,状态,佐证
1,新建公办幼儿园30所,市教育局,2020年12月底,已开工22所,搞得不错,https://example.org/hy/1
2,改造城镇老旧小区100个,市住建局,年底前,,,
"""

#: What holds for every row.
EVERY = {
    "code_prefix": "HY-2020-", "city": "430400", "city_zh": "衡阳", "city_en": "Hengyang",
    "document_publisher": "衡阳市人民政府", "document_date": "2020", "effective_on": "2020-06",
}  # fmt: skip


@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_a_table_is_uploaded_explained_previewed_and_written(
    browser: Browser, served: Served, tmp_path: Path, language: str, scheme: str
) -> None:
    visitor = visit(browser, language=language, color_scheme=scheme, reduced_motion="reduce")
    page, path = visitor.page, tmp_path / "hengyang.csv"
    path.write_text(TABLE, encoding="utf-8")
    sign_up(visitor, served)
    page.goto(f"{served.address}/desk/import/")
    page.set_input_files("[name=file]", path)
    page.click(".sheet button")
    page.wait_for_url("**/desk/import/read/?id=*")
    expect(page.get_by_role("alert")).to_be_visible()
    page.select_option("[name=column-0]", "code")
    for name, value in EVERY.items():
        page.fill(f"[name=every-{name}]", value)
    page.select_option("[name=status-0]", "in_progress")
    page.select_option("[name=quality-0]", "broad")
    with page.expect_navigation():
        page.click("button[value=preview]:not([tabindex])")
    assert faults(page, Axe()) == []
    expect(page.get_by_role("status")).to_be_visible()
    page.click("button[value=write]")
    page.wait_for_url("**/desk/commitment/")
    page.goto(f"{served.address}/cities/hengyang")
    expect(page.locator("main")).to_contain_text("新建公办幼儿园30所")
    assert visitor.complaints == []
