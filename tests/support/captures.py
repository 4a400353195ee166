"""Captures made by hand, as the index takes them."""

from dataclasses import replace
from typing import Any

from archiver.model.exchange import Capture

WARC = "warc/20220911/job-20220911120000-00001-host.warc.gz"


def capture(number: int, url: str = "https://blog.example/", **fields: Any) -> Capture:
    """The one of that number: another record at another place and time than that of any other."""
    made = Capture(
        f"<urn:uuid:{number}>", "response", url, f"2022-09-11T12:00:{number % 60:02d}.000Z", 200, "text/html",
        f"sha256:{number:064x}", WARC, number * 100, 100,
    )  # fmt: skip
    return replace(made, **fields)
