"""JSON from the web: strings that can all be written down as UTF-8."""

import json
from typing import Any


def loads(text: str | bytes) -> Any:
    r"""As `json.loads`, with halves of characters (`"\ud83d"`, an emoji cut in two) made into U+FFFD.

    Neither SQLite nor UTF-8 take them, and platforms do send them. Raises ValueError, for nesting beyond Python's limit as well.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    halves = (b"\\ud", b"\\uD") if isinstance(text, bytes) else ("\\ud", "\\uD")
    return _whole(value) if any(half in text for half in halves) else value  # type: ignore[operator]


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
