"""The command that proves: the ledger by itself, against what somebody has kept, and a file that was exported."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracker import db
from tracker.cli.signing import own_key
from tracker.events import Event, say

#: Largest answer that is taken for a checkpoint, in bytes, and seconds that it may take.
_LARGEST, _PATIENCE = 1 << 20, 10


@click.command()
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="FILE|URL",
    help="以保存在外的检查点或记录链对照 / Compare with a checkpoint, or a log, that was kept elsewhere.",
)
@click.option(
    "--export",
    "exported",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="核对导出文件与其 .checkpoint / Prove a file that was exported, by the .checkpoint beside it.",
)
@click.option(
    "--key", "public", default="", help="签名者的公钥，见 /integrity 页 / Public key of who signed, as on /integrity."
)
@click.pass_context
def verify(context: click.Context, anchors: tuple[str, ...], exported: Path | None, public: str) -> None:
    """核验全库 / Prove that the ledger is whole; exit 1 where it is not."""
    engine = db.connect(context.obj)
    if exported:
        faults = of_file(engine, exported, public)
        click.echo(f"{'✗' if faults else '✓'} {exported}")
        for fault in faults:
            click.echo(f"    {fault}")
    else:
        faults = _of_ledger(engine, [(place, _text(place)) for place in anchors], public)
    if faults:
        context.exit(1)


def _of_ledger(engine: Engine, kept: list[tuple[str, str]], public: str) -> list[str]:
    from tracker import health  # noqa: PLC0415 - only a proof is remembered
    from tracker.verification import first_misfit  # noqa: PLC0415
    from tracker.verification import verify as prove  # noqa: PLC0415

    found: list[str] = []
    with db.reading(engine) as session:
        for check in prove(session):
            found += _told(f"{check.zh} / {check.en} ({check.count})", check.faults)
        misfits = []
        for place, text in kept:
            unsigned, other = _compared(session, engine, text, public)
            found += _told(f"与保存的检查点相符 / It is what was kept in {place}", [*unsigned, *map(str, other)])
            misfits += other
        if kept and found and (first := first_misfit(session, *misfits)):
            click.echo(f"最早不符之处 / The first that does not fit: {first}")
    health.remember_verification(engine, len(found), found[0] if found else "")
    say(Event.VERIFIED, what=db.place(engine), faults=len(found))
    return found


def _told(what: str, faults: Any) -> list[str]:
    click.echo(f"{'✗' if faults else '✓'} {what}")
    for fault in faults:
        click.echo(f"    {fault}")
    return list(faults)


def _compared(session: Session, engine: Engine, text: str, public: str) -> tuple[list[str], list[Any]]:
    """What is wrong with the signature of what was kept, and where the chain is not what it says."""
    from tracker import checkpoints  # noqa: PLC0415 - a ledger is proved without them

    try:
        anchors = checkpoints.read(text)
        # A log is compared by its hashes alone.
        if any(anchor.origin for anchor in anchors):
            checkpoints.read(text, public or _own(session, engine))
        unsigned = []
    except checkpoints.WrongSignature as error:
        unsigned = [str(error)]
    except checkpoints.NoCheckpoint as error:
        raise click.UsageError(str(error)) from error
    return unsigned, checkpoints.compare(session, anchors)


def _own(session: Session, engine: Engine) -> str:
    from tracker import checkpoints  # noqa: PLC0415

    key = own_key(engine, make=False)
    if key is None:
        raise click.UsageError("本机没有签名密钥 / no key signs here: give the public key with --key")
    return checkpoints.public_key(session, key)


def of_file(engine: Engine, file: Path, public: str) -> list[str]:
    """What is wrong with a file that was exported, by the checkpoint beside it. Raises `UsageError` where none is."""
    from tracker import checkpoints  # noqa: PLC0415

    beside = file.with_name(f"{file.name}.checkpoint")
    if not beside.is_file():
        raise click.UsageError(f"旁边没有 / there is no {beside} beside it")
    text = _text(str(beside))
    faults = list(_differing(file, text))
    if public:
        try:
            checkpoints.read(text, public)
        except checkpoints.WrongSignature as error:
            faults.append(str(error))
        except checkpoints.NoCheckpoint as error:
            raise click.UsageError(str(error)) from error
        return faults
    with db.reading(engine) as session:
        unsigned, misfits = _compared(session, engine, text, public)
    return [*faults, *unsigned, *map(str, misfits)]


def _differing(file: Path, text: str) -> Iterator[str]:
    from tracker import checkpoints  # noqa: PLC0415

    try:
        said = checkpoints.read(text)[0].said.get("file", "")
    except checkpoints.NoCheckpoint as error:
        raise click.UsageError(str(error)) from error
    if not said:
        raise click.UsageError("检查点没有写明文件 / the checkpoint names no file: it is of the chain alone")
    if said.split(" ")[0] != checkpoints.digest(file):
        yield "文件与导出时不同 / the file is not what was exported: its SHA-256 is another"
    elif file.name == "datapackage.json":
        from tracker import datasets  # noqa: PLC0415

        yield from datasets.damaged(file.parent)


class _NoDetour(urllib.request.HTTPRedirectHandler):
    """An address answers itself: nobody is sent on, least of all to a place that is no web address."""

    def redirect_request(self, *_asked: Any) -> None:
        return None


def _text(place: str) -> str:
    """What stands in a file or at a web address; of the manifest of a backup, its checkpoint."""
    if "://" not in place:
        text = Path(place).read_text(encoding="utf-8", errors="replace")
        try:
            return str(json.loads(text)["checkpoint"])
        except (ValueError, KeyError, TypeError):
            return text
    if not place.lower().startswith(("http://", "https://")):
        raise click.UsageError(f"{place}: 只用 http 或 https 地址 / give a file, or an address of http or https")
    try:
        opener = urllib.request.build_opener(_NoDetour)
        with opener.open(place, timeout=_PATIENCE) as answer:
            said: bytes = answer.read(_LARGEST + 1)
    except (urllib.error.URLError, HTTPException, ValueError, OSError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise click.UsageError(f"{place}: 取不到 / cannot be fetched: {error}") from error
    if len(said) > _LARGEST:
        raise click.UsageError(f"{place}: 太大，不是检查点 / is too large for a checkpoint")
    return said.decode("utf-8", errors="replace")


COMMANDS = (verify,)
