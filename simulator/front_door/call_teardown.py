"""Teardown of calls that lost one side: a worker died, or it answers an INVITE that was abandoned."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from simulator.destinations import Destinations
from simulator.front_door.call_admission import CallAdmission
from simulator.front_door.call_table import AttemptState, CallAttempt, CallTable
from simulator.front_door.direct_calls import end_at_peer
from simulator.front_door.final_responses import WORKER_DIED
from simulator.front_door.load_balancing import Destination
from simulator.front_door.own_requests import (
    ack_of_2xx,
    ack_of_refusal,
    bye_to_callee,
    bye_to_caller,
    cancel,
    contact_uri,
)
from simulator.front_door.proxy_address import ProxyAddress
from simulator.front_door.recorder import Recorder
from simulator.front_door.response import Response
from simulator.sip_bytes import host_and_port
from simulator.sip_dialog import SipDialog
from simulator.sip_requests.hop import Outgoing

END_REPORT_LEAD = 0.5
"""Seconds before a worker's death in which reported ends of its calls are taken for its consequence.

The owner of a worker may report the ends of its calls before it reports the death.
"""


class CallTeardown:
    """Ends calls in the place of a worker that died, and calls whose caller has abandoned its INVITE."""

    def __init__(
        self,
        proxy: ProxyAddress,
        calls: CallTable,
        recorder: Recorder,
        admission: CallAdmission,
        destinations: Destinations,
    ) -> None:
        self._proxy = proxy
        self._calls = calls
        self._recorder = recorder
        self._admission = admission
        self._destinations = destinations
        self._ended_directly: deque[str] = deque(maxlen=100)

    def worker_died(self, worker: Destination, now: float) -> list[Outgoing]:
        """End all calls of a dead worker: its callers get 480 or BYE, its callees CANCEL or BYE."""
        worker.alive = False
        out: list[Outgoing] = []
        for call in self._calls:
            for attempt in tuple(call.attempts.values()):
                state = _state_before_death(attempt, now)
                if state is AttemptState.ENDED:
                    continue
                if attempt.destination is worker:
                    out += self._end_at_caller(attempt, state, worker, now)
                elif _was_sent_by(attempt, worker, self._proxy):
                    out += self._end_at_callee(attempt, state, worker, now)
        return out

    def end_direct_calls(self, dialogs: Iterable[SipDialog], worker: Destination) -> list[Outgoing]:
        """End the calls of a dead worker that did not pass the front door, by their dialogs as the worker knew them."""
        out: list[Outgoing] = []
        for dialog in dialogs:
            passed = self._calls.get(dialog.call_id) is not None
            request = None if passed else end_at_peer(dialog, self._proxy, self._destinations)
            if request is not None:
                action = "BYE to the peer" if dialog.answered else "CANCEL to the peer"
                self._recorder.record_teardown(action, dialog.call_id, worker.address, "its worker died")
                out.append(request)
                self._ended_directly.append(dialog.call_id)
        return out

    def has_ended(self, call_id: str) -> bool:
        """Whether `end_direct_calls` has ended the call with this Call-ID a while ago."""
        return call_id in self._ended_directly

    def response_to_abandoned(self, attempt: CallAttempt, response: Response) -> list[Outgoing]:
        """Handle a worker's response to an abandoned INVITE: cancel the INVITE, or end the call that it began."""
        worker = attempt.destination
        if response.method != b"INVITE" or worker is None:
            return []
        if response.status < 200:
            return self._cancel(attempt, worker)
        to = response.message.value(b"to") or b""
        if response.status >= 300:
            return [ack_of_refusal(attempt, worker, to, self._proxy)]
        attempt.callee, attempt.remote_target = to, contact_uri(response.message)
        return [
            ack_of_2xx(attempt, worker, self._proxy),
            bye_to_callee(attempt, worker, self._proxy),
        ]

    def _end_at_caller(
        self, attempt: CallAttempt, state: AttemptState, dead: Destination, now: float
    ) -> list[Outgoing]:
        call_id = attempt.request.call_id
        if state is AttemptState.PENDING:
            self._recorder.record_teardown("480 to the caller", call_id, dead.address, "its worker died")
            return self._admission.finish(attempt, WORKER_DIED, now)
        self._recorder.record_teardown("BYE to the caller", call_id, dead.address, "its worker died")
        self._calls.end(attempt, now)
        return [bye_to_caller(attempt, self._proxy, self._destinations)]

    def _end_at_callee(
        self, attempt: CallAttempt, state: AttemptState, dead: Destination, now: float
    ) -> list[Outgoing]:
        callee, established = attempt.destination, state is AttemptState.ESTABLISHED
        attempt.abandoned = True
        self._calls.end(attempt, now)
        if callee is None:
            return []
        action = "BYE to the callee" if established else "CANCEL to the callee"
        self._recorder.record_teardown(action, attempt.request.call_id, dead.address, "the calling worker died")
        if established:
            return [bye_to_callee(attempt, callee, self._proxy)]
        return self._cancel(attempt, callee) if attempt.responded else []

    def _cancel(self, attempt: CallAttempt, callee: Destination) -> list[Outgoing]:
        if attempt.cancel_sent:
            return []
        attempt.cancel_sent = True
        return [cancel(attempt, callee, self._proxy)]


def _state_before_death(attempt: CallAttempt, now: float) -> AttemptState:
    """The state of an attempt without an end that was reported just before the death of its worker."""
    if attempt.ended_early is None:
        return attempt.state
    state, when = attempt.ended_early
    return state if now - when < END_REPORT_LEAD else AttemptState.ENDED


def _was_sent_by(attempt: CallAttempt, worker: Destination, proxy: ProxyAddress) -> bool:
    """Whether a worker has sent the INVITE.

    By UDP it comes from the worker's port. By TCP, which is used for long ones (RFC 3261 §18.1.1), source and Via have
    the port of the connection, and the Contact names the worker, with the host that others are told.
    """
    source = attempt.request.source
    if source.connection is None:
        return (source.host, source.port) == (worker.host, worker.port)
    named = host_and_port(contact_uri(attempt.request.message))
    hosts = {worker.host, proxy.public_host or worker.host}
    return source.host == worker.host and named in {(host.encode(), worker.port) for host in hosts}
