"""Daily's signature of requests to a customer's server: base64 of HMAC-SHA256 over `<timestamp>.<raw body>`.

The key is the decoded base64 of the secret (https://docs.daily.co/reference/rest-api/webhooks).
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of `body` with a secret in base64."""
    key = base64.b64decode(secret)
    return base64.b64encode(hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).digest()).decode()
