"""A customer's server for tests: receives webhook requests, checks signatures, answers as chosen, offers waits."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, overload

from fake_daily_server.handles import matching
from fake_daily_server.handles.event_log import SHOWN, EventLog, Wanted
from fake_daily_server.handles.event_names import check_events, webhook_events
from fake_daily_server.web.signature import sign
from fake_daily_server.webhooks.store import new_secret
from simulator.errors import ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.waiting import Changes

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from fake_daily_server.web.http_server import HttpServer

_FOREVER = 3600.0


@dataclass(slots=True)
class Post:
    """One received request."""

    path: str
    headers: Mapping[str, str]
    """Header fields; names are in lower case."""
    raw: bytes
    signed: bool
    """Whether `X-Webhook-Signature` is right for the body, the timestamp and the receiver's secret."""
    answered: int | None = None
    """The status with which the request was answered; None before, and if the sender gave up waiting."""
    handed_out: bool = False
    """Whether a wait has returned the request."""

    @property
    def body(self) -> Any:
        """The body, parsed as JSON; None if it is not JSON."""
        try:
            return json.loads(self.raw)
        except ValueError:
            return None

    @property
    def is_event(self) -> bool:
        """Whether the request delivers an event; a test request does not."""
        body = self.body
        return isinstance(body, dict) and isinstance(body.get("payload"), dict)

    def __str__(self) -> str:
        said = matching.describe(_flat(self.body)) if self.is_event else f"test request {self.body}"
        answered = f"answered {self.answered}" if self.answered is not None else "not answered"
        handed = ", handed out" if self.handed_out else ""
        return f"{said}  ({answered}{handed}{'' if self.signed else ', WRONG SIGNATURE'})"


class _Posts(EventLog[Post]):
    """The requests that deliver events. Only those with a correct signature that were answered with 200 count."""

    def __init__(self, posts: Sequence[Post]) -> None:
        self._posts = posts

    def items(self) -> list[Post]:
        """All requests that deliver an event, oldest first."""
        return [post for post in self._posts if post.is_event]

    def event(self, item: Post) -> Mapping[str, Any]:
        """The event of a request, in the shape of clients' events."""
        return _flat(item.body)

    def was_handed_out(self, item: Post) -> bool:
        """Whether an earlier wait has returned the request."""
        return item.handed_out

    def describe(self, item: Post) -> str:
        """The event, the status of the answer, and whether the signature is wrong, in one line."""
        return str(item)

    def rejection(self, item: Post) -> str | None:
        """Why a wait ignores the request: a wrong signature, or an answer other than 200; None if it counts."""
        if not item.signed:
            return "it came, but its signature is wrong"
        return None if item.answered == 200 else "it came, but was not answered with 200"

    def latest(self) -> list[str]:
        """One line about each of the latest requests, including those without an event."""
        return [str(post) for post in self._posts[-SHOWN:]]


