"""Begins an archive: writes a commented archiver.toml, with a first job where there are seeds."""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from archiver.errors import BadUrl, StorageError, UsageError
from archiver.storage.files.archive_folder import require_archive_folder
from archiver.storage.files.paths import ArchivePaths
from archiver.urls import checked, host_of, with_scheme

TEMPLATE = "archiver.toml"
_JOB = "#[jobs.blog]\n", '#seeds = ["https://blog.example/"]\n', '#schedule = "17 3 * * *"\n'
"""Lines of the template that a first job takes the place of."""
MAX_NAME = 60


def template() -> str:
    """Every setting that there is, with what it means."""
    return files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8")


def with_job(name: str, seeds: Sequence[str]) -> str:
    """The template, with a job for these seeds, every night."""
    written = template()
    listed = "".join(f"  {_quoted(seed)},\n" for seed in seeds)
    listing = _quoted(seeds[0]) if len(seeds) == 1 else f"\n{listed}"
    first = f"[jobs.{name}]\n", f"seeds = [{listing}]\n", _JOB[2].removeprefix("#")
    for line, instead in zip(_JOB, first, strict=True):
        written = written.replace(line, instead)
    return written.replace("`archiver crawl --job blog`", f"`archiver crawl --job {name}`")


def begin_archive(data_dir: Path, seeds: Sequence[str] = ()) -> tuple[Path, str | None]:
    """Writes the file; returns where it is, and the name of the job. Never replaces one.

    Raises `UsageError` where there is one, where a seed is no URL or the folder is somebody else's; `StorageError` where it
    cannot be written.
    """
    urls = list(dict.fromkeys(map(_seed, seeds)))
    name = _name_of(urls[0]) if urls else None
    path = ArchivePaths(data_dir).config
    require_archive_folder(data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(with_job(name, urls) if name is not None else template())
    except FileExistsError:
        if not data_dir.is_dir():
            raise StorageError(f"{data_dir} is a file: choose a folder with --archive DIR") from None
        raise UsageError(f"{path} is there already, and stays as it is: add a [jobs.NAME] to it, or move it away") from None
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}. Choose a folder with --archive DIR") from error
    return path, name


def _seed(text: str) -> str:
    try:
        return checked(with_scheme(text))
    except BadUrl as error:
        raise UsageError(f"{error}. Nothing was written") from error


def _name_of(url: str) -> str:
    """`blog-example` for https://www.blog.example/."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", host_of(url).removeprefix("www.")).strip("-")[:MAX_NAME] or "first"


def _quoted(text: str) -> str:
    """The text as TOML quotes it; whatever is in it, though a checked URL has no quotes, control characters or backslashes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
