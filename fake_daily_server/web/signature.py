"""How Daily signs what it posts to a customer's server: base64 of HMAC-SHA256 over `<timestamp>.<raw body>`.

The key is the decoded base64 of the secret (https://docs.daily.co/reference/rest-api/webhooks).
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of `body` under a base64 `secret`."""
    key = base64.b64decode(secret)
    return base64.b64encode(hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).digest()).decode()
