"""Findings cross from the worker to the archive's own process as they are, or not at all."""

import io
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extraction.worker import ReadResponse
from archiver.model.exchange import ResourceType
from archiver.model.findings import Findings
from archiver.model.render import RenderedEmbed
from archiver.wire.http1 import ResponseHead
from archiver.workers.serve import FRAME_HEAD, FrameKind, framed, serve, unframed

LARGEST = 1 << 64  # MessagePack has numbers of 64 bits
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)  # NUL included
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # and halves of characters
NUMBERS = st.integers(-LARGEST // 2, LARGEST - 1)
HEADS = st.builds(
    ResponseHead,
    TEXT,
    st.integers(100, 999),
    st.binary(max_size=9),
    st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9)), max_size=3).map(tuple),
)


def made_of(kind: Any, text: st.SearchStrategy[str], numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Every value of a type of `model/findings.py`: all fields are filled, also those with a default."""
    if get_origin(kind) is tuple:
        (item, rest) = get_args(kind)
        assert rest is Ellipsis
        return st.lists(made_of(item, text, numbers), max_size=2).map(tuple)
    if isinstance(kind, UnionType):
        return st.one_of(*(made_of(each, text, numbers) for each in get_args(kind)))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: made_of(hints[field.name], text, numbers) for field in fields(kind)})  # type: ignore[arg-type]
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    simple = {str: text, int: numbers, bool: st.booleans(), NoneType: st.none()}
    return simple[kind]  # type: ignore[index]  # a KeyError: a field of a kind that no test has seen crossing


FINDINGS = made_of(Findings, TEXT, NUMBERS)


def crossed(message: object, kind: Any) -> Any:
    return unframed(framed(message)[FRAME_HEAD.size :], kind)


@settings(max_examples=60, deadline=None)
@given(FINDINGS)
def test_findings_arrive_as_they_were(findings: Findings) -> None:
    arrived = crossed(findings, Findings)
    assert arrived == findings
    assert repr(arrived) == repr(findings), "also the types of what is equal, as members of an enumeration and their words are"


@settings(max_examples=60, deadline=None)
@given(st.lists(made_of(RenderedEmbed, TEXT, NUMBERS), max_size=3).map(tuple))
def test_so_do_rendered_embeds(embeds: tuple[RenderedEmbed, ...]) -> None:
    assert crossed(embeds, tuple[RenderedEmbed, ...]) == embeds


@settings(max_examples=60, deadline=None)
@given(made_of(Findings, ANY_TEXT, st.integers(-2 * LARGEST, 2 * LARGEST)))
def test_half_a_character_or_a_number_of_more_than_64_bits_is_told_and_nothing_arrives_changed(findings: Findings) -> None:
    """The index could not hold them either."""
    answers = io.BytesIO()
    serve(lambda _: findings, str, io.BytesIO(framed("a request")), answers)
    written = answers.getvalue()[FRAME_HEAD.size :]  # behind the one that says that it is there
    kind, length = FRAME_HEAD.unpack_from(written)
    if kind == FrameKind.ANSWER:
        assert repr(unframed(written[FRAME_HEAD.size :], Findings)) == repr(findings)
    else:
        assert (kind, length) == (FrameKind.NOT_UNICODE, 0)
        assert "\\ud" in ascii(findings) or any(len(word) > 18 for word in repr(findings).replace(")", ",").split(","))


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        ReadResponse,
        TEXT,
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
        HEADS,
        st.binary(max_size=50),
        st.none() | st.sampled_from(ResourceType),
        st.booleans(),
    )
)
def test_requests_arrive_as_they_were(request: ReadResponse) -> None:
    arrived = crossed(request, ReadResponse)
    assert arrived == request
    assert arrived.captured_at.tzinfo is UTC
