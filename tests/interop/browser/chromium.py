"""Starting the browser of these tests."""

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
"""Switches: no host name but localhost is resolved, so no request leaves the machine."""

LISTENING = (
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
"""Switches for a browser without microphone permission, which by default hides its addresses behind mDNS names."""


def executable() -> str | None:
    """Return the path of the distribution's Chromium, so that none is downloaded."""
    return shutil.which("chromium")


async def launch(playwright: Playwright, *args: str) -> Browser:
    """Launch an offline browser with these switches."""
    return await playwright.chromium.launch(executable_path=executable(), args=[*OFFLINE, *args])
