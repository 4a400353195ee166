"""Players that a page's script makes: `new YT.Player("box", {videoId: "…"})`, with no address anywhere in the markup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.html.deferred_markup import Origin
from archiver.html.document import Piece
from archiver.html.keyword_index import places_of
from archiver.html.pattern import Pattern

MAX_SCRIPT = 2_000_000  # characters of one script; more is a bundled application
MAX_CALLS = 1_000  # of one kind in one script


@dataclass(frozen=True, slots=True)
class ScriptPlayer:
    """A call of a platform's own script."""

    sign: str
    """Stands in every such call; what a page without it costs is one search for this."""
    call: Pattern
    """Matched from the sign on; its groups make the id. Quantifiers have bounds: scripts are long."""


def played_in(piece: Piece, players: Sequence[ScriptPlayer]) -> Iterator[tuple[LexborNode, Mapping[str, str | None]]]:
    """The scripts of a piece that make such a player, each with the groups of the call."""
    if piece.origin is Origin.SCRIPT:
        return
    used = [player for player in players if piece.tells(player.sign)]
    for node in piece.tree.css("script") if used else ():
        text = (node.text(deep=True) or "")[:MAX_SCRIPT]
        for player in used:
            for at in islice(places_of(text, player.sign), MAX_CALLS):
                if (call := player.call.match(text, at)) is not None:
                    yield node, call.groupdict()
