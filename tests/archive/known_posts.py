"""The posts of the magazine of the sample web, as the archive should know them."""

from dataclasses import dataclass

ROWAN, KEEPER = "did:plc:xdncf32epf3dhodzdocis2jh", "did:plc:tlgmxgedn73u55xtplpft7v4"


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive should call a post, who tells of it, and by which addresses it should be found besides its own."""

    key: str
    platform: str
    post_id: str
    source: str
    posted_at: str | None
    """None where the network's reply has no time."""
    addresses: tuple[str, ...]
    author: bool = True
    """Whether the reply gives the author's handle."""


KNOWN = (
    Known("boats", "bluesky", f"{ROWAN}/3krnevq6npfdo", "api", "2024-05-04T06:12:09Z", (
        f"at://{ROWAN}/app.bsky.feed.post/3krnevq6npfdo",
        f"https://bsky.app/profile/{ROWAN}/post/3krnevq6npfdo?ref_src=embed",
        f"https://embed.bsky.app/embed/{ROWAN}/app.bsky.feed.post/3krnevq6npfdo?id=1",
        "bsky.app/profile/Rowan.Shore.Example/post/3krnevq6npfdo",
    )),
    Known("lamp", "bluesky", f"{KEEPER}/3krmbmbvqrm54", "api", "2024-05-03T19:40:31Z", (
        f"https://bsky.app/profile/{KEEPER}/post/3krmbmbvqrm54",
    )),
    Known("weed", "bluesky", "keeper.shore.example/3krsm3g6yfma2", "api", "2024-05-06T08:03:55Z", (
        "https://web.archive.org/web/2024/https://bsky.app/profile/keeper.shore.example/post/3krsm3g6yfma2",
    )),
    Known("gulls-vote", "mastodon", "mastodon.shore.example/112389629193863938", "api", "2024-05-05T17:20:44Z", (
        "https://mastodon.shore.example/@ines/112389629193863938/embed",
        "https://mastodon.shore.example/users/ines/statuses/112389629193863938",
    )),
    Known("tide-table", "telegram", "lowwaterboard/418", "embed_page", "2024-05-05T04:30:00Z", (
        "t.me/lowwaterboard/418", "https://t.me/s/lowwaterboard/418", "https://telegram.me/LowWaterBoard/418?single",
    )),
    Known("knots", "youtube", "XUi5AhuqpfE", "oembed", None, (
        "https://youtu.be/XUi5AhuqpfE?t=3", "https://m.youtube.com/shorts/XUi5AhuqpfE", "XUi5AhuqpfE",
        "https://i.ytimg.com/vi/XUi5AhuqpfE/hqdefault.jpg",
    )),
    Known("launch", "youtube", "nbtXAqwK8jZ", "oembed", None, ("https://www.youtube-nocookie.com/embed/nbtXAqwK8jZ",)),
    Known("dunes", "vimeo", "943210077", "oembed", "2024-05-01", ("https://player.vimeo.com/video/943210077",)),
    Known("hulls", "flickr", "53698841207", "oembed", None, ("https://flic.kr/p/2pPbADM",)),
    Known("foghorn", "soundcloud", "tracks/1817402263", "oembed", None, ("https://api.soundcloud.com/tracks/1817402263",)),
    Known("rope-quarrel", "reddit", "1ckq7x2", "oembed", None, (
        "https://redd.it/1ckq7x2", "https://old.reddit.com/r/ropework/comments/1ckq7x2/",
    )),
    Known("rope-film", "tiktok", "7366218532608125606", "oembed", "2024-05-07T11:30:02Z", (
        "https://m.tiktok.com/v/7366218532608125606.html", "7366218532608125606",
    )),
    Known("crab", "tiktok", "7366655481324364206", "oembed", "2024-05-08T15:45:37Z", (
        "https://vm.tiktok.com/ZMrCr4b9k/", "vm.tiktok.com/ZMrCr4b9k", "http://vm.tiktok.com/ZMrCr4b9k?_r=1",
    )),
    Known("net", "instagram", "C6dlSn79Z61", "embed_page", "2024-05-02T10:10:10Z", (
        "https://www.instagram.com/mended.by.hand/p/C6dlSn79Z61/?img_index=1", "https://instagram.com/reel/C6dlSn79Z61",
    )),
    Known("notice", "facebook", "harbouroffice.shore/764120985551043", "embed_page", "2024-05-06T07:00:00Z", (
        "https://m.facebook.com/harbouroffice.shore/posts/764120985551043?ref=share",
    )),
    Known("soup", "oembed", "pier-kitchen.example/2024/05/soup-for-a-crew-of-nine", "oembed", None, (
        "pier-kitchen.example/2024/05/soup-for-a-crew-of-nine",
    ), author=False),
    Known("weekdays", "framed", "datawrapper/Sp9wK", "oembed", None, ("https://datawrapper.dwcdn.net/Sp9wK/7/",), author=False),
)  # fmt: skip


BY_KEY = {known.key: known for known in KNOWN}
