"""The doors that a crawl uses: what the platforms declare, and what `[platforms.NAME]` of archiver.toml says otherwise."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import msgspec

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.errors import BadUrl, ConfigError
from archiver.model.exchange import PostQuestion
from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, platform_named
from archiver.platforms.base import Door, Platform, PostRequest
from archiver.platforms.control_posts import NONE as NO_CONTROL_POSTS
from archiver.platforms.control_posts import ControlPost, ControlPosts, control_posts
from archiver.urls import checked, host_of

EMBED_PAGE = "embed_page"
"""Name of the door that a browser goes through, to render the post by itself; of some platforms it is asked as well."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Doors:
    """The doors of all platforms, as this archive's settings have them."""

    def __init__(self, settings: Mapping[str, PlatformSettings] | None = None) -> None:
        """`settings` by name of the platform. Raises `ConfigError` that names the key where they do not fit a platform."""
        self._settings = dict(settings or {})
        for name, given in self._settings.items():
            _check(name, given)

    def doors_of(self, platform: Platform) -> tuple[Door, ...]:
        """The doors that are used, in the order in which they are; those that are off are left out."""
        given = self._of(platform.name)
        doors = [replace(door, on=_is_on(door, given.doors.get(door.name))) for door in platform.doors]
        ranks = {name: rank for rank, name in enumerate(given.order)}
        doors.sort(key=lambda door: ranks.get(door.name, len(ranks)))
        return tuple(door for door in doors if door.on)

    def switched_on(self) -> Iterator[tuple[Platform, Door]]:
        """The doors that are off by themselves and that archiver.toml switches on: `Door.why` has what speaks against it."""
        for platform in PLATFORMS:
            yield from ((platform, door) for door in platform.doors if not door.on and door.name in self._names(platform))

    def is_off(self, ref: PostRef, url: str) -> bool:
        """Whether a URL that a reply leads to goes through a door that is not used."""
        platform, asked = platform_named(ref.platform), self.question(ref, url)
        return platform is not None and asked is not None and asked.door not in self._names(platform)

    def _names(self, platform: Platform) -> set[str]:
        return {door.name for door in self.doors_of(platform)}

    def requests_about(self, ref: PostRef) -> tuple[PostRequest, ...]:
        """The requests that say more about a post. Those through a spare door stand in `others` of the one before."""
        requests: list[PostRequest] = []
        for door, request in self.requests_by_door(ref):
            if door.spare and requests:
                requests[-1] = replace(requests[-1], others=(*requests[-1].others, request.url, *request.others))
            else:
                requests.append(request)
        return tuple(requests)

    def requests_by_door(self, ref: PostRef) -> Iterator[tuple[Door, PostRequest]]:
        """The doors that a post can be asked about by, in their order, each with its own addresses."""
        platform = platform_named(ref.platform)
        if platform is None:
            return
        requests = self._requests(platform, ref.post_id)
        yield from ((door, requests[door.name]) for door in self.doors_of(platform) if door.name in requests)

    def question(self, ref: PostRef, url: str, *, control: bool = False) -> PostQuestion | None:
        """Which door a URL of `requests_about` goes through; None for other URLs."""
        platform = platform_named(ref.platform)
        requests = self._requests(platform, ref.post_id) if platform is not None else {}
        door = next((name for name, request in requests.items() if url in (request.url, *request.others)), None)
        return PostQuestion(ref.platform, door, ref.post_id, control) if door is not None else None

    def embed_pages(self, ref: PostRef, author: str | None = None, other_id: str | None = None) -> tuple[str, ...]:
        """The pages that show the post by itself, the first to try first; () where its platform makes none. See
        `Platform.embed_page`. `other_id` is another id of the post, where one is known."""
        platform = platform_named(ref.platform)
        page = platform.embed_page(ref.post_id, author) if platform is not None else None
        if platform is None or page is None:
            return ()
        given = self._of(ref.platform).doors.get(EMBED_PAGE, DoorSettings())
        if given.on is False:
            return ()
        named = platform.embed_page_named(ref.post_id, other_id) if other_id is not None else None
        pages = (*((named,) if named is not None else ()), page, *platform.other_embed_pages(ref.post_id, author))
        return _addresses(platform, given, ref.post_id) or pages

    def paces(self) -> dict[str, float]:
        """Host -> seconds between two requests to it."""
        paces = {host: pace for platform in PLATFORMS for host, pace in platform.paces.items()}
        for platform in PLATFORMS:
            for name, door in self._of(platform.name).doors.items():
                if door.pace is not None:
                    paces |= dict.fromkeys(self._hosts_of(platform, name), door.pace)
        return paces

    def control_posts(self, platform: Platform) -> ControlPosts:
        """The posts that are known to be live or gone: those of archiver.toml, else those of control_posts.toml."""
        given, known = self._of(platform.name), control_posts().get(platform.name, NO_CONTROL_POSTS)
        live, gone = (tuple(_control_post(platform, written) for written in each) for each in (given.control, given.gone))
        return ControlPosts(live or known.live, gone or known.gone)

    def _of(self, name: str) -> PlatformSettings:
        return self._settings.get(name) or PlatformSettings()

    def _requests(self, platform: Platform, post_id: str) -> dict[str, PostRequest]:
        """By door, of those that are off as well. A door that the platform does not declare for this post has none, whatever
        address archiver.toml gives to it."""
        requests: dict[str, PostRequest] = {}
        for declared in platform.requests_about(post_id):
            addresses = _addresses(platform, self._of(platform.name).doors.get(declared.door), post_id)
            requests[declared.door] = replace(declared, url=addresses[0], others=addresses[1:]) if addresses else declared
        return requests

    def _hosts_of(self, platform: Platform, name: str) -> Iterator[str]:
        """The hosts of a door, by a post of the platform's own examples."""
        for post_id in _sample_posts(platform):
            request = self._requests(platform, post_id).get(name)
            if request is not None:
                yield from map(host_of, (request.url, *request.others))


