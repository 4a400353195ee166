"""Timestamps of manifests: a real authority signs, and whatever was changed since is refused."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.errors import ConfigError, ConnectionFailed
from archiver.evidence import timestamps
from archiver.evidence.rfc3161 import MAX_PEM_BYTES, TokenRefused, check_token, read_root, request_for
from archiver.evidence.timestamps import (
    MAX_TOKEN_BYTES,
    TokenCheck,
    ask,
    check_roots,
    check_tokens,
    existed_by,
    keep_root,
    keep_token,
    kept_roots,
    signed_by,
)
from archiver.model.exchange import Exchange
from archiver.network.fetcher import Fetcher
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import ClosedFile, Manifest, read_manifests, seal
from tests.support.tsa import DAY, Answer, Tsa

DATA = b'{"format": 1}'
EXPIRED = Path(__file__).parent / "expired_timestamp"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    with Tsa(tmp_path_factory.mktemp("tsa") / "one").serving() as running:
        yield running


@pytest.fixture(scope="module")
def token(tsa: Tsa) -> bytes:
    return asked(tsa)


def asked(tsa: Tsa, data: bytes = DATA, root: Path | None = None) -> bytes:
    """As a crawl's end asks."""

    async def unrecorded(exchange: Exchange) -> None: ...

    async def once() -> bytes:
        fetcher = Fetcher(unrecorded, user_agent="tests", allow_private=True)
        try:
            return await ask(fetcher, tsa.url, data, read_root(root or tsa.root))
        finally:
            await fetcher.close()

    return asyncio.run(once())


# --- what a token proves ---


def test_a_token_says_who_signed_and_when(tsa: Tsa, token: bytes) -> None:
    signed = check_token(token, DATA, [read_root(tsa.root)])
    assert signed.authority == "Tests only Timestamps"
    assert abs(signed.at - datetime.now(UTC)) < timedelta(hours=1)
    assert signed.root.name == "root.pem"


def test_of_several_roots_the_one_that_it_leads_to_is_told(tsa: Tsa, token: bytes, tmp_path: Path) -> None:
    other = read_root(Tsa(tmp_path / "other").root)
    assert check_token(token, DATA, [other, read_root(tsa.root)]).root.pem == tsa.root.read_bytes()


def test_it_holds_when_the_authority_is_gone(tmp_path: Path) -> None:
    with Tsa(tmp_path / "gone").serving() as tsa:
        token, root = asked(tsa), read_root(tsa.root)
    with pytest.raises(ConnectionFailed):
        asked(tsa)
    assert check_token(token, DATA, [root]).authority == "Tests only Timestamps"


def test_it_holds_when_all_certificates_have_expired() -> None:
    """Theirs were valid for five minutes: SOURCE.md in that folder."""
    root = read_root(EXPIRED / "root.pem")
    signed = check_token((EXPIRED / "manifest.tsr").read_bytes(), (EXPIRED / "manifest.json").read_bytes(), [root])
    (certificate,) = root.certificates
    assert certificate.not_valid_before_utc < signed.at < certificate.not_valid_after_utc
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("valid", "words"),
    [((-2 * DAY, -DAY), "has expired"), ((DAY, 2 * DAY), "is not yet valid")],
    ids=["had expired", "was to come"],
)
def test_it_proves_nothing_where_the_certificate(tmp_path: Path, valid: tuple[timedelta, timedelta], words: str) -> None:
    tsa = Tsa(tmp_path / "tsa", valid=valid)
    with pytest.raises(TokenRefused, match=rf"does not hold against root.pem: .*certificate {words}"):
        check_token(tsa.sign(request_for(DATA).as_bytes()), DATA, [read_root(tsa.root)])


def test_a_certificate_that_is_not_for_timestamps_signs_none(tsa: Tsa, token: bytes) -> None:
    with pytest.raises(TokenRefused, match=r"root.pem: the certificate that signed it is not one for timestamps"):
        check_token(tsa.misused(token), DATA, [read_root(tsa.root)])


def test_a_token_of_other_bytes_is_refused(tsa: Tsa, token: bytes) -> None:
    with pytest.raises(TokenRefused, match="it was given for other bytes"):
        check_token(token, DATA + b" ", [read_root(tsa.root)])


def test_a_token_that_leads_to_another_root_is_refused(tmp_path: Path, token: bytes) -> None:
    """Also to one of the same name."""
    other = Tsa(tmp_path / "other")
    with pytest.raises(TokenRefused, match=r"it does not hold against root.pem: its certificates do not lead there"):
        check_token(token, DATA, [read_root(other.root)])


def test_without_a_root_nothing_is_proven(token: bytes) -> None:
    with pytest.raises(TokenRefused, match="there is no root certificate to check it with"):
        check_token(token, DATA, [])


