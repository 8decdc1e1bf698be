"""SIP clients at the front door: their REGISTERs, the calls to them, and the proof that calls from them need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.errors import NotRegistered
from simulator.front_door.final_responses import CLIENT_BUSY, CLIENTS_BUSY
from simulator.front_door.load_balancing import Destination, DestinationGroup
from simulator.front_door.own_responses import response_to
from simulator.refusal_counts import RefusalCounts
from simulator.registrar import Binding, Registrar, Reply
from simulator.sip_requests.hop import Outgoing
from simulator.sip_requests.request import Request

CALLS_OF_BINDING = 16
"""Calls to one user agent of a client at a time."""
MOST_CALLS = 1000
"""Calls to all clients at a time. Those between two clients end here by their BYE only."""

_Key = tuple[str, bytes, str, int | None, bytes]


class SipClients:
    """Serves the clients of `registrar`, if there is one.

    `record` gets the fields of timeline records; `is_of_worker` says whether a worker has sent an INVITE. A room that
    is named like a client calls by the same address, and has no password.
    """

    def __init__(self, record: Callable[[dict[str, Any]], None], is_of_worker: Callable[[Request], bool]) -> None:
        self._record = record
        self._is_of_worker = is_of_worker
        self._registrar: Registrar | None = None
        self._now: Callable[[], float] = float
        self._is_open: Callable[[], bool] = bool
        self._refusals = RefusalCounts()
        self.phone_that_registers: Callable[[str], DestinationGroup | None] = lambda call_id: None
        """Returns the phone of this network whose REGISTERs have a Call-ID; calls to it stay in the front door."""
        self._destinations: dict[_Key, Destination] = {}
        """Those of bindings, and of calls that outlive theirs."""

    def serve(self, registrar: Registrar, *, now: Callable[[], float], is_open: Callable[[], bool]) -> None:
        """Use a registrar and its clock from now on, as long as `is_open` returns True."""
        self._registrar, self._now, self._is_open = registrar, now, is_open

    def connection_closed(self, connection: int) -> None:
        """Forget the user agents that have registered over a TCP connection: they cannot be called on another one."""
        if self._registrar is not None:
            self._registrar.drop_connection(connection)

    def reset(self) -> None:
        """Count refusals, and the places of calls, from the beginning again."""
        self._refusals.clear()
        self._destinations.clear()

    @property
    def registrar(self) -> Registrar | None:
        """The registrar; None where there are no SIP clients."""
        return self._registrar if self._is_open() else None

    @property
    def registered(self) -> tuple[tuple[str, Binding, int], ...]:
        """The user agents that are registered: the client, the binding, and the seconds until it expires."""
        registrar, now = self.registrar, self._now()
        if registrar is None:
            return ()
        return tuple((client, one, one.remaining(now)) for client, one in registrar.registered(now))

    def register(self, request: Request) -> Outgoing | None:
        """The answer to a REGISTER; None where there are no SIP clients."""
        registrar = self.registrar
        return None if registrar is None else self._answered(request, registrar.register(request, self._now()))

    def screen_call(self, request: Request) -> Outgoing | None:
        """The challenge or refusal of an INVITE that names a client as its caller; None for one that may go on.

        One that may go on and is from a client loses its credentials, and its dialog stays with the front door.
        """
        registrar = self.registrar
        client = None if registrar is None else registrar.caller_of(request)
        if registrar is None or client is None or self._is_of_worker(request):
            return None
        reply = registrar.screen_call(request, client, self._now())
        if reply is not None:
            return self._answered(request, reply)
        request.from_client = True
        fields = request.message.fields
        fields[:] = [field for field in fields if field[0] != b"proxy-authorization"]
        return None

    def group_for(self, uri: str) -> DestinationGroup | None:
        """Where an INVITE to this SIP URI goes; None when it is not the address of a client.

        That is the user agent that registered last. Raises NotRegistered (480) when the client is not registered.
        """
        registrar = self.registrar
        client = None if registrar is None else registrar.client_at(uri.encode("latin-1", "replace"))
        if registrar is None or client is None:
            return None
        bindings = registrar.bindings_of(client, self._now())
        if not bindings:
            raise NotRegistered(uri, f"the SIP client {client!r} is not registered")
        phone = self.phone_that_registers(bindings[-1].call_id)
        if phone is not None:
            return phone
        self._forget_unused()
        group = DestinationGroup(self._destination(client, bindings[-1]), name=f"SIP client {client}")
        group.when_full = CLIENT_BUSY
        if sum(one.slots_in_use for one in self._destinations.values()) >= MOST_CALLS:
            group.closed = CLIENTS_BUSY
        return group

    def _destination(self, client: str, binding: Binding) -> Destination:
        source = binding.source
        key = (client, binding.contact, source.host, source.connection, str(source).encode())
        if key not in self._destinations:
            self._destinations[key] = Destination(
                str(source),
                slots=CALLS_OF_BINDING,
                connection=source.connection,
                tls=source.tls,
                contact=binding.contact,
            )
        return self._destinations[key]

    def _forget_unused(self) -> None:
        for key, destination in tuple(self._destinations.items()):
            if not destination.slots_in_use:
                del self._destinations[key]

    def _answered(self, request: Request, reply: Reply) -> Outgoing:
        if reply.record:
            self._note(request, dict(reply.record))
        return response_to(request, reply.status, reply.reason, reply.headers)

    def _note(self, request: Request, record: dict[str, Any]) -> None:
        source = request.source
        if record["action"] == "refused":
            count = self._refusals.count(record["because"], source.host)
            if count is None:
                return
            record |= {"method": request.method.decode("latin-1"), "count": count}
        self._record({**record, "peer": str(source), "transport": source.transport, "sip_call_id": request.call_id})
