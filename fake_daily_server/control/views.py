"""The JSON representation of phones and calls."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from simulator.phone import Phone
from simulator.phone_call import PhoneCall


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class HeardDigitView(_View):
    """A DTMF digit that the peer has sent; `method` is telephone-event or sip-info."""

    digit: str
    method: str
    duration_ms: int | None


class EndView(_View):
    """How a call ended: the SIP status and reason, and whether the `local` or the `remote` side ended it."""

    status: int
    reason: str
    by: str


class CallView(_View):
    """A call of a phone. `state` is dialling, incoming, ringing, early, answered or ended."""

    sip_call_id: str
    """The Call-ID of the SIP dialog; `sipCallId` in Daily's events."""
    incoming: bool
    state: str
    remote: str
    """The peer's SIP URI."""
    remote_name: str
    headers: dict[str, str]
    """Header fields of the INVITE of an incoming call, or of the 2xx response to an outgoing one."""
    codec: str | None
    telephone_event: int | None
    """The payload type of telephone-event; null if it was not negotiated."""
    digits: str
    """All digits received so far."""
    heard: list[HeardDigitView]
    branch: str | None
    """The branch that the peer has chosen last in a menu of the phone's persona."""
    persona_place: str | None
    """Where the phone's persona stands; null without one."""
    ended: EndView | None

    @classmethod
    def of(cls, call: PhoneCall) -> CallView:
        """Build the view of a call from its current state."""
        ended = call.ended
        return cls(
            sip_call_id=call.sip_call_id,
            incoming=call.incoming,
            state=call.state,
            remote=call.remote,
            remote_name=call.remote_name,
            headers=call.headers,
            codec=call.media.codec if call.media else None,
            telephone_event=call.media.telephone_event if call.media else None,
            digits=call.digits,
            heard=[HeardDigitView(digit=k.digit, method=k.method, duration_ms=k.duration_ms) for k in call.heard],
            branch=call.branch,
            persona_place=call.persona_place,
            ended=EndView(status=ended.status, reason=ended.reason, by=ended.by) if ended else None,
        )


class PhoneView(_View):
    """A phone, with its calls, oldest first, and the digits that all of them have received."""

    id: str
    name: str
    number: str | None
    uri: str
    """The SIP URI at which the phone can be called."""
    digits: str
    calls: list[CallView]

    @classmethod
    def of(cls, phone: Phone) -> PhoneView:
        """Build the view of a phone from its current state."""
        return cls(
            id=phone.id,
            name=phone.name,
            number=phone.number,
            uri=phone.uri,
            digits="".join(call.digits for call in phone.calls),
            calls=[CallView.of(call) for call in phone.calls],
        )


class PhonesView(_View):
    """All phones, oldest first."""

    phones: list[PhoneView]
