"""The whole server over HTTP: reset, carrier, captures, webhook deliveries, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import Field

from fake_daily_server.control.output_files import CapturePath
from fake_daily_server.control.records import After, WaitMs
from fake_daily_server.control.routes import Body
from fake_daily_server.handles.event_names import check_events, webhook_events
from fake_daily_server.handles.fault_lists import fault_lists, faults_set
from fake_daily_server.rest.faults import RestFault
from fake_daily_server.signalling.event_faults import EventFault
from fake_daily_server.telephony.digit_faults import DigitFault
from fake_daily_server.values.errors import DailyError, NotFound
from fake_daily_server.webhooks.webhook_faults import WebhookFault
from simulator.sip_faults import SipFault

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


class RefusalBody(Body):
    """The SIP status and reason phrase with which the carrier answers calls to a number."""

    number: str = Field(examples=["+12065550142"])
    status: int = Field(default=503, ge=300, le=699)
    reason: str = "Service Unavailable"


class ResetBody(Body):
    """Settings that differ from those of the server's start until the next reset, such as `{"ring_timeout": 5}`."""

    settings: dict[str, Any] = Field(default_factory=dict)


class ClockBody(Body):
    """How many seconds to move the clock forward."""

    advance_s: float = Field(ge=0, le=10 * 365 * 24 * 3600)


class FailedDialoutsBody(Body):
    """The cause in the text of `dialout-error`, and how many dial-outs fail; 0 takes back what is left."""

    cause: str = "process error, Channel closed"
    count: int = Field(default=1, ge=0)


class CaptureBody(Body):
    """A pcapng file on the server's machine. With `append` a section is added; `title` is the section's comment."""

    path: CapturePath
    append: bool = False
    title: str = ""


