"""Chromium: how it is found, started, and ended; whatever happens to it or to us, none of its processes stays behind."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.browser import namespace
from archiver.browser.chromium import CANDIDATES, MEMORY_BYTES, Chromium, Driver, find_browser
from archiver.browser.namespace import launch_command, unshare_command
from archiver.errors import BrowserFailed

IN_SESSION_LOOP = pytest.mark.asyncio(loop_scope="session")  # where the driver lives


def program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return path


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser; the folder is all of its PATH."""
    monkeypatch.delenv("ARCHIVER_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr("archiver.browser.chromium.CANDIDATES", tuple(name for name in CANDIDATES if "/" not in name))
    return tmp_path


def test_without_a_browser_none_is_found(bare: Path) -> None:
    assert find_browser() is None


def test_the_headless_shell_goes_before_whole_browsers_and_installed_ones_before_playwrights(bare: Path) -> None:
    downloaded = bare / "playwright"
    whole = program(downloaded / "chromium-1200" / "chrome-linux" / "chrome")
    assert find_browser() == whole
    program(downloaded / "chromium_headless_shell-1199" / "chrome-linux" / "headless_shell")
    newer = program(downloaded / "chromium_headless_shell-1200" / "chrome-linux" / "headless_shell")
    assert find_browser() == newer
    chrome = program(bare / "bin" / "google-chrome")
    assert find_browser() == chrome
    shell = program(bare / "bin" / "chromium-headless-shell")
    assert find_browser() == shell


def test_the_named_browser_is_taken_or_none(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "bin" / "chromium")
    mine = program(bare / "mine")
    monkeypatch.setenv("ARCHIVER_BROWSER", str(mine))
    assert find_browser() == mine
    monkeypatch.setenv("ARCHIVER_BROWSER", str(bare / "nothing-here"))
    assert find_browser() is None


def test_the_installing_script_looks_in_the_same_order(project: Path) -> None:
    script = (project / ".ci" / "browser").read_text(encoding="utf-8")
    assert f"for candidate in {' '.join(CANDIDATES)}; do" in script


def test_a_script_that_may_not_be_run_is_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # An installed package may have lost the right to run its files.
    (tmp_path / "namespace.sh").write_bytes((Path(namespace.__file__).parent / "namespace.sh").read_bytes())
    monkeypatch.setattr(namespace, "files", lambda _: tmp_path)
    monkeypatch.setattr(namespace, "unshare_command", lambda: "env --")
    start = launch_command(Path("/bin/echo"), isolated=True)
    assert start.program.parent != tmp_path
    told = subprocess.run([start.program, "--one", "two words"], env=start.env, capture_output=True, text=True, check=True).stdout
    assert told == "--one two words\n"


@IN_SESSION_LOOP
async def test_closing_ends_all_its_processes(driver: Driver, executable: Path) -> None:
    chromium = await Chromium.launch(driver, executable)
    await (await chromium.browser.new_context()).new_page()
    assert len(chromium.processes()) > 2
    await chromium.close()
    assert (chromium.processes(), chromium.disconnected.is_set()) == ((), True)
    await chromium.close()  # a second time does no harm


@IN_SESSION_LOOP
async def test_a_browser_that_is_stopped_is_ended_all_the_same(driver: Driver, executable: Path) -> None:
    chromium = await Chromium.launch(driver, executable)
    for pid in chromium.processes():
        os.kill(pid, signal.SIGSTOP)  # hangs: it answers nobody
    await chromium.close()
    await asyncio.wait_for(chromium.disconnected.wait(), 60)
    assert chromium.processes() == ()


@IN_SESSION_LOOP
async def test_each_of_its_processes_gets_so_much_memory_and_no_more(driver: Driver, executable: Path) -> None:
    chromium = await Chromium.launch(driver, executable)
    page = await chromium.browser.new_page()  # by a process that is started after the bound was set
    await page.goto("data:text/html,<p>Gulls")
    bounds = [resource.prlimit(pid, resource.RLIMIT_DATA)[0] for pid in chromium.processes()]
    await chromium.close()
    assert len(bounds) > 2
    assert set(bounds) == {MEMORY_BYTES}


@IN_SESSION_LOOP
async def test_a_crash_is_noticed(driver: Driver, executable: Path) -> None:
    chromium = await Chromium.launch(driver, executable)
    os.kill(chromium.pid, signal.SIGKILL)
    await asyncio.wait_for(chromium.disconnected.wait(), 60)
    with pytest.raises(BrowserFailed):
        await chromium.devtools.send("Browser.getVersion", {})
    await chromium.close()
    assert chromium.processes() == ()


@IN_SESSION_LOOP
async def test_a_namespace_is_made_where_the_machine_allows_one(driver: Driver, executable: Path) -> None:
    chromium = await Chromium.launch(driver, executable)
    free = await Chromium.launch(driver, executable, isolated=False)
    ours, its, others = (os.readlink(f"/proc/{pid}/ns/net") for pid in ("self", chromium.pid, free.pid))  # noqa: PTH115  no file
    await chromium.close()
    await free.close()
    assert chromium.isolated == (its != ours) == (unshare_command() is not None)
    assert not free.isolated
    assert others == ours


async def test_a_program_that_is_no_browser_is_told_and_leaves_nothing(executable: Path, tmp_path: Path) -> None:
    driver = Driver()
    try:
        with pytest.raises(BrowserFailed, match="does not start"):
            await Chromium.launch(driver, program(tmp_path / "no-browser"))
        chromium = await Chromium.launch(driver, executable)  # the driver is as good as before
        await chromium.close()
        assert driver.browsers == set()
    finally:
        await driver.stop()


PROGRAM = """
import asyncio, os, signal, sys
from pathlib import Path
from archiver.browser.chromium import Chromium, Driver

async def main() -> None:
    driver = Driver()
    chromium = await Chromium.launch(driver, Path(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # not before the launch: the browser would have it from us
    print(chromium.pid, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    page = await (await chromium.browser.new_context()).new_page()
    await page.set_content("<title>still here</title>")
    print(await page.title(), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
asyncio.run(main())
"""


async def test_the_terminals_ctrl_c_leaves_it_alone_and_it_does_not_outlive_us(executable: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(executable)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    with process:
        assert process.stdin is not None and process.stdout is not None
        browser = Path(f"/proc/{process.stdout.readline().strip()}/ns")
        os.killpg(process.pid, signal.SIGINT)
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "still here\n"
        process.kill()
    await asyncio.wait_for(until(lambda: not browser.exists()), 60)
