"""Hands each command to the group that carries it out."""

from __future__ import annotations

from simulator.useragent.messages import AnyCommand
from simulator.useragent.worker.commands.audio import AudioCommands
from simulator.useragent.worker.commands.base import CommandWorker
from simulator.useragent.worker.commands.dialling import DialCommands
from simulator.useragent.worker.commands.in_call import InCallCommands
from simulator.useragent.worker.commands.incoming import IncomingCommands


class CommandDispatcher:
    """All commands but those that the worker itself carries out: `Quit`, `Reset`, `Trace`."""

    def __init__(self, worker: CommandWorker) -> None:
        self._dialling = DialCommands(worker)
        groups = (self._dialling, IncomingCommands(worker), InCallCommands(worker), AudioCommands(worker))
        self._handlers = {kind: handler for group in groups for kind, handler in group.handlers.items()}

    def carry_out(self, command: AnyCommand) -> None:
        """Carry out `command`; raises CommandRefused, ConfigurationError or pj.Error when that cannot be done."""
        self._handlers[type(command)](command)

    def refuse_queued_dials(self, error: str) -> None:
        """Refuse all dials that are still queued."""
        self._dialling.refuse_queued(error)
