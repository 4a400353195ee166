"""`archiver schedule`."""

import shutil
import sys
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.errors import UsageError
from archiver.tasks.schedule.install import EVERY_MINUTES, cron_entry, systemd_units

USER_UNITS = "~/.config/systemd/user"


@click.command()
@click.option("--cron", "kind", flag_value="cron", help="Lines for `crontab -e`.")
@click.option("--systemd", "kind", flag_value="systemd", help="A service and its timer.")
@click.option(
    "--every", type=click.IntRange(1), default=EVERY_MINUTES, show_default=True, metavar="MINUTES", help="Look what is due."
)
@archive_option
@json_option
@verbosity_options
def schedule(kind: str | None, every: int, data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Print what to install so that `archiver run` happens by itself; install nothing.

    When each job runs is the job's own matter, in archiver.toml; this sets how often it is checked whether one is due.

    \b
    Example:
      archiver schedule --cron --archive /srv/archive
      archiver schedule --systemd --every 60
    """
    if kind is None:
        raise UsageError("say for what: archiver schedule --cron, or --systemd")
    if kind == "cron":
        entry = cron_entry(this_program(), data_dir, every)
        print_json({"cron": entry}) if as_json else click.echo(entry, nl=False)
        return
    units = systemd_units(this_program(), data_dir, every)
    if as_json:
        for unit in units:
            print_json({"file": unit.name, "content": unit.content})
        return
    for unit in units:
        click.echo(f"# --- {USER_UNITS}/{unit.name}\n{unit.content}")
    click.echo(f"# Then: systemctl --user daemon-reload && systemctl --user enable --now {units[1].name}")
    click.echo('# and, so that it runs while you are not logged in: loginctl enable-linger "$USER"')


def this_program() -> list[str]:
    """How this very program is started, wherever it is called from: absolute."""
    called = shutil.which(sys.argv[0])
    if called is not None and Path(called).suffix != ".py":
        return [str(Path(called).absolute())]
    return [sys.executable, "-m", "archiver.cli"]
