"""Hides secrets and personal data in what is shown of a recording."""

from __future__ import annotations

import re
from typing import Any

_SECRETS = re.compile(r"token|secret|hmac|password|api_?key|authorization|signature", re.IGNORECASE)
_PERSONAL = re.compile(r"name|email|user_?id|caller|from|^to$|origin|destination|number", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|\b[0-9a-f]{32,}\b", re.IGNORECASE)
_SIP_USER = re.compile(r"(sips?:)[^@\s]+@", re.IGNORECASE)
_LONGEST = 60


def masked(value: Any, field: str = "") -> str:
    """A value of a recording as text that can be shown: of secrets and personal fields only the type."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if _SECRETS.search(field) or _PERSONAL.search(field):
        return f"a {'text' if isinstance(value, str) else 'number'} (hidden)"
    return masked_text(str(value))


def masked_text(text: str) -> str:
    """A text without telephone numbers, addresses of people, tokens and keys."""
    text = _JWT.sub("…", text)
    text = _SIP_USER.sub(r"\1…@", text)
    text = _EMAIL.sub("…@…", text)
    text = _NUMBER.sub("…", text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
