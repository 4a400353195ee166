"""Regular expressions that are compiled at their first use: of the 400 that platforms have, a command needs few."""

import re
from collections.abc import Callable, Iterator


class Pattern:
    """`re.compile(source, flags)` at the first use; its methods are those of `re.Pattern`.

    To compile all at import took 75 ms, a third of what `archiver find` may take.
    """

    __slots__ = ("_compiled", "_flags", "pattern")

    def __init__(self, source: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self.pattern = source
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    def _ready(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        return self._compiled

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        return self._ready().match(text, at)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._ready().fullmatch(text)

    def search(self, text: str, at: int = 0) -> re.Match[str] | None:
        return self._ready().search(text, at)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._ready().finditer(text)

    def findall(self, text: str) -> list[str]:
        return self._ready().findall(text)

    def split(self, text: str) -> list[str]:
        return self._ready().split(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        return self._ready().sub(replacement, text, count=count)
