"""The control API under `/_sim`: phones, scripted participants and the timeline, for tests in any language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from fake_daily_server.errors import DailyError, InvalidRequest, NotFound
from simulator.behaviour import PhoneSpec
from simulator.dtmf import check_digits
from simulator.errors import CallError, RouteError, SimulatorError
from simulator.phone import Phone
from simulator.phone_call import PhoneCall, PressMethod

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

LONGEST_WAIT_MS = 60_000

PLAIN_VERBS: tuple[tuple[str, str, Callable[[PhoneCall], Awaitable[None]]], ...] = (
    ("answer", "Pick up", PhoneCall.answer),
    ("ring", "Say 180 Ringing", PhoneCall.ring),
    ("hangup", "End a call in whatever state it is", PhoneCall.hang_up),
    ("hold", "Put the other side on hold", PhoneCall.hold),
    ("resume", "Take the other side off hold", PhoneCall.resume),
)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PhoneView(BaseModel):
    """What `POST /_sim/phones` answers."""

    id: str
    number: str | None
    uri: str


class DialBody(_Body):
    """Where a phone calls, and header fields for its INVITE."""

    to: str
    headers: dict[str, str] = Field(default_factory=dict)
    display_name: str | None = None


class CallBody(_Body):
    """Which call of the phone is meant; the newest one that is not over when absent."""

    sip_call_id: str | None = None


class RejectBody(CallBody):
    """How a call is refused."""

    status: int = Field(default=486, ge=300, le=699)
    reason: str | None = None


class PressBody(CallBody):
    """Keys to press, as 0-9 A-D * # and `,` for a pause of 1 s."""

    tones: str
    method: PressMethod = "auto"
    duration_ms: int = Field(default=100, ge=20, le=8000)
    gap_ms: int = Field(default=100, ge=0, le=60_000)


class ParticipantBody(_Body):
    """A scripted participant, so that a room is live."""

    user_name: str = "participant"
    owner: bool = False


class NetworkBody(_Body):
    """For how long there is no network."""

    down_ms: int = Field(default=1000, ge=0, le=LONGEST_WAIT_MS)


class RefusalBody(_Body):
    """What the carrier answers instead of putting calls to a number through."""

    number: str
    status: int = Field(default=503, ge=300, le=699)
    reason: str = "Service Unavailable"


class ClockBody(_Body):
    """How far the time moves."""

    advance_s: float = Field(ge=0, le=10 * 365 * 24 * 3600)


def control_router(daily: FakeDaily) -> APIRouter:
    """The routes under `/_sim`, `/_sim/openapi.json` included."""
    router = APIRouter(prefix="/_sim")
    _add_phone_routes(router, daily)
    _add_room_routes(router, daily)
    _add_timeline_routes(router, daily)
    _add_webhook_routes(router, daily)

    @router.get("/openapi.json", include_in_schema=False)
    async def describe() -> dict[str, Any]:
        return get_openapi(title="Control API of the fake Daily", version="1", routes=router.routes)

    return router


