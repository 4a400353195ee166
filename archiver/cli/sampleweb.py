"""`archiver sampleweb`."""

import time
from pathlib import Path

import click

from archiver.cli.options import json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.sampleweb import AGES, MAGAZINE_URL, SAMPLE_POST, running_sample_web


@click.command()
@click.option(
    "--day", type=click.IntRange(1), default=1, show_default=True, help="The day of its calendar: posts vanish from day 2."
)
@click.option(
    "--age",
    type=click.Choice(AGES),
    default=2022,
    show_default=True,
    help="The year of its platforms: what their hosts answer to strangers changed since.",
)
@click.option("--scratch", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where its certificates go.")
@json_option
@verbosity_options
def sampleweb(day: int, age: int, scratch: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Serve the sample web on loopback until Ctrl-C: blogs that embed posts, and the platforms' hosts, as in 2022 or late 2026.

    Prints the options that point a crawl at it.

    \b
    Example:
      archiver sampleweb --day 3 --age 2026
    """
    with running_sample_web(scratch, day=day, age=age) as web:
        options = ["--cacert", str(web.cacert), *(part for rule in web.connect_to for part in ("--connect-to", rule))]
        if as_json:
            print_json({"day": day, "age": age, "options": options, "post": SAMPLE_POST, "magazine": MAGAZINE_URL})
        else:
            click.echo(f"the sample web is up, on day {day} of {age}. In another terminal:\n")
            click.echo(f"  archiver crawl {SAMPLE_POST} --delay 0 {' '.join(options)}\n")
            click.echo(f"{MAGAZINE_URL} embeds posts of other networks.\n")
            click.echo("Ctrl-C ends it.")
        while True:
            time.sleep(3600)
