"""Requests of the user's own, to addresses of the user's own: a ping, a timestamp. They are no part of what is archived."""

from archiver.config.settings import CrawlSettings
from archiver.model.exchange import Exchange
from archiver.network.fetcher import ConnectTo, Fetcher, FetchLimits
from archiver.times import Clock, utc_now

NO_LIMITS = FetchLimits()


def unrecorded_fetcher(
    settings: CrawlSettings, *, limits: FetchLimits = NO_LIMITS, routed: bool = False, clock: Clock = utc_now
) -> Fetcher[None]:
    """One that keeps nothing, refuses no private address, and reaches hosts as `settings` say. `close` it.

    `routed`: `connect_to` counts as well. Raises `UsageError` for a proxy, a route or certificates that cannot be understood.
    """
    return Fetcher(
        _kept_nowhere,
        user_agent=settings.user_agent,
        allow_private=True,
        connect_to=tuple(map(ConnectTo.parse, settings.connect_to)) if routed else (),
        cacert=settings.cacert,
        proxy=settings.proxy,
        limits=limits,
        clock=clock,
    )


async def _kept_nowhere(exchange: Exchange) -> None:
    return None
