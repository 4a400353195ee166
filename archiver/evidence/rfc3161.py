"""Timestamp tokens (RFC 3161): what is asked of an authority, and whether its answer holds. Bytes in, words out; no network."""

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, InvalidVersion, ObjectIdentifier, load_der_x509_certificate, load_pem_x509_certificates
from cryptography.x509.oid import NameOID
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archiver.errors import ArchiverError, ConfigError

MAX_PEM_BYTES = 1 << 20  # all root certificates of a browser have a quarter of that
MAX_WORDS = 200  # characters of an authority's own words that are passed on
CERTIFICATES = 0xA0  # the tag [0] in SignedData: RFC 5652, 5.1
ID_SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")  # RFC 5754, 2.2
# What the libraries raise where bytes are not what they should be: a KeyError for the unknown kind of a text in a name.
_DAMAGED = (ValueError, KeyError, InvalidVersion, UnsupportedAlgorithm)


class TokenRefused(ArchiverError):
    """A token does not prove what it should. The message says why."""

    exit_code = 7


class NotAToken(TokenRefused):
    """These bytes are no timestamp at all, or one too damaged to be read."""


class NotTrusted(TokenRefused):
    """It leads to none of the certificates that are trusted, or its signature is not of these bytes."""


@dataclass(frozen=True, slots=True)
class Root:
    """One that is trusted: the certificates of one PEM file, of which one at least signed itself."""

    name: str
    """The file's name, and where it is not given by hand, where it is from."""
    pem: bytes
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A token that holds."""

    at: datetime
    """UTC, by the authority's clock."""
    authority: str
    """The name in the certificate that signed, as it is written there."""
    root: Root


def read_root(path: Path) -> Root:
    """The certificates in a PEM file. Raises `ConfigError`."""
    try:
        if path.exists() and not path.is_file():  # archiver.toml of an archive from elsewhere may name a pipe, which never ends
            raise ConfigError(f"cannot read the root certificate {path}: it is no regular file")
        with path.open("rb") as file:
            pem = file.read(MAX_PEM_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read the root certificate {path}: {error.strerror}") from error
    if len(pem) > MAX_PEM_BYTES:
        raise ConfigError(
            f"{path} is larger than {MAX_PEM_BYTES >> 20} MB: give the authority's own root certificate, not a collection"
        )
    try:
        return Root(path.name, pem, tuple(load_pem_x509_certificates(pem)))
    except ValueError as error:
        raise ConfigError(f"{path} holds no certificate in PEM form: fetch the authority's root certificate anew") from error


def request_for(data: bytes) -> TimeStampRequest:
    """Asks that the sha256 of these bytes be signed, with a fresh nonce, the authority's certificates included."""
    return TimestampRequestBuilder(data, HashAlgorithm.SHA256, nonce=True, cert_req=True).build()


def check_token(token: bytes, data: bytes, roots: Iterable[Root], nonce: int | None = None) -> Signed:
    """What a token (a TimeStampResp in DER) says of these bytes, once it holds: signature, imprint, chain, usage, time.

    Certificates have to be valid at the token's own time, not now: a token outlives the certificate that signed it. With `nonce`
    it has to be the answer to that request. Raises `TokenRefused`.
    """
    with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):  # of odd numbers in certificates
        try:
            response = decode_timestamp_response(in_der_order(token))
            _granted(response)
            _of_these_bytes(response, data, nonce)
            return _held_by_one(response, _signer(response), roots)
        except _DAMAGED as error:
            raise NotAToken("it is no timestamp, or a damaged one") from error


def _granted(response: TimeStampResponse) -> None:
    if response.status != PKIStatus.GRANTED:
        words = "; ".join(response.status_string)[:MAX_WORDS]
        raise TokenRefused(f"the authority did not sign (status {response.status}{f': {words}' if words else ''})")


