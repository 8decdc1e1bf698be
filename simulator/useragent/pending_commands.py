"""The commands that were sent to a worker and not answered yet."""

from __future__ import annotations

import asyncio
import socket

from simulator.errors import CallEnded, CallError, CallRefused, WorkerCrashed
from simulator.useragent.channel import Channel
from simulator.useragent.messages import Done, Refused

Answer = tuple[Done, list[int]]
"""`Done`, and the descriptors that came with it."""


class PendingCommands:
    """By command id, the future of each answer; a `Refused` becomes the exception that says why."""

    def __init__(self) -> None:
        self._pending: dict[int, tuple[asyncio.Future[Answer], str]] = {}

    async def answer(self, command_id: int, op: str) -> Answer:
        """Wait for the answer to a command, whose name `op` is in the text of an error."""
        reply: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._pending[command_id] = (reply, op)
        try:
            return await reply
        finally:
            del self._pending[command_id]

    def done(self, done: Done, channel: Channel) -> None:
        """A command was carried out. Descriptors that nobody waits for are closed."""
        descriptors = channel.take_descriptors(done.descriptors)
        reply, _ = self._unanswered(done.id)
        if reply is not None:
            reply.set_result((done, descriptors))
            return
        for descriptor in descriptors:
            socket.close(descriptor)

    def refused(self, refused: Refused) -> None:
        """A command could not be carried out."""
        reply, op = self._unanswered(refused.id)
        if reply is None:
            return
        if refused.call_ended:
            reply.set_exception(CallEnded(op, refused.status, refused.reason))
        elif refused.status:
            reply.set_exception(CallRefused(f"{op}: {refused.error}", refused.status, refused.reason))
        else:
            reply.set_exception(CallError(f"{op}: {refused.error}"))

    def worker_crashed(self, pid: int, how: str) -> None:
        """The worker has exited: no answer comes any more."""
        for reply, _ in self._pending.values():
            if not reply.done():
                reply.set_exception(WorkerCrashed(pid, how))

    def _unanswered(self, command_id: int) -> tuple[asyncio.Future[Answer] | None, str]:
        reply, op = self._pending.get(command_id, (None, ""))
        return (None if reply is None or reply.done() else reply), op
