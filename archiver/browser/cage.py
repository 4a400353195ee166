"""The cage: a network namespace for the browser alone, without a way out (network_namespaces(7)). Not every machine allows one.

Flags alone keep the browser from the network as well, as far as anybody has tried; the cage holds what nobody thought of.
"""

import functools
import os
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

# As root; or as anybody who may make a user namespace, which containers and some systems forbid.
COMMANDS = ("unshare --net --", "unshare --user --map-root-user --net --")
TRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Start:
    """How a browser is started."""

    program: Path
    """Takes the browser's arguments."""
    env: dict[str, str]
    caged: bool


def start_of(executable: Path, *, caged: bool) -> Start:
    """How to start a browser; in the cage, if that is wanted and can be had. Takes some milliseconds the first time."""
    command = cage() if caged else None
    if command is None:
        return Start(executable, dict(os.environ), False)
    return Start(_script(), _env(command, executable), True)


@functools.cache
def cage() -> str | None:
    """The command that starts a program without a network; None where this machine does not allow that. Tried once."""
    return next(filter(_works, COMMANDS), None)


def _works(command: str) -> bool:
    """Tried with the very script that is to start the browser: it may lie where nothing can be run."""
    try:
        tried = subprocess.run(
            [_script()], env=_env(command, Path("true")), capture_output=True, timeout=TRY_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _env(command: str, executable: Path) -> dict[str, str]:
    return {**os.environ, "ARCHIVER_CAGE": command, "ARCHIVER_CAGED": str(executable)}


def _script() -> Path:
    """The script as a file that can be run: in the package, or a copy where installing took that right from it."""
    ours = Path(str(files("archiver.browser") / "cage.sh"))
    return ours if os.access(ours, os.X_OK) else Path(_copied(ours.read_bytes()).name) / ours.name


@functools.cache
def _copied(script: bytes) -> tempfile.TemporaryDirectory[str]:
    """A private folder with the copy; it goes when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="archiver-browser-")
    path = Path(folder.name) / "cage.sh"
    path.write_bytes(script)
    path.chmod(0o700)
    return folder