def _add_phone_routes(router: APIRouter, daily: FakeDaily) -> None:
    @router.post("/phones", summary="Make a phone")
    async def make_phone(spec: PhoneSpec) -> PhoneView:
        with _as_daily_errors():
            phone = await daily.network.install(spec)
        return PhoneView(id=phone.id, number=phone.number, uri=phone.uri)

    @router.get("/phones", summary="All phones")
    async def list_phones() -> dict[str, Any]:
        return {"phones": [_describe(phone) for phone in daily.network.phones]}

    @router.get("/phones/{phone_id}", summary="A phone's calls and the digits it heard")
    async def show_phone(phone_id: str) -> dict[str, Any]:
        return _describe(_find(daily, phone_id))

    @router.delete("/phones/{phone_id}", summary="Take a phone out of the network")
    async def remove_phone(phone_id: str) -> dict[str, Any]:
        await _find(daily, phone_id).close()
        return {"deleted": True, "id": phone_id}

    @router.post("/phones/{phone_id}/dial", summary="Call a number or a SIP URI")
    async def dial(phone_id: str, body: DialBody) -> dict[str, Any]:
        phone = _find(daily, phone_id)
        with _as_daily_errors():
            call = await phone.dial(body.to, headers=body.headers, display_name=body.display_name)
        return _describe_call(call)

    for verb, summary, act in PLAIN_VERBS:
        _add_verb(router, daily, verb, summary, act)

    @router.post("/phones/{phone_id}/reject", summary="Refuse a call with any SIP status")
    async def reject(phone_id: str, body: RejectBody | None = None) -> dict[str, Any]:
        wanted = body or RejectBody()
        call = _find_call(_find(daily, phone_id), wanted)
        with _as_daily_errors():
            await call.reject(wanted.status, wanted.reason)
        return _describe_call(call)

    @router.post("/phones/{phone_id}/press", summary="Press keys; answers when the last one is released")
    async def press(phone_id: str, body: PressBody) -> dict[str, Any]:
        call = _find_call(_find(daily, phone_id), body)
        with _as_daily_errors():
            check_digits(body.tones, field="tones", pauses=True)
            await call.press(body.tones, method=body.method, duration_ms=body.duration_ms, gap_ms=body.gap_ms)
        return _describe_call(call)

    @router.post("/carrier/refuse", summary="Let the carrier refuse calls to a number")
    async def refuse(body: RefusalBody) -> dict[str, Any]:
        with _as_daily_errors():
            daily.network.refuse(body.number, body.status, body.reason)
        return {"number": body.number, "status": body.status, "reason": body.reason}

    @router.delete("/carrier/refuse/{number}", summary="Let calls to a number through again")
    async def restore(number: str) -> dict[str, Any]:
        with _as_daily_errors():
            daily.network.restore(number)
        return {"number": number}


def _add_verb(
    router: APIRouter, daily: FakeDaily, verb: str, summary: str, act: Callable[[PhoneCall], Awaitable[None]]
) -> None:
    @router.post(f"/phones/{{phone_id}}/{verb}", summary=summary)
    async def do(phone_id: str, body: CallBody | None = None) -> dict[str, Any]:
        call = _find_call(_find(daily, phone_id), body)
        with _as_daily_errors():
            await act(call)
        return _describe_call(call)


def _add_room_routes(router: APIRouter, daily: FakeDaily) -> None:
    @router.post("/rooms/{room}/participants", summary="Let a scripted participant join")
    async def join(room: str, body: ParticipantBody | None = None) -> dict[str, Any]:
        wanted = body or ParticipantBody()
        client = await daily.join(room, user_name=wanted.user_name, owner=wanted.owner)
        return {"session_id": client.session_id}

    @router.delete("/rooms/{room}/participants/{session_id}", summary="Let a scripted participant leave")
    async def leave(room: str, session_id: str) -> dict[str, Any]:
        for client in daily.clients:
            if client.session_id == session_id and client.room_url.endswith(f"/{room}"):
                await client.leave()
                return {"deleted": True, "session_id": session_id}
        raise NotFound(f"no scripted participant {session_id!r} in room {room!r}; POST …/participants makes one")

    @router.post("/clients/{session_id}/network", summary="Break a client's connection, as a lost network does")
    async def cut(session_id: str, body: NetworkBody | None = None) -> dict[str, Any]:
        wanted = body or NetworkBody()
        await daily.cut_network(session_id, seconds=wanted.down_ms / 1000)
        return {"session_id": session_id, "down_ms": wanted.down_ms}


