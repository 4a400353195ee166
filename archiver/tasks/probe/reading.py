"""What the reply to a question about a control post shows: whether it was understood, and what was read of the post. Pure."""

from selectolax.lexbor import LexborHTMLParser

from archiver.browser.wording import WALLS, phrase_in
from archiver.html.text import text_of
from archiver.media.inspect import picture_of
from archiver.model.findings import Findings, MediaKind, PostState, Statement
from archiver.platforms.answers import NOT_UNDERSTOOD, UNKNOWN_PAGE
from archiver.platforms.base import Platform
from archiver.tasks.probe.report import AddressAnswer, Answer
from archiver.wire.spool import Spool

SAYS_NOTHING = "answered, and said nothing of the post"
NO_PICTURE = "answered with something that is no whole picture"


def read_reply(platform: Platform, post_id: str, url: str, status: int, findings: Findings) -> AddressAnswer:
    """The reply of a platform, by its findings."""
    about = [one for one in findings.statements if one.post_id == post_id] or list(findings.statements[:1])
    said = next((one for one in about if one.state in (PostState.LIVE, None)), None)
    if said is not None:
        return AddressAnswer(url, Answer.UNDERSTOOD, None, status, _fields(said), _picture(said))
    if about:
        state = about[0].state
        assert state is not None  # else it was said
        return AddressAnswer(url, Answer.GONE, f"answered {status}: the post is {state.value.replace('_', ' ')}", status)
    reason = findings.refusal or SAYS_NOTHING
    known = reason not in (*NOT_UNDERSTOOD, SAYS_NOTHING)
    return AddressAnswer(url, Answer.REFUSED if known else Answer.NOT_UNDERSTOOD, reason, status)


def read_embed_page(platform: Platform, url: str, status: int, findings: Findings, page: bytes) -> AddressAnswer:
    """A page for frames that no reader reads: it answers where it is a page that does not say that it shows nothing.

    `page` is decoded of its content coding. What a script draws later is not seen here: `archiver render` shows that.
    """
    if findings.refusal != UNKNOWN_PAGE:
        return read_reply(platform, "", url, status, findings)
    code = next((code for code in platform.embed_refused_codes if code.encode() in page), None)
    root = LexborHTMLParser(page).root
    text = text_of(root) if root is not None else ""
    refused = code or phrase_in(text, (*platform.embed_refused, *WALLS))
    if refused is not None:
        return AddressAnswer(url, Answer.REFUSED, f'answered "{refused}"', status)
    gone = phrase_in(text, platform.embed_gone)
    if gone is not None:
        return AddressAnswer(url, Answer.GONE, f'answered "{gone}"', status)
    return AddressAnswer(url, Answer.UNDERSTOOD, None, status)


def read_short_link(platform: Platform, post_id: str, url: str, status: int, findings: Findings) -> AddressAnswer:
    """A short link answers where it leads to the post."""
    names = [alias.post.post_id for alias in findings.aliases] + [platform.parse_url(link) for link in findings.links]
    if post_id in names:
        return AddressAnswer(url, Answer.UNDERSTOOD, None, status)
    answer = read_reply(platform, post_id, url, status, findings)
    if answer.answer is Answer.UNDERSTOOD:
        return AddressAnswer(url, Answer.NOT_UNDERSTOOD, "leads to something else", status)
    return answer


def read_picture(url: str, status: int, findings: Findings, payload: Spool) -> AddressAnswer:
    """A picture answers where it came whole."""
    if status == 200 and picture_of(payload) is not None:
        return AddressAnswer(url, Answer.UNDERSTOOD, None, status)
    reason = findings.refusal if findings.refusal not in (None, *NOT_UNDERSTOOD) else NO_PICTURE
    return AddressAnswer(url, Answer.REFUSED if status != 200 else Answer.NOT_UNDERSTOOD, reason, status)


def _fields(said: Statement) -> tuple[str, ...]:
    has = {
        "text": said.text,
        "author": said.author or said.author_name,
        "time": said.posted_at,
        "pictures": said.media,
    }
    return tuple(name for name, value in has.items() if value)


def _picture(said: Statement) -> str | None:
    return next((ref.url for ref in said.media if ref.kind in (MediaKind.PICTURE, MediaKind.POSTER)), None)
