"""Limits of request bodies: their size, and the depth of their JSON."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_daily_server.values.errors import BadJson, DailyError
from fake_daily_server.values.json_depth import MAX_DEPTH, is_nested_too_deeply
from fake_daily_server.web.error_answers import answer

MAX_BODY = 4 * 1024 * 1024
"""Maximum size of a request body in bytes. The largest that Daily's API needs have a few kilobytes."""


class BodyTooLarge(DailyError):
    """The body is larger than MAX_BODY."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(413, "invalid-request-error", f"the body of {method} {path} has more than {MAX_BODY} bytes")


class LimitBodies:
    """Refuses bodies of more than MAX_BODY bytes with 413 and JSON deeper than MAX_DEPTH with 400, before any route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        body, last = await _read(receive)
        refusal = _refusal(scope, body)
        if refusal is not None:
            # The rest of a body that is too large is not read, so the connection cannot be used again.
            await answer(refusal, headers={"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _replaying(body, last, receive), send)


async def _read(receive: Receive) -> tuple[bytes, Message]:
    """Read the body, at most one message beyond MAX_BODY bytes; return it and the last message."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > MAX_BODY or not message.get("more_body", False):
            return b"".join(parts), message


def _refusal(scope: Scope, body: bytes) -> DailyError | None:
    if len(body) > MAX_BODY:
        return BodyTooLarge(scope["method"], scope["path"])
    if body.lstrip()[:1] in {b"{", b"["} and is_nested_too_deeply(body.decode("utf-8", "replace")):
        return BadJson(f"the body of {scope['method']} {scope['path']} is nested deeper than {MAX_DEPTH} levels")
    return None


def _replaying(body: bytes, last: Message, receive: Receive) -> Receive:
    """A `receive` that returns the body in one message, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if last["type"] == "http.disconnect":
        messages = [last]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message
