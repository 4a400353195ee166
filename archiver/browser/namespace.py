"""A network namespace for the browser alone, without a way out (network_namespaces(7)). Not every machine allows one.

Flags keep the browser from the network as well, as far as anybody has tried; the namespace holds what nobody thought of.
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
class LaunchCommand:
    """The program and the environment that start a browser."""

    program: Path
    """Takes the browser's arguments."""
    env: dict[str, str]
    isolated: bool
    """In a network namespace of its own."""


def launch_command(executable: Path, *, isolated: bool) -> LaunchCommand:
    """How to start a browser; `isolated`: in a network namespace, where this machine allows one. The first call tries whether it
    does, which takes some milliseconds."""
    command = unshare_command() if isolated else None
    if command is None:
        return LaunchCommand(executable, dict(os.environ), False)
    return LaunchCommand(_script(), _env(command, executable), True)


@functools.cache
def unshare_command() -> str | None:
    """The command that starts a program without a network; None where this machine does not allow that. Tried once."""
    return next(filter(_works, COMMANDS), None)


def _works(command: str) -> bool:
    """Tried with the script that is to start the browser: it may lie on a file system where nothing can be run."""
    try:
        tried = subprocess.run(
            [_script()], env=_env(command, Path("true")), capture_output=True, timeout=TRY_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _env(command: str, executable: Path) -> dict[str, str]:
    return {**os.environ, "ARCHIVER_UNSHARE": command, "ARCHIVER_BROWSER_PROGRAM": str(executable)}


def _script() -> Path:
    """The script as a file that can be run: in the package, or a copy where installing took that right from it."""
    ours = Path(str(files("archiver.browser") / "namespace.sh"))
    return ours if os.access(ours, os.X_OK) else Path(_copied(ours.read_bytes()).name) / ours.name


@functools.cache
def _copied(script: bytes) -> tempfile.TemporaryDirectory[str]:
    """A private folder with the copy; it goes when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="archiver-browser-")
    path = Path(folder.name) / "namespace.sh"
    path.write_bytes(script)
    path.chmod(0o700)
    return folder
