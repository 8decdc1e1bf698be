"""Imports numpy, PyAV and aiortc as soon as a room needs them.

The imports run on a thread, so that the event loop does not stall: numpy takes about 80 ms, aiortc with PyAV 250 ms.
"""

from __future__ import annotations

import asyncio


async def load_mixer() -> None:
    """Import the mixer and the legs of calls and of clients with audio frames."""
    await asyncio.to_thread(_import_mixer)


async def load_video() -> None:
    """Import the modules that encode and decode video frames."""
    await asyncio.to_thread(_import_video)


async def load_webrtc() -> None:
    """Import the mixer, and the connections and legs of WebRTC clients."""
    await asyncio.to_thread(_import_webrtc)


def _import_mixer() -> None:
    from fake_daily_server.media import conference, pcm_leg, sip_leg  # noqa: F401, PLC0415


def _import_video() -> None:
    import av  # noqa: F401, PLC0415
    import numpy  # noqa: F401, PLC0415


def _import_webrtc() -> None:
    from fake_daily_server.media import conference, webrtc_connection, webrtc_leg  # noqa: F401, PLC0415
