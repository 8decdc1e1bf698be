"""Answers the challenge of a registrar or a proxy: digest access authentication (RFC 7616, RFC 8760, RFC 2069)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.registrar.digest import DIGESTS, auth_parameters


@dataclass(frozen=True, slots=True)
class Challenge:
    """The value of a WWW-Authenticate or Proxy-Authenticate header field."""

    realm: str
    nonce: str
    algorithm: str
    """`MD5` or `SHA-256`."""
    has_qop: bool
    """Whether it offers `qop=auth`; without it the response is that of RFC 2069."""
    opaque: str | None
    stale: bool
    """Whether the password was right, and only the nonce too old."""

    @classmethod
    def first_usable(cls, values: Sequence[bytes]) -> Challenge | None:
        """The topmost challenge that can be answered (RFC 8760 §2.4); None when there is none."""
        return next(filter(None, map(cls._parse, values)), None)

    @classmethod
    def _parse(cls, value: bytes) -> Challenge | None:
        scheme, _, rest = value.strip().partition(b" ")
        given = auth_parameters(rest) if scheme.lower() == b"digest" else None
        if given is None or "realm" not in given or "nonce" not in given:
            return None
        algorithm = given.get("algorithm", "MD5").upper()
        offered = [one.strip().lower() for one in given.get("qop", "").split(",") if one.strip()]
        if algorithm not in DIGESTS or (offered and "auth" not in offered):
            return None
        if any(mark in given["realm"] + given["nonce"] + given.get("opaque", "") for mark in '"\\\r\n'):
            return None
        stale = given.get("stale", "").lower() == "true"
        return cls(given["realm"], given["nonce"], algorithm, bool(offered), given.get("opaque"), stale)

    def answer(self, method: str, uri: str, username: str, password: str, *, count: int, cnonce: str) -> str:
        """The value of the Authorization or Proxy-Authorization header field; `count` is the nonce count."""
        hashed = DIGESTS[self.algorithm]
        secret = hashed(f"{username}:{self.realm}:{password}")
        qop = (f"{count:08x}", cnonce, "auth") if self.has_qop else ()
        response = hashed(":".join((secret, self.nonce, *qop, hashed(f"{method}:{uri}"))))
        parts = [
            f'username="{username}"',
            f'realm="{self.realm}"',
            f'nonce="{self.nonce}"',
            f'uri="{uri}"',
            f'response="{response}"',
            f"algorithm={self.algorithm}",
        ]
        if self.has_qop:
            parts.append(f'qop=auth, nc={count:08x}, cnonce="{cnonce}"')
        if self.opaque is not None:
            parts.append(f'opaque="{self.opaque}"')
        return "Digest " + ", ".join(parts)
