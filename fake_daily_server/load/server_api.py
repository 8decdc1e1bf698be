"""A running server over HTTP: `/_sim` and `/v1`, with errors that explain themselves."""

from __future__ import annotations

from typing import Any

import requests

from fake_daily_server.load.explanation import shortened

_CONNECT_S, _READ_S = 5, 90
"""The server answers a wait after 60 s at the latest."""


class LoadFailure(Exception):
    """What a server refused, or waited for in vain. Its text is short, for Locust's table of failures."""

    def __repr__(self) -> str:
        """The text on one line, as Locust shows it."""
        return " | ".join(str(self).splitlines())


class ServerApi:
    """The control API and the REST API of one server, with connections that stay open. Green threads may share it."""

    def __init__(self, url: str, api_key: str | None) -> None:
        self.url = url.rstrip("/").removesuffix("/v1")
        """The address of the server, such as `http://127.0.0.1:7880`."""
        self._session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=1000)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.trust_env = False  # a proxy of the environment is for the Internet, not for this server
        if api_key:
            self._session.headers["Authorization"] = f"Bearer {api_key}"

    def sim(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST to a path below `/_sim`. Raises LoadFailure, with the explanation of a failed wait."""
        return self._request("POST", f"/_sim{path}", body or {})

    def look(self, path: str) -> dict[str, Any]:
        """GET a path below `/_sim`. Raises LoadFailure."""
        return self._request("GET", f"/_sim{path}", None)

    def remove(self, path: str) -> dict[str, Any]:
        """DELETE a path below `/_sim`. Raises LoadFailure."""
        return self._request("DELETE", f"/_sim{path}", None)

    def rest(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST to a path below `/v1`, as a client of Daily does. Raises LoadFailure."""
        return self._request("POST", f"/v1{path}", body)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            response = self._session.request(method, self.url + path, json=body, timeout=(_CONNECT_S, _READ_S))
            answer = response.json()
        except requests.RequestException as failure:
            raise LoadFailure(f"{method} {path.split('/')[1]} of {self.url}: {type(failure).__name__}") from failure
        if response.status_code >= 400:
            info = answer.get("info") or answer.get("error") or "no explanation"
            raise LoadFailure(shortened(str(info)))
        result: dict[str, Any] = answer
        return result
