"""Fixtures of WebRTC clients, for rooms with video."""

from __future__ import annotations

from tests.integration.media.conftest import party
from tests.integration.webrtc.conftest import invite, loopback

__all__ = ["invite", "loopback", "party"]
