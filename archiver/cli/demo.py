"""`archiver demo`."""

import sys
import time
from pathlib import Path

import click

from archiver.cli.cards import print_card
from archiver.cli.crawl import summary
from archiver.cli.options import verbosity_options
from archiver.tasks.demo import Step
from archiver.tasks.demo import demo as run_demo
from archiver.text import printable_line

COLUMNS = 56  # of a picture in the terminal
UPPER_HALF = "\u2580"  # its upper half in the foreground colour, its lower half in the background colour


@click.command()
@click.option(
    "--archive",
    "data_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where its archive goes, a folder that is not there yet.  [default: a temporary folder]",
)
@verbosity_options
def demo(data_dir: Path | None, quiet: bool, verbose: bool) -> None:
    """Crawl a small web on this machine, let a tweet vanish from it, and find what it showed.

    Nothing leaves the machine. Each step prints the command that it stands for, and the archive stays.

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
    for step in run_demo(data_dir):
        if step.day != day:
            day = step.day
            click.echo(click.style(f"\nDay {day}", bold=True))
        _print(step)
        files = step.files or files
    click.echo(click.style(f"\nThe picture that was lost: {files[0]}", bold=True))
    _print_picture(files[0])
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


def _print_picture(path: Path) -> None:
    """In 24-bit colour, two pixels a character; nothing where the output is no terminal."""
    if not sys.stdout.isatty():
        return
    from PIL import Image  # noqa: PLC0415

    with Image.open(path) as image:
        rows = max(2, round(COLUMNS * image.height / image.width / 2) * 2)
        small = image.convert("RGB").resize((COLUMNS, min(rows, 2 * COLUMNS)))
    pixels = list(small.getdata())
    for top in range(0, small.height, 2):
        upper, lower = pixels[top * COLUMNS : (top + 1) * COLUMNS], pixels[(top + 1) * COLUMNS : (top + 2) * COLUMNS]
        click.echo("  " + "".join(click.style(UPPER_HALF, fg=a, bg=b) for a, b in zip(upper, lower, strict=True)))
