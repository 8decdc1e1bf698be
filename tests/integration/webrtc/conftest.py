"""WebRTC clients in a room with phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.integration.media.conftest import Party, party
from tests.integration.webrtc.peer import WebRtcPeer, on_loopback

__all__ = ["party"]


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    with on_loopback():
        yield


@pytest.fixture
async def invite(party: Party) -> AsyncIterator[Callable[..., Any]]:
    """Lets WebRTC clients into the room: `await invite("Ann", hz=700)`. They leave when the test is over."""
    async with AsyncExitStack() as stack:

        async def let_in(name: str, *, token: str | None = None, **wishes: Any) -> WebRtcPeer:
            token = token or party.room.token(user_name=name)
            return await stack.enter_async_context(WebRtcPeer(party.room.url, token, **wishes))

        yield let_in
