"""Words of ledgers that are evidently generated: no city, person or page of these names exists.

Sentences are put together from a few dozen clauses, so that a search meets words that stand everywhere (项目),
in one row of ten (物流), and hardly anywhere (氢能).
"""

from __future__ import annotations

from random import Random

_VERBS = ("推进", "加快", "支持", "完善", "启动", "扩大", "落实", "改造", "规划", "保障", "引进", "优化")
_PLACES = ("高新区", "老城区", "沿江片区", "空港片区", "东部新区", "县域", "开发区", "综合保税区", "乡镇", "铁路沿线")
_OBJECTS = (
    "物流园区", "标准厂房", "污水处理厂", "职业学校", "农产品市场", "产业基金", "政务服务大厅", "重点企业用工",
    "科技孵化器", "文化旅游线路", "电子信息产业", "装备制造业", "融资担保", "出口退税办理", "老旧小区", "粮食仓储",
)  # fmt: skip
_AIMS = ("项目建设", "服务水平提升", "政策兑现", "配套设施完善", "招商签约", "改革试点", "项目落地见效", "规范管理")
_WAYS = (
    "建立专班逐项推进", "明确责任单位和完成时限", "每季度通报一次进展", "安排专项资金予以支持", "简化审批环节",
    "帮助企业解决实际困难", "组织银行与企业对接", "把任务分解到各县区", "按月调度重点项目", "公开办理结果接受监督",
    "对符合条件的企业给予补助", "做好用地和用能保障", "吸引更多社会资本参与", "形成可以推广的做法",
)  # fmt: skip

#: A way with its comma and the stop behind it.
_LONGEST_WAY = max(map(len, _WAYS)) + 2

#: One row in so many speaks of it: for a search that finds next to nothing.
_RARE, _ONE_IN = "氢能装备产业", 5_000


def city(number: int) -> dict[str, str]:
    """Names of a city: `测试市0001`."""
    return {"name_zh": f"测试市{number:04}", "name_en": f"Generated City {number:04}"}


#: How long titles and quotes are, in characters, both ends included.
TITLE, QUOTE = (12, 30), (40, 160)


def title(random: Random, *, plain: bool = False) -> str:
    """A title of 12 to 30 characters; a plain one is of 20 at most."""
    what = _RARE if random.randrange(_ONE_IN) == 0 else random.choice(_OBJECTS)
    words = random.choice(_VERBS) + random.choice(_PLACES) + what + random.choice(_AIMS)
    if random.random() < 0.3 and not plain:
        words += "并" + random.choice(_VERBS) + random.choice(_AIMS)
    return words


def sentence(random: Random, about: str, lead: str = "") -> str:
    """A sentence of 40 to 160 characters on what a title is about."""
    long = random.randint(QUOTE[0], QUOTE[1] - _LONGEST_WAY)
    words = lead + "我市将" + about
    while len(words) < long:
        words += "，" + random.choice(_WAYS)
    return words + "。"


def enumeration(random: Random, titles: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """A sentence of 40 to 160 characters that names up to five things, and where in it each stands (start, end)."""
    words, places = "下一步重点抓好以下几件事：", []
    for title_ in titles:
        places.append((len(words), len(words) + len(title_)))
        words += title_ + "、"
    words = words[:-1]
    while len(words) < QUOTE[0]:
        words += "，" + random.choice(_WAYS)
    return words + "。", places


def question(random: Random) -> str:
    """What was asked."""
    return f"测试提问：请介绍贵市在{random.choice(_OBJECTS)}方面有哪些打算？"
