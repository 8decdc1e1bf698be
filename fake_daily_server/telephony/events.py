"""Daily's ten telephony events and `dtmf-event`, field by field as daily-js types and documents them.

Python names are snake_case; `payload()` gives the camelCase object that clients receive, without absent fields.
`callClientId` belongs to the receiving client and is added on delivery.
`DialOutEvents` and `DialInEvents` build the events of one call, which have most of their fields in common.
Source: https://docs.daily.co/reference/daily-js/events/telephony-events and daily-js's own type file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from fake_daily_server.values.telephony_types import Provider


def new_trace_id() -> str:
    """A random `actionTraceId`; all events of a call have the same one."""
    return str(uuid4())


class _Wire(BaseModel):
    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class TelephonyEvent(_Wire):
    """Base of all events of this module."""

    action: str

    def payload(self) -> dict[str, Any]:
        """The JSON object that clients receive: camelCase, without absent fields."""
        return self.model_dump(by_alias=True, exclude_none=True)


class _Traced(TelephonyEvent):
    user_id: str | None = None
    action_trace_id: str | None = None
    provider: Provider


class DialinReady(TelephonyEvent):
    """A SIP endpoint of the room is registered and can be called."""

    action: Literal["dialin-ready"] = "dialin-ready"
    sip_endpoint: str
    provider: Provider


class _DialinFromCaller(_Traced):
    session_id: str
    sip_from: str | None = None
    sip_endpoint: str | None = None
    sip_headers: dict[str, str] | None = None
    """The X- header fields of the caller's INVITE."""


class DialinConnected(_DialinFromCaller):
    """The INVITE of a caller has been accepted; there is no media yet."""

    action: Literal["dialin-connected"] = "dialin-connected"
    sip_call_id: str


class DialinStopped(_DialinFromCaller):
    """An incoming call is over, whichever side ended it."""

    action: Literal["dialin-stopped"] = "dialin-stopped"
    sip_call_id: str | None = None


class DialinWarning(_Traced):
    """An incoming call continues, but not as requested, typically because of a codec fallback."""

    action: Literal["dialin-warning"] = "dialin-warning"
    session_id: str
    sip_from: str | None = None
    sip_endpoint: str | None = None
    error_msg: str
    sip_call_id: str | None = None


class DialinErrorDetails(_Wire):
    """`details` of `dialin-error`: the endpoint that was called."""

    sip_endpoint: str | None = None


class DialinError(_Traced):
    """An incoming call has failed. `type` is `start-failed` if its media never started."""

    action: Literal["dialin-error"] = "dialin-error"
    session_id: str
    error_msg: str
    type: Literal["start-failed"] | None = None
    details: DialinErrorDetails | None = None
    sip_call_id: str | None = None


class _DialoutParties(_Traced):
    origin: str | None = None
    """The caller: the number that the call comes from, or the SIP URI of the room."""
    destination: str | None = None
    """The callee, as requested: an E.164 number or a SIP URI."""
    caller_id: str | None = None


class DialoutConnected(_DialoutParties):
    """The far end is ringing."""

    action: Literal["dialout-connected"] = "dialout-connected"
    session_id: str
    sip_call_id: str


class DialoutAnswered(_DialoutParties):
    """The far end has answered."""

    action: Literal["dialout-answered"] = "dialout-answered"
    session_id: str
    sip_call_id: str


class DialoutStopped(_DialoutParties):
    """A dialled call is over, answered or not, whichever side ended it."""

    action: Literal["dialout-stopped"] = "dialout-stopped"
    session_id: str
    sip_call_id: str | None = None


class DialoutWarning(_DialoutParties):
    """A dialled call continues, but not as requested, typically because of a codec fallback."""

    action: Literal["dialout-warning"] = "dialout-warning"
    session_id: str | None = None
    error_msg: str
    sip_call_id: str | None = None


class DialoutErrorDetails(_Wire):
    """`details` of `dialout-error`: the callee, and the X- header fields of the response or BYE that ended the call."""

    destination: str | None = None
    sip_headers: dict[str, str] | None = None


class DialoutError(_Traced):
    """A dialled call has failed."""

    action: Literal["dialout-error"] = "dialout-error"
    session_id: str | None = None
    error_msg: str
    details: DialoutErrorDetails | None = None
    sip_call_id: str | None = None


class DtmfEvent(TelephonyEvent):
    """The far end has sent a DTMF digit."""

    action: Literal["dtmf-event"] = "dtmf-event"
    session_id: str | None = None
    tone: str
    volume: float
    """Power of the tone in dBm0 with the sign dropped (RFC 4733 §2.3.3)."""
    method: Literal["telephone-event", "sip-info"]


