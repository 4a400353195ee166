"""Whatever a page is written in, and says of that: title, author, text and the names in embeds come out as readers saw them."""

import codecs
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

import pytest

from archiver.extraction.decode import META_WITHIN, decode
from archiver.extraction.record import extract
from archiver.model.exchange import CapturedResponse, ResourceType
from archiver.model.findings import Embed, Page
from archiver.wire.http1 import parse_head
from archiver.wire.spool import Spool

NOON = datetime(2022, 9, 12, 12, tzinfo=UTC)
POST = "1568605567890001920"


@dataclass(frozen=True)
class Wording:
    """One page's words, in a language that an encoding can write."""

    title: str
    author: str
    paragraph: str
    post: str
    name: str


UKRAINIAN = Wording(
    "Ізюм після визволення",
    "Ганна Їжакевич",
    "Українська армія увійшла до міста після кількох днів боїв, повідомляють місцеві жителі. Ґанок уцілів, школа згоріла вщент.",
    "Перші світлини з околиць міста: на дорозі стоїть підбита техніка",
    "Марія Щербань",
)
RUSSIAN = Wording(
    "Город после обстрела",
    "Анна Ёжикова",
    "Жители рассказывают, что подъезды остались без света, а вода появилась только на следующий день. Съёмку вели с крыши.",
    "Первые снимки с окраины: на дороге стоит подбитая техника",
    "Мария Щукина",
)
GERMAN = Wording(
    "Brücke über den Fluß gesprengt",
    "Jürgen Groß",
    "Die Übergänge südlich der Stadt sind zerstört – „nichts geht mehr“, sagte ein Bürgermeister. Größere Schäden fürchtet er.",
    "Früh am Morgen, größte Brücke der Gegend, völlig zerstört",
    "Käthe Müller",
)
JAPANESE = Wording(
    "町の写真が届く",
    "山田花子",
    "住民によると、数日間の戦闘の後に部隊が町に入りました。学校は焼けましたが、橋はまだ残っています。",
    "町はずれの道路に壊れた車両が止まっている",
    "佐藤健",
)
SIMPLIFIED = Wording(
    "小镇的第一批照片",
    "王小明",
    "据当地居民说,经过几天的战斗,军队进入了小镇。学校被烧毁了,但是桥还在。我们正在核实这些照片。",
    "郊区的第一批照片:路上停着被毁的车辆",
    "李华",
)
TRADITIONAL = Wording(
    "小鎮的第一批照片",
    "王小明",
    "據當地居民說,經過幾天的戰鬥,軍隊進入了小鎮。學校被燒毀了,但是橋還在。我們正在核實這些照片。",
    "郊區的第一批照片:路上停著被毀的車輛",
    "李華",
)
KOREAN = Wording(
    "마을에서 온 첫 사진",
    "김하늘",
    "주민들에 따르면 며칠간의 전투 끝에 군대가 마을에 들어왔다고 합니다. 학교는 불탔지만 다리는 아직 남아 있습니다.",
    "마을 외곽의 첫 사진, 도로에 부서진 차량이 서 있다",
    "박민수",
)

WRITTEN = (
    ("utf-8", UKRAINIAN), ("windows-1251", UKRAINIAN), ("windows-1251", RUSSIAN), ("koi8-u", UKRAINIAN), ("koi8-r", RUSSIAN),
    ("iso-8859-5", RUSSIAN), ("ibm866", RUSSIAN), ("windows-1252", GERMAN), ("shift_jis", JAPANESE), ("euc-jp", JAPANESE),
    ("iso-2022-jp", JAPANESE), ("gb18030", SIMPLIFIED), ("big5", TRADITIONAL), ("euc-kr", KOREAN),
)  # fmt: skip
AS_IDS = [f"{encoding}-{words.name.split()[0]}" for encoding, words in WRITTEN]
# What has a charset of its own for emoji.
FULL = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def html_of(words: Wording, head: str = "", more: str = "") -> str:
    return (
        f'<!doctype html><html><head>{head}<title>{words.title}</title><meta name="author" content="{words.author}"></head><body>'
        f"<article><h1>{words.title}</h1><p>{words.paragraph}</p>"
        f'<blockquote class="twitter-tweet"><p>{words.post}{more} <a href="https://t.co/AbCdEf1234">pic.twitter.com/AbCdEf1234</a>'
        f'</p>&mdash; {words.name} (@mira_k) <a href="https://twitter.com/mira_k/status/{POST}">10.09.2022</a></blockquote>'
        "</article></body></html>"
    )


def read(body: bytes, charset: str | None = None) -> tuple[Page, Embed]:
    """What the archive would keep of a page and of its one embed."""
    media_type = f"text/html; charset={charset}" if charset else "text/html"
    head = parse_head(f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode())
    found = extract(CapturedResponse("https://blog.example/a/", NOON, head, Spool(body), ResourceType.DOCUMENT))
    assert found.unreadable is None and found.page is not None and found.embeds is not None
    (embed,) = found.embeds.embeds
    return found.page, embed