class WebhookReceiver:
    """An HTTP server on a loopback port: `async with WebhookReceiver() as receiver`. Subscribe its `url` and `hmac`.

    `daily.receive_webhooks()` creates a receiver and subscribes it.
    """

    def __init__(self, *, owner_loop: OwnerLoop | None = None) -> None:
        """`owner_loop` is the running loop; by default the one on which the receiver is opened."""
        self.hmac: str = new_secret()
        """The base64 secret with which requests to this receiver should be signed."""
        self.uuid: str = ""
        """Id of the webhook subscribed for this receiver, if `daily.receive_webhooks()` created it; otherwise empty."""
        self.posts: list[Post] = []
        """All received requests, oldest first: test requests, failed attempts, events."""
        self._server: HttpServer | None = None
        self._owner_loop = owner_loop
        self._stack = AsyncExitStack()
        self._changes = Changes()
        self._plan: tuple[int, ...] = (200,)
        self._delay = 0.0

    async def __aenter__(self) -> Self:
        from fake_daily_server.web.http_server import HttpServer  # noqa: PLC0415 - loads uvicorn, which most never need

        self._owner_loop = self._owner_loop or OwnerLoop()
        self._server = self._stack.enter_context(HttpServer("127.0.0.1", 0))
        await self._stack.enter_async_context(self._server.serving(self._take))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @on_owner_loop
    async def close(self) -> None:
        """Stop the HTTP server."""
        await self._stack.aclose()

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop that the receiver runs on."""
        if self._owner_loop is None:
            raise RuntimeError("the receiver is not open: use `async with`")
        return self._owner_loop

    @property
    def url(self) -> str:
        """The URL of the receiver: `http://127.0.0.1:port/webhooks`."""
        if self._server is None:
            raise RuntimeError("the receiver is not open: use `async with`")
        return f"http://127.0.0.1:{self._server.port}/webhooks"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were answered with 200, oldest first: `type`, `id`, `payload`, …"""
        return [post.body for post in self.posts if post.is_event and post.answered == 200]

    @property
    def types(self) -> list[str]:
        """The types of `events`."""
        return [event["type"] for event in self.events]

    def answer(self, statuses: int | Sequence[int] = 200, *, delay: float = 0.0) -> None:
        """Set the status of further answers: one for all requests, or a list of one for each, the last for all others.

        Each answer is sent `delay` seconds after its request.
        """
        self._plan = (statuses,) if isinstance(statuses, int) else tuple(statuses) or (200,)
        self._delay = delay

    @overload
    async def wait_for(
        self, wanted: str, *, where: Mapping[str, Any] | None = None, within: float = 5
    ) -> dict[str, Any]: ...

    @overload
    async def wait_for(
        self,
        wanted: list[str] | tuple[str, ...],
        *,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> list[dict[str, Any]]: ...

    async def wait_for(
        self,
        wanted: str | list[str] | tuple[str, ...],
        *,
        where: Mapping[str, Any] | None = None,
        within: float = 5,
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """Wait at most `within` seconds for an event of this type, or for several in this order; return it or them.

        Only events with a correct signature that were answered with 200 count. Events received before the call count,
        too, but each is returned once. `where` compares fields of the payload with a value, a compiled pattern or a
        predicate. Raises ExpectationFailed, and ConfigurationError for a type that Daily does not have.
        """
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        check_events(names, where or (), webhook_events())
        events = await self.owner_loop.run(self._wait_for(names, where or {}, within))
        return events[0] if isinstance(wanted, str) else events

    async def wait_for_posts(self, count: int, *, answered: bool = True, within: float = 5) -> list[Post]:
        """Wait for `count` requests to be answered or, with `answered=False`, received; return all such requests.

        Raises ExpectationFailed.
        """
        return await self.owner_loop.run(self._wait_for_posts(count, answered, within))

    async def _wait_for_posts(self, count: int, answered: bool, within: float) -> list[Post]:
        def found() -> list[Post] | None:
            posts = [post for post in self.posts if post.answered is not None or not answered]
            return posts if len(posts) >= count else None

        posts = await self._changes.until(found, within=within)
        if posts is None:
            raise ExpectationFailed(
                f"{count} requests{' that were answered' if answered else ''}  within {within:g} s",
                nearest=f"requests received so far: {len(self.posts)}",
                happened=_Posts(self.posts).latest(),
            )
        return posts

    async def _wait_for(self, names: tuple[str, ...], where: Mapping[str, Any], within: float) -> list[dict[str, Any]]:
        posts = await _Posts(self.posts).wait_for(Wanted(names, where, within, "webhook "), self._changes)
        for post in posts:
            post.handed_out = True
        return [post.body for post in posts]

    # --- the server ------------------------------------------------------------------------------------------

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        post = self._post(scope, await _body(receive))
        status, self._plan = self._plan[0], self._plan[1:] or self._plan
        self.posts.append(post)
        self._changes.notify()
        if self._delay and await _gone(receive, self._delay):
            return
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": b"{}"})
        post.answered = status
        self._changes.notify()

    def _post(self, scope: Scope, raw: bytes) -> Post:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        wanted = sign(self.hmac, headers.get("x-webhook-timestamp", ""), raw)
        given = headers.get("x-webhook-signature", "")
        return Post(scope["path"], headers, raw, signed=hmac.compare_digest(given.encode(), wanted.encode()))


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the body of a webhook request to the shape of clients' events."""
    return {"action": body.get("type"), **body["payload"]}


async def _body(receive: Receive) -> bytes:
    raw = b""
    more = True
    while more:
        message = await receive()
        raw += message.get("body", b"")
        more = message.get("more_body", False)
    return raw


async def _gone(receive: Receive, delay: float) -> bool:
    """Wait `delay` seconds; return at once, with True, if the sender closes the connection."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(min(delay, _FOREVER)):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False
