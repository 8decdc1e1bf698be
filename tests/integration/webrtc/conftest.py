"""Fixtures for WebRTC clients in a room with phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.integration.media.conftest import PhoneRoom, phone_room
from tests.integration.webrtc.peer import WebRtcPeer, on_loopback

__all__ = ["phone_room"]


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    with on_loopback():
        yield


@pytest.fixture
async def invite(phone_room: PhoneRoom) -> AsyncIterator[Callable[..., Any]]:
    """Join WebRTC clients to the room: `await invite("Ann", hz=700)`. They leave at the end of the test."""
    async with AsyncExitStack() as stack:

        async def let_in(name: str, *, token: str | None = None, **wishes: Any) -> WebRtcPeer:
            token = token or phone_room.room.token(user_name=name)
            return await stack.enter_async_context(WebRtcPeer(phone_room.room.url, token, **wishes))

        yield let_in
