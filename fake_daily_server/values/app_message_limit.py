"""The size limit of app messages, the same over REST and signalling.

Daily allows 4 KB of JSON (https://docs.daily.co/reference/rest-api/rooms/send-app-message); it is counted here in
bytes of compact JSON in UTF-8.
"""

from __future__ import annotations

import json
from typing import Any

from fake_daily_server.values.errors import InvalidRequest

MAX_APP_MESSAGE_BYTES = 4096


def check_app_message(data: Any) -> None:
    """Raise InvalidRequest if `data`, as compact JSON in UTF-8, is longer than MAX_APP_MESSAGE_BYTES."""
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
    if size > MAX_APP_MESSAGE_BYTES:
        raise InvalidRequest(f"data has {size} bytes of JSON but may have at most {MAX_APP_MESSAGE_BYTES}")
