"""The scripts of a page, as stretches of its raw text."""

from bisect import bisect_right


class Scripts:
    """Where the scripts of a page are in its raw text; found when first asked for."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    def hold(self, at: int) -> bool:
        """Whether a place is within a script."""
        if self._starts is None:
            self._starts = []
            begin = self._markup.find("<script")
            while begin >= 0:
                end = self._markup.find("</script", begin)
                self._starts.append(begin)
                self._ends.append(end if end >= 0 else len(self._markup))
                begin = self._markup.find("<script", end) if end >= 0 else -1
        index = bisect_right(self._starts, at) - 1
        return index >= 0 and at < self._ends[index]
