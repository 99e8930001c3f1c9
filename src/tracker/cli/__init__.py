"""The command line. A command commits once, or not at all; a mistake gets one line and exit code 2."""

from __future__ import annotations

import atexit
import gc
import getpass
import io
import sys
from collections import UserDict
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

import click
from sqlalchemy.exc import SQLAlchemyError

from tracker import config, db, events
from tracker.backups import BackupRefused
from tracker.config import WrongSetting
from tracker.crosswalk import UnknownScheme
from tracker.db import DatabaseNotReady
from tracker.keys import UnsafeKey
from tracker.rules import RuleBroken

#: What a person can set right: told in one line.
_MISTAKES = (BackupRefused, DatabaseNotReady, RuleBroken, UnknownScheme, UnsafeKey, WrongSetting, OSError)

#: Module → the commands it has. A module is loaded when one of its commands is wanted: all take 0.1 s.
_PARTS = {
    "accounts": ("user",),
    "coding": ("coding",),
    "databases": ("db",),
    "exporting": ("export",),
    "importing": ("import",),
    "ledger": ("show", "summary", "coverage"),
    "listing": ("list",),
    "lists": ("policies", "obstacle"),
    "proving": ("verify",),
    "questions": ("ask", "duban"),
    "recording": ("record", "review", "measure", "archive"),
    "releasing": ("release",),
    "reporting": ("report",),
    "schedules": ("revise-deadline", "milestone"),
    "serving": ("serve", "seed"),
    "tokens": ("token",),
    "watching": ("health",),
}


class _Commands(UserDict[str, click.Command]):
    """The commands by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.data and name in _MODULES:
            part = import_module(f"tracker.cli.{_MODULES[name]}")
            self.data |= {command.name: command for command in part.COMMANDS}
        return self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in _MODULES

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


_MODULES = {name: module for module, names in _PARTS.items() for name in names}


@click.group(commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--database", metavar="URL", default="", help="数据库地址 / Address of the database.")
@click.version_option(package_name="tracker", message="tracker %(version)s")
@click.pass_context
def tracker(context: click.Context, database: str) -> None:
    """官员承诺跟踪台账 / What officials promised, in whose words, and what became of it."""
    context.obj = database
    log = config.settings().log
    if log and context.invoked_subcommand != "serve":
        events.listen(log)
    with suppress(OSError, KeyError, ImportError):  # a name that the system does not know
        events.REQUEST.set({"who": getpass.getuser(), "command": str(context.invoked_subcommand)})


def main() -> None:
    """Run the command line: exit 0 when done, 2 when the input is wrong, 1 when something else failed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if any("\udc80" <= character <= "\udcff" for word in sys.argv for character in word):
        _stop("输入不是 UTF-8 文本 / the words of the command are no UTF-8 text", 2)
    # At its end Python would look for what to give back, though all of it is: a third of a short command's time.
    atexit.register(gc.freeze)
    _run()


def _run() -> None:
    try:
        sys.exit(tracker.main(prog_name="tracker", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message())
        sys.exit(0)
    except click.ClickException as error:
        _stop(error.format_message(), 2)
    except click.Abort:
        _stop("已中止 / stopped", 130)
    except _MISTAKES as error:
        _stop(str(error), 2)
    except SQLAlchemyError as error:
        if trouble := db.trouble(error):
            _stop(f"{trouble.zh} / {trouble.en}", 1)
        said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        _stop(f"数据库出错 / the database failed: {said}", 1)
    except Exception as error:  # a fault of ours: named, without a trace
        _stop(f"程序出错，请报告 / a fault of the program, please report it: {type(error).__name__}: {error}", 1)


def _stop(message: str, code: int) -> None:
    click.echo("tracker: " + " ".join(message.split()), err=True)
    sys.exit(code)
