"""Assesses how well a post was captured."""

from archiver.model.findings import MediaKind
from archiver.platforms import media_urls_of, platform_named
from archiver.platforms.base import Platform
from archiver.storage.index.audit_queries import CapturedFile, MediumFacts, PostFacts
from archiver.storage.state.requeue_list import POST
from archiver.tasks.audit.reasons import (
    COMPLETE,
    UNAVAILABLE,
    Assessment,
    Part,
    best_of,
    figure_of,
    in_words,
    of_picture,
    reasons_of,
    reply_is_missing,
    worth,
)
from archiver.urls import url_key

# What people come for weighs most. A picture cannot be had any more once its post is gone, nor can words that only its platform
# has; a screenshot shows both again, so it weighs less; an author is often in the words around a post, a date in the id.
WEIGHTS = {"text": 0.3, "pictures": 0.3, "screenshot": 0.2, "author": 0.1, "date": 0.1}
IN_A_PAGE_ONLY = 0.75  # of a screenshot by itself: a page's column may be narrow, and its styles are not the platform's
SMALLER = 0.5  # of a picture in its original size: what it shows can be seen, small writing cannot be read
_NOT_THERE = (404, 410)
_KINDS = {MediaKind.PICTURE: "picture", MediaKind.VIDEO: "video", MediaKind.POSTER: "still of a video"}


def assess_post(facts: PostFacts) -> Assessment:
    """Pure: the same facts give the same figure."""
    platform = platform_named(facts.platform)
    wanted = platform is not None and reply_is_missing(platform, facts.post_id, facts.answers)
    dated = facts.posted_at or (platform is not None and platform.posted_at(facts.post_id))
    parts = {
        "text": _field(facts.has_text, "text", wanted, facts.gone),
        "pictures": _pictures(facts, wanted),
        "screenshot": _screenshot(facts, platform),
        "author": _field(facts.author is not None, "author", wanted, facts.gone),
        "date": _field(bool(dated), "date", wanted, facts.gone),
    }
    silence = (Part(None, (_silence(parts),), mendable=True),) if wanted else ()
    everything = (*silence, *parts.values())
    return Assessment(
        POST,
        facts.platform,
        facts.post_id,
        facts.url,
        figure_of(parts, WEIGHTS),
        any(part.mendable for part in everything),
        reasons_of(everything),
        {name: part.share for name, part in parts.items()},
        asks=any(part.mendable for part in everything if part is not parts["screenshot"]),
        draws=parts["screenshot"].mendable,
    )


def _field(known: bool, name: str, wanted: bool, gone: str | None) -> Part:
    """A field that any source may have stated. `_silence` gives the reason where its platform may still state it."""
    if known:
        return COMPLETE
    if wanted:
        return Part(0.0)
    if gone and name == "text":  # the page might have had it, and another archive may still have it: that is a loss
        return Part(0.0, ("gone before its text was kept",))
    return UNAVAILABLE


def _silence(parts: dict[str, Part]) -> str:
    missing = ", ".join(name for name in ("text", "author", "date") if parts[name].share == 0.0)
    return f"its platform has sent no reply about it yet{f'; missing: {missing}' if missing else ''}"


# --- pictures -----------------------------------------------------------------------------------------------------------------


def _pictures(facts: PostFacts, wanted: bool) -> Part:
    """All of them together; where its platform may still tell of some, none that are known are not all."""
    if not facts.media:
        return Part(0.0) if wanted else UNAVAILABLE
    each = [_medium(medium) for medium in facts.media]
    shares = [part.share for part in each if part.share is not None]
    reasons = tuple(reason for part in each for reason in part.reasons)
    return Part(sum(shares) / len(shares) if shares else None, reasons, any(part.mendable for part in each))


def _medium(medium: MediumFacts) -> Part:
    kind = _KINDS[MediaKind(medium.kind)] if medium.kind in _KINDS else medium.kind
    answered = [file.status for file in medium.files if file.status is not None]
    whole = [file for file in medium.files if _is_whole(file)]
    if whole:
        if _is_original(medium, whole):
            return COMPLETE
        return Part(SMALLER, (f"{kind} is smaller than its original: {medium.url}",), mendable=True)
    if any(status in _NOT_THERE for status in answered):
        return Part(None, (f"{kind} is not there any more: {medium.url}",))
    if any(300 <= status < 400 for status in answered):
        return Part(None, (f"{kind} is where its URL redirects to, which was not captured: {medium.url}",))
    if any(file.truncated for file in medium.files):
        return Part(SMALLER, (f"{kind} was captured in part only: {medium.url}",), mendable=True)
    tried = f" (answered {answered[-1]})" if answered else ""
    return Part(0.0, (f"{kind} was not captured{tried}: {medium.url}",), mendable=True)


def _is_whole(file: CapturedFile) -> bool:
    """A page that says "log in" with 200 is no picture; a playlist is none either, and is all that there is."""
    return file.status == 200 and not file.truncated and (bool(file.is_medium) or file.mime not in (None, "text/html"))


def _is_original(medium: MediumFacts, whole: list[CapturedFile]) -> bool:
    """Whether it is as large as its platform says, or from its platform's address for originals; or the best that there is."""
    if medium.width and any((f.width or 0) >= medium.width and (f.height or 0) >= medium.height for f in whole):
        return True
    original = url_key(media_urls_of(medium.url)[0])
    return any(url_key(file.url) == original for file in whole) or any(
        url_key(file.url) == original and file.status in _NOT_THERE for file in medium.files
    )


# --- the screenshot -----------------------------------------------------------------------------------------------------------


def _screenshot(facts: PostFacts, platform: Platform | None) -> Part:
    """The post by itself, as its platform shows it; its place in a page where the platform has no page for it."""
    own, place = best_of(facts.by_itself), best_of(facts.in_pages)
    if own is not None and worth(own) == 1.0:
        return COMPLETE
    best = best_of((*facts.by_itself, *facts.in_pages))
    if facts.gone:
        if best is None:
            return Part(None, ("gone before it was rendered",))
        return COMPLETE if worth(best) == 1.0 else Part(worth(best), (f"gone; its screenshot {in_words(best)}",))
    if platform is None or platform.embed_page(facts.post_id, facts.author) is None or (facts.only_within and own is None):
        return Part(worth(place)) if place is not None else UNAVAILABLE
    share = max(worth(own) if own is not None else 0.0, IN_A_PAGE_ONLY * worth(place) if place is not None else 0.0)
    if own is not None:
        return of_picture(facts.by_itself, "its screenshot", share)
    reason = f"it could not be rendered: {facts.failed}" if facts.failed else "it was never rendered by itself"
    return Part(share, (reason,), mendable=True)