def _is_on(door: Door, given: DoorSettings | None) -> bool:
    return door.on if given is None or given.on is None else given.on


def _addresses(platform: Platform, given: DoorSettings | None, post_id: str) -> tuple[str, ...]:
    """The addresses that archiver.toml gives to a door, for one post; () where it says nothing of them."""
    if given is None or given.address is None:
        return ()
    written = (given.address,) if isinstance(given.address, str) else given.address
    values = platform.address_values(post_id)
    filled = (_filled(address, values) for address in written)
    try:
        return tuple(checked(address) for address in filled)
    except BadUrl:  # of this post: the door has no address
        return ()


def _filled(address: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], address)


def _control_post(platform: Platform, written: str) -> ControlPost:
    """A post that archiver.toml names, by its id or address; what control_posts.toml knows of it counts as well."""
    post_id = platform.parse_url(written) or written
    known = control_posts().get(platform.name, NO_CONTROL_POSTS)
    return next((post for post in (*known.live, *known.gone) if post.id == post_id), ControlPost(post_id, "", "archiver.toml"))


def _sample_posts(platform: Platform) -> list[str]:
    return [post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id]


# --- what archiver.toml may say --------------------------------------------------------------------------------


def _check(name: str, given: PlatformSettings) -> None:
    key = f"platforms.{name}"
    platform = platform_named(name)
    if platform is None:
        known = ", ".join(sorted(one.name for one in PLATFORMS))
        raise _wrong(key, f"no platform has this name; there are {known}")
    doors = [door.name for door in platform.doors]
    for door in given.order:
        if door not in doors:
            raise _wrong(f"{key}.order", f"{platform.title} has no door `{door}`; it has {', '.join(doors) or 'none'}")
    for door, settings in given.doors.items():
        place = f"{key}.doors.{door}"
        if door not in doors:
            raise _wrong(place, f"{platform.title} has no such door; it has {', '.join(doors) or 'none'}")
        _check_addresses(platform, settings, f"{place}.address")
    for kind in ("control", "gone"):
        for written in getattr(given, kind):
            _check_post(platform, written, f"{key}.{kind}")


def _check_addresses(platform: Platform, given: DoorSettings, place: str) -> None:
    addresses = (given.address,) if isinstance(given.address, str) else given.address or ()
    if given.address is not None and not addresses:
        raise _wrong(place, "is an empty list; leave the key out, or switch the door off with `on = false`")
    post_id = next(iter(_sample_posts(platform)), "1")
    values = platform.address_values(post_id)
    for address in addresses:
        unknown = [found for found in _PLACEHOLDER.findall(address) if found not in values]
        if unknown:
            known = ", ".join(f"{{{value}}}" for value in values)
            raise _wrong(place, f"has {{{unknown[0]}}}; known are {known}")
        if not any(f"{{{value}}}" in address for value in values):
            raise _wrong(place, f"names no post: write where it stands, as in {{{next(iter(values))}}}")
        if _PLACEHOLDER.search(address.partition("#")[2]):
            raise _wrong(place, "names the post behind #, which is never sent: write it into the path or the query")
        try:
            checked(_filled(address, values))
        except BadUrl as error:
            raise _wrong(place, f"is no URL: {error}") from error
        if "@" in urlsplit(address.strip()).netloc:
            raise _wrong(place, "has a user name or password, which is not sent: leave it out")


def _check_post(platform: Platform, written: str, place: str) -> None:
    if not written.strip():
        raise _wrong(place, "has an empty text; write ids of posts, as the platform's own addresses have them")
    post_id = platform.parse_url(written)
    if post_id is None and ("://" in written or not _is_post_id(platform, written)):
        raise _wrong(place, f"{written} names no post of {platform.title}")


def _is_post_id(platform: Platform, written: str) -> bool:
    """Whether its address leads back to it. Those of the generic oEmbed, which are at any site, lead back to none."""
    try:
        return platform.parse_url(platform.canonical_url(written)) == written or platform.name == "oembed"
    except (ValueError, LookupError):  # no number, half a character, no such site
        return False


def _wrong(key: str, reason: str) -> ConfigError:
    return ConfigError(f"archiver.toml: `{key}`: {reason}")


def in_force(settings: Mapping[str, PlatformSettings]) -> dict[str, Any]:
    """What archiver.toml says of the platforms, for the record of the crawl: only what it says."""
    return {name: _given(msgspec.to_builtins(platform)) for name, platform in settings.items()}


def _given(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {name: _given(inner) for name, inner in value.items()}
    return {name: inner for name, inner in kept.items() if inner not in (None, [], {}, ())}
