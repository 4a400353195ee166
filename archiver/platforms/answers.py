"""What came back when a platform was asked about a post: its reply, a redirect to where the same is answered, or a refusal.

One place for all platforms. A reply is read by the door that was asked, whatever address answered in the end; a redirect is
followed only where it leads to the same question; what says nothing is named, so that a crawl can tell it.
"""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from archiver.html.addresses import domains_of
from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, PostState, Source, Statement
from archiver.platforms import platform_named
from archiver.platforms.base import Platform
from archiver.platforms.declared import REDIRECTS
from archiver.platforms.replies import object_in
from archiver.urls import absolute, host_of, query_value

_NOT_FOUND = (404, 410)
# Where platforms send strangers instead of answering: logins, consent, age and bot checks. Matched in the host and path alone.
_SIGN_IN = re.compile(
    r"^(?:login|accounts?|auth|signin|consent|guce|passport|id)\.|/(?:accounts/)?(?:log-?in|sign-?in|sign-?up|auth(?:wall|enticate|orize)?"
    r"|i/flow|checkpoint|consent|cookie-consent|age[_-]?gate|verify|register|privacy/consent|over18|uas/)(?:[./?;_\0-]|$)",
    re.I,
)
# A page whose script a browser has to run before the platform answers: VK's /challenge.html?hash429=… (yt-dlp acfc00a955)
_CHALLENGE = re.compile(r"/(?:challenge|captcha|showcaptcha|429)(?:[./?_-]|$)|/cdn-cgi/challenge", re.I)
_LOGIN_WORDS = re.compile(rb"type\s*=\s*[\"']?password|<form[^>]{0,500}log-?in", re.I)
_CHALLENGE_WORDS = re.compile(
    rb"challenge-platform|cf-chl|challenge\.html|hash429|just a moment|checking your browser|captcha"
    rb"|enable javascript and cookies",
    re.I,
)
NOTHING, UNKNOWN_PAGE, UNKNOWN_FORM = "answered with nothing", "answered with a web page", "answered in a form that is not known"
NOT_UNDERSTOOD = (NOTHING, UNKNOWN_PAGE, UNKNOWN_FORM)
"""The refusals of a host that answers 200: it may be we who no longer understand it."""
SNIFFED = 200_000  # bytes of a page in which words of a login or a challenge are looked for


def read_answer(
    platform: Platform, question: PostQuestion | None, url: str, status: int, location: str | None, body: bytes
) -> Findings | None:
    """All that one reply says: statements, what to ask next, or why it says nothing (`Findings.refusal`).

    `question` is what was asked; None where only the URL tells, as of what a browser asked for by itself: then None is returned
    for a URL whose reply the platform does not read. `body` is decoded of its content coding.
    """
    if question is None and platform.short_link(url) is not None:
        return platform.read_reply(url, status, location, body)
    if status in REDIRECTS:
        return _read_redirect(platform, question, url, location)
    findings = platform.read_step(question.post_id, url, status, body) if question is not None else None
    if findings is None:
        findings = platform.read_reply(_declared_url(platform, question) or url, status, location, body)
    if findings is None:
        if question is None:
            return None
        return replace(_refused(platform, _refusal(status, body)), control=question.control)
    findings = replace(findings, statements=tuple(filter(None, (_worded(one, status, body) for one in findings.statements))))
    if question is None:  # what a browser asked for by itself: where that leads nobody asked, so the reply would tell nothing
        findings = replace(findings, links=())
    if not (findings.statements or findings.aliases or findings.links):
        findings = _refused(platform, findings.refusal or _refusal(status, body))
    return replace(findings, control=True) if question is not None and question.control else findings


def can_be_asked(question: PostQuestion) -> bool:
    """Whether there is such a platform, and the id makes an address of it: another program's record may claim anything."""
    platform = platform_named(question.platform)
    if platform is None:
        return False
    try:
        platform.canonical_url(question.post_id)
        platform.requests_about(question.post_id)
        question.post_id.encode()
    except (ValueError, LookupError):  # no number, half a character, no such site
        return False
    return True


def _declared_url(platform: Platform, question: PostQuestion | None) -> str | None:
    """The address at which the platform itself declares the door that was asked: its reader knows a reply by that."""
    if question is None:
        return None
    return next((one.url for one in platform.requests_about(question.post_id) if one.door == question.door), None)


