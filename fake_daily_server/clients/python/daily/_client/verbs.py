"""Verbs: the base class of CallClient's verb classes, which starts verbs and releases the client."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from .._native.errors import VerbError

if TYPE_CHECKING:
    import asyncio

    from .._call.call import Call
    from .._call.event_delivery import EventDelivery
    from .._call.participants import CallParticipants
    from .._media.client_media import ClientMedia
    from .._settings.client_settings import Change, ClientSettings

logger = logging.getLogger("daily")

Completion = Callable[[str | None], object]
"""A verb's completion: called with the error, or None on success."""

RELEASE_WITHIN_S = 10.0
"""How long `release` waits for callbacks to return."""


class Verbs:
    """A client whose verbs run on the I/O loop."""

    __slots__ = (
        *("__weakref__", "_call", "_delivery", "_loop", "_media", "_participants"),
        *("_process", "_released", "_releasing", "_settings"),
    )

    _call: Call
    _delivery: EventDelivery
    _loop: asyncio.AbstractEventLoop
    _media: ClientMedia
    _participants: CallParticipants
    _process: int
    _released: bool
    _releasing: threading.Lock
    _settings: ClientSettings

    def _check_released(self) -> None:
        if self._released:
            raise RuntimeError("this object has already been released")
        if os.getpid() != self._process:
            raise RuntimeError("this object was created before os.fork(); create another one in the new process")

    def _start(
        self,
        name: str,
        verb: Callable[[], Coroutine[Any, Any, Any]],
        completion: Callable[..., object] | None = None,
        *,
        with_result: bool = False,
        afterwards: Callable[[], None] | None = None,
    ) -> None:
        """Carry out a verb, then call its completion with the error, preceded by the result if `with_result`.

        On failure, `on_error` is called after the completion, with the verb's `name`. `afterwards` runs on the loop
        once both calls are queued.
        """
        self._check_released()
        call, delivery = self._call, self._delivery

        async def carry_out() -> None:
            result, error = None, None
            try:
                result = await verb()
            except VerbError as failure:
                error = str(failure)
            except Exception as bug:
                logger.exception("%s failed in the stand-in for daily-python", name)
                error = f"{type(bug).__name__}: {bug}"
            if completion is not None:
                delivery.complete(completion, *((result, error) if with_result else (error,)))
            if error is not None:
                logger.error("%s encountered an error: %s", name, error)
                delivery.emit("on_error", f"Error handling {name}: {error}")
            if afterwards is not None:
                afterwards()

        self._loop.call_soon_threadsafe(lambda: call.spawn(carry_out()))

    def _start_update(
        self, name: str, update: Callable[[], list[Change]], family: str, completion: Completion | None
    ) -> None:
        """Carry out a verb that changes the client's settings."""
        self._start(name, lambda: self._call.update_settings(update, family), completion)

    def _latest(self, getter: str) -> Mapping[str, Any]:
        self._check_released()
        latest: Mapping[str, Any] = self._delivery.latest(getter)
        return latest

    def _release(self, *, wait: bool) -> None:
        """Release the client. Raises RuntimeError if it has already been released, on this or another thread."""
        with self._releasing:
            self._check_released()
            self._released = True
        self._media.release()
        call, dispatcher, ended = self._call, self._delivery.dispatcher, Future[None]()

        async def end() -> None:
            try:
                await call.release()
            finally:
                dispatcher.end()
                ended.set_result(None)

        self._loop.call_soon_threadsafe(lambda: call.spawn(end()))
        if not wait or dispatcher.is_this_thread():
            return
        ended.result()
        self._media.complete_pending()
        deadline = time.monotonic() + RELEASE_WITHIN_S
        for each in (dispatcher, *self._media.dispatchers):
            if not each.is_this_thread() and not each.wait(max(0.0, deadline - time.monotonic())):
                raise RuntimeError(
                    f"release: a callback has not returned in {RELEASE_WITHIN_S:g} s; daily-python would wait for it "
                    f"forever: {each.running}"
                )
