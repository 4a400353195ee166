"""What a camera or a person wrote into a picture: chosen EXIF fields as a line of JSON, and which way is up.

Names and numbers of the fields: CIPA DC-008 (Exif 3.0), as Pillow has them.
"""

import json
import math
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MAX_CHARACTERS = 1_000  # of one field; some programs write whole articles into ImageDescription
_FIELDS = {
    0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x0112: "Orientation", 0x0131: "Software", 0x0132: "DateTime",
    0x013B: "Artist", 0x8298: "Copyright",
}  # fmt: skip
_EXIF_IFD, _EXIF_FIELDS = 0x8769, {0x9003: "DateTimeOriginal", 0x9011: "OffsetTimeOriginal", 0xA434: "LensModel"}
_GPS_IFD, _GPS_FIELDS = 0x8825, {0x1D: "GPSDateStamp"}
_GPS_PLACES = (("GPSLatitude", 2, 1, "S", 90), ("GPSLongitude", 4, 3, "W", 180))  # name, its tag, its letter's, which is negative
_DEGREES = (1, 60, 3600)  # then minutes, then seconds
# EXIF's orientation -> what turns it upright; 1 is upright. The values are those of Pillow's `Image.Transpose`.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_BROKEN = (OSError, SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, struct.error)  # what Pillow raises


def exif_of(image: "Image.Image") -> str | None:
    """The fields that tell of a picture's origin, as a JSON object with sorted standard names; None where there are none.

    Texts are as written, without control characters; times are local, `2022:09:10 12:00:00`, as EXIF has them. GPSLatitude and
    GPSLongitude are degrees, south and west negative. Damaged parts are left out.
    """
    try:
        exif = image.getexif()
        found = _texts(exif, _FIELDS) | _texts(exif.get_ifd(_EXIF_IFD), _EXIF_FIELDS)
        gps = exif.get_ifd(_GPS_IFD)
        found |= _texts(gps, _GPS_FIELDS) | _places(gps)
    except _BROKEN:
        return None
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if found else None


def orientation_of(image: "Image.Image") -> int | None:
    """How the picture is to be turned (a value of Pillow's `Image.Transpose`) to be upright, as browsers do; None: it is."""
    try:
        return _TURNS.get(image.getexif().get(0x0112, 1))
    except _BROKEN:
        return None


def _texts(tags: Mapping[int, Any], fields: Mapping[int, str]) -> dict[str, str | int | float]:
    found: dict[str, str | int | float] = {}
    for tag, name in fields.items():
        value = tags.get(tag)
        if name == "Orientation":
            if isinstance(value, int) and 1 <= value <= 8:
                found[name] = value
        elif isinstance(value, str | bytes) and (text := _text(value)):
            found[name] = text
    return found


def _text(value: str | bytes) -> str:
    """Pillow reads what should be ASCII as Latin-1; what cameras and programs write there is UTF-8 if it is not ASCII."""
    raw = value.encode("latin-1", "replace") if isinstance(value, str) else value
    text = raw.split(b"\0")[0].decode("utf-8", "replace")
    return "".join(letter for letter in text if letter.isprintable()).strip()[:MAX_CHARACTERS].rstrip()


def _places(gps: Mapping[int, Any]) -> dict[str, str | int | float]:
    found: dict[str, str | int | float] = {}
    for name, tag, letter_tag, negative, most in _GPS_PLACES:
        parts = gps.get(tag)
        if not isinstance(parts, tuple) or len(parts) != len(_DEGREES):
            continue
        degrees = sum(float(part) / share for part, share in zip(parts, _DEGREES, strict=True))
        if math.isfinite(degrees) and 0 <= degrees <= most:
            found[name] = round(-degrees if gps.get(letter_tag) == negative else degrees, 6)
    return found if len(found) == len(_GPS_PLACES) else {}
