"""Phones over HTTP: adding and removing them, dialling, waiting for calls, and impairing their media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Field

from fake_daily_server.control.calls import CALL_VERBS, CallBody, Verb
from fake_daily_server.control.routes import Body as SimBody
from fake_daily_server.control.routes import WaitBody, accept
from fake_daily_server.control.views import CallView, PhonesView, PhoneView
from fake_daily_server.handles.registrations import registrations_of
from fake_daily_server.values.errors import DailyError, NotFound
from simulator.errors import ConfigurationError
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.phone_spec import PhoneSpec
from simulator.relay import Direction, FaultFields

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

PHONES: dict[str, Any] = {
    "answers after ringing": {"value": {"number": "+12065550142", "calls": [{"ring_ms": 200, "then": "answer"}]}},
    "busy, then answers": {"value": {"number": "+12065550142", "calls": ["busy", "answer"]}},
    "rings until the test answers": {"value": {"number": "+12065550142", "calls": ["wait"]}},
    "at a SIP URI": {"value": {"uri": "sip:bob@example.com", "codecs": ["OPUS"], "telephone_event": False}},
    "a voicemail": {"value": {"number": "+12065550142", "persona": "voicemail", "greeting_s": 1}},
    "registers at a PBX": {
        "value": {"register": {"registrar": "127.0.0.1:5070", "username": "bench", "password": "correct-horse-1"}}
    },
    "a softphone's number": {"value": {"number": "+12065550142", "forward_to": "sip:me@127.0.0.1:5070"}},
}


class DialBody(SimBody):
    """The number or SIP URI to call, and header fields for the INVITE."""

    to: str = Field(examples=["+12065550100", "sip:demo.0@127.0.0.1:5060"])
    headers: dict[str, str] = Field(default_factory=dict, examples=[{"X-Order": "7"}])
    display_name: str | None = None


class AttendedTransferBody(CallBody):
    """The call whose peer is transferred, and the other call, whose place the peer takes."""

    to_call: str | None = Field(default=None, description="`sip_call_id` of the other call; by default the only one.")


class ImpairBody(FaultFields, SimBody):
    """Faults, the direction of the packets to which they apply, and the seed of all random decisions."""

    direction: Direction = "both"
    seed: int | str = 0


def add_phones(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes `/phones` and below."""

    @router.post("/phones", summary="Add a phone to the network")
    async def make_phone(spec: Annotated[PhoneSpec, Body(openapi_examples=PHONES)]) -> PhoneView:
        if spec.is_played_by_class:
            allowed = (
                "the name of a persona; a class is for tests and stories, not for requests, which could run any code"
            )
            raise ConfigurationError("persona", spec.persona, allowed)
        return PhoneView.of(await daily.network.install(spec))

    @router.get("/phones", summary="List all phones")
    async def list_phones() -> PhonesView:
        return PhonesView(phones=[PhoneView.of(phone) for phone in daily.network.phones])

    @router.get("/phones/{phone_id}", summary="Show a phone, its calls, and the digits it has received")
    async def show_phone(phone_id: str) -> PhoneView:
        return PhoneView.of(find_phone(daily, phone_id))

    @router.delete("/phones/{phone_id}", summary="Remove a phone from the network; its calls are hung up")
    async def remove_phone(phone_id: str) -> dict[str, Any]:
        await find_phone(daily, phone_id).close()
        return {"deleted": True, "id": phone_id}

    @router.get("/registrations", summary="List the SIP clients and the phones that are registered, without passwords")
    async def registrations() -> dict[str, Any]:
        return dict(registrations_of(daily.network))

    _add_calls_and_impairments(router, daily)
    for verb in CALL_VERBS:
        _add_verb(router, daily, verb)


