"""Replies in JSON whose shape nobody promised: what is missing, or of another type than expected, is nothing."""

from typing import Any

from archiver.text import json_loads

Json = dict[str, Any]


def object_in(body: bytes | str) -> Json | None:
    """The object that a reply is; None where it is no JSON, or JSON of another kind."""
    try:
        reply = json_loads(body)
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def at(value: object, *keys: str) -> object:
    """What lies under one key after another; None where the way ends before."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def child(value: object, *keys: str) -> Json:
    """The object there; {} where none is."""
    found = at(value, *keys)
    return found if isinstance(found, dict) else {}


def children(value: object, *keys: str) -> list[Json]:
    """The objects in the list there; [] where none is."""
    found = at(value, *keys)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def text_at(value: object, *keys: str) -> str | None:
    """The text there; None where it is missing, empty or no text."""
    found = at(value, *keys)
    return found.strip() or None if isinstance(found, str) else None
