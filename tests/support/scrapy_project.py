"""Scrapy projects as their users have them: made by `scrapy startproject`, run by `scrapy` in a process of its own."""

import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.program import TIMEOUT_SECONDS, Served, environment

ADDON = {"archiver.scrapy.ArchiveAddon": 300}


class ScrapyProject:
    """A project `news` that has the add-on, beside an archive that does not exist yet."""

    def __init__(self, folder: Path, *spiders: str, settings: str = "", **values: Any) -> None:
        """`spiders`: their code, a module each. `settings`: more lines of settings.py; `values`: more settings."""
        self.folder = folder / "news"
        for name, content in _started().items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)
        self.archive = self.folder / "archive"
        given = {"ADDONS": ADDON, "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "INFO", **values}
        with (self.folder / "news" / "settings.py").open("a") as file:
            file.write("".join(f"\n{name} = {value!r}" for name, value in given.items()) + f"\n{settings}\n")
        for number, spider in enumerate(spiders):
            (self.folder / "news" / "spiders" / f"spider{number}.py").write_text(spider)

    def scrapy(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs one of Scrapy's commands to its end. The log is in `stderr`."""
        return self.run_in(self.folder, *arguments)

    def begin(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Starts one and does not wait for it."""
        words = [sys.executable, "-m", "scrapy", *arguments]
        return subprocess.Popen(words, cwd=self.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def python(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Runs a script in the project's folder."""
        words = [sys.executable, "-c", script]
        return subprocess.run(
            words, cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )

    @staticmethod
    def run_in(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-m", "scrapy", *arguments]
        return subprocess.run(
            words, cwd=folder, env=environment(), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )


@cache
def _started() -> Mapping[Path, bytes]:
    """The files that `scrapy startproject news` makes, by path; made once."""
    with TemporaryDirectory() as folder:
        ended = ScrapyProject.run_in(Path(folder), "startproject", "news")
        assert ended.returncode == 0, ended.stderr
        made = Path(folder) / "news"
        return {path.relative_to(made): path.read_bytes() for path in made.rglob("*") if path.suffix in (".py", ".cfg")}


def pointing_at(web: Served) -> Mapping[str, Any]:
    """The settings that send a project's requests to a web on loopback."""
    return {"ARCHIVE_CACERT": str(web.cacert), "ARCHIVE_CONNECT_TO": list(web.connect_to)}