def _add_timeline_routes(router: APIRouter, daily: FakeDaily) -> None:
    @router.get("/timeline", summary="What happened, oldest first; `wait_ms` waits for the first such record")
    async def timeline(
        after: Annotated[int, Query(ge=0)] = 0,
        kind: str | None = None,
        wait_ms: Annotated[int, Query(ge=0, le=LONGEST_WAIT_MS)] = 0,
    ) -> dict[str, Any]:
        await daily.timeline.wait(
            lambda record: kind is None or record.kind == kind, after=after, within=wait_ms / 1000
        )
        records = [record.as_dict() for record in daily.timeline.records(after=after, kind=kind)]
        return {"records": records, "dropped": daily.timeline.dropped}

    @router.post("/reset", summary="No rooms, no phones, no calls, an empty timeline; `seq` goes on counting")
    async def reset() -> dict[str, Any]:
        await daily.reset()
        return {"ok": True, "seq": daily.timeline.last_seq}


def _add_webhook_routes(router: APIRouter, daily: FakeDaily) -> None:
    @router.get("/webhooks/deliveries", summary="Every request to a webhook and what came of it, oldest first")
    async def deliveries(
        after: Annotated[int, Query(ge=0)] = 0,
        webhook: str | None = None,
        type: str | None = None,  # noqa: A002 - a query parameter
    ) -> dict[str, Any]:
        wanted = [
            delivery
            for delivery in daily.webhook_deliveries
            if delivery["seq"] > after and webhook in (None, delivery["webhook"]) and type in (None, delivery["type"])
        ]
        return {"deliveries": wanted}

    @router.get("/clock", summary="The time by which tokens, rooms, ejections and webhooks go")
    async def clock() -> dict[str, float]:
        return {"now": daily.rooms.time(), "ahead_s": daily.rooms.time.ahead}

    @router.post("/clock", summary="Move that time forward; what is due then happens at once")
    async def advance(body: ClockBody) -> dict[str, float]:
        return {"now": await daily.advance_clock(body.advance_s), "ahead_s": daily.rooms.time.ahead}


class _as_daily_errors:  # noqa: N801 - reads as a phrase in `with`
    """What the simulator refuses is the caller's mistake here."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DailyError):
            return
        if isinstance(error, CallError):
            raise DailyError(409, "call-error", str(error)) from error
        if isinstance(error, RouteError):
            raise DailyError(400, "invalid-request-error", str(error)) from error
        if isinstance(error, SimulatorError):
            raise InvalidRequest(str(error)) from error


def _find(daily: FakeDaily, phone_id: str) -> Phone:
    for phone in daily.network.phones:
        if phone.id == phone_id:
            return phone
    known = ", ".join(phone.id for phone in daily.network.phones) or "none"
    raise NotFound(f"no phone {phone_id!r}; there are: {known}")


def _find_call(phone: Phone, body: CallBody | None) -> PhoneCall:
    wanted = body.sip_call_id if body else None
    for call in reversed(phone.calls):
        if call.sip_call_id == wanted or (wanted is None and call.state != "ended"):
            return call
    which = f"no call {wanted!r}" if wanted else "no call that is not over"
    raise DailyError(409, "call-error", f"{phone.name} has {which}; it has had {len(phone.calls)}")


def _describe(phone: Phone) -> dict[str, Any]:
    return {
        "id": phone.id,
        "name": phone.name,
        "number": phone.number,
        "uri": phone.uri,
        "digits": "".join(call.digits for call in phone.calls),
        "calls": [_describe_call(call) for call in phone.calls],
    }


def _describe_call(call: PhoneCall) -> dict[str, Any]:
    return {
        "sip_call_id": call.sip_call_id,
        "incoming": call.incoming,
        "state": call.state,
        "remote": call.remote,
        "remote_name": call.remote_name,
        "headers": call.headers,
        "codec": call.media.codec if call.media else None,
        "telephone_event": call.media.telephone_event if call.media else None,
        "digits": call.digits,
        "heard": [{"digit": key.digit, "method": key.method, "duration_ms": key.duration_ms} for key in call.heard],
        "ended": {"status": call.ended.status, "reason": call.ended.reason, "by": call.ended.by}
        if call.ended
        else None,
    }
