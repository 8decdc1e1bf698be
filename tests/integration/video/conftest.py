"""Fixtures of WebRTC clients, for rooms with video."""

from __future__ import annotations

from tests.integration.media.conftest import phone_room
from tests.integration.webrtc.conftest import invite, loopback

__all__ = ["invite", "loopback", "phone_room"]
