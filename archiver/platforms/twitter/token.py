"""The token that the embed widget sends with a request for a post: arithmetic on the id, as JavaScript does it."""

import math
import re

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def token_of(post_id: str) -> str:
    """`((Number(ID) / 1e15) * Math.PI).toString(36).replace(/(0+|\\.)/g, "")`, as the widget's JavaScript computes it."""
    return re.sub(r"0+|\.", "", _base36(float(int(post_id)) / 1e15 * math.pi))


def _base36(value: float) -> str:
    """A positive number as V8's `DoubleToRadixCString` writes it: as many digits as tell it from its neighbours."""
    whole, fraction = int(value), value - int(value)
    delta = max(0.5 * (math.nextafter(value, math.inf) - value), 5e-324)
    digits: list[int] = []
    while fraction >= delta or not digits:
        if fraction < delta:
            break
        fraction, delta = fraction * 36, delta * 36
        digit = int(fraction)
        digits.append(digit)
        fraction -= digit
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
            whole += _carried(digits)
            break
    return _whole36(whole) + ("." + "".join(_DIGITS[digit] for digit in digits) if digits else "")


def _carried(digits: list[int]) -> int:
    """Rounds the last digit up, through all that are full; gives what is carried into the whole number."""
    while digits:
        if digits[-1] + 1 < 36:
            digits[-1] += 1
            return 0
        digits.pop()
    return 1


def _whole36(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = _DIGITS[rest] + letters
    return letters or "0"
