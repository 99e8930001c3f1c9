"""Pages, measured: by one client in turn on all ledgers, then by many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asked
import launched
from asked import Page, Scene
from clients import Answer, Client, Times, at_once, timed
from desk import analysts
from figures import Figure, Found
from launched import Server
from ledgers import Ledger

#: Seconds of work that a page is given: with one client, and with many at once.
_ENOUGH, _ENOUGH_AT_ONCE = 10, 15


class WrongAnswer(SystemExit):
    """A page showed something else than plain SQL finds. A fast wrong answer ends the run."""


@contextmanager
def served(ledgers: Sequence[Ledger]) -> Iterator[list[Scene]]:
    """Every ledger by the tracker and by the bare limit, all at the same time, so that they meet the same machine."""
    with ExitStack() as running:
        scenes = []
        for ledger in ledgers:
            cookie = analysts(ledger, 1)[0]
            server = running.enter_context(launched.tracker(ledger))
            scene = Scene(ledger, server, running.enter_context(launched.yardstick("bare", ledger)), cookie)
            scene.pages = asked.of(scene)
            scenes.append(scene)
        yield scenes


def measure(scenes: Sequence[Scene], found: Found, *, clients: Sequence[int], runs: int) -> None:
    """Every page of every ledger. Ends the program where an answer is wrong."""
    names = [page.name for page in scenes[0].pages]
    for name in names:
        these = [(scene, page) for scene in scenes for page in scene.pages if page.name == name]
        made = _in_turn(these, runs)
        for (scene, page), figure in zip(these, made, strict=True):
            for many in clients:
                if many > 1 and figure.value * many / 1000 < 4 * _ENOUGH_AT_ONCE:
                    figure.crowd[many] = _crowd(scene, page, many, figure.value, runs)
            found[scene.ledger.engine, scene.ledger.size][name] = figure
            print(_line(scene, name, figure), flush=True)
    for scene in scenes:
        key = scene.ledger.engine, scene.ledger.size
        found[key]["memory of the server, reading"] = Figure(scene.server.peak(), "MB", bare=scene.bare.peak())


def _in_turn(these: Sequence[tuple[Scene, Page]], runs: int) -> list[Figure]:
    """Each asks the tracker and then the bare limit; then the next ledger; and so round and round."""
    asking = [(_client(scene.server, scene, page), Client(scene.bare.port)) for scene, page in these]
    times = [(Times(), Times()) for _ in these]
    first = Times()
    for (scene, page), (client, bare) in zip(these, asking, strict=True):
        answer = timed(lambda client=client, page=page: client.get(page.path, **page.headers), first)
        _checked(scene, page, answer, page.fits)
        if page.bare:
            answer = bare.get(page.bare)
            _checked(scene, page, answer, page.bare_fits or (lambda _: ""))
    rounds = max(1, min(runs, int(_ENOUGH / sum(first.each))))
    for _ in range(rounds):
        for (_scene, page), (client, bare), (own, limit) in zip(these, asking, times, strict=True):
            timed(lambda client=client, page=page: client.get(page.path, **page.headers), own)
            if page.bare:
                timed(lambda bare=bare, page=page: bare.get(page.bare), limit)
    for client, bare in asking:
        client.close()
        bare.close()
    return [Figure(own.milliseconds(), bare=limit.milliseconds() if limit.each else None) for own, limit in times]


def _crowd(scene: Scene, page: Page, many: int, milliseconds: float, runs: int) -> tuple[float, float]:
    """Median milliseconds and answers a second with many clients at once."""
    each = max(1, min(runs // 3, int(1000 * _ENOUGH_AT_ONCE / (milliseconds * many))))

    def one(times: Times) -> None:
        client = _client(scene.server, scene, page)
        for _ in range(each):
            answer = timed(lambda: client.get(page.path, **page.headers), times)
            if answer.status not in {200, 304}:
                raise WrongAnswer(f"{page.name}: {answer.status} with {many} clients at once")
        _checked(scene, page, answer, page.fits)
        client.close()

    times = at_once([one] * many)
    return times.milliseconds(), times.rate()


def _client(server: Server, scene: Scene, page: Page) -> Client:
    return Client(server.port, scene.cookie if page.at_desk else "")


def _checked(scene: Scene, page: Page, answer: Answer, fits: object) -> None:
    wrong = fits(answer) if answer.status in {200, 304} else answer.status  # type: ignore[operator]
    if wrong:
        shown = scene.ledger.folder / "wrong.html"
        Path(shown).write_bytes(answer.body)
        raise WrongAnswer(f"{scene.ledger.engine} {scene.ledger.size:,}: {page.name} {page.path}: {wrong} ({shown})")


def _line(scene: Scene, name: str, figure: Figure) -> str:
    times = f"{figure.times:6.1f} × bare" if figure.times else ""
    crowd = " ".join(f"{many}: {ms:,.0f} ms {rate:,.0f}/s" for many, (ms, rate) in figure.crowd.items())
    return f"{scene.ledger.engine:10} {scene.ledger.size:9,} {name:42} {figure.value:9.1f} ms {times:14} {crowd}"
