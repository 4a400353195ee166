"""A throw-away certificate authority, and a certificate for whatever host name a client asks for."""

import ipaddress
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 30  # long enough for any run, short enough to be worthless afterwards
NO_NAME = "localhost"  # for clients that send no server name


class Certificates:
    """Signs certificates on the fly. Private keys live in `folder` and are good for nothing but this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cacert = folder / "sampleweb-ca.pem"
        self._ca_key = ec.generate_private_key(ec.SECP256R1())
        self._ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sample web throw-away CA")])
        self._key = ec.generate_private_key(ec.SECP256R1())  # one for all hosts: making keys is the slow part
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.cacert.write_bytes(self._authority().public_bytes(serialization.Encoding.PEM))

    def server_context(self, refuses: Callable[[str], bool] = lambda host: False) -> ssl.SSLContext:
        """A context for `asyncio.start_server` that takes the certificate of the name in the client's hello; for hosts that
        `refuses` names, the handshake ends with an alert."""

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> int | None:
            host = (name or "").lower()
            if refuses(host):
                return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
            if host:
                connection.context = self._context(host)
            return None

        context = self._context(NO_NAME)
        context.sni_callback = choose
        return context

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            pem = self.folder / f"sampleweb-{len(self._contexts)}.pem"  # the ssl module reads keys from files only
            pem.touch(mode=0o600)
            pem.write_bytes(
                self._key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
                + self._leaf(host).public_bytes(serialization.Encoding.PEM)
            )
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            context.load_cert_chain(pem)
            self._contexts[host] = context
        return self._contexts[host]

    def _authority(self) -> x509.Certificate:
        usage = _usage(signs_certificates=True)
        return (
            self._builder(self._ca_name, self._ca_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._ca_key, hashes.SHA256())
        )

    def _leaf(self, host: str) -> x509.Certificate:
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == NO_NAME:
            names.append(x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")))
        # A common name holds 64 characters at most; clients look at the alternative names anyway.
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
        return (
            self._builder(subject, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._ca_key, hashes.SHA256())
        )

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        """Both key identifiers are there because Python 3.13 verifies strictly by default (VERIFY_X509_STRICT)."""
        now = datetime.now(UTC)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._ca_key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._ca_name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=VALID_DAYS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(authority, critical=False)
        )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
