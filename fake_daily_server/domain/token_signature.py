"""The signature of meeting tokens: JSON Web Signatures with HS256 (RFC 7515, RFC 7518 §3.2)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jwt import PyJWS


def signed(payload: bytes, key: str) -> str:
    """Return the token with this payload, signed with `key`."""
    return _signer().encode(payload, key, "HS256", {"typ": "JWT"})


def verified(token: str, key: str) -> bytes:
    """Return the payload of a token. Raises ValueError, with the reason, if it was not signed with `key`."""
    from jwt import InvalidTokenError  # noqa: PLC0415

    try:
        payload: bytes = _signer().decode(token, key, algorithms=["HS256"])
    except InvalidTokenError as wrong:
        raise ValueError(str(wrong)) from None
    return payload


@functools.cache
def _signer() -> PyJWS:
    # At the first token: PyJWT imports cryptography, which takes 25 ms of the start of a server.
    from jwt import PyJWS  # noqa: PLC0415
    from jwt.algorithms import HMACAlgorithm  # noqa: PLC0415

    class AnyKeyLength(HMACAlgorithm):
        """HS256 without PyJWT's warning about keys shorter than 32 bytes, since the user chooses the API key."""

        def check_key_length(self, key: bytes) -> None:
            return None

    signer = PyJWS(algorithms=[])
    signer.register_algorithm("HS256", AnyKeyLength(HMACAlgorithm.SHA256))
    return signer
