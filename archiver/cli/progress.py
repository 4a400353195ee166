"""Progress of long work: a bar on a terminal, plain lines now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LINE_SECONDS = 10.0  # between two lines in a log
SPINNER_CELLS = 2  # what stands before the text of a status, with a space


@contextmanager
def progress_bar(label: str, *, quiet: bool, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that takes (done, total)."""
    if quiet:
        yield lambda done, total: None
    elif sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import Progress  # noqa: PLC0415

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        shown = time.monotonic()

        def line(done: int, total: int) -> None:
            nonlocal shown
            if time.monotonic() - shown >= LINE_SECONDS:
                shown = time.monotonic()
                click.echo(f"{label}: {done:,} of {total:,} {unit}", err=True)

        yield line


@contextmanager
def progress_lines(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Gives a function that takes the state of work whose end is not known: one line that changes, or a line now and then."""
    if quiet:
        yield lambda text: None
    elif sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        console = Console(stderr=True, highlight=False, markup=False)
        with console.status("") as status:

            def update(text: str) -> None:
                shown = Text(text)  # not markup: addresses may hold brackets
                shown.truncate(max(1, console.width - SPINNER_CELLS), overflow="ellipsis")  # else it is broken into lines
                status.update(shown)

            yield update
    else:
        shown = time.monotonic()

        def line(text: str) -> None:
            nonlocal shown
            if time.monotonic() - shown >= LINE_SECONDS:
                shown = time.monotonic()
                click.echo(text, err=True)

        yield line
