"""An address of every page, so that what holds for all pages is tried on all of them."""

from __future__ import annotations

from tracker import api
from tracker.questions import QUESTIONS

#: Commitments that show most: judged with evidence, with figures and measurements, a head, one that nobody judged.
CODES = ("CZ-2020-01.1", "JZ-2020-21.2", "CZ-2020-05")

#: What anybody may read.
PAGES = {
    "pages.front": ["/"],
    "pages.city": ["/cities/chenzhou", "/cities/jingzhou", "/cities/chenzhou?search=园区&status=in_progress"],
    "pages.city_charts": ["/cities/chenzhou/charts", "/cities/jingzhou/charts?as_of=2021-01-31"],
    "pages.city_report": ["/cities/chenzhou/report", "/cities/jingzhou/report?as_of=2021-01-31"],
    "pages.commitment": [f"/commitments/{code}" for code in CODES],
    "pages.commitments": [
        "/commitments",
        "/commitments?search=园区&timeliness=overdue",
        "/commitments?unit=guiyang-county&deadline=event_date&tense=claimed_done&disputed=0",
        "/commitments?as_of=2021-01-31",
    ],
    "pages.kind": ["/kinds/investment_priority"],
    "pages.sector": ["/sectors/big-data"],
    "pages.term": ["/terms/policy-area/employment"],
    "pages.method": ["/method"],
    "pages.codebook": ["/codebook"],
    "pages.data": ["/data", "/data?as_of=2021-01-31"],
    "pages.integrity": ["/integrity"],
    "pages.document": ["/documents/chenzhou-2020", "/documents/jingzhou-2020"],
    "api.reference": ["/api/v1/"],
    "security.login": ["/sign-in"],
    "first_account.make": ["/setup/key"],
}

#: What somebody at the desk works with.
DESK = {
    "security.confirm": ["/confirm?next=/desk/account/"],
    "me.index": ["/desk/me/"],
    "me.password": ["/desk/me/password/"],
    "me.app": ["/desk/me/app/"],
    "me.passkey": ["/desk/me/passkey/"],
    "token.index": ["/desk/me/token/"],
    "admin.index": ["/desk/"],
    "commitment.index_view": [
        "/desk/commitment/",
        "/desk/commitment/?city=431000&status=in_progress",
        f"/desk/commitment/?search=代言&open={CODES[0]}",
    ],
    "saved.index": ["/desk/saved/"],
    "commitment.details_view": [f"/desk/commitment/details/?code={code}" for code in CODES],
    "commitment.edit_view": ["/desk/commitment/edit/?id=1"],
    "commitment.record_view": [f"/desk/commitment/record/?code={CODES[0]}"],
    "calendar.index": ["/desk/calendar/", "/desk/calendar/?month=2020-12"],
    "comments.index": ["/desk/comments/"],
    "comments.of": [f"/desk/comments/of/?code={CODES[0]}"],
    "coding.index_view": ["/desk/coding/"],
    "coding.draw_view": ["/desk/coding/draw/"],
    "questions.index": ["/desk/questions/"],
    "account.index_view": ["/desk/account/"],
    "account.create_view": ["/desk/account/new/"],
    "account.edit_view": ["/desk/account/edit/?id=1"],
}
DESK |= {
    f"{table}.{route}_view": [f"/desk/{table}/{address}"]
    for table, routes in {
        "jurisdiction": "index details create edit",
        "person": "index details create edit",
        "post": "index details create edit",
        "postholding": "index details create edit",
        "organisation": "index details create edit",
        "vocabulary": "index details create edit",
        "term": "index details create edit",
        "policydocument": "index details create edit",
        "obstacle": "index details create edit close",
        "sourcedocument": "index details",
        "statedfigure": "index details",
        "statusassessment": "index details",
        "evidence": "index details",
        "searchlog": "index details",
        "auditevent": "index details",
        "account": "details",
    }.items()
    for route, address in {
        "index": "",
        "details": "details/?id=1",
        "create": "new/",
        "edit": "edit/?id=1",
        "close": "close/?id=1",
    }.items()
    if route in routes.split()
}
DESK |= {
    "auditevent.take_back_view": ["/desk/auditevent/take-back/?id=1"],
    "auditevent.bring_back_view": ["/desk/auditevent/bring-back/?id=1"],
    "follow.review": ["/desk/follow/review/?id=1"],
    "follow.measure": ["/desk/follow/measure/?id=1"],
    "follow.deadline": ["/desk/follow/deadline/?id=1"],
    "follow.milestone": ["/desk/follow/milestone/?id=1"],
    "follow.reach": ["/desk/follow/reach/?id=1"],
    "follow.archive": ["/desk/follow/archive/?id=1"],
    "bulk.index": ["/desk/bulk/", f"/desk/bulk/?code={CODES[0]}"],
    "bulk.sheet_view": ["/desk/bulk/sheet/"],
    "importing.index": ["/desk/import/"],
    "importing.read_view": ["/desk/import/read/?id=1"],
    "coding.round_view": ["/desk/coding/round/?id=1"],
    "coding.code_view": ["/desk/coding/code/?id=2"],
    "coding.adjudicate_view": ["/desk/coding/adjudicate/?item=2"],
    "questions.question_view": [f"/desk/questions/{name}" for name in QUESTIONS if name != "sector"],
    "questions.duban_view": ["/desk/questions/duban?city=431000"],
}

#: What is opened and is no page: files, lookups, ways on.
NO_PAGES = {
    "security.factor",
    "pages.chart", "pages.checkpoint", "pages.data_file", "static", "evidence.copy_view", "commitment.row_view",
    "probes.alive", "probes.ready", "probes.metrics",
    "api.document_of_all", *(f"api.{one.name}" for one in api.OPERATIONS if one.is_read),
}  # fmt: skip
