"""Checks whether this machine has what the archiver needs, and says how to get what is missing."""

import asyncio
import importlib.util
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archiver.browser.chromium import REMEDY, Chromium, Driver, find_browser, why_none
from archiver.browser.namespace import unshare_command
from archiver.errors import BrowserFailed

NEEDED_MODULES = ("scrapy", "warcio", "isal", "selectolax", "PIL", "sqlite_utils", "msgspec")
MIN_SQLITE = (3, 38, 0)  # STRICT tables are of 3.37, RETURNING of 3.35, JSON functions built in since 3.38
MIN_FREE_BYTES = 1 << 30
WITHOUT_BROWSER = "all but screenshots works without one"


@dataclass(frozen=True, slots=True)
class SystemCheck:
    """The result of one check."""

    what: str
    good: bool
    says: str
    remedy: str | None = None
    """The command that fixes it."""
    needed: bool = True
    """Without it nothing works; else only what `says` names."""


def examine(data_dir: Path) -> Iterator[SystemCheck]:
    """Checks what this machine has, one thing after another."""
    yield _python()
    yield from _modules()
    yield _sqlite()
    yield _folder(data_dir)
    yield _browser()
    yield _namespace()


def _python() -> SystemCheck:
    version = ".".join(map(str, sys.version_info[:3]))
    return SystemCheck("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or later")


def _modules() -> Iterator[SystemCheck]:
    missing = [name for name in NEEDED_MODULES if importlib.util.find_spec(name) is None]
    says = f"missing: {', '.join(missing)}" if missing else "all there"
    yield SystemCheck("packages", not missing, says, "pip install --upgrade embed-archiver")


def _sqlite() -> SystemCheck:
    with closing(sqlite3.connect(":memory:")) as database:
        options = {option for (option,) in database.execute("PRAGMA compile_options")}
    good = sqlite3.sqlite_version_info >= MIN_SQLITE and "ENABLE_FTS5" in options
    return SystemCheck("SQLite", good, f"{sqlite3.sqlite_version}{'' if 'ENABLE_FTS5' in options else ' without FTS5'}",
                   "use a Python whose SQLite is 3.38 or later with FTS5, such as Debian 12's")  # fmt: skip


def _folder(data_dir: Path) -> SystemCheck:
    remedy = "choose another folder with --archive DIR"
    place = data_dir
    try:
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free
    except OSError as error:  # a folder that may not be looked into, or a name that is too long
        return SystemCheck("archive folder", False, f"{data_dir}: {error.strerror}", remedy)
    writable = os.access(place, os.W_OK)
    says = f"{data_dir}: {'writable' if writable else 'not writable'}, {free >> 30} GB free"
    return SystemCheck("archive folder", writable and free >= MIN_FREE_BYTES, says, remedy)


def _browser() -> SystemCheck:
    """Started once: a file that can be run is not yet a browser, and one may lack a library."""
    found = find_browser()
    if found is None:
        return SystemCheck("browser", False, f"{why_none()}; {WITHOUT_BROWSER}", REMEDY, needed=False)
    try:
        version = asyncio.run(_version(found))
    except BrowserFailed as error:
        says = str(error).partition("; get another by ")[0]
        return SystemCheck("browser", False, f"{says}; {WITHOUT_BROWSER}", REMEDY, needed=False)
    return SystemCheck("browser", True, f"{found}, version {version}", needed=False)


async def _version(executable: Path) -> str:
    """Raises `BrowserFailed` where it does not start."""
    driver = Driver()
    try:
        browser = await Chromium.launch(driver, executable)
        try:
            return browser.version
        finally:
            await browser.close()
    finally:
        await driver.stop()


def _namespace() -> SystemCheck:
    command = unshare_command()
    says = f"by {command.removesuffix(' --')}" if command else "none: nothing but its own flags keeps it from the network"
    remedy = (
        "allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), or run as root"
    )
    return SystemCheck("browser's network namespace", command is not None, says, remedy, needed=False)
