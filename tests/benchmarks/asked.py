"""The pages that are measured: where they are, what they have to show, and what the bare limit is asked instead."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin

import truth
from clients import Answer, Client
from launched import Server
from ledgers import Ledger

CODE = r"T\d{5}-\d{4}-\d\d(?:\.\d+)?"

#: What counts all cities, and where. The tracker keeps its answer until the ledger changes.
SUMMARY, FRONT = "summary of all cities by status", "front page as data, by kind and status"
SUMMARIES = {SUMMARY: "/api/v1/summaries?by=status", FRONT: "/?format=json"}

#: Where pages name the commitments that were asked for; a readers' list also shows the heads of those.
_LISTED = re.compile(rf'<article class="commitment" id="({CODE})"')
_ROWS = re.compile(rf'<tr\b[^>]*\bid="row-({CODE})"')
_BARE = re.compile(rf'<tr id="({CODE})"')
_TITLED = re.compile(rf'<h1><span class="code">({CODE})')

_PAGER = re.compile(r'<nav class="pager".*?</nav>', re.DOTALL)
_LINK = re.compile(r'<a\b([^>]*)\bhref="([^"]*)"([^>]*)>')

#: Rows of a page.
_PAGE = 50

#: Pages that are turned at most to come far down, where no link leads there at once.
_STEPS = 60

#: A day long before the last thing that was written down.
PAST = "2019-12-31"

FREQUENT, RARE = "物流", "氢能"


@dataclass
class Scene:
    """A ledger that is served by the tracker and, beside it, by the bare limit."""

    ledger: Ledger
    server: Server
    bare: Server
    #: of an analyst who is signed in
    cookie: str
    pages: list[Page] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """A page that is measured. `fits` says what is wrong with an answer; empty where nothing is."""

    name: str
    path: str
    fits: Callable[[Answer], str]
    #: what the bare limit is asked
    bare: str = ""
    #: what that has to show
    bare_fits: Callable[[Answer], str] | None = None
    at_desk: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def of(scene: Scene) -> list[Page]:
    """The pages of a ledger: the same, in the same order, for each of them."""
    return [*_readers(scene), *_desk(scene)]


def _readers(scene: Scene) -> list[Page]:
    ledger, big, small = scene.ledger, scene.ledger.codes[0], scene.ledger.codes[-1]
    here, there = "/cities/generated-0001", f"/cities/generated-{len(ledger.codes):04}"
    whole = truth.of_city(ledger, big)

    def listed(name: str, path: str, codes: Sequence[str], bare: str = "", proposed: Sequence[str] = ()) -> Page:
        shown = proposed or codes[:_PAGE]
        return Page(name, path, shows(codes[:_PAGE], _LISTED), bare, shows(shown, _BARE) if bare else None)

    city = f"/city?of={big}"
    kind, done = "investment_priority", "completed"
    found = [
        listed("list of a city, the smallest", there, truth.of_city(ledger, small), f"/city?of={small}"),
        listed("list of a city, the largest", here, whole, city),
        listed("list of a city, one kind", f"{here}?kind={kind}", truth.of_city(ledger, big, kind=kind), city, whole[:_PAGE]),
        listed("list of a city, one status", f"{here}?status={done}", truth.standing_so(ledger, big, done), city, whole[:_PAGE]),
        _deep(scene, "list of a city, deep page", here, whole, city),
        listed("list of a city, as of 2019", f"{here}?as_of={PAST}", whole, city),
        listed("list of a city, as of 2019, one status", f"{here}?as_of={PAST}&status={done}",
               truth.standing_so(ledger, big, done, as_of=PAST), city, whole[:_PAGE]),
        *_kept(scene, "list of a city, again with its ETag", here),
        listed("list of all cities", "/commitments", truth.every(ledger, _PAGE)),
    ]  # fmt: skip
    for called, word in (("frequent", FREQUENT), ("rare", RARE)):
        holding, asked = truth.holding(ledger, word, _PAGE), quote(word)
        found.append(listed(f"search, a {called} word", f"/commitments?search={asked}", holding, f"/search?of={asked}"))
    one = _followed(ledger)
    found.append(Page("a commitment with its history", f"/commitments/{one}", shows([one], _TITLED),
                      f"/commitment?of={one}", shows([one], _BARE)))  # fmt: skip
    counts = truth.summary(ledger)
    return [
        *found,
        Page(SUMMARY, SUMMARIES[SUMMARY], lambda answer: _by_status(answer, counts)),
        Page(FRONT, SUMMARIES[FRONT], lambda answer: _by_kind(answer, counts)),
    ]  # fmt: skip


def _desk(scene: Scene) -> list[Page]:
    ledger, big = scene.ledger, scene.ledger.codes[0]
    desk, done = "/desk/commitment/", "completed"
    whole, all_of_them = truth.of_city(ledger, big), truth.every(ledger, _PAGE)

    def listed(name: str, said: str, codes: Sequence[str], bare: str) -> Page:
        return Page(name, f"{desk}{said}", shows(codes[:_PAGE], _ROWS), bare, at_desk=True)

    one = _followed(ledger)
    number = ledger.value("SELECT id FROM commitment WHERE code = ?", one)
    title = str(ledger.value("SELECT title_zh FROM commitment WHERE code = ?", one))
    city, asked = f"/city?of={big}", quote(FREQUENT)

    def form(answer: Answer) -> str:
        return "" if title in answer.text and "csrf_token" in answer.hidden() else "not the form"

    return [
        listed("desk list, all cities", "", all_of_them, city),
        listed("desk list, the largest city", f"?city={big}", whole, city),
        listed("desk list, one status of a city", f"?city={big}&status={done}",
               truth.standing_so(ledger, big, done), city),
        _deep(scene, "desk list, deep page", f"{desk}?city={big}", whole, city, at_desk=True),
        listed("desk list, as of 2019", f"?city={big}&as_of={PAST}", whole, city),
        listed("search at the desk, a frequent word", f"?search={asked}",
               truth.holding(ledger, FREQUENT, _PAGE), f"/search?of={asked}"),
        Page("form of a follow-up", f"{desk}record/?code={one}", form, at_desk=True),
        Page("form of the coding", f"{desk}edit/?id={number}", form, at_desk=True),
    ]  # fmt: skip


def shows(codes: Sequence[str], where: re.Pattern[str]) -> Callable[[Answer], str]:
    """Whether an answer names exactly these codes, in this order."""

    def fits(answer: Answer) -> str:
        found = where.findall(answer.text)
        wrong = sorted(set(found) ^ set(codes))[:5]
        return "" if found == list(codes) else f"{len(codes)} expected, {len(found)} shown; {wrong or 'another order'}"

    return fits


def _deep(scene: Scene, name: str, path: str, whole: list[str], bare: str, *, at_desk: bool = False) -> Page:
    """The page as far down as the links of the pages lead, one before the last so that it is a full one."""
    client, where = Client(scene.server.port, scene.cookie if at_desk else ""), _ROWS if at_desk else _LISTED
    there = path
    links = _links(path, client.get(path).text)
    if "last" in links and links["last"] != links["next"]:
        there = _links(links["last"], client.get(links["last"]).text)["prev"]
    else:
        for _ in range(min(_STEPS, len(whole) // (2 * _PAGE))):
            there = _links(there, client.get(there).text)["next"]
    client.close()

    def fits(answer: Answer) -> str:
        found = where.findall(answer.text)
        first = whole.index(found[0]) if found and found[0] in whole else 0
        return "" if first >= _PAGE and found == whole[first : first + len(found)] else f"not a later page: {found[:3]}"

    return Page(name, there, fits, bare, at_desk=at_desk)


def _links(page: str, text: str) -> dict[str, str]:
    """Where the pager of a page leads: `next`, `prev` and `last`; the last is the one with the largest number."""
    found, numbered = {}, {}
    for before, link, after in (match for nav in _PAGER.findall(text) for match in _LINK.findall(nav)):
        address = urljoin(page, html.unescape(link))
        for word in re.findall(r'\brel="([^"]*)"', before + after):
            found[word] = address
        number = re.search(r"[?&]page=(\d+)", address)
        if number:
            numbered[int(number[1])] = address
    if numbered:
        found.setdefault("last", numbered[max(numbered)])
    return found


def whole(scene: Scene, number: int) -> list[str]:
    """Codes of the city with that number, as plain SQL finds them."""
    return truth.of_city(scene.ledger, scene.ledger.codes[number - 1])


def walked(server: Server, path: str) -> list[str]:
    """The codes of a readers' list page by page, as its links lead."""
    client, found = Client(server.port), list[str]()
    there: str | None = path
    while there:
        answer = client.get(there)
        found += _LISTED.findall(answer.text)
        there = _links(there, answer.text).get("next")
    client.close()
    return found