def test_a_token_in_which_any_bit_was_turned_is_refused_unless_it_says_the_same(tsa: Tsa, token: bytes) -> None:
    """What no signature covers (a copy of the root that nobody needs, say) can be another; what is proven cannot."""
    roots = [read_root(tsa.root)]
    whole = check_token(token, DATA, roots)
    refused = 0
    for place in range(len(token)):
        turned = bytearray(token)
        turned[place] ^= 1 << place % 8
        try:
            assert check_token(bytes(turned), DATA, roots) == whole
        except TokenRefused:
            refused += 1
    assert refused > len(token) / 2


@pytest.mark.parametrize("pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_root_that_is_no_certificate_is_told(tmp_path: Path, pem: bytes) -> None:
    (tmp_path / "root.pem").write_bytes(pem)
    with pytest.raises(ConfigError, match=r"root.pem holds no certificate in PEM form: fetch the authority's root"):
        read_root(tmp_path / "root.pem")
    (tmp_path / "root.pem").write_bytes(b"#" * (MAX_PEM_BYTES + 1))
    with pytest.raises(ConfigError, match=r"root.pem is larger than 1 MB: give the authority's own root certificate"):
        read_root(tmp_path / "root.pem")
    with pytest.raises(ConfigError, match=r"cannot read the root certificate .*: No such file"):
        read_root(tmp_path / "none.pem")


# --- asking ---


def bad_answers(tsa: Tsa) -> dict[str, tuple[Answer, str]]:
    kind = "application/timestamp-reply"
    replayed = tsa.sign(request_for(DATA).as_bytes())
    return {
        "an error": ((500, "text/plain", b"oh no"), "it answered with HTTP status 500"),
        "a redirect": (
            (302, "text/plain", b""),
            "it sends us on to https://elsewhere.example/tsr: if that is right, write that URL",
        ),
        "a page": (
            (200, "text/html", b"<html>Buy timestamps</html>"),
            "its answer is text/html, not a timestamp: is the URL right?",
        ),
        "nothing": ((200, kind, b""), "it is no timestamp, or a damaged one"),
        "of another kind": ((200, "text/html", replayed), "it is the answer to another request"),
        "half": ((200, kind, replayed[:400]), "it is no timestamp, or a damaged one"),
        "another's": ((200, kind, replayed), "it is the answer to another request: its nonce differs"),
        "of other bytes": ((200, kind, tsa.sign(request_for(b"others").as_bytes())), "it was given for other bytes"),
        "without end": ((200, kind, b"\x30" * 100_000_000), "its answer is larger than 1 MB, which no timestamp is"),
    }


@pytest.mark.parametrize(
    "kind",
    ["an error", "a redirect", "a page", "nothing", "half", "another's", "of another kind", "of other bytes", "without end"],
)
def test_an_answer_that_is_worth_nothing_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    with Tsa(tmp_path / "tsa").serving() as tsa:
        answer, words = bad_answers(tsa)[kind]
        tsa.answers = lambda query: answer
        with pytest.raises(TokenRefused) as refusal:
            asked(tsa)
    assert words in str(refusal.value)


def test_a_refusal_is_told_with_the_authoritys_own_words(tmp_path: Path) -> None:
    with Tsa(tmp_path / "tsa", digests="sha512").serving() as tsa, pytest.raises(TokenRefused) as refusal:
        asked(tsa)
    assert str(refusal.value) == "the authority did not sign (status 2: Message digest algorithm is not supported.)"


def test_a_token_that_would_not_hold_later_is_not_taken(tsa: Tsa, tmp_path: Path) -> None:
    with pytest.raises(TokenRefused, match=r"does not hold against root.pem"):
        asked(tsa, root=Tsa(tmp_path / "other").root)


# --- the tokens of an archive ---


@pytest.fixture
def paths(data_dir: Path) -> ArchivePaths:
    return ArchivePaths(data_dir)


@pytest.fixture
def chain(paths: ArchivePaths) -> list[Manifest]:
    """Three manifests. What they are of is not looked at here."""
    start = datetime(2026, 11, 22, tzinfo=UTC)
    for hour in range(3):
        seal(paths, [ClosedFile(f"warc/{hour}.warc.gz", 1, "0" * 64)], lambda hour=hour: start + timedelta(hours=hour))  # type: ignore[misc]
    return read_manifests(paths)


def signed(paths: ArchivePaths, manifest: Manifest, tsa: Tsa) -> Path:
    """Has it signed; gives the token's file."""
    before = set(paths.manifests.glob("*.tsr"))
    keep_root(paths, read_root(tsa.root), tsa.url)
    keep_token(paths, manifest, tsa.url, asked(tsa, (paths.manifests / manifest.name).read_bytes()))
    (path,) = set(paths.manifests.glob("*.tsr")) - before
    return path


def checked(paths: ArchivePaths) -> list[TokenCheck]:
    """With what the archive itself has."""
    return list(check_tokens(paths, read_manifests(paths), kept_roots(paths)))


def test_an_archive_has_all_that_its_tokens_are_checked_with(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    path = signed(paths, chain[1], tsa)
    assert path.name.startswith(f"{chain[1].name[:14]}.127.0.0.1-tsr-")
    (check,) = checked(paths)
    assert (check.file, check.manifest, check.authority) == (paths.relative(path), chain[1].name, "Tests only Timestamps")
    assert (check.problem, check.remedy) == (None, None)
    assert str(check.root).startswith("manifests/authorities/127.0.0.1-tsr-")
    assert check.at is not None
    assert signed_by(paths, tsa.url) == {chain[1].name}
    assert signed_by(paths, "http://127.0.0.1/another") == set()
    assert check_roots(paths) == []


def test_each_of_several_authorities_has_its_token(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa, tmp_path: Path) -> None:
    signed(paths, chain[0], tsa)
    with Tsa(tmp_path / "tsa", "Second").serving() as second:
        signed(paths, chain[0], second)
    assert sorted(str(check.authority) for check in checked(paths)) == ["Second Timestamps", "Tests only Timestamps"]


def test_a_damaged_copy_of_a_root_is_told_and_made_good_by_the_next_token(
    paths: ArchivePaths, chain: list[Manifest], tsa: Tsa
) -> None:
    signed(paths, chain[0], tsa)
    (copy,) = (paths.manifests / "authorities").iterdir()
    copy.write_bytes(copy.read_bytes() + b"#")
    assert [problem.file for problem in check_roots(paths)] == [paths.relative(copy)]
    signed(paths, chain[1], tsa)
    assert check_roots(paths) == [] and [check.problem for check in checked(paths)] == [None, None]


def test_of_very_many_kept_roots_some_are_left_out_and_told(
    paths: ArchivePaths, tsa: Tsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timestamps, "MAX_KEPT_ROOTS", 1)
    for url in ("https://a.example/", "https://b.example/"):
        keep_root(paths, read_root(tsa.root), url)
    assert len(kept_roots(paths)) == 1
    assert [problem.what for problem in check_roots(paths)] == ["holds 2 certificates: the first 1 are used"]


def test_tokens_hold_against_the_root_of_their_day_after_the_authority_has_a_new_one(
    paths: ArchivePaths, chain: list[Manifest], tmp_path: Path
) -> None:
    for manifest in chain:
        with Tsa(tmp_path / manifest.name).serving() as tsa:
            keep_root(paths, read_root(tsa.root), "http://tsa.example/")
            keep_token(paths, manifest, "http://tsa.example/", asked(tsa, (paths.manifests / manifest.name).read_bytes()))
    assert [check.problem for check in checked(paths)] == [None, None, None]


def test_a_changed_manifest_is_refused_by_its_token(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    """The last one of a chain: no later one tells of it."""
    signed(paths, chain[2], tsa)
    path = paths.manifests / chain[2].name
    path.write_bytes(path.read_bytes().replace(b'"bytes": 1', b'"bytes": 2'))
    (check,) = checked(paths)
    assert (check.at, check.problem) == (None, "it was given for other bytes")


def test_a_token_moved_beside_another_manifest_is_refused(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    path = signed(paths, chain[0], tsa)
    path.rename(path.with_name(path.name.replace(chain[0].name[:14], chain[1].name[:14])))
    assert [check.problem for check in checked(paths)] == ["it was given for other bytes"]


def test_a_token_without_its_manifest_tells_that_one_was_there(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    """That the last one was taken away shows nowhere else."""
    signed(paths, chain[2], tsa)
    (paths.manifests / chain[2].name).unlink()
    assert [check.problem for check in checked(paths)] == [f"its manifest {chain[2].name} is not there"]


def test_no_changed_byte_of_a_token_or_root_stays_unseen(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    token = signed(paths, chain[0], tsa)
    (root,) = (paths.manifests / "authorities").iterdir()
    for path, step in ((token, 23), (root, 41)):
        whole = path.read_bytes()
        for place in range(0, len(whole), step):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
            assert check_roots(paths) if path == root else [check.problem for check in checked(paths)] != [None], place
        path.write_bytes(whole)
    assert [check.problem for check in checked(paths)] == [None]


def test_a_token_that_cannot_be_read_is_told(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    path = signed(paths, chain[0], tsa)
    path.write_bytes(b"\0" * (MAX_TOKEN_BYTES + 1))
    assert [check.problem for check in checked(paths)] == ["it is larger than any timestamp"]
    path.unlink()
    path.mkdir()
    assert [check.problem for check in checked(paths)] == ["it cannot be read: it is no regular file"]


def test_a_token_proves_all_before_it_as_far_as_the_chain_is_whole(paths: ArchivePaths, chain: list[Manifest], tsa: Tsa) -> None:
    signed(paths, chain[1], tsa)
    (check,) = checked(paths)
    assert existed_by(chain, [check]) == {chain[0].name: check.at, chain[1].name: check.at}
    assert check.at is not None
    sooner = replace(check, at=check.at - DAY, manifest=chain[0].name)
    assert existed_by(chain, [check, sooner])[chain[0].name] == sooner.at
    path = paths.manifests / chain[0].name
    path.write_bytes(path.read_bytes() + b" ")
    assert existed_by(read_manifests(paths), [check]) == {chain[1].name: check.at}
