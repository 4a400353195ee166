"""The posts that a page embeds: what is one appearance, what is two, where they stand, and what hostile pages do not break."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extraction.decode import decode
from archiver.extraction.embeds import MAX_EMBEDS, find_embeds
from archiver.html.document import Document
from archiver.model.findings import EmbedFindings, EmbedKind
from archiver.platforms import PLATFORMS

CASES = sorted(path.parent for path in (Path(__file__).parent.parent / "pages").glob("*/*/page.html"))
ID, OTHER = "1568605567890001920", "1568605567890001921"


def read(markup: str, url: str = "https://blog.example/a") -> EmbedFindings:
    return find_embeds(Document(url, markup))


def box(post_id: str = ID, text: str = "Hello", code: str = "AbCdEf1234") -> str:
    return (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{text} <a href="https://t.co/{code}">pic.twitter.com/{code}</a></p>'
        f'&mdash; Mira (@mira_k) <a href="https://twitter.com/mira_k/status/{post_id}">May 1, 2022</a></blockquote>'
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_saved_page_gives_what_its_case_expects(case: Path) -> None:
    found = find_embeds(Document("https://blog.example/a", decode((case / "page.html").read_bytes())))
    found = {
        "embeds": [{key: value for key, value in embed.to_json().items() if key != "html"} for embed in found.embeds],
        "links": [link.post_id for link in found.links],
        "short_links": list(found.short_links),
        "media": list(found.media),
    }

    assert found == json.loads((case / "expected.json").read_text(encoding="utf-8"))


def test_an_embed_tells_all_that_stands_in_its_box() -> None:
    picture = "https://pbs.twimg.com/media/FcTkQpXWIAAdTq1.jpg"
    (embed,) = read(f"<p>It was cold.</p>{box(text=f'Hi<br>there <img src={picture}>')}<p>So they left.</p>").embeds

    assert (embed.kind, embed.position, embed.post_id) == (EmbedKind.BLOCKQUOTE, 1, ID)
    assert embed.url == f"https://twitter.com/i/status/{ID}"
    assert (embed.author, embed.author_name, embed.posted_at) == ("mira_k", "Mira", "2022-05-01")
    assert embed.text == "Hi\nthere pic.twitter.com/AbCdEf1234"
    assert embed.short_links == ("pic.twitter.com/AbCdEf1234",)
    assert embed.media == (picture,)
    assert embed.html.startswith('<blockquote class="twitter-tweet">')
    assert embed.context == "It was cold. … So they left."


def test_the_time_in_the_id_stands_in_for_a_date_that_is_not_given() -> None:
    (embed,) = read(f'<iframe data-tweet-id="{ID}"></iframe>').embeds
    assert embed.posted_at == "2022-09-10T14:21:25Z"


def test_a_post_shown_twice_is_two_appearances_in_document_order() -> None:
    found = read(f"{box()}<p>again</p>{box(OTHER)}{box()}")
    assert [(embed.position, embed.post_id) for embed in found.embeds] == [(1, ID), (2, OTHER), (3, ID)]


@pytest.mark.parametrize(
    "markup",
    [
        f'<div data-url="https://twitter.com/mira_k/status/{ID}">{box()}</div>',
        f'<iframe data-tweet-id="{ID}"></iframe><noscript>{box()}</noscript>',
        f'<div class="twitter-tweet twitter-tweet-rendered"><iframe data-tweet-id="{ID}"></iframe></div>{box()}',
        f'{box()}<script>x = {{"type": "tweet", "url": "https://twitter.com/mira_k/status/{ID}"}}</script>',
        f"{box()}<p>Words in between</p><template>{box()}</template>",
        f'<amp-twitter data-tweetid="{ID}">{box()}</amp-twitter>',
        f'<iframe data-tweet-id="{ID}" srcdoc="{box().replace(chr(34), "&quot;")}"></iframe>',
    ],
)
def test_one_appearance_in_two_forms_is_one_embed(markup: str) -> None:
    assert [embed.post_id for embed in read(markup).embeds] == [ID]


def test_of_two_forms_the_one_with_words_is_kept() -> None:
    (embed,) = read(f'<iframe data-tweet-id="{ID}"></iframe><noscript>{box()}</noscript>').embeds
    assert (embed.kind, embed.text, embed.author) == (EmbedKind.BLOCKQUOTE, "Hello pic.twitter.com/AbCdEf1234", "mira_k")


def test_links_are_posts_that_are_not_embedded_once_each() -> None:
    link = f'<a href="https://x.com/mira_k/status/{OTHER}/photo/1">there</a>'
    found = read(f'<p>{link} {link} <a href="https://twitter.com/mira_k/status/{ID}">here</a></p>{box()}')
    assert [(found_link.post_id, found_link.url) for found_link in found.links] == [
        (OTHER, f"https://twitter.com/i/status/{OTHER}")
    ]


def test_several_posts_in_one_paragraph_of_plain_text_are_separated() -> None:
    found = read(
        "<p>First words pic.twitter.com/Aaaaaaaaaa — Ann (@ann_b) September 10, 2022 "
        "Second — with a dash — pic.twitter.com/Bbbbbbbbbb — Jo – Le (@jo_le) 11 September 2022</p>"
    )
    assert [(embed.author, embed.author_name, embed.posted_at, embed.short_links) for embed in found.embeds] == [
        ("ann_b", "Ann", "2022-09-10", ("pic.twitter.com/Aaaaaaaaaa",)),
        ("jo_le", "Jo – Le", "2022-09-11", ("pic.twitter.com/Bbbbbbbbbb",)),
    ]
    assert [embed.text for embed in found.embeds] == [
        "First words pic.twitter.com/Aaaaaaaaaa",
        "Second — with a dash — pic.twitter.com/Bbbbbbbbbb",
    ]
    assert {embed.kind for embed in found.embeds} == {EmbedKind.TEXT}


def test_plain_text_with_the_posts_address_behind_it_has_an_id() -> None:
    (embed,) = read(
        f"<pre>Hello there\n— Ann (@ann_b) 10 September 2022 &lt;https://twitter.com/ann_b/status/{ID}&gt;\n</pre>"
    ).embeds
    assert (embed.kind, embed.post_id, embed.text) == (EmbedKind.STATIC, ID, "Hello there")


def test_a_page_without_posts_gives_nothing() -> None:
    assert read("<p>Nothing here but a (@mention) and an e-mail: ann@example.org</p>") == EmbedFindings()
    assert read("") == EmbedFindings()


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000 + box(),
        "<blockquote class=twitter-tweet>" * 20_000,
        "<template>" * 20_000 + box(),
        "<b><i>" * 50_000 + "(@ann)",
        "&" + "amp;" * 50_000 + "lt;blockquote twitter-tweet",
        '<div data-x="' + "&lt;blockquote" * 20_000 + '">twitter-tweet /status',
        "(@ann) — " * 50_000,
        "<script>" + '"\\u003cblockquote class=\\"twitter-tweet\\"' * 5_000,
        "<!--" * 50_000 + "/status/1",
        "\0\ufffd<blockquote class='twitter-tweet'\0><a href=//x.com/a/status/\0>",
        '<div data-attrs="{&quot;url&quot;:' + "[" * 20_000 + 'https://twitter.com/a/status/20">',
    ],
    ids=range(11),
)
def test_hostile_markup_breaks_nothing(markup: str) -> None:
    assert len(read(markup).embeds) <= 1


def test_a_box_below_a_hundred_thousand_tags_is_still_found() -> None:
    assert [embed.post_id for embed in read("<div>" * 100_000 + box()).embeds] == [ID]


def test_fifty_thousand_embeds_are_cut_and_the_rest_stay_links() -> None:
    bare = '<blockquote class="twitter-tweet"><a href="//x.com/a/status/{}"></a></blockquote>'
    found = read("".join(bare.format(1_568_605_567_890_000_000 + number) for number in range(50_000)))
    assert len(found.embeds) == MAX_EMBEDS
    assert len(found.embeds) + len(found.links) == 50_000


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_examples_raise_nothing(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from([example.html for platform in PLATFORMS for example in platform.examples]))
    start = data.draw(st.integers(0, len(example)))
    end = data.draw(st.integers(start, len(example)))
    cuts = st.sampled_from(["<", '"', "&quot;", "\\", "\0", "]]>", "<!--"])
    middle = data.draw(st.one_of(st.text(max_size=20), st.just(example), cuts))

    found = read(example[:start] + middle + example[end:])

    assert [embed.position for embed in found.embeds] == list(range(1, len(found.embeds) + 1))
