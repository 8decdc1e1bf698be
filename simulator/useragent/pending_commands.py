"""Commands that were sent to a worker and have no `Done` or `Refused` yet."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulator.errors import CallEnded, CallError, CallRefused
from simulator.useragent.messages import Command, Done, Refused

Reply = asyncio.Future[tuple[Done, list[int]]]
"""Gets `Done` with its file descriptors, or the error that a `Refused` stands for."""
OnDone = Callable[[], None] | None
"""Called with the `Done` of a command, before later notices are handled; its awaiting task resumes after them."""


class PendingCommands:
    """Numbers commands, and gives each its answer by that number."""

    def __init__(self) -> None:
        self._replies: dict[int, tuple[Reply, str, OnDone]] = {}
        """By command id, with the command's name, and what to call at once when it is done."""
        self._last_id = 0

    def next_id(self) -> int:
        """Return a new command id."""
        self._last_id += 1
        return self._last_id

    @contextmanager
    def awaiting(self, command: Command, on_done: OnDone = None) -> Iterator[Reply]:
        """The answer to a command, which is expected as long as the context is open."""
        reply: Reply = asyncio.get_running_loop().create_future()
        self._replies[command.id] = (reply, str(type(command).model_fields["op"].default), on_done)
        try:
            yield reply
        finally:
            self._replies.pop(command.id, None)

    def done(self, done: Done, descriptors: list[int]) -> None:
        """Answer a command with `Done`; the descriptors are closed when nothing awaits it any more."""
        reply, _, on_done = self._replies.get(done.id, (None, "", None))
        if reply is not None and not reply.done():
            reply.set_result((done, descriptors))
            if on_done is not None:
                on_done()
            return
        for descriptor in descriptors:
            socket.close(descriptor)

    def refused(self, refused: Refused) -> None:
        """Answer a command with the error that the refusal stands for."""
        reply, command, _ = self._replies.get(refused.id, (None, "", None))
        if reply is None or reply.done():
            return
        if refused.call_ended:
            reply.set_exception(CallEnded(command, refused.status, refused.reason))
        elif refused.status:
            reply.set_exception(CallRefused(f"{command}: {refused.error}", refused.status, refused.reason))
        else:
            reply.set_exception(CallError(f"{command}: {refused.error}"))

    def fail_all(self, error: Callable[[], Exception]) -> None:
        """Answer all commands with an error, a new one each."""
        for reply, _, _ in self._replies.values():
            if not reply.done():
                reply.set_exception(error())
