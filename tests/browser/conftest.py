"""What the tests of the browser share: a real one. Who drives it runs in the loop of the session, because it lives in one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from archiver.browser.chromium import REMEDY, Driver, find_browser


@pytest.fixture(scope="session")
def executable() -> Path:
    """The browser of this machine."""
    found = find_browser()
    if found is None:
        pytest.fail(f"there is no browser: `make test` installs one where it can; else {REMEDY}")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver() -> AsyncIterator[Driver]:
    """Playwright's process, one for all tests."""
    driver = Driver()
    yield driver
    await driver.stop()
