"""Snippets of real markup, a folder for each kind of embed: each that shows a whole embed is recognised as its platform's."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import EmbedFindings

HERE = Path(__file__).parent

# Folder -> platform. Folders of `twitter_*` that are not here or below hold embeds of Twitter's.
EMBEDS = {
    "bluesky": "bluesky",
    "dailymotion": "dailymotion",
    "datawrapper_infogram": "framed",
    "documentcloud": "framed",
    "facebook_post": "facebook",
    "facebook_video": "facebook",
    "flickr": "flickr",
    "giphy": "giphy",
    "google_maps": "framed",
    "imgur": "imgur",
    "instagram": "instagram",
    "linkedin": "linkedin",
    "mastodon": "mastodon",
    "medium_figure_iframe": "youtube",
    "pinterest": "pinterest",
    "reddit": "reddit",
    "scribd": "framed",
    "soundcloud": "soundcloud",
    "spotify": "spotify",
    "storify": "framed",
    "telegram": "telegram",
    "threads": "threads",
    "tiktok": "tiktok",
    "truthsocial": "truthsocial",
    "tumblr": "tumblr",
    "twitch": "twitch",
    "vimeo": "vimeo",
    "vine": "vine",
    "vk": "vk",
    "wp_embed_post": "oembed",
    "youtube": "youtube",
    "youtube_lazy": "youtube",
    "youtube_lite_amp": "youtube",
    "youtube_nocookie": "youtube",
}
# Posts that are linked to and not embedded: they are among the links, and nothing is an embed.
LINKS = (
    "twitter_link_hashbang",
    "twitter_link_mobile",
    "twitter_link_photo_suffix",
    "twitter_link_status",
    "twitter_link_wayback",
    "twitter_link_x_com",
    "twitter_nitter_fx",
)
# Short links and hot-linked pictures of Twitter's, found as such.
SHORT_LINKS = ("twitter_link_pic", "twitter_link_tco")
MEDIA = ("twitter_hotlinked_pbs", "twitter_video_poster")
NOTHING = ("twitter_timeline",)

# What lies in these folders and shows no such thing, with the reason.
EXCEPTIONS = {
    "medium_figure_iframe/01.html": "cut off before its frame: only the beginning of the figure and some links to others",
    "pinterest/01.html": "embedUser: the button of a profile, not a pin",
    "pinterest/03.html": "buttonBookmark: shares the page",
    "pinterest/07.html": "buttonBookmark: shares the page",
    "pinterest/09.html": "buttonPin: shares the page",
    "reddit/03.html": "redditmedia.com/gtm: a frame that counts visits",
    "threads/fs02.html": "cut off within the tag that begins the quote, so there is no element",
    "youtube/oembed_www.youtube.com.oembed_44a61a.html": "videoseries: the player of a list, which names no video",
    "youtube/harbour-list.html": "videoseries: the player of a list, which names no video",
    "youtube_nocookie/07.html": "videoseries: the player of a list, which names no video",
    "youtube_lite_amp/01.html": "an empty <span class=embed-youtube>: its frame was lost",
    "twitter_link_hashbang/07.html": "#!/NAME: a profile",
    "twitter_link_hashbang/09.html": "#!/search: a search",
    "twitter_link_wayback/fs01_url_only.html": "addresses in plain text: either a link or a line by itself, which is an embed",
    "twitter_video_poster/03.html": "<link rel=dns-prefetch>: the host alone",
}
# Of these, what is found nevertheless.
FOUND_NEVERTHELESS = {"twitter_link_wayback/fs01_url_only.html": "twitter"}

# Our own snippets: the ids of the posts that each embeds, and of those that it links to.
POSTS: dict[str, tuple[list[str], list[str]]] = {
    "bluesky/harbour.html": (["did:plc:ab2cd3ef4gh5ij6kl7mn2op3/3kab2cd3ef42x"], []),
    "facebook_post/harbour.html": (["harbour.example/1234567890123456"], []),
    "google_maps/harbour.html": (["googlemaps/!1m14!2d30.5!3d50.4!2sThe%20harbour"], []),
    "mastodon/harbour.html": (["harbour.example/109252111498807123"], []),
    "twitter_link_status/harbour.html": ([], ["1569026912315478000"]),
    "twitter_timeline/harbour.html": ([], []),
    "wp_embed_post/harbour.html": (["harbour.example/2020/the-tide"], []),
    "youtube/harbour-list.html": ([], []),
    "youtube/harbour.html": (["aB3dE5fG7hJ"], []),
}


@dataclass(frozen=True)
class Snippet:
    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def findings(self) -> EmbedFindings:
        return find_embeds(Document("https://blog.example/a-post/", self.path.read_text(encoding="utf-8", errors="replace")))

    @property
    def platforms(self) -> set[str]:
        return {embed.platform for embed in self.findings.embeds}


def own_snippets() -> list[Snippet]:
    return [Snippet(path) for folder in sorted((HERE / "snippets").iterdir()) for path in sorted(folder.iterdir())]


def found_folders() -> list[Path]:
    """Our own snippets, and those of the corpus where this machine has it."""
    named = os.environ.get("ARCHIVER_CORPUS")
    real = Path(named) if named else HERE.parent.parent.parent / "shared" / "corpus"
    roots = [HERE / "snippets", real / "snippets"]
    return [folder for root in roots if root.is_dir() for folder in sorted(root.iterdir()) if folder.is_dir()]


def snippets(*kinds: str) -> list[Snippet]:
    found = (Snippet(path) for folder in found_folders() if folder.name in kinds for path in sorted(folder.iterdir()))
    return [snippet for snippet in found if snippet.name not in EXCEPTIONS]


def embedding() -> list[str]:
    others = {*LINKS, *SHORT_LINKS, *MEDIA, *NOTHING}
    return sorted({folder.name for folder in found_folders()} - others)


@pytest.mark.parametrize("kind", embedding())
def test_each_snippet_is_recognised_as_its_platforms_and_nobody_elses(kind: str) -> None:
    platform = EMBEDS.get(kind, "twitter" if kind.startswith("twitter_") else None)
    assert platform is not None, f"{kind} is new: say in EMBEDS whose embeds it shows"

    assert {snippet.name: snippet.platforms for snippet in snippets(kind) if snippet.platforms != {platform}} == {}


def test_our_own_snippets_show_the_posts_that_we_put_in_them() -> None:
    findings = {snippet.name: snippet.findings for snippet in own_snippets()}

    embeds = {name: [embed.post_id for embed in found.embeds] for name, found in findings.items()}
    links = {name: [link.post_id for link in found.links] for name, found in findings.items()}
    assert {name: (embeds[name], links[name]) for name in findings} == POSTS


def test_a_post_that_is_only_linked_is_among_the_links() -> None:
    linked = snippets(*LINKS)

    assert linked
    assert {snippet.name: snippet.platforms for snippet in linked if snippet.platforms} == {}
    assert [snippet.name for snippet in linked if not any(link.platform == "twitter" for link in snippet.findings.links)] == []


def test_short_links_and_pictures_are_found_and_are_no_embeds() -> None:
    assert [snippet.name for snippet in snippets(*SHORT_LINKS) if not snippet.findings.short_links] == []
    assert [snippet.name for snippet in snippets(*MEDIA) if not snippet.findings.media] == []
    assert {snippet.name: snippet.platforms for snippet in snippets(*SHORT_LINKS, *MEDIA) if snippet.platforms} == {}


def test_a_timeline_is_no_post() -> None:
    assert snippets(*NOTHING)
    assert {snippet.name: snippet.platforms for snippet in snippets(*NOTHING) if snippet.platforms} == {}


def test_what_is_judged_to_be_no_embed_gives_none() -> None:
    """So that an exception does not outlive its reason."""
    exceptions = [Snippet(path) for folder in found_folders() for path in folder.iterdir() if Snippet(path).name in EXCEPTIONS]

    found = {snippet.name: platform for snippet in exceptions for platform in snippet.platforms}
    assert exceptions
    assert found == {name: FOUND_NEVERTHELESS[name] for name in found if name in FOUND_NEVERTHELESS}
