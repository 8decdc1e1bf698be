"""The words for kinds of telephony that participants, requests, room properties and events share."""

from __future__ import annotations

from typing import Literal

ParticipantType = Literal["sip-dial-in", "sip-dial-out", "pstn-dial-in", "pstn-dial-out"]
"""`participantType` of telephony participants; clients have none."""

Provider = Literal["daily", "signalwire"]
"""Who carries a SIP call, as requests, room properties and events name it."""
