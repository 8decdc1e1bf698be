"""The telephony provider of a session, as Daily's rooms, requests and events name it."""

from __future__ import annotations

from typing import Literal

Provider = Literal["daily", "signalwire"]
"""Daily's own SIP service, or the older one."""
