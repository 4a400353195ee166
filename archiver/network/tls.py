"""TLS: whom to trust, and what to say when somebody is not trusted."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from archiver.errors import CertificateRefused, UsageError


class Trust:
    """The system's certificate authorities and, where given, those of a PEM file.

    Raises `UsageError` for a file without any. Reading the system's takes some 20 ms, so it waits for the first https request.
    """

    def __init__(self, cacert: Path | None) -> None:
        self._cacert = cacert
        self._strict = self._context() if cacert is not None else None  # a wrong file is an error at once
        self._by_chain: ssl.SSLContext | None = None

    def context_for(self, host: str) -> ssl.SSLContext:
        """How to shake hands with a host. `check` has the last word."""
        if "_" not in host:
            if self._strict is None:
                self._strict = self._context()
            return self._strict
        if self._by_chain is None:
            self._by_chain = self._context()
            self._by_chain.check_hostname = False  # only the name: the chain is verified all the same
        return self._by_chain

    def check(self, host: str, certificate: Mapping[str, object] | None) -> None:
        """Raises `CertificateRefused` where a certificate with a trusted chain does not name the host.

        For most hosts OpenSSL has done this. Its wildcards match no underscore, and hosts such as `my_blog.example.org` are
        common on old blog platforms; browsers take them.
        """
        if "_" in host and not _names(certificate or {}, host):
            raise CertificateRefused(f"the certificate of {host} is not trusted: it is for another host name")

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        # Python 3.13 turned this on: it refuses certificates that browsers accept, as those without an authority key identifier.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        # Python turns this on: then a body cut off by somebody else would look like one that ended well.
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        context.set_alpn_protocols(["http/1.1"])
        if self._cacert is None:
            return context
        try:
            context.load_verify_locations(cafile=self._cacert)
        except OSError as error:  # ssl.SSLError is one
            reason = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
            raise UsageError(f"--cacert {self._cacert} cannot be used: {reason}") from None
        return context


def _names(certificate: Mapping[str, object], host: str) -> bool:
    """RFC 9525, 6.3: the host itself, or a wildcard in place of its whole first label."""
    entries = certificate.get("subjectAltName")
    wanted = {host, "*." + host.partition(".")[2]}
    return isinstance(entries, tuple) and any(kind == "DNS" and name.lower() in wanted for kind, name in entries)


def refused(host: str, error: ssl.SSLCertVerificationError) -> CertificateRefused:
    """The error for people: what OpenSSL found wrong, and what may be done."""
    reason = error.verify_message.rstrip(".") or "no reason given"
    return CertificateRefused(
        f"the certificate of {host} is not trusted: {reason[:1].lower()}{reason[1:]}; "
        "if its authority is one that you trust, name it with --cacert"
    )


def protocol_name(version: str | None) -> str | None:
    """`TLSv1.3` as WARC-Protocol writes it: `tls/1.3`."""
    if version is None:
        return None
    return version.lower().replace("tlsv", "tls/").replace("sslv", "ssl/") + ("" if "." in version or "SSL" in version else ".0")
