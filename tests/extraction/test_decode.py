"""Pages' bytes become the text that readers saw, whatever was declared."""

import pytest

from archiver.extraction.decode import MAX_PAGE_BYTES, decode

UKRAINIAN = "Українська армія увійшла до Ізюма після кількох днів боїв, повідомляють місцеві жителі. Ґанок і їжак."
RUSSIAN = "Украинская армия вошла в Изюм после нескольких дней боёв, сообщают местные жители."
GERMAN = "Die Grünen führen heute Gespräche über die Größe der Übergänge."


def page(text: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}<title>{text[:20]}</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-u", "utf-16"])
@pytest.mark.parametrize("where", ["header", "meta", "nowhere"])
def test_ukrainian_comes_out_right(encoding: str, where: str) -> None:
    head = f'<meta charset="{encoding}">' if where == "meta" else ""
    text = page(UKRAINIAN, head)

    assert decode(text.encode(encoding), f"text/html; charset={encoding}" if where == "header" else "text/html") == text


def test_a_byte_order_mark_is_believed_before_anything_else() -> None:
    assert decode(b"\xef\xbb\xbf" + page(UKRAINIAN).encode(), "text/html; charset=windows-1251") == page(UKRAINIAN)
    assert decode(b"\xfe\xff" + page(UKRAINIAN).encode("utf-16-be"), "text/html; charset=utf-8") == page(UKRAINIAN)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_seen_by_its_zero_bytes(encoding: str) -> None:
    assert decode(page(UKRAINIAN).encode(encoding)) == page(UKRAINIAN)


def test_the_header_is_believed_before_the_page() -> None:
    text = page(RUSSIAN, '<meta charset="koi8-r">')
    assert decode(text.encode("windows-1251"), "text/html; charset=windows-1251") == text


@pytest.mark.parametrize(
    ("declared", "actual", "text"),
    [
        ("windows-1251", "utf-8", UKRAINIAN),
        ("iso-8859-1", "utf-8", GERMAN),
        ("iso-8859-1", "windows-1251", RUSSIAN),
        ("utf-8", "windows-1251", RUSSIAN),
        ("utf-8", "windows-1252", GERMAN),
        ("no-such-encoding", "windows-1251", RUSSIAN),
        ("utf-16", "utf-8", UKRAINIAN),
        ("rot13", "utf-8", UKRAINIAN),
    ],
)
def test_a_plainly_wrong_declaration_is_not_believed(declared: str, actual: str, text: str) -> None:
    for content_type, head in ((f"text/html; charset={declared}", ""), (None, f'<meta charset="{declared}">')):
        assert decode(page(text, head).encode(actual), content_type) == page(text, head)


def test_a_servers_default_does_not_overrule_the_page() -> None:
    text = page(UKRAINIAN, '<meta http-equiv="Content-Type" content="text/html; charset=koi8-u">')
    assert decode(text.encode("koi8-u"), "text/html; charset=ISO-8859-1") == text


def test_latin_1_is_read_as_browsers_read_it() -> None:
    assert decode(b"<p>\x93quoted\x94 \x96 \x80 5</p>", "text/html; charset=iso-8859-1") == "<p>“quoted” – € 5</p>"


def test_a_feed_under_another_name_says_its_encoding_in_its_first_line() -> None:
    text = f'<?xml version="1.0" encoding="windows-1251"?><rss><title>{RUSSIAN}</title></rss>'
    assert decode(text.encode("windows-1251")) == text


def test_some_wrong_bytes_in_utf_8_are_replaced_and_the_rest_is_kept() -> None:
    body = page(UKRAINIAN).encode() + b"<p>caf\xe9</p>"
    assert decode(body) == page(UKRAINIAN) + "<p>caf\ufffd</p>"


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 1000, bytes(range(256)) * 40, b"\xff\xfe\xff", b"<\xd8\x00" * 99, b"\x80" * 10_000]
)
def test_bytes_in_no_encoding_raise_nothing(body: bytes) -> None:
    assert "\0" not in decode(body)


def test_a_page_is_cut_at_the_cap_and_its_last_character_may_be_cut_in_two() -> None:
    body = "я".encode() * (MAX_PAGE_BYTES // 2) + b"tail"
    assert decode(b" " + body) == " " + "я" * (MAX_PAGE_BYTES // 2 - 1)
