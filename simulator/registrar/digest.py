"""Digest access authentication with `qop=auth` (RFC 3261 §22, RFC 7616, RFC 8760)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Algorithm = Literal["MD5", "SHA-256"]

_PAIR = re.compile(rb'\s*([A-Za-z0-9_\-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|\Z)', re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_NONCE_COUNT = re.compile(r"[0-9A-Fa-f]{8}\Z")
_REQUIRED = ("username", "realm", "nonce", "uri", "response")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("latin-1", "replace")).hexdigest()  # noqa: S324  # RFC 3261 §22.4 demands it


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("latin-1", "replace")).hexdigest()


DIGESTS: Mapping[str, Callable[[str], str]] = {"MD5": _md5, "SHA-256": _sha256}
"""What hashes a text, by the name of the algorithm."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The value of an Authorization or Proxy-Authorization header field."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    """As it was given; `MD5` when it is absent."""
    qop: str
    nonce_count: str
    """Eight hexadecimal digits, as they were given."""
    cnonce: str

    @classmethod
    def parse(cls, value: bytes) -> Credentials | None:
        """Parse a value of the scheme Digest; None for anything else. Missing `qop`, `nc` and `cnonce` are empty."""
        scheme, _, rest = value.strip().partition(b" ")
        given = auth_parameters(rest) if scheme.lower() == b"digest" else None
        if given is None or not all(name in given for name in _REQUIRED):
            return None
        return cls(
            username=given["username"],
            realm=given["realm"],
            nonce=given["nonce"],
            uri=given["uri"],
            response=given["response"],
            algorithm=given.get("algorithm", "MD5"),
            qop=given.get("qop", ""),
            nonce_count=given.get("nc", ""),
            cnonce=given.get("cnonce", ""),
        )

    @property
    def flaw(self) -> str | None:
        """What is wrong with their form; None if they can be checked."""
        if self.algorithm.upper() not in DIGESTS:
            return "the algorithm is neither MD5 nor SHA-256"
        if self.qop.lower() != "auth":
            return "qop is not auth"
        if not _NONCE_COUNT.match(self.nonce_count) or not self.cnonce:
            return "nc is not eight hexadecimal digits, or cnonce is missing"
        return None

    @property
    def count(self) -> int:
        """The nonce count as a number."""
        return int(self.nonce_count, 16)

    def expected(self, method: str, password: str) -> str:
        """The response that the right password leads to (RFC 7616 §3.4.1)."""
        hashed = DIGESTS[self.algorithm.upper()]
        secret = hashed(f"{self.username}:{self.realm}:{password}")
        return hashed(
            ":".join((secret, self.nonce, self.nonce_count, self.cnonce, self.qop, hashed(f"{method}:{self.uri}")))
        )


def challenge(realm: str, nonce: str, algorithm: Algorithm, *, stale: bool = False) -> str:
    """The value of a WWW-Authenticate or Proxy-Authenticate header field."""
    again = ", stale=true" if stale else ""
    return f'Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{again}'


def auth_parameters(text: bytes) -> dict[str, str] | None:
    """The parameters by lower-case name; None when the text has another form, or names one twice."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None:
            return None
        name = match[1].decode().lower()
        if name in found:
            return None
        value = match[3] if match[2] is None else _ESCAPE.sub(rb"\1", match[2])
        found[name] = value.decode("latin-1")
        position = match.end()
    return found
