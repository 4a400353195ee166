"""The main text: of small pages whose text is known, and of the labelled ones where they are at hand."""

import os
from pathlib import Path

import pytest

from archiver.extraction.maintext import MAX_HTML, main_text
from tests.labels.gold import LabelMismatch, Span, gold_text, page_text
from tests.labels.score import load_labels, ours, same_day, same_title, score, trafilatura_fast, word_f1

URL = "https://news.test/x"
FIRST = "The first paragraph tells what happened on that day, in some more words than a label has."
SECOND = "The second paragraph goes on with it, and is long enough as well to be taken for text."
THIRD = "The third one ends the article with a thought that nobody has had before, or so it seems."


def page(inner: str) -> str:
    return f"""<html><body><nav><a href="/">Home</a><a href="/tag/">Tags</a></nav><header class="site"><p>Subscribe to our
    newsletter, it comes every day and it is free of charge for all who read us.</p></header><div id="main"><div
    class="post">{inner}</div></div><footer><p>All rights reserved, and this is a long line about the rights that are reserved
    here.</p></footer></body></html>"""


def test_the_article_comes_without_what_stands_around_it() -> None:
    text = main_text(
        page(
            f"""<h1>Headline</h1><div class="byline">By Jane Doe</div><p>{FIRST}</p><figure><img src="x.jpg"><figcaption>A caption
            that is long enough to be taken for a paragraph.</figcaption></figure><p>{SECOND}</p><div class="related-posts">
            <p>Read also this other story, which is not what this page is about.</p></div><p>Advertisement</p>
            <ul><li>One point</li><li>Another point</li></ul><p>{THIRD}</p>"""
        ),
        URL,
    )
    assert text.splitlines() == [FIRST, SECOND, "One point", "Another point", THIRD]


def test_a_standfirst_above_the_article_belongs_to_it() -> None:
    lead = "This says in one sentence what all of it is about."
    body = f"<div class=body><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>"
    html = f"<body><div><header><h1>Headline</h1><p>{lead}</p></header>{body}</div>"
    assert main_text(html, URL).splitlines() == [lead, FIRST, SECOND, THIRD]


def test_an_embedded_post_is_part_of_the_text() -> None:
    tweet = "Ukrainian army in Izyum pic.twitter.com/uOWxLTTvGP"
    quote = f'<blockquote class="twitter-tweet"><p>{tweet}</p>&mdash; Ann (@ann)</blockquote>'
    html = page(f"<p>{FIRST}</p>{quote}<p>{SECOND}</p><p>{THIRD}</p>")
    assert tweet in main_text(html, URL)


def test_a_page_that_a_script_renders_gives_its_article_body() -> None:
    body = f"{FIRST}\\n{SECOND}"
    html = f'<body><script type="application/ld+json">{{"@type":"Article","articleBody":"{body}"}}</script><div id="app"></div>'
    assert main_text(html, URL) == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        *((html, "") for html in ("", "\0", "<html", "<p>" * 5_000, "<ul>" * 2_000 + "<li><a href=x>x")),
        ("<div class=modal>" * 5_000 + FIRST, ""),
        ("<p>\ud800x</p>", "x"),
    ],
)
def test_hostile_markup_gives_text_or_nothing(html: str, text: str) -> None:
    assert main_text(html, URL) == text


def test_only_so_much_of_a_page_is_read() -> None:
    html = page(f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>")
    assert main_text(html + " " * MAX_HTML + "<p>" + "beyond " * 1_000, URL).splitlines() == [FIRST, SECOND, THIRD]


def test_the_same_page_gives_the_same_text_again() -> None:
    html = page(f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>")
    assert len({main_text(html, URL) for _ in range(20)}) == 1


def test_each_label_is_complete_and_of_another_page() -> None:
    labels = load_labels()
    assert len({label.path for label in labels}) == len(labels) >= 40
    for label in labels:
        assert label.title and label.spans and (label.published is None or label.published[:4].isdigit())
        assert all(span.first and span.last and len(span.first) < 200 for span in (*label.spans, *label.excluded))


def test_gold_text_is_the_spans_without_their_holes() -> None:
    text = page_text("<body><h1>Head</h1><p>One <b>t</b>wo three.</p><aside>Ad here</aside><p>Four five.</p><p>Foot</p></body>")
    assert text == "Head One two three. Ad here Four five. Foot"
    assert gold_text(text, [Span("One two", "five.")], [Span("Ad", "here")]) == "One two three. Four five."
    with pytest.raises(LabelMismatch):
        gold_text(text, [Span("Six", "seven")], [])


def test_the_measures_measure() -> None:
    assert word_f1("a b c", "a b c") == 1
    assert word_f1("a a b", "a b c d e") == pytest.approx(0.5)
    assert word_f1("", "a") == 0
    assert same_title("It’s  “here”", 'it\'s "here"') and not same_title("Here - Site", "Here")
    assert same_day("2022-09-10T21:30:00Z", "2022-09-11T00:30:00+03:00") and not same_day("2022-09-12", "2022-09-11")


def test_labelled_pages_are_read_as_well_as_by_the_peer(project: Path) -> None:
    """The pages are other people's and not part of the project: without them the labels' own form, above, is what is tested."""
    corpus = Path(os.environ.get("ARCHIVER_CORPUS", project.parent / "shared" / "corpus"))
    labels = [label for label in load_labels() if (corpus / "pages" / label.path).is_file()]
    if not labels:
        return
    result, peer = score(corpus / "pages", labels, ours), score(corpus / "pages", labels, trafilatura_fast)
    assert result.title >= 0.98, result.wrong
    assert result.date >= 0.95, result.wrong
    assert result.f1 >= peer.f1, result.wrong