AnyTelephonyEvent = Annotated[
    DialinReady
    | DialinConnected
    | DialinStopped
    | DialinError
    | DialinWarning
    | DialoutConnected
    | DialoutAnswered
    | DialoutStopped
    | DialoutError
    | DialoutWarning
    | DtmfEvent,
    Field(discriminator="action"),
]
TELEPHONY_EVENTS: TypeAdapter[AnyTelephonyEvent] = TypeAdapter(AnyTelephonyEvent, config=ConfigDict(defer_build=True))


def dialin_ready(sip_endpoint: str, provider: Provider = "daily") -> DialinReady:
    """The `dialin-ready` event of one endpoint; a room publishes one for each of its endpoints."""
    return DialinReady(sip_endpoint=sip_endpoint, provider=provider)


def dtmf_event(
    session_id: str, tone: str, method: Literal["telephone-event", "sip-info"], volume: float = 10
) -> DtmfEvent:
    """The `dtmf-event` of one digit. SIP INFO has no volume; the default, 10, is usual among RFC 4733 senders."""
    return DtmfEvent(session_id=session_id, tone=tone, volume=volume, method=method)


@dataclass(frozen=True, slots=True)
class DialOutEvents:
    """Builds the events of one dialled call."""

    session_id: str
    destination: str
    origin: str | None = None
    caller_id: str | None = None
    user_id: str | None = None
    provider: Provider = "daily"
    action_trace_id: str = field(default_factory=new_trace_id)

    def connected(self, sip_call_id: str) -> DialoutConnected:
        """The `dialout-connected` event."""
        return DialoutConnected(session_id=self.session_id, sip_call_id=sip_call_id, **self._parties())

    def answered(self, sip_call_id: str) -> DialoutAnswered:
        """The `dialout-answered` event."""
        return DialoutAnswered(session_id=self.session_id, sip_call_id=sip_call_id, **self._parties())

    def stopped(self, sip_call_id: str | None) -> DialoutStopped:
        """The `dialout-stopped` event."""
        return DialoutStopped(session_id=self.session_id, sip_call_id=sip_call_id, **self._parties())

    def warning(self, error_msg: str, sip_call_id: str | None) -> DialoutWarning:
        """The `dialout-warning` event."""
        return DialoutWarning(
            session_id=self.session_id, error_msg=error_msg, sip_call_id=sip_call_id, **self._parties()
        )

    def error(
        self, error_msg: str, sip_call_id: str | None, sip_headers: Mapping[str, str] | None = None
    ) -> DialoutError:
        """The `dialout-error` event."""
        return DialoutError(
            session_id=self.session_id,
            user_id=self.user_id,
            error_msg=error_msg,
            details=DialoutErrorDetails(
                destination=self.destination, sip_headers=dict(sip_headers) if sip_headers else None
            ),
            action_trace_id=self.action_trace_id,
            provider=self.provider,
            sip_call_id=sip_call_id,
        )

    def _parties(self) -> dict[str, Any]:
        return {
            "user_id": self.user_id,
            "origin": self.origin,
            "destination": self.destination,
            "caller_id": self.caller_id,
            "action_trace_id": self.action_trace_id,
            "provider": self.provider,
        }


@dataclass(frozen=True, slots=True)
class DialInEvents:
    """Builds the events of one incoming call."""

    session_id: str
    sip_call_id: str
    sip_from: str
    sip_endpoint: str | None
    """The SIP URI of the called endpoint; None for a caller who dialled the code of a room."""
    sip_headers: Mapping[str, str] = field(default_factory=dict)
    """The X- header fields of the INVITE."""
    provider: Provider = "daily"
    action_trace_id: str = field(default_factory=new_trace_id)

    def connected(self) -> DialinConnected:
        """The `dialin-connected` event."""
        return DialinConnected(sip_headers=dict(self.sip_headers), **self._caller(), **self._identity())

    def stopped(self) -> DialinStopped:
        """The `dialin-stopped` event."""
        return DialinStopped(sip_headers=dict(self.sip_headers), **self._caller(), **self._identity())

    def warning(self, error_msg: str) -> DialinWarning:
        """The `dialin-warning` event."""
        return DialinWarning(error_msg=error_msg, **self._caller(), **self._identity())

    def error(self, error_msg: str, *, start_failed: bool) -> DialinError:
        """The `dialin-error` event."""
        return DialinError(
            error_msg=error_msg,
            type="start-failed" if start_failed else None,
            details=DialinErrorDetails(sip_endpoint=self.sip_endpoint) if self.sip_endpoint else None,
            **self._identity(),
        )

    def _caller(self) -> dict[str, Any]:
        return {"sip_from": self.sip_from, "sip_endpoint": self.sip_endpoint}

    def _identity(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "action_trace_id": self.action_trace_id,
            "provider": self.provider,
            "sip_call_id": self.sip_call_id,
        }
