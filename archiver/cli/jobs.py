"""`archiver run`: the jobs of archiver.toml."""

from pathlib import Path
from traceback import format_exception
from typing import Any

import click

from archiver.cli.crawl import counts, summary
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_lines
from archiver.config.settings import PROBE_JOB, JobSettings
from archiver.config.units import Schedule
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state.job_runs import JobRun
from archiver.tasks.crawl.crawl import TIMESTAMP_AUTHORITY
from archiver.tasks.schedule.due import JobOutcome, JobState, due_in_order, job_states, no_jobs
from archiver.tasks.schedule.jobs import JobReport
from archiver.tasks.schedule.run import run_due
from archiver.text import printable, printable_line
from archiver.times import to_iso
from archiver.urls import checked, with_scheme

NOTHING_DUE = "nothing is due"
DOORS_FAILED = "doors of platforms do not answer as known"


@click.command()
@click.option("--job", metavar="NAME", help="Only this job, due or not.")
@click.option("--list", "as_list", is_flag=True, help="Say of each job when it runs, how it went, and when it is due next.")
@click.option("--dry-run", is_flag=True, help="Say what would run now, and why; run nothing.")
@archive_option
@json_option
@verbosity_options
def run(
    job: str | None, as_list: bool, dry_run: bool, data_dir: Path, as_json: bool, quiet: bool, verbose: bool
) -> int:  # fmt: skip
    """Run the jobs of archiver.toml that are due, one after the other: what cron calls. One line a job.

    A job is due when a time of its schedule has come since it last began, when it never ran, and when its last run was
    interrupted, killed, or stopped by a full disk: then it goes on where it stopped. `archiver schedule` prints what to install.

    Exit codes: 0 all went well; 4 seeds or pages failed, and are tried again next time; 1 a job ran into a bug of ours; 2 a job's
    settings cannot be used; 3 another run holds the archive; 6 the disk is full; 130 interrupted. Of several: 130, 6, 3, 1, 2, 4.

    \b
    Example:
      archiver run --archive /srv/archive
      archiver run --list
      archiver run --job blog
    """
    if as_list or dry_run:
        states = job_states(data_dir, only=job)
        chosen = states if as_list or job is not None else due_in_order(states)
        for state in chosen:
            print_json(_listed(state)) if as_json else _print_state(state, as_list)
        if not (chosen or quiet or as_json):
            click.echo(printable_line(NOTHING_DUE if states else no_jobs(ArchivePaths(data_dir).config)))
        return 0
    with progress_lines(quiet or as_json) as show:
        report = run_due(
            data_dir,
            only=job,
            on_job=lambda each: _tell(each, as_json, quiet, verbose),
            on_progress=lambda stats, url: show(f"{counts(stats)}  {printable_line(url)}"),
        )
    for note in report.notes:
        click.echo(printable_line(f"note: {note}"), err=True)
    if not (report.jobs or quiet or as_json):
        click.echo(NOTHING_DUE)
    return report.exit_code


def _tell(job: JobReport, as_json: bool, quiet: bool, verbose: bool) -> None:
    if verbose and job.error is not None:
        click.echo(printable("".join(format_exception(job.error))), err=True, nl=False)
    if as_json:
        print_json(
            {
                "job": job.name,
                "ended": str(job.ended),
                "exit_code": job.exit_code,
                "reason": job.reason,
                "started_at": to_iso(job.started_at),
                "finished_at": to_iso(job.finished_at),
                "seconds": round(job.seconds, 3),
                "counts": job.counts,
                "notes": job.crawl.outcome.notes if job.crawl is not None else {},
            }
        )
    elif not quiet or job.exit_code:
        click.echo(line_of(job), err=quiet)


def line_of(job: JobReport) -> str:
    """`blog: finished, 12 pages with 30 embeds, …, in 3 min until 2026-11-23 03:20 UTC`. It stands in cron's log among others."""
    done = ""
    if job.crawl is not None:
        asked = count_of(job.crawl.stats.posts_asked, "question", "questions")
        done = f", {asked} asked" if job.name == PROBE_JOB else f", {summary(job.crawl)}"
    reason = f": {job.reason}" if job.reason else ""
    took = f"in {_span(job.seconds)} until {_moment(to_iso(job.finished_at))}"
    ended = DOORS_FAILED if job.name == PROBE_JOB and job.ended == JobOutcome.FAILED else ended_in_words(job.ended)
    return printable_line(f"{job.name}: {ended}{done}, {took}{reason}{_unsigned(job)}")


def _unsigned(job: JobReport) -> str:
    """Who gave no timestamp: else nobody who reads what cron sends would see that an authority is gone for good."""
    notes = job.crawl.outcome.notes if job.crawl is not None else {}
    return "".join(f"; {name}: {note}" for name, note in notes.items() if name.startswith(TIMESTAMP_AUTHORITY))


_WORDS: dict[str, str] = {
    JobOutcome.LIMIT: "finished at max_pages",
    JobOutcome.STOPPED: "stopped after its time, and goes on when it is due next",
    JobOutcome.FAILED: "seeds or pages failed",
    JobOutcome.UNANSWERED: "nobody answered",
    JobOutcome.INTERRUPTED: "interrupted, and goes on at the next run",
    JobOutcome.DISK: "stopped by the disk",
    JobOutcome.HELD: "did not begin, another run holds the archive",
    JobOutcome.WRONG: "its settings cannot be used",
    JobOutcome.BUG: "ran into a bug",
}


def ended_in_words(ended: str) -> str:
    """How a job ended, for people."""
    return _WORDS.get(ended, ended)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _print_state(state: JobState, full: bool) -> None:
    click.echo(click.style(state.name, bold=True) + ("" if full else f": {state.due or 'it is asked for'}"))
    if full:
        click.echo(f"  runs  {printable_line(schedule_in_words(state.job))}")
        click.echo(f"  last  {printable_line(_last_in_words(state.last))}")
        click.echo(f"  next  {printable_line(_next_in_words(state))}")


def schedule_in_words(job: JobSettings) -> str:
    """`At 03:17 every day`."""
    rests = "" if job.enabled else ", but rests: enabled = false"
    if job.schedule is None:
        return f"only by hand: it has no schedule{rests}"
    return f"{Schedule(job.schedule).in_words()} ({job.schedule}){rests}"


def _last_in_words(last: JobRun | None) -> str:
    if last is None:
        return "never"
    if last.finished_at is None or last.ended is None:
        return f"{_moment(last.started_at)}, runs now, or was killed"
    return f"{_moment(last.started_at)}, {ended_in_words(last.ended)} (exit code {last.exit_code})"


def _next_in_words(state: JobState) -> str:
    if state.due is not None:
        return f"now: {state.due}"
    return f"{state.next_at:%Y-%m-%d %H:%M %Z}" if state.next_at is not None else "not by itself"


def _moment(stamp: str) -> str:
    return f"{stamp[:10]} {stamp[11:16]} UTC"


def _listed(state: JobState) -> dict[str, Any]:
    last, next_at = state.last, state.next_at
    return {
        "job": state.name,
        "enabled": state.job.enabled,
        "schedule": state.job.schedule,
        "seeds": [checked(with_scheme(seed)) for seed in state.job.seeds],  # without a password
        "due": state.due,
        "next_at": next_at.isoformat() if next_at else None,
        "started_at": last.started_at if last else None,
        "finished_at": last.finished_at if last else None,
        "succeeded_at": last.succeeded_at if last else None,
        "ended": last.ended if last else None,
        "exit_code": last.exit_code if last else None,
        "counts": last.counts if last else {},
    }