def _kept(scene: Scene, name: str, path: str) -> list[Page]:
    """The same page by whoever has it already; nothing where it bears no mark."""
    client = Client(scene.server.port)
    mark = client.get(path).headers.get("etag")
    client.close()
    if mark is None:
        return []
    return [Page(name, path, lambda answer: "" if answer.status == 304 else f"{answer.status}",
                 headers={"If-None-Match": mark})]  # fmt: skip


def _followed(ledger: Ledger) -> str:
    """Code of a commitment of the largest city with a long history."""
    return str(ledger.value(
        "SELECT c.code FROM commitment c WHERE c.jurisdiction_id = 2 AND"
        " (SELECT count(*) FROM status_assessment a WHERE a.commitment_id = c.id) >= 8"
        " ORDER BY c.document_id, c.position LIMIT 1"
    ))  # fmt: skip


def _by_status(answer: Answer, counts: dict[tuple[str, str], int]) -> str:
    rows = json.loads(answer.text)["items"]
    found = {(row["city_code"], row["value"]): row["count"] for row in rows}
    return "" if found == counts else f"{len(found)} counts that are not those of plain SQL ({len(counts)})"


def _by_kind(answer: Answer, counts: dict[tuple[str, str], int]) -> str:
    found: dict[tuple[str, str], int] = {}
    for row in json.loads(answer.text)["rows"]:
        key = row["city_code"], row["execution"]
        found[key] = found.get(key, 0) + row["number"]
    return "" if found == counts else "counts that are not those of plain SQL"
