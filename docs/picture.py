"""Draws docs/find.svg, what `archiver find` prints in the demo: `python docs/picture.py`, by hand, when the card changes."""

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).with_name("find.svg")
COMMAND = "$ archiver find pic.twitter.com/uOWxLTTvGP"


def main() -> None:
    run = subprocess.run([sys.executable, "-m", "archiver.cli", "demo"], capture_output=True, text=True, check=True)
    after = run.stdout[run.stdout.index("Gone from Twitter") :]
    card = after[after.index("\ntwitter") + 1 : after.index("\n\n\n")]
    console = Console(record=True, width=104, file=io.StringIO())
    console.print(Text(COMMAND, style="bold cyan"))
    heading, *lines = card.splitlines()
    console.print(Text(heading, style="bold"))
    for line in lines:
        console.print(Text.assemble((line[:12], "dim"), line[12:]))
    svg = console.export_svg(title="The tweet is gone. Its text and picture are not.")
    # Without the font that rich would load from somebody's server: any monospaced one will do.
    TARGET.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main()
