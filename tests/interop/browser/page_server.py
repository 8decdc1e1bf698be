"""A web server for pages with daily-js: the browser phone of examples/, the pages of this folder, and npm packages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.peers import NODE_MODULES

HERE = Path(__file__).parent
FOLDERS = {
    "phone": HERE.parents[2] / "examples" / "browser_phone",
    "pages": HERE / "pages",
    "node_modules": NODE_MODULES,
}
"""The folder that is served, by the first part of the URL path."""


class _Files(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        parts = Path(urlsplit(path).path).parts[1:]
        if parts[:2] == ("phone", "node_modules"):  # the example's own packages, as after `npm install`
            parts = parts[1:]
        folder = FOLDERS.get(parts[0]) if parts else None
        return str(folder.joinpath(*parts[1:])) if folder else ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        pass


@contextmanager
def serve_pages() -> Iterator[int]:
    """Serve the pages on 127.0.0.1; yields the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(HERE))) as server:
        thread = threading.Thread(target=server.serve_forever, name="pages", args=(0.02,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
