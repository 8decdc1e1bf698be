"""Requests of commands to a server that runs already: its URL, its API key, and what is said when it refuses."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from typing import Any

import click

from fake_daily_server.settings import Settings

DEFAULT_URL = f"http://{Settings.model_fields['host'].default}:{Settings.model_fields['port'].default}"
_TIMEOUT_S = 30
_ERRORS_FROM = 400


def with_running_server(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--url` (or `--server`, as `exec` has it) and `--api-key` to a click command, as `url` and `api_key`."""
    url = click.option(
        "--url", "--server", "url", metavar="URL", default=DEFAULT_URL, show_default=True, help="The server that runs."
    )
    key = click.option(
        "--api-key",
        metavar="KEY",
        envvar="DAILY_API_KEY",
        show_envvar=True,
        help="Its API key, which it has printed. At a loopback address only /v1 needs it.",
    )
    return url(key(command))


class RunningServer:
    """A server at a URL, with or without `/v1` at its end."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        """Raises BadParameter if `url` is no URL of a server."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise click.BadParameter(f"{url!r} is not usable; allowed: a URL such as {DEFAULT_URL}", param_hint="--url")
        self.url = url.rstrip("/").removesuffix("/v1")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    @property
    def has_key(self) -> bool:
        """Whether an API key is known, which `/v1` needs."""
        return bool(self._headers)

    def request(self, method: str, path: str, *, body: Any = None, params: dict[str, Any] | None = None) -> Any:
        """Make a request and return the JSON of its answer. Raises ClickException for any other answer than a 200."""
        import httpx  # noqa: PLC0415  # `--help` answers at once

        try:
            answer = httpx.request(
                method,
                f"{self.url}{path}",
                json=body,
                params=params,
                headers=self._headers,
                timeout=_TIMEOUT_S,
                trust_env=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            way_out = "daily-sim serve starts one, and --url names another"
            raise click.ClickException(f"no server answers at {self.url} ({wrong}); {way_out}") from None
        return self._json(method, path, answer)

    def _json(self, method: str, path: str, answer: Any) -> Any:
        try:
            said = answer.json()
        except ValueError:
            said = None
        if answer.status_code < _ERRORS_FROM and said is not None:
            return said
        info = said.get("info") if isinstance(said, dict) else None
        raise click.ClickException(info or f"{method} {self.url}{path} was answered with {answer.status_code}")
