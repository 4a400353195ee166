"""`archiver doctor`: what it says of the browser is so, because it has started it."""

from pathlib import Path

import pytest

from archiver.browser.chromium import REMEDY
from tests.support.program import archiver


def test_a_browser_is_started_once_and_its_version_told(data_dir: Path) -> None:
    ended = archiver("doctor", "--archive", data_dir)

    [line] = [line for line in ended.out.splitlines() if " browser: " in line]
    assert line.startswith("ok ") and ", version " in line


@pytest.mark.parametrize(
    ("named", "says"),
    [("/nonexistent", "ARCHIVER_BROWSER=/nonexistent is no program"), ("/bin/true", "/bin/true does not start")],
)
def test_what_is_no_browser_is_named_and_not_called_good(
    named: str, says: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.browser.chromium.LAUNCH_PAUSE", 0)
    ended = archiver("doctor", "--archive", data_dir, env={"ARCHIVER_BROWSER": named})

    [line] = [line for line in ended.out.splitlines() if " browser: " in line]
    assert ended.code == 0 and line.startswith("miss browser: ") and says in line
    assert REMEDY in ended.out