def _add_calls_and_impairments(router: APIRouter, daily: FakeDaily) -> None:
    @router.post("/phones/{phone_id}/dial", summary="Call a number or a SIP URI; answers when the INVITE was sent")
    async def dial(phone_id: str, body: DialBody) -> CallView:
        phone = find_phone(daily, phone_id)
        return CallView.of(await phone.dial(body.to, headers=body.headers, display_name=body.display_name))

    @router.post(
        "/phones/{phone_id}/wait-for-call", summary="Wait for the next incoming call, each of which is returned once"
    )
    async def wait_for_call(phone_id: str, body: WaitBody | None = None) -> CallView:
        wanted = body or WaitBody()
        return CallView.of(await find_phone(daily, phone_id).wait_for_call(within=wanted.within))

    @router.post(
        "/phones/{phone_id}/attended-transfer",
        summary="Transfer the peer of a call to the peer of another call, with REFER and Replaces (RFC 5589)",
    )
    async def attended_transfer(phone_id: str, body: AttendedTransferBody | None = None) -> CallView:
        phone, wanted = find_phone(daily, phone_id), body or AttendedTransferBody()
        call = find_call(phone, wanted, ended_too=False)
        await call.transfer_to_call(other_call(phone, call, wanted.to_call))
        return CallView.of(call)

    @router.post("/phones/{phone_id}/impair", summary="Impair the RTP of a phone's present and future calls")
    async def impair(phone_id: str, body: ImpairBody) -> dict[str, Any]:
        faults = body.as_faults()
        await find_phone(daily, phone_id).impair(faults, direction=body.direction, seed=body.seed)
        return {"id": phone_id, "faults": faults.model_dump()}

    @router.post("/phones/{phone_id}/recover", summary="Remove the impairments of a phone")
    async def recover(phone_id: str) -> dict[str, Any]:
        await find_phone(daily, phone_id).recover()
        return {"id": phone_id}


def _add_verb(router: APIRouter, daily: FakeDaily, verb: Verb) -> None:
    body_model = verb.body

    async def do(phone_id: str, body: Any = None) -> Any:
        wanted = body if body is not None else body_model()
        call = find_call(find_phone(daily, phone_id), wanted, ended_too=verb.ended_too)
        result = await verb.act(call, wanted)
        return {**CallView.of(call).model_dump(), **(result or {})}

    accept(do, body_model)
    router.post(
        f"/phones/{{phone_id}}/{verb.name}",
        summary=verb.summary,
        response_model=None,
        operation_id=f"phone-{verb.name}",
    )(do)


def find_phone(daily: FakeDaily, phone_id: str) -> Phone:
    """The phone with this id. Raises NotFound, whose text lists the known ids."""
    for phone in daily.network.phones:
        if phone.id == phone_id:
            return phone
    known = ", ".join(phone.id for phone in daily.network.phones) or "none"
    raise NotFound(f"no phone has the id {phone_id!r}; known ids: {known}")


def find_call(phone: Phone, body: CallBody, *, ended_too: bool) -> PhoneCall:
    """The call with the id in `body`. Without an id, the newest call that has not ended.

    With `ended_too`, the newest call of all if every call has ended. Raises DailyError (409) if there is no such call.
    """
    wanted = body.sip_call_id
    newest_first = phone.calls[::-1]
    for call in newest_first:
        if call.sip_call_id == wanted or (wanted is None and call.state != "ended"):
            return call
    if ended_too and wanted is None and newest_first:
        return newest_first[0]
    which = f"no call {wanted!r}" if wanted else "no call" if ended_too else "no call that has not ended"
    raise DailyError(409, "call-error", f"{phone.name} has {which}; calls so far: {len(phone.calls)}")


def other_call(phone: Phone, call: PhoneCall, wanted: str | None) -> PhoneCall:
    """Another answered call of the phone: that with the Call-ID `wanted`, or without one the only one.

    Raises DailyError (409) if there is none, or if there are several to choose from.
    """
    others = [other for other in phone.calls if other is not call and other.state == "answered"]
    found = [other for other in others if wanted in (None, other.sip_call_id)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(other.sip_call_id for other in others) or "none"
    raise DailyError(
        409,
        "call-error",
        f"{phone.name} has {len(found)} other answered calls for to_call {wanted!r}; there are: {known}",
    )