def add_server(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes that belong to no phone and no room."""

    @router.post("/reset", summary="Remove all rooms, phones and calls, and empty the timeline; `seq` continues")
    async def reset(body: ResetBody | None = None) -> dict[str, Any]:
        await daily.reset(**(body or ResetBody()).settings)
        return {"ok": True, "seq": daily.timeline.last_seq}

    @router.get("/settings", summary="Show the settings of the server")
    async def settings() -> dict[str, Any]:
        return daily.settings.model_dump(mode="json", exclude={"api_key"})

    @router.post("/carrier/refuse", summary="Let the carrier refuse calls to a number")
    async def refuse(body: RefusalBody) -> dict[str, Any]:
        daily.network.refuse(body.number, body.status, body.reason)
        return {"number": body.number, "status": body.status, "reason": body.reason}

    @router.delete("/carrier/refuse/{number}", summary="Let the carrier connect calls to a number again")
    async def restore(number: str) -> dict[str, Any]:
        daily.network.restore(number)
        return {"number": number}

    @router.post("/dialouts/fail", summary="Let the next dial-outs be accepted and fail before they have a session")
    async def fail_dialouts(body: FailedDialoutsBody) -> dict[str, Any]:
        await daily.fail_dialouts(body.cause, count=body.count)
        return {"cause": body.cause, "count": body.count}

    @router.post("/capture", summary="Start to write SIP, RTP and RTCP of all calls to a file")
    async def capture(body: CaptureBody) -> dict[str, Any]:
        await daily.capture(body.path, append=body.append, title=body.title).start()
        return {"path": str(body.path)}

    @router.get("/capture", summary="The file of the last capture, once it is stopped", response_class=FileResponse)
    async def captured() -> FileResponse:
        if daily.network.capturing is not None:
            raise DailyError(409, "call-error", "the capture is running; stop it with DELETE /_sim/capture")
        path = next(reversed(daily.network.captures), None)
        if path is None or not path.is_file():
            raise NotFound("no capture has been made since the last reset; start one with POST /_sim/capture")
        return FileResponse(path, media_type="application/x-pcapng", filename=path.name)

    @router.delete("/capture", summary="Stop the capture")
    async def stop_capture() -> dict[str, Any]:
        running = daily.network.capturing
        if running is None:
            raise DailyError(409, "call-error", "no capture is running; start one with POST /_sim/capture")
        await running.stop()
        return {"path": str(running.path), "packets": running.packets}

    _add_faults(router, daily)
    _add_webhooks_and_clock(router, daily)


def _add_faults(router: APIRouter, daily: FakeDaily) -> None:
    @router.post("/faults", summary="Let SIP messages be lost, late, doubled, or answered by the network")
    async def set_fault(body: SipFault) -> dict[str, Any]:
        daily.network.front_door.faults.add(body)
        return body.model_dump(exclude_none=True)

    @router.post("/webhooks/faults", summary="Let webhook events be lost, late, doubled, swapped or badly signed")
    async def set_webhook_fault(body: WebhookFault) -> dict[str, Any]:
        daily.site.webhooks.faults.add(body)
        return body.model_dump(exclude_none=True)

    @router.post("/rest/faults", summary="Let requests of the REST API fail, be late, get HTML, or be reset")
    async def set_rest_fault(body: RestFault) -> dict[str, Any]:
        daily.site.rest_faults.add(body)
        return body.model_dump(exclude_none=True)

    @router.post("/clients/faults", summary="Let events of clients be lost, late, doubled or swapped")
    async def set_event_fault(body: EventFault) -> dict[str, Any]:
        daily.site.event_faults.add(body)
        return body.model_dump(exclude_none=True)

    @router.post("/digits/faults", summary="Let digits that are sent be lost, doubled, or come by another method")
    async def set_digit_fault(body: DigitFault) -> dict[str, Any]:
        daily.site.digit_faults.add(body)
        return body.model_dump()

    @router.get("/faults", summary="The faults that are set, by what they concern, and how many each has taken")
    async def list_faults() -> dict[str, Any]:
        return faults_set(daily.network, daily.site)

    @router.delete("/faults", summary="Remove the faults on SIP messages, webhooks, REST requests, events and digits")
    async def clear_faults() -> dict[str, Any]:
        for faults in fault_lists(daily.network, daily.site).values():
            faults.clear()
        return {"ok": True}


def _add_webhooks_and_clock(router: APIRouter, daily: FakeDaily) -> None:
    @router.get(
        "/webhooks/deliveries",
        summary="List the requests sent to webhooks and their results, oldest first; `wait_ms` waits for the first one",
        description="`webhooks` are the states of those that there are now, by id.",
    )
    async def deliveries(
        after: After = 0,
        webhook: Annotated[str | None, Query(description="Only those to the webhook with this uuid")] = None,
        type: Annotated[str | None, Query(description="Only those with events of this type")] = None,  # noqa: A002  # the name of the parameter
        wait_ms: WaitMs = 0,
    ) -> dict[str, Any]:
        if type is not None:
            check_events((type,), known=webhook_events())

        def found() -> list[dict[str, Any]] | None:
            return [
                delivery
                for delivery in daily.webhook_deliveries
                if delivery["seq"] > after
                and webhook in (None, delivery["webhook"])
                and type in (None, delivery["type"])
            ] or None

        deliveries = await daily.timeline.until(found, within=wait_ms / 1000) or []
        states = {each.uuid: each.status.state for each in daily.site.webhooks.webhooks}
        return {"deliveries": deliveries, "webhooks": states}

    @router.post("/webhooks/deliveries/{seq}/again", summary="Send the event of a delivery to its webhook once more")
    async def send_again(seq: int) -> dict[str, Any]:
        return {"id": daily.site.webhooks.send_again(seq)}

    @router.get("/clock", summary="Show the time that tokens, rooms, ejections and webhooks use")
    async def clock() -> dict[str, float]:
        return {"now": daily.site.clock(), "ahead_s": daily.site.clock.ahead}

    @router.post("/clock", summary="Move that time forward; what becomes due happens at once")
    async def advance(body: ClockBody) -> dict[str, float]:
        return {"now": await daily.advance_clock(body.advance_s), "ahead_s": daily.site.clock.ahead}
