"""The certificate that the front door shows over TLS: one that is made at the start, or the user's."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from simulator.errors import ConfigurationError
from simulator.sip_requests.hop import is_ipv4
from simulator.sip_tls import SipTls

_VALID_DAYS = 397


def server_context(tls: SipTls, hosts: Iterable[str], stack: ExitStack) -> tuple[ssl.SSLContext, Path]:
    """The context for connections of peers, and the file by which they can verify the certificate.

    A certificate that is made names `hosts`; its files are removed when `stack` is closed. Raises ConfigurationError
    for files that cannot be used.
    """
    certificate, key = tls.certificate, tls.key
    if certificate is None or key is None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daily-sim-tls-")))
        certificate, key = make_certificate(folder, hosts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except OSError as wrong:  # ssl.SSLError is one
        given = f"{certificate} and {key}"
        raise ConfigurationError("sip_tls_certificate", given, f"a PEM certificate and its key ({wrong})") from None
    return context, certificate


def make_certificate(folder: Path, hosts: Iterable[str]) -> tuple[Path, Path]:
    """Write a self-signed certificate for names and IP addresses, and its key, which only the user can read."""
    from cryptography import x509  # noqa: PLC0415  # only servers with TLS load it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "daily-telephony-simulator")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = []
    for host in sorted(set(hosts)):
        names.append(x509.DNSName(host))  # also of addresses: mbedTLS 2, which linphone uses, looks only there
        if is_ipv4(host):
            names.append(x509.IPAddress(ipaddress.IPv4Address(host)))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
