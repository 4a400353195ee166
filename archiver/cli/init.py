"""`archiver init`."""

import shlex
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.tasks.init import begin_archive


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@archive_option
@json_option
@verbosity_options
def init(urls: tuple[str, ...], data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Begin an archive: write archiver.toml, with every setting explained and what is so anyway.

    URLs become the seeds of a first job, which runs every night. A file that is there already stays as it is: exit code 2.

    \b
    Example:
      archiver init https://blog.example/ --archive /srv/archive
      archiver init
    """
    path, job = begin_archive(data_dir, urls)
    if as_json:
        print_json({"config": str(path), "job": job})
    elif not quiet:
        click.echo(f"{path} is written{f', with the job {job}' if job else ', without a job: add one to it'}")
        if job:
            here = f"--archive {shlex.quote(str(data_dir))}"
            click.echo(f"Now: archiver crawl --job {job} {here}")
            click.echo(f"Every night: archiver schedule --cron {here}, or --systemd, prints what to install")
