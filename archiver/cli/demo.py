"""`archiver demo`."""

import time
from pathlib import Path

import click

from archiver.cli.cards import print_card
from archiver.cli.crawl import summary
from archiver.cli.drawing import draw
from archiver.cli.options import verbosity_options
from archiver.tasks.demo import Step
from archiver.tasks.demo import demo as tell
from archiver.text import printable_line


@click.command()
@verbosity_options
def demo(quiet: bool, verbose: bool) -> None:
    """Crawl a small web on this machine, let a tweet vanish from it, and find what it showed.

    Nothing leaves the machine. Each step prints the command that it stands for.

    \b
    Example:
      archiver demo
    """
    started = time.monotonic()
    click.echo(
        "A small web of made-up and real host names is served on loopback; nothing leaves this machine. The commands below are"
    )
    click.echo("what you would type; the options that point them at the sample web (see archiver sampleweb) are left out.")
    day = 0
    files: tuple[Path, ...] = ()
    for step in tell():
        if step.day != day:
            day = step.day
            click.echo(click.style(f"\nDay {day}", bold=True))
        _print(step)
        files = step.files or files
    click.echo(click.style(f"\nThe picture that was lost: {files[0]}", bold=True))
    draw(files[0])
    click.echo(f"\n{time.monotonic() - started:.0f} seconds. The same on a blog of your own: see README.md, or")
    click.echo("  archiver crawl https://your-blog.example/some/post/")


def _print(step: Step) -> None:
    click.echo(f"\n{step.title}")
    click.echo(click.style(f"  $ {step.command}", fg="cyan"))
    if step.report is not None:
        click.echo(f"  {printable_line(summary(step.report))}")
    for answer in step.answers:
        click.echo(f"  {printable_line(answer)}")
    if step.files:
        click.echo(f"  wrote {step.files[0]} ({step.files[0].stat().st_size:,} bytes)")
        click.echo(
            f"  and {len(step.files) - 1} more: the pages and replies that showed it, and post.json with all that is known"
        )
    elif step.found is not None:
        print_card(step.found)
