"""Draws a picture in a terminal, two pixels a character; nothing where the output is not one."""

import sys
from pathlib import Path

import click

COLUMNS = 56
UPPER_HALF = "\u2580"  # its upper half in the foreground colour, its lower half in the background colour


def draw(picture: Path) -> None:
    """In 24-bit colour. The file was recognised as a picture before."""
    if not sys.stdout.isatty():
        return
    from PIL import Image  # noqa: PLC0415

    with Image.open(picture) as image:
        rows = max(2, round(COLUMNS * image.height / image.width / 2) * 2)
        small = image.convert("RGB").resize((COLUMNS, min(rows, 2 * COLUMNS)))
    pixels = list(small.getdata())
    for top in range(0, small.height, 2):
        upper, lower = pixels[top * COLUMNS : (top + 1) * COLUMNS], pixels[(top + 1) * COLUMNS : (top + 2) * COLUMNS]
        click.echo("  " + "".join(click.style(UPPER_HALF, fg=a, bg=b) for a, b in zip(upper, lower, strict=True)))
