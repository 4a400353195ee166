"""Programs that are not ours, asked whether our WARC files are right."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class CdxLine:
    """What cdxj-indexer makes of one record."""

    url: str
    status: str
    mime: str
    digest: str
    offset: int
    length: int
    filename: str


def assert_all_accept(files: Iterable[Path], *, revisits: bool = False) -> None:
    """`warcio check` and `fastwarc check` find nothing wrong.

    `revisits`: there are some, or screenshots, so FastWARC (2.0.1) cannot look at payload digests: it digests what a revisit does
    not hold, and calls that of any record without HTTP wrong, warcio's own too (tried 2026-11). `warcio check` does look at them.
    """
    paths = [str(path) for path in files]
    assert paths, "there is no file to judge"
    _run("warcio", "check", *paths)
    for path in paths:
        _run("fastwarc", "check", "--quiet", *(() if revisits else ("--verify-payloads",)), path)


def cdx_lines(files: Iterable[Path]) -> list[CdxLine]:
    """What `cdxj-indexer` finds; it fails on files that it cannot read."""
    lines = _run("cdxj-indexer", *(str(path) for path in files)).splitlines()
    return [_cdx_line(json.loads(line.split(" ", 2)[2])) for line in lines]


def _cdx_line(fields: dict[str, str]) -> CdxLine:
    return CdxLine(
        url=fields["url"],
        status=fields.get("status", ""),
        mime=fields.get("mime", ""),
        digest=fields.get("digest", ""),
        offset=int(fields["offset"]),
        length=int(fields["length"]),
        filename=fields["filename"],
    )


def _run(*command: str) -> str:
    done = subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True, check=False)
    told = (done.stdout + done.stderr)[-4000:]
    assert done.returncode == 0, f"{' '.join(command[:2])} ended with {done.returncode}:\n{told}"
    assert "Traceback" not in told, told
    return done.stdout
