"""The command line: parses, calls one task, prints. A command is imported only when it runs, so that `find` starts fast."""

import importlib
import os
import sys
import traceback

import click

from archiver import __version__
from archiver.cli.options import VERBOSE
from archiver.errors import ArchiverError
from archiver.text import printable, printable_line

COMMANDS = {
    "demo": "see the whole story in a minute, on a small web of its own",
    "init": "begin an archive: a commented archiver.toml, with a first job",
    "crawl": "archive pages, the posts they embed, their pictures and screenshots",
    "run": "for cron: whatever job of archiver.toml is due",
    "schedule": "print what to install so that `run` happens by itself",
    "render": "take screenshots of posts and pages with a browser",
    "find": "find posts by any scrap: a short link, an id, a handle, a picture",
    "search": "full text over posts and pages",
    "show": "everything about one post; write its bytes out",
    "extract": "what saved pages embed, without an archive",
    "audit": "how well posts and pages were captured; what can be improved is done again",
    "status": "what is in the archive",
    "platforms": "what is recognised, and how much of it is in the archive",
    "reindex": "make the index anew from the WARC files",
    "verify": "whether all is as it was recorded: digests, manifests, timestamps, index, screenshots",
    "repair": "rebuild what can be rebuilt, and say what cannot",
    "backup": "copy what is new to another place",
    "doctor": "whether this machine has what is needed",
    "sampleweb": "serve the sample web, to try things by hand",
}
MODULES = {"run": "jobs"}
"""Commands whose file has another name than they: `run` is a function here, and a module of that name would take its place."""
INTERRUPTED = 130


class LazyGroup(click.Group):
    """Knows its commands by name, and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"archiver.cli.{MODULES.get(cmd_name, cmd_name)}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="archiver")
def cli() -> None:
    """Keeps what embedded social-media posts showed, byte for byte, and finds it again by any scrap you still hold.

    \b
    Example:
      archiver crawl https://blog.example/
      archiver find pic.twitter.com/uOWxLTTvGP
    """


def main() -> None:
    """The entry point: runs a command, and turns errors into one line and an exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """One command, as from the shell; returns its exit code."""
    flags: dict[str, bool] = {}
    try:
        result = cli.main(args=arguments, prog_name="archiver", standalone_mode=False, obj=flags)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _complain(_usage(error), error.exit_code, flags)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; the same command goes on from what is kept", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click turns the first into the second, and raises the second for nothing else
        # Whoever read our output has enough: nothing to complain about, now or when the rest is flushed at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ArchiverError as error:
        return _complain(str(error), error.exit_code, flags)
    except Exception as error:  # noqa: BLE001  the last place: what gets here is a bug of ours
        what = f"this is a bug of ours: {type(error).__name__}: {error}. `-v` shows where; please report it"
        return _complain(what, 1, flags)
    return result if isinstance(result, int) else 0


def _usage(error: click.ClickException) -> str:
    """Click's complaint with where to read on, in one line."""
    message = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return message
    return f"{message}{'' if message.endswith('?') else '.'} See `{context.command_path} --help`"


def _complain(message: str, exit_code: int, flags: dict[str, bool]) -> int:
    if flags.get(VERBOSE):
        click.echo(printable(traceback.format_exc()), err=True, nl=False)
    click.echo(f"archiver: {printable_line(message)}", err=True)
    return exit_code
