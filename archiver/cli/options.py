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


def _tell_verbose(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    """Tells whoever prints errors, before the command begins and even where another option is wrong."""
    context.ensure_object(dict)[VERBOSE] = value
    return value


def verbosity_options(command: Command) -> Command:
    """-q and -v, as every command has them."""
    told = "Show a traceback with an error."
    command = click.option("-v", "--verbose", is_flag=True, is_eager=True, callback=_tell_verbose, help=told)(command)
    return click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")(command)
