"""The command for whoever watches over an installation."""

from __future__ import annotations

import click

from tracker import db

_SIGNS = {"ok": "✓", "warning": "!", "failed": "✗"}


@click.command("health")
@click.pass_context
def health(context: click.Context) -> None:
    """查看运行是否正常 / Tell how the installation is; exit 1 where something wants doing."""
    from tracker.health import State, look  # noqa: PLC0415 - a list need not load what looks at disks and backups

    found = look(db.connect(context.obj))
    for check in found.checks:
        figures = " ".join(f"{name}={value:g}" for name, value in check.figures.items())
        click.echo("  ".join(part for part in (f"{_SIGNS[check.state]} {check.name}", check.why, figures) if part))
    if found.state is not State.OK:
        context.exit(1)


COMMANDS = (health,)
