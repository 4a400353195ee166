"""Embeds without an address: one attribute names the provider, another holds the id (`data-service="vimeo" data-id="76979871"`).

iframemanager, Plyr, XenForo and many galleries write them so, each with attributes of its own; consent banners do as well. What
they mean is the address of the provider's player, which then is read like any other.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

# A name of eleven letters and no digit, or a mere number, is more likely the site's own than a video's.
_YOUTUBE = r"(?!\d+$|[A-Za-z]?[a-z_-]+$)[\w-]{11}"
# Provider -> what an id of its own looks like, and the address that it makes.
_PROVIDERS = {
    "youtube": (_YOUTUBE, "youtube.com/embed/{}"),
    "vimeo": (r"\d{6,12}", "player.vimeo.com/video/{}"),
    "dailymotion": (r"x[0-9a-z]{5,8}", "dailymotion.com/embed/video/{}"),
    "twitter": (r"\d{9,20}", "twitter.com/i/status/{}"),
    "instagram": (r"(?=[\w-]*[A-Z])[\w-]{9,14}", "instagram.com/p/{}"),
    "tiktok": (r"\d{18,20}", "tiktok.com/embed/v2/{}"),
    "facebook": (r"\d{9,20}", "facebook.com/watch/?v={}"),
    "twitch": (r"v?\d{8,12}", "player.twitch.tv/?video={}"),
    "streamable": (r"(?=\w*\d)[a-z0-9]{5,7}", "streamable.com/{}"),
    "spotify": (r"(?:track|album|playlist|episode|show)[/:]\w{22}", "open.spotify.com/embed/{}"),
    "soundcloud": (r"(?:tracks|playlists)/\d{5,15}", "api.soundcloud.com/{}"),
    "imgur": (r"(?:a/)?(?=\w*[A-Z0-9])\w{5,8}", "imgur.com/{}"),
    "giphy": (r"(?=\w*\d)\w{12,24}", "giphy.com/embed/{}"),
    "telegram": (r"\w{4,40}/\d{1,9}", "t.me/{}"),
    "reddit": (r"(?:r/)?\w{2,30}/comments/\w{4,8}", "reddit.com/r/{}"),
    "rutube": (r"[0-9a-f]{32}", "rutube.ru/play/embed/{}"),
    "bitchute": (r"(?=\w*[A-Z0-9])\w{11,12}", "bitchute.com/embed/{}"),
    "rumble": (r"v[0-9a-z]{4,8}", "rumble.com/embed/{}"),
}
_SHAPES = {name: re.compile(shape, re.A) for name, (shape, _) in _PROVIDERS.items()}
_SPELLINGS = {
    **{name: name for name in _PROVIDERS},
    **{"yt": "youtube", "youtubevideo": "youtube", "youtubenocookie": "youtube", "vimeovideo": "vimeo", "tweet": "twitter"},
    **{"x": "twitter", "instagrampost": "instagram", "facebookvideo": "facebook", "tiktokvideo": "tiktok", "dm": "dailymotion"},
    **{"twitterembed": "twitter", "youtubeembed": "youtube", "vimeoembed": "vimeo", "instagramembed": "instagram"},
}
_NAMES_PROVIDER = re.compile(
    r"data-(?:[\w-]*-)?(?:service|type|provider|provider-?name|source|platform|site|site-?id|network|vendor|host|player|social"
    r"|videotype|mediatype|embedtype|videosource|videoprovider|category|consent)$"
)
_HOLDS_ID = re.compile(
    r"(?:data-(?:[\w-]*[_-])?(?:id|key|code|shortcode|video|vid|embed|tweet|videoid|tweetid|postid|embedid|mediaid|clipid|uid|hash|ref"
    r"|value|content|src|slug)|video-?id|post-?id)$"
)
_SITES_OWN = re.compile(r"data-(?:post|article|entry|item|user|author|page|content|topic|thread|comment|node)_?-?id$")
_NUMBERS = frozenset(("vimeo", "facebook", "twitch"))  # whose ids may be mistaken for numbers of the site's own


def player_address(provider: str, value: str) -> str | None:
    """`youtube.com/embed/ID` for `YouTube` and an id; None for other providers, and for what is no id of theirs."""
    name = _SPELLINGS.get(re.sub(r"^video/|[\s._-]|\.com$", "", provider.strip().lower())) if len(provider) <= 30 else None
    text = value.strip()
    if name is None or len(text) > 80 or _SHAPES[name].fullmatch(text) is None:
        return None
    return _PROVIDERS[name][1].format(text.replace(":", "/").removeprefix("r/"))


@lru_cache(4_096)
def _is_provider_name(name: str) -> bool:
    return name.startswith("data-") and _NAMES_PROVIDER.match(name) is not None


def named_players(attributes: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The attribute with an id, and the address that it makes with the provider in another; the first that fits."""
    providers = [name for name in attributes if _is_provider_name(name)]
    if not providers or len(attributes) < 2:
        return
    for provider in filter(None, (attributes[name] for name in providers)):
        for name, value in attributes.items():
            if not value or value == provider or len(value) > 80 or _HOLDS_ID.match(name) is None:
                continue
            address = player_address(provider, value)
            if address is None or (
                _SITES_OWN.match(name) and address.startswith(tuple(_PROVIDERS[one][1].split("/")[0] for one in _NUMBERS))
            ):
                continue
            yield name, address
            return
