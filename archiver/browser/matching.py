"""Matches the embeds of a page's raw bytes with those of its rendered markup. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial

from archiver.browser.wording import letters_only
from archiver.html.addresses import address_of, domains_of
from archiver.html.embed_candidates import ANYWHERE
from archiver.model.findings import Embed
from archiver.model.render import RenderedEmbed
from archiver.platforms import platform_named

COMPARED = 40  # letters and digits of two texts; scripts and browsers differ in what follows: links, dates, names
MAX_EMBEDS = 500  # of one page; fewer get a picture
MAX_RENDERED = 2_000  # of one rendered page


def match_embeds(embeds: Sequence[Embed], rendered: Sequence[RenderedEmbed]) -> dict[int, RenderedEmbed]:
    """For each embed's position its place in the rendered page; embeds that are not there are left out.

    The first appearance of a post is its first place, the second its second. What no id leads to is found by a short link, then
    by its words; never where another post stands, as many posts begin with the same words, and replies carry the same code.
    """
    embeds = embeds[:MAX_EMBEDS]
    found: dict[int, RenderedEmbed] = {}
    free = dict(enumerate(rendered[:MAX_RENDERED]))
    _claim(found, free, embeds, _post)
    for code in dict.fromkeys(code for embed in embeds if embed.position not in found for code in embed.short_links):
        _claim(found, free, embeds, partial(_having, code))
    _claim(found, free, embeds, _words)
    return found


def _claim(
    found: dict[int, RenderedEmbed],
    free: dict[int, RenderedEmbed],
    embeds: Iterable[Embed],
    name: Callable[[Embed | RenderedEmbed], Hashable | None],
) -> None:
    """Each embed that has no place yet takes the first free one of its name that is not known to be another post's."""
    by_name: dict[Hashable, list[int]] = defaultdict(list)
    for place_number, place in free.items():
        if (named := name(place)) is not None:
            by_name[named].append(place_number)
    for embed in embeds:
        named = name(embed)
        if embed.position in found or named is None:
            continue
        number = next((one for one in by_name.get(named, ()) if _may_be(embed, free[one])), None)
        if number is not None:
            by_name[named].remove(number)
            found[embed.position] = free.pop(number)


def _may_be(embed: Embed, place: RenderedEmbed) -> bool:
    return embed.post_id is None or place.post_id is None or embed.post_id == place.post_id


def _post(one: Embed | RenderedEmbed) -> Hashable | None:
    return (one.platform, one.post_id) if one.post_id is not None else None


def _having(code: str, one: Embed | RenderedEmbed) -> Hashable | None:
    return one.platform if code in one.short_links else None


def _words(one: Embed | RenderedEmbed) -> Hashable | None:
    words = letters_only(one.text or "")[:COMPARED]
    return (one.platform, words) if words else None


def frame_domains(embed: Embed) -> list[str]:
    """The domains that a frame which shows an embed is of, subdomains included; empty where nothing is known of them."""
    platform = platform_named(embed.platform)
    if platform is None:
        return []
    own = [] if embed.post_id is None else [*domains_of(address_of(platform.canonical_url(embed.post_id)))][:1]
    return [*dict.fromkeys((*own, *(host for host in platform.hosts if host != ANYWHERE)))]
