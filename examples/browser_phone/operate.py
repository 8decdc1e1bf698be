"""Operates the page in Chromium, like its user: calls each number in turn, presses two keys in calls that are answered.

    python operate.py +12065550142 +12065550143

It needs Playwright, and the page's packages in node_modules (`npm install`). The page joins DAILY_ROOM_URL; with the
fake Daily it loads the call machine of DAILY_CALL_MACHINE_URL. CHROMIUM names another browser than Playwright's own.
"""

import os
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

KEYS = "5#"
SWITCHES = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
"""A simulated microphone without a prompt, and WebRTC on a machine without a network."""


class Files(SimpleHTTPRequestHandler):
    """Serves the folder of this file."""

    def log_message(self, *args):
        """Write no access log."""


def serve():
    """Serve the page on a free port; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=Path(__file__).parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/index.html"


def call(page, number):
    """Call a number; press the keys if it is answered, and wait for the end."""
    status = page.locator("#status")
    page.get_by_label("Number").fill(number)
    page.get_by_role("button", name="Call").click()
    status.and_(page.locator("[data-state=ringing], [data-state=answered], [data-state=error]")).wait_for()
    if status.get_attribute("data-state") == "ringing":
        print(f"{number}: {status.inner_text()}", flush=True)
    status.and_(page.locator("[data-state=answered], [data-state=error]")).wait_for()
    if status.get_attribute("data-state") == "answered":
        for key in KEYS:
            page.get_by_role("button", name=key, exact=True).click()
        status.and_(page.locator("[data-state=ready]")).wait_for()
    print(f"{number}: {status.inner_text()}", flush=True)


def main(numbers):
    """Open the page, make the calls, close the page."""
    room = {"room": os.environ["DAILY_ROOM_URL"], "token": os.environ["DAILY_ROOM_TOKEN"]}
    where = urlencode({**room, "bundles": os.environ.get("DAILY_CALL_MACHINE_URL", "")})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=SWITCHES)
        page = browser.new_page()
        page.goto(f"{serve()}?{where}")
        page.locator("#status[data-state=ready]").wait_for()
        for number in numbers:
            call(page, number)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
