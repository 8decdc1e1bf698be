"""How the browser of these tests is started."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    "--disable-gpu",
    "--log-level=3",
)
"""No name but localhost can be resolved, so nothing leaves the machine."""

LISTENING = (
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
"""For a browser that may not use a microphone, and so hides its addresses behind mDNS names unless told otherwise."""


def executable() -> str | None:
    """The distribution's Chromium, so that nothing is downloaded."""
    return shutil.which("chromium")


async def launch(playwright: Playwright, *args: str) -> Browser:
    """A browser with these switches, and no way out."""
    return await playwright.chromium.launch(executable_path=executable(), args=[*OFFLINE, *args])
