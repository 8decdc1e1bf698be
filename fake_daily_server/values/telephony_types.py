"""Telephony types shared by participants, requests, room properties and events."""

from __future__ import annotations

from typing import Literal

ParticipantType = Literal["sip-dial-in", "sip-dial-out", "pstn-dial-in", "pstn-dial-out"]
"""`participantType` of telephony participants; clients have no such field."""

Provider = Literal["daily", "signalwire"]
"""The provider that carries a SIP call, as named in requests, room properties and events."""
