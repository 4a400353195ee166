"""A real timestamp authority on loopback: `openssl ts` signs, under a certificate authority made for the test."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
_KEY_USAGE = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
              "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip

Answer = tuple[int, str, bytes]
"""HTTP status, Content-Type, body."""

# What `openssl ts -reply` wants to know: ts(1), "CONFIGURATION FILE OPTIONS". One line of `certs` more than a leaf alone needs.
_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""


class Certified:
    """A key and its certificate, signed by another or by itself."""

    def __init__(
        self, name: str, by: "Certified | None" = None, *, ca: bool = False, valid: tuple[timedelta, timedelta] = (-DAY, DAY)
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        allowed = {"key_cert_sign", "crl_sign"} if ca else {"digital_signature"}
        issuer = by or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + valid[0])
            .not_valid_after(now + valid[1])
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**{usage: usage in allowed for usage in _KEY_USAGE}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        )
        if not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        encryption = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


class Tsa:
    """Signs what it is asked for at `url`. `root` is the PEM file to trust."""

    def __init__(
        self, folder: Path, name: str = "Tests only", *, valid: tuple[timedelta, timedelta] = (-DAY, DAY), digests: str = "sha256"
    ) -> None:
        self.folder, self.url = folder, ""
        folder.mkdir(parents=True)
        root = Certified(f"{name} Root", ca=True, valid=(-2 * DAY, 2 * DAY))
        middle = Certified(f"{name} Middle", root, ca=True, valid=(-2 * DAY, 2 * DAY))
        leaf = Certified(f"{name} Timestamps", middle, valid=valid)
        self._middle, self._leaf = middle, leaf
        self.root, self.middle = folder / "root.pem", folder / "middle.pem"
        for file, data in (
            (self.root, root.pem), (self.middle, middle.pem), (folder / "tsa.pem", leaf.pem), (folder / "tsa.key", leaf.key_pem),
            (folder / "chain.pem", middle.pem + root.pem), (folder / "serial", b"01\n"),
            (folder / "tsa.cnf", _CONFIG.format(folder=folder, digests=digests).encode()),
        ):  # fmt: skip
            file.write_bytes(data)
        self.asked: list[bytes] = []
        """Each query, as it came."""
        self.answers: Callable[[bytes], Answer] = lambda query: (200, "application/timestamp-reply", self.sign(query))
        """How a query is answered; a test may put something else there."""
        self._one_at_a_time = threading.Lock()  # the file of serial numbers is shared

    def sign(self, query: bytes) -> bytes:
        """The answer to a query, by `openssl ts`."""
        with self._one_at_a_time:
            asked, answered = self.folder / "query.tsq", self.folder / "answer.tsr"
            asked.write_bytes(query)
            command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", asked.name, "-out", answered.name]
            subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=60)
            return answered.read_bytes()

    def misused(self, token: bytes) -> bytes:
        """The token as if a certificate for signing code had made it: the same key, name and number, for another use.

        `openssl ts` itself refuses to sign with one.
        """
        good, before = self._leaf.certificate, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = x509.CertificateBuilder(good.issuer, good.subject, good.public_key(), good.serial_number,
                                          good.not_valid_before_utc, good.not_valid_after_utc)  # fmt: skip
        for extension in good.extensions:
            value = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]) if extension.value == before else extension.value
            builder = builder.add_extension(value, extension.critical)
        there = good.public_bytes(serialization.Encoding.DER)
        assert token.count(there) == 1
        while True:  # signatures of this kind have 70 to 72 bytes; one of the same length leaves all lengths around it right
            other = builder.sign(self._middle.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
            if len(other) == len(there):
                return token.replace(there, other)

    @contextmanager
    def serving(self) -> Iterator["Tsa"]:
        """Answers at `url` until the end of the block; then it is gone for good."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{server.server_port}/tsr"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        tsa = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                tsa.asked.append(query)
                status, kind, body = tsa.answers(query)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Location", "https://elsewhere.example/tsr")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):  # an answer too large to be read to its end
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None: ...

        return Handler
