"""What the front door needs for TLS: a port, and if wanted a certificate of the user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class SipTls:
    """The TLS port of a front door, 0 for any free one, and the PEM files of a certificate and its key.

    Without files a certificate is made at each start.
    """

    port: int = 5061
    certificate: Path | None = None
    """The certificate, and below it those that lead to its authority."""
    key: Path | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            missing = "sip_tls_key" if self.key is None else "sip_tls_certificate"
            raise ConfigurationError(missing, None, "a PEM file, because the other one of certificate and key is given")
