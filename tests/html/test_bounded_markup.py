"""What the parser would take the square of the page's length for is left out, and nothing of pages as they are."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from archiver.extraction.embeds import find_embeds
from archiver.html.bounded_markup import MAX_ATTRIBUTES, MAX_DEPTH, bounded
from archiver.html.document import Document

POST = "1568605567890001920"
BOX = (
    '<blockquote class="twitter-tweet"><p>Words</p>&mdash; Mira (@mira_k) '
    f'<a href="https://x.com/mira_k/status/{POST}">May 1</a></blockquote>'
)


def depth_of(markup: str) -> int:
    """How deep the deepest element of the parsed markup is."""
    root = LexborHTMLParser(markup).root
    deepest = depth = 0
    for node in root.traverse() if root is not None else ():
        parent, depth = node.parent, 0
        while parent is not None:
            parent, depth = parent.parent, depth + 1
        deepest = max(deepest, depth)
    return deepest


def elements_of(markup: str) -> int:
    return len(LexborHTMLParser(markup).css("*"))


def test_what_lies_behind_names_of_attributes_without_end_is_left_out() -> None:
    markup = "".join(f"<p data-a{n}=1 data-b{n}=2></p>" for n in range(80_000))

    assert 1_000_000 < len(bounded(markup)) < len(markup) / 2
    assert bounded(markup[:400_000]) == markup[:400_000]


@pytest.mark.parametrize("unit", ["<a", '<a b="', "<a b='x"])
def test_tags_without_end_are_looked_through_a_few_times_only(unit: str) -> None:
    markup = f"<p>Words</p>{BOX}" + unit * 200_000

    assert [embed.post_id for embed in find_embeds(Document("https://a.example/", markup)).embeds] == [POST]


def test_names_of_attributes_that_begin_with_an_equals_sign_are_bounded_too() -> None:
    (div,) = LexborHTMLParser(bounded(f"<div {' '.join(f'=a{n}' for n in range(20_000))}>x")).css("div")

    assert len(div.attributes) <= MAX_ATTRIBUTES


ORDINARY = (
    "<p>Words",
    "<p>one<p>two<br><img src=/a.jpg>" * 3_000,
    "<div><b>x</b></div>" * 3_000,
    "<ul>" + "<li><a href=/x>y</a>" * 3_000 + "</ul>",
    "<table>" + "<tr><td>a<td>b" * 2_000 + "</table>",
    "<svg>" + '<path d="M0 0"/><stop/>' * 3_000 + "</svg>",
    "<script>if (a<b && c) {" + "x<y; " * 3_000 + "}</script><p>Words",
    '<div data-text="' + "many words in one attribute " * 400 + '">x</div>',
    "<div data-props='" + '{"a": "b <i> c", "d": 1} ' * 400 + "'>x</div>",
    "<style>" + "a b c d e f g { color: red } " * 400 + "</style>",
    "<p>" + "words without any tag, " * 2_000,
    "<p>a < b and words, " * 3_000,
)


@pytest.mark.parametrize("markup", ORDINARY, ids=range(len(ORDINARY)))
def test_ordinary_markup_stays_as_it_is(markup: str) -> None:
    assert bounded(markup) == markup


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000,
        "<div>" * 20_000 + "</div>" * 20_000,
        "<div></b>" * 20_000,
        "<div></b>" * 20_000 + "</div>" * 20_000,
        "<div/>" * 20_000,
        "<DIV\n>" * 20_000,
        "<div><p></p>" * 20_000,
        "<x-y>" * 20_000,
        "<blockquote>" * 20_000,
        "<div>" * 400 + "<section>" * 20_000,
    ],
    ids=range(10),
)
def test_what_nests_without_end_is_made_shallow(markup: str) -> None:
    assert depth_of(bounded(markup)) <= 2 * MAX_DEPTH + 10


@pytest.mark.parametrize(
    "unit", ["<p><b a={}></p>", "<p><b a={}></i></p>", "<p><font size={}>x", "<b><i a={}><p></b></i><div></p>"]
)
def test_formatting_that_is_never_closed_is_not_opened_anew_in_each_paragraph(unit: str) -> None:
    count = 3_000
    markup = "".join(unit.format(number) for number in range(count))

    assert elements_of(bounded(markup)) <= 40 * count


@pytest.mark.parametrize("attribute", [" a{}", " a{}=b", ' a{}="b c"', " a{} = 'b>c'", '\na{}="<b>"', "/a{}"])
def test_attributes_without_end_are_cut_and_what_follows_is_kept(attribute: str) -> None:
    markup = f"<div{''.join(attribute.format(number) for number in range(5_000))}>{BOX}</div>"

    (div,) = LexborHTMLParser(bounded(markup)).css("div") if ">" not in attribute else (None,)

    if div is not None:
        assert len(div.attributes) <= MAX_ATTRIBUTES
    assert [embed.post_id for embed in find_embeds(Document("https://a.example/", bounded(markup))).embeds] == [POST]


@pytest.mark.parametrize(
    "before", ["<div>" * 20_000, "<div></b>" * 20_000, "<p><b a=1>" * 5_000, "<b><i><p></b></i><div></p>" * 5_000]
)
def test_an_embed_behind_all_that_is_found(before: str) -> None:
    assert [embed.post_id for embed in find_embeds(Document("https://a.example/", before + BOX)).embeds] == [POST]


def test_scripts_and_styles_keep_their_ends() -> None:
    markup = "<div>" * 3_000 + "<style>a{}</style><script>1</script><title>T</title><textarea>t</textarea>" + BOX
    for tag in ("style", "script", "title", "textarea"):
        assert f"</{tag}>" in bounded(markup)
