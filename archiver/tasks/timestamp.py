"""Timestamps: has each manifest signed by each authority of archiver.toml that has not signed it yet."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from archiver.config.settings import CrawlSettings, TimestampAuthority
from archiver.errors import ConfigError, NetworkError
from archiver.evidence.rfc3161 import TokenRefused, read_root
from archiver.evidence.timestamps import ask, keep_root, keep_token, signed_by
from archiver.network.fetcher import Fetcher, plain_fetcher
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import manifest_names, read_manifest_bytes
from archiver.times import Clock, utc_now

MOST_AT_ONCE = 20  # of one authority in one run: they are free of charge for who asks little; the newest proves all before it


@dataclass(slots=True)
class TimestampReport:
    """The tokens that were got, and those that are still missing."""

    made: int = 0
    """Tokens that were got and kept."""
    waiting: int = 0
    """Tokens that are asked for next time."""
    notes: dict[str, str] = field(default_factory=dict)
    """URL of an authority -> why it gave none, or not all."""


def timestamp(
    data_dir: Path,
    authorities: Sequence[TimestampAuthority],
    settings: CrawlSettings | None = None,
    clock: Clock = utc_now,
) -> TimestampReport:
    """Requests the timestamps that are missing, the newest manifest first. An authority that does not answer is noted, and asked
    again next time.

    `settings` say through which proxy. Needs no lock: what is written is whole or not there. Raises `StorageError`.
    """
    if not authorities:
        return TimestampReport()
    return asyncio.run(timestamp_here(data_dir, authorities, settings or CrawlSettings(), clock))


async def timestamp_here(
    data_dir: Path, authorities: Sequence[TimestampAuthority], settings: CrawlSettings, clock: Clock
) -> TimestampReport:
    """`timestamp` inside a running event loop. Raises `StorageError`."""
    paths, report = ArchivePaths(data_dir), TimestampReport()
    newest_first = manifest_names(paths)[::-1]
    fetcher = plain_fetcher(settings, routed=True, clock=clock)  # the authority's answer is kept as a file
    try:
        for authority in authorities:
            signed = signed_by(paths, authority.url)
            wanted = [name for name in newest_first if name not in signed]
            before = report.made
            try:
                await _ask_for(paths, fetcher, authority, wanted, report)
            except (NetworkError, TokenRefused, ConfigError) as error:
                report.notes[authority.url] = str(error)
            report.waiting += len(wanted) - (report.made - before)
    finally:
        await fetcher.close()
    return report


async def _ask_for(
    paths: ArchivePaths,
    fetcher: Fetcher[None],
    authority: TimestampAuthority,
    wanted: Sequence[str],
    report: TimestampReport,
) -> None:
    """Ends at the first that fails: the next would fail as well. What is damaged is passed over."""
    if not wanted:
        return
    root = read_root(authority.root)
    undamaged = (read for name in wanted if (read := read_manifest_bytes(paths, name))[0].damage is None)
    for manifest, data in islice(undamaged, MOST_AT_ONCE):
        token = await ask(fetcher, authority.url, data, root)
        keep_root(paths, root, authority.url)  # before what leads to it
        keep_token(paths, manifest, authority.url, token)
        report.made += 1