def assert_reads(body: bytes, words: Wording, charset: str | None = None, more: str = "") -> None:
    page, embed = read(body, charset)
    assert (page.title, page.author) == (words.title, words.author)
    assert words.paragraph in page.text
    assert (embed.post_id, embed.author, embed.author_name) == (POST, "mira_k", words.name)
    assert embed.text == f"{words.post}{more} pic.twitter.com/AbCdEf1234"
    assert embed.short_links == ("pic.twitter.com/AbCdEf1234",)


@pytest.mark.parametrize(("encoding", "words"), WRITTEN, ids=AS_IDS)
@pytest.mark.parametrize("declared", ["by the server", "in the page", "in both", "as content-type", "nowhere"])
def test_a_page_in_its_encoding_is_read(encoding: str, words: Wording, declared: str) -> None:
    meta = {
        "in the page": f'<meta charset="{encoding}">',
        "in both": f"<meta charset={encoding}>",
        "as content-type": f"<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset={encoding.upper()}'>",
    }.get(declared, "")
    charset = encoding if declared in ("by the server", "in both") else None

    assert_reads(html_of(words, meta).encode(encoding), words, charset)


@pytest.mark.parametrize(("encoding", "words"), WRITTEN, ids=AS_IDS)
@pytest.mark.parametrize(
    "claimed", ["utf-8", "iso-8859-1", "windows-1252", "no-such-thing", "undefined", "utf-7", "utf-16", "cp037"]
)
@pytest.mark.parametrize("where", ["server", "page"])
def test_what_servers_claim_of_everything_is_not_believed(encoding: str, words: Wording, claimed: str, where: str) -> None:
    meta = f'<meta charset="{claimed}">' if where == "page" else ""
    assert_reads(html_of(words, meta).encode(encoding), words, claimed if where == "server" else None)


@pytest.mark.parametrize(
    "words", [UKRAINIAN, RUSSIAN, GERMAN, JAPANESE, SIMPLIFIED, TRADITIONAL, KOREAN], ids=lambda one: one.name
)
@pytest.mark.parametrize("claimed", ["windows-1251", "koi8-u", "shift_jis", "gb2312", "euc-kr", "iso-8859-1", "x-user-defined"])
def test_utf_8_is_seen_whatever_is_declared(claimed: str, words: Wording) -> None:
    assert_reads(html_of(words).encode(), words, claimed)
    assert_reads(html_of(words, f'<meta charset="{claimed}">').encode(), words)


@pytest.mark.parametrize(
    ("declared", "written"),
    [pair for pair in product(("windows-1251", "koi8-r", "ibm866", "iso-8859-5"), repeat=2) if len({*pair}) > 1],
)
def test_one_cyrillic_encoding_declared_as_another_is_seen_by_the_nonsense_that_it_makes(declared: str, written: str) -> None:
    assert_reads(html_of(RUSSIAN).encode(written), RUSSIAN, declared)
    assert_reads(html_of(RUSSIAN, f'<meta charset="{declared}">').encode(written), RUSSIAN)


@pytest.mark.parametrize(
    ("charset", "meta", "written"),
    [
        ("windows-1251", "koi8-u", "windows-1251"),
        ("windows-1251", "koi8-u", "koi8-u"),  # a server with a default for all its files
        ("koi8-u", "windows-1251", "windows-1251"),
        ("utf-8", "windows-1251", "windows-1251"),
        ("iso-8859-1", "koi8-u", "koi8-u"),
        ("windows-1251", "utf-8", "utf-8"),
        ("windows-1251", "utf-8", "windows-1251"),
        ("utf-16", "windows-1251", "windows-1251"),
    ],
)
def test_of_two_declarations_the_one_that_the_bytes_agree_with_counts(charset: str, meta: str, written: str) -> None:
    assert_reads(html_of(UKRAINIAN, f'<meta charset="{meta}">').encode(written), UKRAINIAN, charset)


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("win-1251", "windows-1251"),
        ("windows1251", "windows-1251"),
        ("CP1251", "windows-1251"),
        ("x-cp1251", "windows-1251"),
        ("'windows-1251'", "windows-1251"),
        ("KOI8", "koi8-u"),
        ("koi8-r", "koi8-u"),  # most Ukrainian pages in KOI8 said so
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("x-mac-ukrainian", "mac-cyrillic"),
    ],
)
def test_a_label_in_another_spelling_is_understood(label: str, written: str) -> None:
    """One short word, of which no guess could be made."""
    body = f"<title>щ</title><p>щ{'ї' if written == 'koi8-u' else 'ю'}".encode(written)
    assert decode(body, f"text/html; charset={label}") == body.decode(written)


