"""Daily's signature of requests to a customer's server: base64 of HMAC-SHA256 over `<timestamp>.<raw body>`.

The key is the secret, decoded from base64 (https://docs.daily.co/reference/rest-api/webhooks).
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of `body` in base64; `secret` is in base64, too."""
    key = base64.b64decode(secret)
    return base64.b64encode(hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).digest()).decode()
