"""Options that commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

archive_option = click.option(
    "--archive",
    "data_dir",
    type=click.Path(path_type=Path),  # whether it is a folder is seen when it is opened: that is exit code 6, not 2
    default="archive",
    envvar="ARCHIVER_DIR",
    show_default=True,
    show_envvar=True,
    metavar="DIR",
    help="The archive's folder.",
)
VERBOSE = "verbose"
"""Key of the context's object: whether -v was given."""
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines for scripts.")


def _note_verbose(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    """Lets whoever prints errors know, before the command begins and even where another option is wrong."""
    context.ensure_object(dict)[VERBOSE] = value
    return value


def verbosity_options(command: Command) -> Command:
    """-q and -v, as every command has them."""
    verbose_help = "Show a traceback with an error."
    command = click.option("-v", "--verbose", is_flag=True, is_eager=True, callback=_note_verbose, help=verbose_help)(command)
    return click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")(command)


def network_options(command: Command) -> Command:
    """How other hosts are asked, as every command that asks them has it."""
    for option in reversed(_NETWORK):
        command = option(command)
    return command


_NETWORK = (
    click.option(
        "--delay",
        type=click.FloatRange(0),
        metavar="SECONDS",
        help="Between two requests to one host.  [default: 1 for sites, each platform's own pace for platforms]",
    ),
    click.option("--ignore-robots", metavar="REASON", help="Do not obey robots.txt; the reason is recorded in the archive."),
    click.option(
        "--proxy", metavar="URL", help="http://[user:password@]host:port. The names of hosts are then resolved by the proxy."
    ),
    click.option(
        "--cacert", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Trust these authorities as well."
    ),
    click.option(
        "--connect-to", multiple=True, metavar="HOST:PORT:ADDR:PORT", help="As curl's; ::127.0.0.1:8443 sends every host there."
    ),
    click.option("--allow-private", is_flag=True, help="Let private and loopback addresses be asked; else they are refused."),
)
