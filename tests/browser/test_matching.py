"""Where embeds stand in a rendered page, and which of the raw page's each of them is."""

from archiver.browser.matching import frame_domains, match_embeds
from archiver.extraction.embeds import rendered_embeds
from archiver.model.findings import Embed, EmbedKind
from archiver.model.render import LABEL, RenderedEmbed

URL = "https://paper.example/story"
TWEET = "https://platform.twitter.com/embed/Tweet.html?id={}"


def embed(position: int, post_id: str | None, *, codes: tuple[str, ...] = (), text: str | None = None) -> Embed:
    return Embed("twitter", post_id, None, EmbedKind.BLOCKQUOTE, position, short_links=codes, text=text)


def place(label: str, post_id: str | None, *, codes: tuple[str, ...] = (), text: str | None = None) -> RenderedEmbed:
    return RenderedEmbed("twitter", post_id, label, codes, text)


def labels(found: dict[int, RenderedEmbed]) -> dict[int, str | None]:
    return {position: one.label for position, one in found.items()}


def test_a_frame_is_found_by_the_label_of_its_element() -> None:
    markup = (
        f'<html {LABEL}="e0"><body {LABEL}="e1"><p {LABEL}="e2">Words</p>'
        f'<div {LABEL}="e3" class="twitter-tweet-rendered">'
        f'<iframe {LABEL}="e4" src="{TWEET.format(1568656084437740674)}"></iframe></div>'
    )
    (found,) = rendered_embeds(URL, markup)
    assert (found.platform, found.post_id, found.label) == ("twitter", "1568656084437740674", "e4")


def test_words_of_a_post_have_the_label_of_what_holds_them() -> None:
    words = "Whole rows of them, parked pic.twitter.com/uOWxLTTvGP — Anonymous (@AnonymousUK2022) September 10, 2022"
    (found,) = rendered_embeds(URL, f'<html {LABEL}="e0"><body {LABEL}="e1"><p {LABEL}="e2">{words}</p>')
    assert (found.post_id, found.label, found.short_links) == (None, "e2", ("pic.twitter.com/uOWxLTTvGP",))


def test_markup_without_labels_or_sense_gives_no_place_to_look_at() -> None:
    assert rendered_embeds(URL, "<<<>>>\0" * 1000) == ()
    (found,) = rendered_embeds(URL, f'<iframe src="{TWEET.format(1568656084437740674)}"></iframe>')
    assert found.label is None


def test_the_second_appearance_of_a_post_is_its_second_place() -> None:
    raw = [embed(1, "11"), embed(2, "22"), embed(3, "11")]
    drawn = [place("e5", "11"), place("e7", "22"), place("e9", "11")]
    assert labels(match_embeds(raw, drawn)) == {1: "e5", 2: "e7", 3: "e9"}


def test_what_scripts_added_or_took_away_moves_no_other() -> None:
    raw = [embed(1, "11"), embed(2, "22"), embed(3, "33")]
    drawn = [place("e1", "99"), place("e7", "33"), place("e8", "11"), place("e9", "11")]
    assert labels(match_embeds(raw, drawn)) == {1: "e8", 3: "e7"}


def test_an_embed_without_an_id_is_found_by_its_short_link_then_by_its_words() -> None:
    raw = [
        embed(1, None, codes=("pic.twitter.com/A",), text="Gulls"),
        embed(2, None, codes=("pic.twitter.com/B",), text="Boats come home"),
        embed(3, None, text="Low tide, no ships"),
    ]
    drawn = [
        place("e3", None, text="LOW TIDE: no ships"),
        place("e4", "44", codes=("pic.twitter.com/B",)),
        place("e5", None, text="x"),
    ]
    assert labels(match_embeds(raw, drawn)) == {2: "e4", 3: "e3"}


def test_a_post_does_not_take_the_place_of_another_that_begins_like_it() -> None:
    """Its own element was gone, and another's, which began with the same 40 letters, was cut out as its picture."""
    daily = "Good morning! Here are the stories that you need to read today: {}"
    raw = [embed(1, "111", text=daily.format("floods")), embed(2, "222", codes=("pic.twitter.com/A",))]
    drawn = [place("e7", "333", text=daily.format("fire")), place("e8", "444", codes=("pic.twitter.com/A",))]
    assert match_embeds(raw, drawn) == {}
    nameless = [place("e7", "333", text=daily.format("fire")), place("e9", None, text=daily.format("floods"))]
    assert labels(match_embeds(raw, nameless)) == {1: "e9"}


def test_a_frame_of_an_embed_is_at_its_platform() -> None:
    assert frame_domains(embed(1, "111"))[:2] == ["twitter.com", "x.com"]
    toot = Embed("mastodon", "mastodon.example/109252111498807689", None, EmbedKind.BLOCKQUOTE, 1)
    assert frame_domains(toot) == ["mastodon.example"]
    assert frame_domains(Embed("nobody knows it", "1", None, EmbedKind.BLOCKQUOTE, 1)) == []


def test_another_platforms_words_are_not_taken() -> None:
    assert match_embeds([embed(1, None, text="Gulls")], [RenderedEmbed("bluesky", None, "e1", (), "Gulls")]) == {}
