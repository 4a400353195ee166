"""Assesses how well a page that embeds posts was captured."""

from collections.abc import Iterable

from archiver.model.findings import EmbedKind
from archiver.platforms import platform_named
from archiver.storage.index.audit_queries import EmbedFacts, PageFacts, Shot
from archiver.storage.index.crawl_queries import shows_posts
from archiver.storage.state.requeue_list import PAGE
from archiver.tasks.audit.reasons import (
    COMPLETE,
    UNAVAILABLE,
    Assessment,
    Part,
    best_of,
    figure_of,
    of_picture,
    reasons_of,
    reply_is_missing,
    worth,
)

# Its posts are what a page is archived for: that they are complete, and to be seen in their places. The full page shows more than
# the view; a title is one line, and it is in the raw page if anywhere.
WEIGHTS = {"title": 0.1, "view": 0.15, "full_page": 0.2, "places": 0.25, "posts": 0.3}

RENDERED = ("view", "full_page", "places")
UNSEEN = (EmbedKind.PLACEHOLDER, EmbedKind.SCRIPT)  # what stands for a post until a reader or a script of the page makes it one


def assess_page(facts: PageFacts) -> Assessment:
    """Pure: the same facts give the same figure."""
    unseen = sum(not embed.drawn for embed in facts.embeds)
    parts = {
        "title": COMPLETE if facts.title else Part(0.0, ("it has no title",)),
        "view": _picture(facts, facts.views, "its view"),
        "full_page": _picture(facts, facts.full_pages, "its full page"),
        "places": _together([_place(facts, embed, unseen) for embed in facts.embeds]),
        "posts": _together([_complete(embed) for embed in facts.embeds]),
    }
    return Assessment(
        PAGE,
        None,
        None,
        facts.url,
        figure_of(parts, WEIGHTS),
        any(part.mendable for part in parts.values()),
        reasons_of(parts.values()),
        {name: part.share for name, part in parts.items()},
        asks=any(part.mendable for name, part in parts.items() if name not in RENDERED),
        draws=any(parts[name].mendable for name in RENDERED),
    )


def _picture(facts: PageFacts, shots: tuple[Shot, ...], name: str) -> Part:
    if _is_left_alone(facts):
        return COMPLETE if _is_good(shots) else UNAVAILABLE
    if shots:
        return of_picture(shots, name)
    if facts.views or facts.full_pages or facts.rendered_as_it_is:
        return Part(0.0, (f"{name} was not rendered",), mendable=True)
    return Part(0.0, (_not_rendered(facts),), mendable=True)


def _is_left_alone(facts: PageFacts) -> bool:
    """Whether no crawl renders it for what it embeds, so that requeuing it would change nothing."""
    return not shows_posts([embed.post_id for embed in facts.embeds], is_listing=facts.is_listing)


def _is_good(shots: Iterable[Shot]) -> bool:
    best = best_of(shots)
    return best is not None and worth(best) == 1.0


def _not_rendered(facts: PageFacts) -> str:
    if facts.failed:
        return f"it could not be rendered: {facts.failed}"
    return "it was changed since it was last rendered" if facts.rendered_before else "it was never rendered"


def _place(facts: PageFacts, embed: EmbedFacts, unseen: int) -> Part:
    """A post that is gone is no longer rendered in its place: scripts empty it. One that could be rendered and is not stays so.

    `unseen` of the page's embeds have no picture. A render that ended whole and missed as many looked for all of them: what is
    hidden, or waits for a click, the page itself does not show, and no picture of it can be had.
    """
    if _is_good(embed.drawn):
        return COMPLETE
    if embed.gone or _is_left_alone(facts):
        return UNAVAILABLE
    if embed.drawn:
        return of_picture(embed.drawn, _name(embed))
    if facts.rendered_as_it_is and (embed.kind in UNSEEN or facts.not_shown >= unseen):
        return Part(None, (f"{_name(embed)} is not shown by the page itself",))
    if facts.rendered_as_it_is:
        return Part(0.0, (f"{_name(embed)} is not to be seen in the rendered page",))
    return Part(0.0, (_not_rendered(facts),), mendable=True)


def _complete(embed: EmbedFacts) -> Part:
    """Whether its platform replied about the post, said that it is gone, or cannot be asked; an embed without a post does not
    count."""
    platform = platform_named(embed.platform)
    if embed.post_id is None or platform is None:
        return UNAVAILABLE
    if not reply_is_missing(platform, embed.post_id, embed.answers):
        return COMPLETE
    return Part(0.0, (f"{_name(embed)}: its platform has sent no reply about it yet",), mendable=True)


def _together(each: list[Part]) -> Part:
    shares = [part.share for part in each if part.share is not None]
    reasons = tuple(reason for part in each for reason in part.reasons)
    return Part(sum(shares) / len(shares) if shares else None, reasons, any(part.mendable for part in each))


def _name(embed: EmbedFacts) -> str:
    return f"embed {embed.position} ({embed.platform} {embed.post_id or 'post that it does not name'})"
