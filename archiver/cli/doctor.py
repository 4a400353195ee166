"""`archiver doctor`."""

from dataclasses import asdict
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.errors import UsageError
from archiver.tasks.doctor import examine


@click.command()
@archive_option
@json_option
@verbosity_options
def doctor(data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Say whether this machine has what is needed, and what mends it where not.

    Exit code 2: something that is needed is missing.

    \b
    Example:
      archiver doctor
    """
    findings = list(examine(data_dir))
    for finding in findings:
        if as_json:
            print_json(asdict(finding))
        elif not (quiet and finding.good):
            mark = (
                click.style("ok  ", fg="green") if finding.good else click.style("miss", fg="red" if finding.needed else "yellow")
            )
            click.echo(f"{mark} {finding.what}: {finding.says}")
            if not finding.good:
                click.echo(f"       {finding.remedy}")
    if any(finding.needed and not finding.good for finding in findings):
        raise UsageError("this machine lacks something that is needed: see above")
