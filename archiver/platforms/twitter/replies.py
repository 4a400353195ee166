"""The public requests that say more about a post of Twitter / X, and who reads the reply to each.

One file for each reply: syndication.py, post_page.py, fxtwitter.py; oEmbed and short links are read here.
"""

import html
import re
from urllib.parse import quote

from archiver.html.dates import first_date
from archiver.model.findings import Alias, Findings, PostState, Source, Statement
from archiver.platforms.base import PostRequest
from archiver.platforms.replies import Json, object_in
from archiver.platforms.twitter import fxtwitter, post_page, syndication
from archiver.platforms.twitter.text import attributions
from archiver.platforms.twitter.urls import NAME, handle_of, post_id_of, short_link_key, short_links_in
from archiver.platforms.twitter.values import ref_of, stated, text_of
from archiver.urls import absolute, query_value

_REQUEST = re.compile(
    r"https?://(?:(?P<syndication>cdn\.syndication\.twimg\.com/tweet-result\?)|(?P<oembed>publish\.(?:twitter|x)\.com/oembed\?)"
    r"|x\.com/i/status/(?P<page>\d{2,20})$|api\.fxtwitter\.com/2/status/(?P<fxtwitter>\d{2,20})$)"
)
_META_REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?refresh[^>]*?url\s*=\s*[\"']?([^\"'>\s]+)", re.I)
_LOCATION_REPLACE = re.compile(r"location\.replace\(\s*[\"']([^\"']+)")
_TITLE_URL = re.compile(r"<title>\s*(https?://[^<\s]+)", re.I)


def requests_about(post_id: str) -> tuple[PostRequest, ...]:
    """The embed widget's own data, then oEmbed, the cheapest look at whether a post is up, then what is asked on demand only."""
    return (
        PostRequest(
            f"https://cdn.syndication.twimg.com/tweet-result?id={post_id}&lang=en&token={syndication.token_of(post_id)}",
            "syndication",
        ),
        PostRequest(_oembed("x.com", post_id), "oembed", (_oembed("twitter.com", post_id),)),
        PostRequest(f"https://x.com/i/status/{post_id}", "page"),
        PostRequest(f"https://api.fxtwitter.com/2/status/{post_id}", "fxtwitter"),
    )


def _oembed(domain: str, post_id: str) -> str:
    """Each host is asked with an address of its own domain; the new one seems to take both (iamcal/oembed, `providers/x.yml`)."""
    return f"https://publish.{domain}/oembed?url={quote(f'https://{domain}/i/status/{post_id}', safe='')}&omit_script=1&dnt=1"


def is_reply(url: str) -> bool:
    """Whether `read` reads the reply to this URL."""
    return _REQUEST.match(url) is not None or short_link_key(url) is not None


def read(url: str, status: int, location: str | None, body: bytes) -> Findings | None:
    """What a reply says of a post; None for URLs that `is_reply` does not know. What cannot be read gives empty findings."""
    request = _REQUEST.match(url)
    if request is None:
        key = short_link_key(url)
        return _read_short_link(key, url, status, location, body) if key is not None else None
    if request["syndication"]:
        return syndication.read(query_value(url, "id") or "", status, body)
    if request["oembed"]:
        return _read_oembed(post_id_of(query_value(url, "url") or ""), status, body)
    if request["page"]:
        return post_page.read(request["page"], url, status, body)
    return fxtwitter.read(request["fxtwitter"], status, body)


# --- oEmbed and short links ---------------------------------------------------------------------------------


def _read_oembed(post_id: str | None, status: int, body: bytes) -> Findings:
    if post_id is None:
        return Findings()
    if status == 404:  # the body is often an HTML page
        return stated(post_id, Source.OEMBED, PostState.GONE)
    reply = object_in(body)
    if status == 403 and reply is not None:  # a firewall's page is not the endpoint's word, whatever words are in it
        # "Sorry, you are not authorized to see this status" is the reply for protected and for age-restricted posts alike; all
        # other refusals are of suspended accounts.
        refused = b"authorized" in body[:4_000].lower()
        return stated(post_id, Source.OEMBED, PostState.PROTECTED if refused else PostState.SUSPENDED)
    markup = text_of(reply.get("html")) if reply else None
    if status != 200 or reply is None or markup is None:
        return Findings()
    return Findings(statements=(_statement_of_oembed(post_id, reply, markup),))


def _statement_of_oembed(post_id: str, reply: Json, markup: str) -> Statement:
    paragraph = re.search(r"<p\b(?P<attributes>[^>]*)>(?P<text>.*?)</p>", markup, re.S | re.I)
    words = html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br\s*/?>", "\n", paragraph["text"]))) if paragraph else None
    language = re.search(r"\blang=\"([\w-]+)\"", paragraph["attributes"]) if paragraph else None
    tail = html.unescape(re.sub(r"<[^>]*>", "", markup[paragraph.end() :] if paragraph else markup))
    attribution = next(iter(attributions(tail)), None)
    date = first_date(tail)
    return Statement(
        platform=NAME,
        post_id=post_id_of(str(reply.get("url", ""))) or post_id,
        source=Source.OEMBED,
        state=PostState.LIVE,
        author=handle_of(str(reply.get("url", ""))) or (attribution.handle if attribution else None),
        author_name=text_of(reply.get("author_name")) or (attribution.name if attribution else None),
        text=words.strip() if words else None,
        posted_at=date[0] if date else None,
        language=language[1] if language else None,
        short_links=short_links_in(html.unescape(markup)),
    )


def _read_short_link(key: str, url: str, status: int, location: str | None, body: bytes) -> Findings:
    target = location if status in (301, 302, 303, 307, 308) else None
    if status == 200:  # what a user agent with "Mozilla" in it gets
        page = body[:8000].decode("utf-8", "replace")
        found = _META_REFRESH.search(page) or _LOCATION_REPLACE.search(page) or _TITLE_URL.search(page)
        target = html.unescape(found[1]).replace("\\/", "/") if found else None
    target = absolute(url, target) if target else None
    if target is None or short_link_key(target) == key:
        return Findings()
    post = ref_of(post_id_of(target))
    if post is None:
        return Findings(links=(target,))
    statement = Statement(NAME, post.post_id, Source.SHORT_LINK, author=handle_of(target), short_links=(key,))
    return Findings(statements=(statement,), aliases=(Alias(key, post),), links=(target,))