def _worded(statement: Statement, status: int, body: bytes) -> Statement | None:
    """A statement as far as the reply carries it: a refusal counts as the platform's own word only where it is no web page.

    A bare 404 is "not found" and no more; a page with 401 or 403 is a firewall's or a login.
    """
    if status < 400 or statement.state is None or object_in(body) is not None:
        return statement
    if status in _NOT_FOUND:
        return replace(statement, state=PostState.NOT_FOUND)
    return statement if body.lstrip()[:1] != b"<" else None


# --- redirects -----------------------------------------------------------------------------------------------


def _read_redirect(platform: Platform, question: PostQuestion | None, url: str, location: str | None) -> Findings:
    """The next hop of a question, or why it is not taken."""
    target = absolute(url, location) if location else None
    control = question is not None and question.control
    if target is None:
        return Findings(refusal="redirects to nowhere", control=control)
    if (refusal := _why_not_followed(platform, question, url, target)) is not None:
        return replace(_refused(platform, refusal), control=control)
    return Findings(statements=_named_by(platform, question, url, target), links=(target,), control=control)


def _named_by(platform: Platform, question: PostQuestion | None, url: str, target: str) -> tuple[Statement, ...]:
    """What the address of the next hop says: the author's handle, where it leads to the post by its own address."""
    post_id = question.post_id if question is not None else _post_of(platform, url)
    author = platform.author_in(target) if post_id is not None and platform.parse_url(target) == post_id else None
    return (Statement(platform.name, post_id, Source.EMBED_PAGE, author=author),) if post_id and author else ()


def _why_not_followed(platform: Platform, question: PostQuestion | None, url: str, target: str) -> str | None:
    """None where the redirect leads to the same question or post on a host of the platform."""
    parts = urlsplit(target)
    host = host_of(target)
    path = unquote(unquote(parts.path))  # servers decode it before they look, some of them twice
    if _SIGN_IN.search(host) or _SIGN_IN.search(path):
        meaning = f" ({platform.login_means})" if platform.login_means is not None else ""
        return f"redirects to a login or consent page at {host}{meaning}"
    if _CHALLENGE.search(path):
        return f"redirects to {_FOR_BROWSERS} at {host}"
    if not _is_own_host(platform, host, host_of(url)):
        return f"redirects to {host}, which is no host of the platform"
    if not _asks_the_same(platform, question, url, target):
        return f"redirects to another page at {host}"
    return None


def _is_own_host(platform: Platform, host: str, asked: str) -> bool:
    """A host that the platform declares, or that of the post's own site, with or without `www.`."""
    if host.removeprefix("www.") == asked.removeprefix("www."):
        return True
    return any(domain in platform.hosts for domain in domains_of(host))


def _asks_the_same(platform: Platform, question: PostQuestion | None, url: str, target: str) -> bool:
    before, after = urlsplit(url), urlsplit(target)
    asked, answered = (dict(parse_qsl(parts.query, keep_blank_values=True)) for parts in (before, after))
    if before.path.rstrip("/") == after.path.rstrip("/") and asked.items() <= answered.items():
        return True
    post_id = question.post_id if question is not None else _post_of(platform, url)
    return post_id is not None and _post_of(platform, target) == post_id


def _post_of(platform: Platform, url: str) -> str | None:
    """The post that a URL asks about: in its query, as oEmbed has it, or by itself."""
    inner = query_value(url, "url") or query_value(url, "uri") or query_value(url, "href")
    return (platform.parse_url(inner) if inner else None) or platform.parse_url(url)


# --- refusals ------------------------------------------------------------------------------------------------

_FOR_BROWSERS = "a challenge for browsers"


def _refused(platform: Platform, refusal: str) -> Findings:
    return Findings(refusal=refusal, needs_browser=platform.browser_passes and _FOR_BROWSERS in refusal)


def _refusal(status: int, body: bytes) -> str:
    """Why a reply says nothing of the post, in words for people."""
    start = body[:SNIFFED]
    is_page = start.lstrip()[:1] == b"<"
    page = " with a web page" if is_page else ""
    if is_page and _CHALLENGE_WORDS.search(start):
        page = f" with {_FOR_BROWSERS}"
    elif is_page and _LOGIN_WORDS.search(start):
        page = " with a login page"
    if status != 200:
        return f"answered {status}{page}"
    if not start.strip():
        return NOTHING
    return f"answered{page}" if is_page else UNKNOWN_FORM
