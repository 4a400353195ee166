"""Sizes and durations, as people write them: `100MB`, `2h`."""

import re

from archiver.errors import ConfigError

_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def parse_size(text: str) -> int:
    """`100MB`, `2 GB`, `500k`, `1234` in bytes. Raises `ConfigError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*", text, re.I)
    if match is None or float(match[1]) <= 0:
        raise ConfigError(f"`{text}` is no size: write 500k, 100MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def parse_duration(text: str) -> float:
    """`90`, `90s`, `15m`, `2h` in seconds. Raises `ConfigError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text, re.I)
    if match is None:
        raise ConfigError(f"`{text}` is no time: write 90s, 15m or 2h")
    return float(match[1]) * _SECONDS[match[2].lower()]
