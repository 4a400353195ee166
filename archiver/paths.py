"""Where things lie inside the data folder."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.times import to_14_digits


@dataclass(frozen=True, slots=True)
class ArchivePaths:
    """The layout of one archive; creates nothing by itself."""

    data_dir: Path

    @property
    def config(self) -> Path:
        return self.data_dir / "archiver.toml"

    @property
    def warc_dir(self) -> Path:
        return self.data_dir / "warc"

    @property
    def index(self) -> Path:
        return self.data_dir / "index.db"

    @property
    def state(self) -> Path:
        return self.data_dir / "state.db"

    def new_warc(self, job: str, started: datetime, serial: int, host: str) -> Path:
        """`warc/20261122/<job>-<14 digits>-<serial>-<host>.warc.gz`; the job's name is made safe for a file name."""
        stamp = to_14_digits(started)
        safe = re.sub(r"[^A-Za-z0-9._]+", "_", job).strip("._")[:60] or "crawl"
        machine = re.sub(r"[^A-Za-z0-9.]+", "_", host).strip("._")[:40] or "localhost"
        return self.warc_dir / stamp[:8] / f"{safe}-{stamp}-{serial:05d}-{machine}.warc.gz"

    def relative(self, warc: Path) -> str:
        """How the index names a WARC file: relative to the data folder, with forward slashes."""
        return warc.relative_to(self.data_dir).as_posix()