@pytest.mark.parametrize("encoding", FULL)
@pytest.mark.parametrize("charset", [None, "utf-8", "windows-1251"])
def test_emoji_come_through_where_the_encoding_has_them(encoding: str, charset: str | None) -> None:
    words = SIMPLIFIED if encoding == "gb18030" else UKRAINIAN
    more = " 🇺🇦💛💙"
    # A declaration of what the page is not in: for GB18030 the page's own is there to be believed.
    head = '<meta charset="gb18030">' if encoding == "gb18030" else ""
    assert_reads(html_of(words, head, more).encode(encoding), words, charset if charset == "utf-8" else None, more)


@pytest.mark.parametrize(
    ("mark", "encoding"), [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
@pytest.mark.parametrize("charset", [None, "windows-1251", "utf-8", "utf-16"])
def test_a_byte_order_mark_goes_before_all_declarations(mark: bytes, encoding: str, charset: str | None) -> None:
    assert_reads(mark + html_of(UKRAINIAN, '<meta charset="koi8-u">').encode(encoding), UKRAINIAN, charset)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("charset", [None, "utf-16", "utf-16le", "utf-8", "iso-8859-1"])
def test_utf_16_without_a_mark_is_seen_by_its_zero_bytes(encoding: str, charset: str | None) -> None:
    assert_reads(html_of(UKRAINIAN, '<meta charset="utf-16">').encode(encoding), UKRAINIAN, charset)


def test_a_page_in_plain_ascii_is_read_whatever_it_declares() -> None:
    body = b"<title>Nothing but ASCII</title>"
    for charset in ("utf-16", "utf-16be", "utf-7", "iso-2022-jp", "undefined", "idna", "koi8-u", "hz", "cp037"):
        assert decode(body, f"text/html; charset={charset}") == body.decode()


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-u"])
def test_an_xml_declaration_counts(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>\n'.encode() + html_of(UKRAINIAN).encode(encoding)
    assert_reads(body, UKRAINIAN)
    assert_reads(body, UKRAINIAN, "ISO-8859-1")


@pytest.mark.parametrize("before", [1_100, 5_000, META_WITHIN - 200], ids=str)
def test_a_declaration_behind_long_scripts_counts(before: int) -> None:
    """Of one short word nobody could guess: WordPress plug-ins put kilobytes before the page's own head matter."""
    script = f"<script>{'x' * (before - 17)}</script>"
    body = f'{script}<meta charset="koi8-u"><p>Ґава</p>'.encode("koi8-u")
    assert decode(body) == body.decode("koi8-u")


def test_a_declaration_within_a_comment_is_none() -> None:
    body = '<!-- <meta charset="koi8-u"> --><meta charset="windows-1251"><p>Ґава</p>'.encode("windows-1251")
    assert decode(body) == body.decode("windows-1251")


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-u", "euc-kr"])
def test_a_guess_is_made_of_the_text_however_far_down_it_begins(encoding: str) -> None:
    words = KOREAN if encoding == "euc-kr" else UKRAINIAN
    assert_reads(html_of(words, f"<style>{'.a{color:red} ' * 20_000}</style>").encode(encoding), words)


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-u"])
@pytest.mark.parametrize("words", ["Повідомляють місцеві жителі", "Новини дня", "Українська правда"])
def test_a_few_words_are_enough_for_a_guess(encoding: str, words: str) -> None:
    assert decode(f"<p>{words}</p>".encode(encoding)) == f"<p>{words}</p>"


def test_a_shouting_page_is_believed_what_it_declares() -> None:
    """Capitals alone look like KOI8 read as windows-1251; what is declared and makes words stays."""
    text = f"<p>{UKRAINIAN.paragraph.upper()}</p>"
    for encoding in ("windows-1251", "koi8-u"):
        assert decode(text.encode(encoding), f"text/html; charset={encoding}") == text


def test_quotation_marks_of_windows_in_a_page_that_says_it_is_iso() -> None:
    text = "<p>„Žodžiai“ – ąčęėįšųūž, kuriuos matė skaitytojai, ir dar keletas žodžių apie miestą</p>"
    assert decode(text.encode("windows-1257")) == text


def test_what_was_broken_before_it_was_published_stays_as_readers_saw_it() -> None:
    broken = Wording(*(getattr(UKRAINIAN, field).encode().decode("latin-1") for field in Wording.__dataclass_fields__))
    body = html_of(broken).encode()
    assert decode(body, "text/html; charset=utf-8") == html_of(broken)


@pytest.mark.parametrize(
    "charset", ["undefined", "charmap", "unicode_escape", "rot13", "mbcs", "oem", "utf-7", "x" * 5_000, "\udcff", "%"]
)
def test_a_charset_that_is_none_raises_nothing(charset: str) -> None:
    for body in ("Ґава".encode("windows-1251"), b"+2D3/", b"\\ud800", b"\xff" * 50, b"\x1b$B\xff\x1b$"):
        decode(body, f"text/html; charset={charset}").encode()
        decode(f'<meta charset="{charset}">'.encode("utf-8", "replace") + body).encode()
