"""The front door with its sockets: one UDP and one TCP socket on the same port, and a timer, around the `Proxy`."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

from simulator.destinations import Destinations
from simulator.errors import ConfigurationError
from simulator.front_door.answer_headers import AnswerHeaders
from simulator.front_door.connections import Connections
from simulator.front_door.guarded_hosts import GuardedHosts
from simulator.front_door.load_balancing import Destination, DestinationGroup
from simulator.front_door.own_requests import contact_uri
from simulator.front_door.own_transactions import OwnTransactions
from simulator.front_door.proxy import Proxy
from simulator.front_door.proxy_address import ProxyAddress
from simulator.front_door.recent_messages import RecentMessages
from simulator.front_door.routing import CallRouter
from simulator.front_door.second_answers import SecondAnswers
from simulator.front_door.sip_clients import SipClients
from simulator.front_door.sockets import TcpConnection, UdpProtocol, bind_udp_and_tcp
from simulator.front_door.tls_listener import TlsListener
from simulator.sdp.without_codec import without_codec
from simulator.sip_bytes import host_and_port
from simulator.sip_dialog import SipDialog
from simulator.sip_faults import SipFault, SipFaults, garbled
from simulator.sip_requests.hop import Hop, Outgoing, is_ipv4
from simulator.sip_requests.request import Request
from simulator.sip_tls import SipTls
from simulator.timeline import Timeline
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import MessageRefused, SipTraced

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 1.0
"""Seconds for a new connection to a TCP peer whose own connection is closed."""

MessageObserver = Callable[[float, bytes, Hop, bool], None]
"""Gets `time.monotonic()`, the message, its source or next hop, and whether it was sent."""


class FrontDoor:
    """One fixed SIP address, UDP and TCP, in front of many workers.

    `router` returns the group of workers that takes a new call. Port 0 takes any free one. `destinations` says where
    messages may be sent, and from where they are accepted; without it only this machine. Requests that the front door
    refuses, calls that it tears down and messages that it drops go to the timeline as records of kind `sip`.
    Entering raises ConfigurationError when the port is in use. Use it as `async with`, and only on the loop that
    entered it.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 5060,
        *,
        router: CallRouter,
        public_host: str = "",
        timeline: Timeline | None = None,
        destinations: Destinations | None = None,
        tls: SipTls | None = None,
    ) -> None:
        """`public_host` is the address in Via and Record-Route, where it is not `host`."""
        host = "127.0.0.1" if host == "localhost" else host
        if not is_ipv4(host) or host == "0.0.0.0":  # noqa: S104 - refused, because Via needs one address
            raise ConfigurationError("host", host, "one IPv4 address of this machine, such as 127.0.0.1")
        if not 0 <= port < 65536:
            raise ConfigurationError("port", port, "0 (any free one) to 65535")
        self.host = host
        self.port = port
        self.faults = SipFaults()
        """Faults on the messages that it receives."""
        self.answer_headers = AnswerHeaders()
        """Header fields of 200s that are replaced."""
        self.second_answers = SecondAnswers()
        """The calls that a second branch answers, too."""
        self.clients = SipClients(self._record_client, self._is_of_worker)
        """The SIP clients that can register here."""
        self.guarded_hosts = GuardedHosts()
        """The hosts whose calls have to be admitted."""
        self.transactions = OwnTransactions(self._send, self._via_line)
        """Requests of its own, such as the REGISTERs of phones."""
        self._agents: WeakSet[UserAgent] = WeakSet()
        self._public_host = public_host
        self.tls = TlsListener(tls)
        """Its port for TLS, and the certificate there."""
        self.on_message: MessageObserver | None = None
        """Called for every message received or sent."""
        self.recent = RecentMessages()
        """The latest SIP messages, for reports and the sandbox."""
        self._router = router
        self._timeline = timeline
        self._destinations = destinations or Destinations()
        self._proxy: Proxy
        self._loop: asyncio.AbstractEventLoop
        self._udp: asyncio.DatagramTransport
        self._tcp_server: asyncio.Server
        self._connections: Connections[TcpConnection] = Connections()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._growing: set[DestinationGroup] = set()

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        datagrams, stream = bind_udp_and_tcp(self.host, self.port)
        self.port = datagrams.getsockname()[1]
        async with AsyncExitStack() as starting:  # a start that is cancelled releases the port
            starting.callback(stream.close)
            starting.callback(datagrams.close)
            tls_port = await self.tls.start(
                self, self.host, ("localhost", self._public_host or self.host), self._record
            )
            starting.push_async_callback(self.tls.close)
            self._proxy = Proxy(
                ProxyAddress(self.host, self.port, self._public_host, tls_port),
                self._router,
                self.clients,
                destinations=self._destinations,
                record=self._record,
                grow=self._start_growing,
                wake=self._tick_soon,
                guarded_hosts=self.guarded_hosts,
            )
            self._udp, _ = await self._loop.create_datagram_endpoint(lambda: UdpProtocol(self), sock=datagrams)
            starting.callback(self._udp.close)
            self._tcp_server = await self._loop.create_server(
                lambda: TcpConnection(self), sock=stream, start_serving=False
            )
            starting.callback(self._tcp_server.close)
            await self._tcp_server.start_serving()
            starting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tcp_server.close()
        self._udp.close()
        await self.tls.close()
        for connection in self._connections:
            connection.close()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._tcp_server.wait_closed()
        await asyncio.sleep(0)

    def call_ended(self, call_id: str, destination: Destination | None = None) -> None:
        """Free the slots of a call whose end a worker reported; with `destination`, only those of that worker."""
        self._send(self._proxy.call_ended(call_id, time.monotonic(), destination))

    def caller_ended(self, call_id: str) -> None:
        """Free the slot of a SIP client in a call that a worker has dialled, whose end this one reported."""
        self._send(self._proxy.caller_ended(call_id, time.monotonic()))

    def knows(self, call_id: str) -> bool:
        """Whether a call with this Call-ID has passed the front door, until some time after its end."""
        return self._proxy.knows(call_id)

    def worker_died(self, destination: Destination, dialogs: Iterable[SipDialog] = ()) -> None:
        """End all calls of a dead worker at their peers: pending ones with 480 or CANCEL, established ones with BYE.

        `dialogs` are all that the worker had, those that did not pass the front door included.
        """
        self._send(self._proxy.worker_died(destination, time.monotonic(), dialogs))

    def forget_calls(self) -> None:
        """Answer no call twice any more, replace no header fields, and count what SIP clients do from 1 again."""
        self.clients.reset()
        self.second_answers.clear()
        self.answer_headers.clear()

    def watch(self, agent: UserAgent) -> None:
        """Keep the messages that a worker and its peers exchange directly, and record those that it cannot use."""
        self._agents.add(agent)
        agent.message_listeners.add(self._note_direct)
        agent.on_message_refused = functools.partial(self._note_refused, agent)

    def _note_direct(self, message: SipTraced) -> None:
        if message.peer != f"{self.host}:{self.port}":
            self.recent.note(message.at, message.text.encode("latin-1"), message.peer, sent=message.sent)

    def _note_refused(self, agent: UserAgent, notice: MessageRefused) -> None:
        source = Hop(*notice.peer, None if notice.transport == "UDP" else 0)
        self._proxy.refused_by_worker(
            notice.text.encode("latin-1"), source, agent.address, notice.status, notice.why, time.monotonic()
        )
        self._set_timer()

    # --- called by the sockets ------------------------------------------------------------------------------

    def message_received(self, data: bytes, source: Hop) -> None:
        """Handle a whole message from `source`."""
        self.recent.note(time.monotonic(), data, str(source), sent=False)
        if self.on_message is not None:
            self.on_message(time.monotonic(), data, source, False)
        if source.connection is None and not self._accepts(source.host, source.port):
            return
        self._proxy.stay_in_dialogs(bool(self.faults))
        if (taken := self.faults.take(data)) is None:
            self._handle(data, source)
        else:
            self._record({"did": str(taken), "because": "a fault is set", "sip_call_id": taken.call_id})
            self._handle_faulty(taken.fault, data, source)

    def _handle(self, data: bytes, source: Hop) -> None:
        if self.transactions.take(data, source):
            return
        if self.second_answers and (taken := self.second_answers.take(data, source)) is not None:
            method, call_id, response = taken
            self._record({"did": f"takes the {method}", "because": "of a second answer", "sip_call_id": call_id})
            self._send(response)
            return
        messages = self._proxy.receive(data, source, time.monotonic())
        if self.answer_headers:
            messages = self.answer_headers.applied(messages)
        self._send(messages)
        if self.second_answers:
            for call_id, copy in self.second_answers.copies(messages, self.address):
                self._record({"did": "answers again", "because": "as after forking", "sip_call_id": call_id})
                self._send([copy])

    def _handle_faulty(self, fault: SipFault, data: bytes, source: Hop) -> None:
        match fault.fault:
            case "sip-delay":
                self._loop.call_later((fault.delay_ms or 0) / 1000, self._handle, data, source)
            case "sip-duplicate":
                self._handle(data, source)
                self._handle(data, source)
            case "sip-respond":
                self._send(self._proxy.answer(data, source, fault.status or 500, fault.reason))
            case "sip-garble":
                self._handle(garbled(data), source)
            case "sip-without-codec":
                self._handle(without_codec(data, fault.codec or ""), source)
            case "sip-drop":
                pass

    def connection_opened(self, connection: TcpConnection, host: str) -> int:
        """Keep a TCP connection, or abort it when nothing may be sent to its peer; returns its number.

        When there are too many, the one that was idle for longest is aborted.
        """
        number = self._connections.add(connection)
        surplus = self._connections.take_surplus(connection)
        if surplus is not None:
            self._record({"dropped": "the TCP connection that was idle for longest", "peer": surplus.peer, "count": 1})
            surplus.close()
        if not self._accepts(host):
            connection.close()
        return number

    def connection_overflowed(self, connection: TcpConnection) -> None:
        """Record that a peer does not read what it is sent; its connection is aborted."""
        self._record({"dropped": "a TCP connection whose peer does not read", "peer": connection.peer, "count": 1})

    def connection_closed(self, number: int) -> None:
        """Forget a TCP connection, and the SIP clients that have registered over it."""
        self._connections.remove(number)
        self.clients.connection_closed(number)

    def _accepts(self, host: str, port: int | None = None) -> bool:
        """Whether messages from a host are handled: only when they may be answered."""
        refusal = self._destinations.refusal(host)
        if refusal is not None:
            self._destinations.refused("front door", host, port, f"its messages are ignored: {refusal}")
        return refusal is None

    # --- sending --------------------------------------------------------------------------------------------

    def _send(self, messages: Iterable[Outgoing]) -> None:
        if self._udp.is_closing():
            return
        for data, hop in messages:
            connection = None if hop.connection is None else self._connections.get(hop.connection)
            permitted = hop if connection is not None else self._permitted(hop)
            if permitted is not None:
                self._send_to(data, permitted, connection)
        self._set_timer()

    def _send_to(self, data: bytes, hop: Hop, connection: TcpConnection | None) -> None:
        self.recent.note(time.monotonic(), data, str(hop), sent=True)
        if self.on_message is not None:
            self.on_message(time.monotonic(), data, hop, True)
        if connection is not None:
            connection.send(data)
        elif hop.connection is None:
            self._udp.sendto(data, (hop.host, hop.port))
        elif hop.tls:  # nothing that was to be sent over TLS is sent otherwise
            self._send(self._proxy.delivery_failed(data, hop, time.monotonic()))
        else:
            self._start_task(self._send_on_new_connection(data, hop))

    def _via_line(self, branch: bytes, hop: Hop) -> bytes:
        return self._proxy.via_line(branch, hop)

    def _permitted(self, hop: Hop) -> Hop | None:
        """The hop with the address of its host; None when nothing may be sent there, which is recorded."""
        address = self._destinations.admit("front door", hop.host, hop.port, transport=hop.transport)
        return None if address is None else replace(hop, host=address)

    async def _send_on_new_connection(self, data: bytes, hop: Hop) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, connection = await self._loop.create_connection(lambda: TcpConnection(self), hop.host, hop.port)
        except OSError:
            if not self.transactions.failed(data, hop):
                self._send(self._proxy.delivery_failed(data, hop, time.monotonic()))
        else:
            connection.send(data)

    # --- timer ----------------------------------------------------------------------------------------------

    def _set_timer(self) -> None:
        deadline = self._proxy.next_deadline(time.monotonic())
        if deadline is None:
            return
        when = self._loop.time() + deadline - time.monotonic()
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._tick()

    def _tick_soon(self) -> None:
        self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        self._send(self._proxy.tick(time.monotonic()))

    # --- owner of the workers -------------------------------------------------------------------------------

    def _record(self, fields: dict[str, Any]) -> None:
        if self._timeline is not None:
            self._timeline.append("sip", **fields)

    def _record_client(self, fields: dict[str, Any]) -> None:
        if self._timeline is not None:
            self._timeline.append("registrar", **fields)

    def _is_of_worker(self, request: Request) -> bool:
        """Whether a worker has sent an INVITE: over UDP its source is the worker's, over TCP its Contact names it."""
        source = request.source
        named = host_and_port(contact_uri(request.message)) if source.connection is not None else None
        port = source.port if named is None else named[1]
        return any(agent.address == f"{source.host}:{port}" for agent in self._agents)

    def _start_growing(self, group: DestinationGroup) -> None:
        if group.grow is not None and group not in self._growing:
            self._growing.add(group)
            self._start_task(self._grow(group))

    async def _grow(self, group: DestinationGroup) -> None:
        workers = len(group)
        try:
            if group.grow is not None:
                await group.grow()
        except Exception:
            logger.exception("could not start another worker for the group %s", group.name)
        finally:
            self._growing.discard(group)
        if len(group) > workers:  # more INVITEs may be queued than it can take
            self._tick_soon()

    def _start_task(self, work: asyncio._CoroutineLike[None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
