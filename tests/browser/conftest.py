"""What the tests of the browser share: a real one, and coroutines as tests, in one event loop because a browser lives in one."""

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.browser.chromium import REMEDY, Driver, find_browser


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test written as `async def` runs in the loop of `runner`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    runner: asyncio.Runner = pyfuncitem._request.getfixturevalue("runner")
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    runner.run(asyncio.wait_for(pyfuncitem.obj(**arguments), timeout=120))
    return True


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def executable() -> Path:
    """The browser of this machine."""
    found = find_browser()
    if found is None:
        pytest.fail(f"there is no browser: `make test` installs one where it can; else {REMEDY}")
    return found


@pytest.fixture(scope="session")
def driver(runner: asyncio.Runner) -> Iterator[Driver]:
    """Playwright's process, one for all tests."""
    driver = Driver()
    yield driver
    runner.run(driver.stop())
