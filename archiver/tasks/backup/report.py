"""What a backup did, and what it found that is not as it should be."""

from dataclasses import dataclass

from archiver.tasks.backup.files import Waiting


@dataclass(frozen=True, slots=True)
class BackupProblem:
    """A file that is not as it should be, here or there."""

    file: str
    """Relative to the archive and to the store."""
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did."""

    dest: str
    """Without user, password and options."""
    files: int
    """Copied by this run."""
    bytes: int
    kept: int
    """Files of this archive that the store has."""
    verified: int
    """Copies that were read again."""
    waiting: Waiting
    """WARC files that no manifest covers yet."""
    index: str
    """copied, unchanged, waiting (it tells of files that are not sealed yet), missing, damaged"""
    problems: tuple[BackupProblem, ...]
