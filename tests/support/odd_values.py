"""JSON values of every type, as a hostile or a changed server may give any field of a reply."""

ODD_VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 10**40, 1.5),
    *("", "x" * 100_000, "\ud800", "javascript:1"),
    *([], [[[]]], {}, {"id": {"id": []}}),
)