def _of_these_bytes(response: TimeStampResponse, data: bytes, nonce: int | None) -> None:
    imprint = response.tst_info.message_imprint
    if imprint.hash_algorithm != ID_SHA256:
        raise TokenRefused("its hash is no sha256, which all that are made here have")
    if imprint.message != sha256(data).digest():
        raise TokenRefused("it was given for other bytes")
    if nonce is not None and response.tst_info.nonce != nonce:
        raise TokenRefused("it is the answer to another request: its nonce differs")


def _held_by_one(response: TimeStampResponse, signer: Certificate, roots: Iterable[Root]) -> Signed:
    """By the first of the roots to which it leads."""
    reason = "there is no root certificate to check it with"
    for root in roots:
        try:
            VerifierBuilder(roots=list(root.certificates)).build().verify(response, response.tst_info.message_imprint.message)
        except VerificationError as error:
            reason = f"it does not hold against {root.name}: {_in_words(str(error))}"
        else:
            return Signed(response.tst_info.gen_time, _name_of(signer), root)
    raise NotTrusted(reason)


def _signer(response: TimeStampResponse) -> Certificate:
    """The certificate that signed: the signature names it by issuer and serial number."""
    certificates = [load_der_x509_certificate(one) for one in response.signed_data.certificates]
    (info,) = response.signed_data.signer_infos  # ValueError where there are more: RFC 3161, 2.4.2 wants one
    for certificate in certificates:
        if (certificate.issuer, certificate.serial_number) == (info.issuer, info.serial_number):
            return certificate
    raise TokenRefused("the certificate that signed it is not in it")


def _name_of(certificate: Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _in_words(error: str) -> str:
    """What the library says, for people: what it quotes of OpenSSL's error stack is for nobody."""
    if "EKU" in error or "certificate purpose" in error:
        return "the certificate that signed it is not one for timestamps"
    reason = re.search(r"Verify error: ?([^\"]+)", error)
    if reason is not None:
        return f"its certificates do not lead there ({reason[1]})"
    return "the signature is not of these bytes, or its certificates do not lead there"


def in_der_order(token: bytes) -> bytes:
    """The token with its certificates in the order that DER wants: `openssl ts` writes the signer's first, and rfc3161-client
    1.0.9 refuses that. No signature covers their order. Raises `ValueError` where the bytes are no such structure."""
    content = children(token, element_at(token, 0, len(token)))  # TimeStampResp: RFC 3161, 2.4.2
    if len(content) < 2:  # no token in it: the authority refused
        return token
    info = children(token, content[1])  # ContentInfo: RFC 5652, 3
    if len(info) != 2:
        raise ValueError("the token has no content")
    signed_data = element_at(token, info[1].content, info[1].end)
    for part in children(token, signed_data):
        if part.tag == CERTIFICATES:
            return with_sorted(token, part)
    return token


# --- DER, as much of it as putting a set in order takes: X.690, 8.1 and 11.6 ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class DerElement:
    """Where one value lies: tag, length, content."""

    tag: int
    start: int
    content: int
    """Where its content begins."""
    end: int


def element_at(data: bytes, start: int, end: int) -> DerElement:
    """The value that begins at `start` and has to end by `end`. Raises `ValueError`."""
    if start + 2 > end:
        raise ValueError(f"no value at byte {start}")
    length, content = data[start + 1], start + 2
    if length > 0x80:
        size = length - 0x80
        length, content = int.from_bytes(data[content : content + size]), content + size
    elif length == 0x80:
        raise ValueError(f"the length at byte {start} is left open, which DER does not allow")
    if content + length > end:
        raise ValueError(f"the value at byte {start} is cut off")
    return DerElement(data[start], start, content, content + length)


def children(data: bytes, parent: DerElement) -> list[DerElement]:
    """The values in a constructed one. Raises `ValueError`."""
    found = []
    start = parent.content
    while start < parent.end:
        found.append(element_at(data, start, parent.end))
        start = found[-1].end
    return found


def with_sorted(data: bytes, parent: DerElement) -> bytes:
    """All of `data`, the values in this set put in the order of their bytes. Raises `ValueError`."""
    values = sorted(data[child.start : child.end] for child in children(data, parent))
    return data[: parent.content] + b"".join(values) + data[parent.end :]
