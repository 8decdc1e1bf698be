"""The server as a whole over HTTP: what happened, the carrier, webhooks, the clock, captures, a fresh start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from fake_daily_server.control.route import LONGEST_WAIT_MS, Body
from fake_daily_server.values.errors import DailyError
from fake_daily_server.values.event_names import check_names
from fake_daily_server.webhooks.event_types import EVENT_TYPES

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

Kind = Literal["client", "event", "media", "network", "phone", "rest", "rtp", "sip", "webhook", "worker"]
"""Layers of the timeline."""

After = Annotated[int, Query(ge=0, description="Only what has a greater `seq`")]
WaitMs = Annotated[int, Query(ge=0, le=LONGEST_WAIT_MS, description="How long to wait for the first one, in ms")]


class RefusalBody(Body):
    """What the carrier answers instead of putting calls to a number through."""

    number: str = Field(examples=["+12065550142"])
    status: int = Field(default=503, ge=300, le=699)
    reason: str = "Service Unavailable"


class ClockBody(Body):
    """How far the time moves."""

    advance_s: float = Field(ge=0, le=10 * 365 * 24 * 3600)


class CaptureBody(Body):
    """A pcapng file on the server's machine; with `append` it becomes another section of it, titled."""

    path: Path
    append: bool = False
    title: str = ""


def add_server(router: APIRouter, daily: FakeDaily) -> None:
    """Everything that is about no single phone or room."""

    @router.get("/timeline", summary="What happened, oldest first; `wait_ms` waits for the first such record")
    async def timeline(after: After = 0, kind: Kind | None = None, wait_ms: WaitMs = 0) -> dict[str, Any]:
        await daily.timeline.wait(
            lambda record: kind is None or record.kind == kind, after=after, within=wait_ms / 1000
        )
        records = [record.as_dict() for record in daily.timeline.records(after=after, kind=kind)]
        return {"records": records, "dropped": daily.timeline.dropped}

    @router.post("/reset", summary="No rooms, no phones, no calls, an empty timeline; `seq` goes on counting")
    async def reset() -> dict[str, Any]:
        await daily.reset()
        return {"ok": True, "seq": daily.timeline.last_seq}

    @router.post("/carrier/refuse", summary="Let the carrier refuse calls to a number")
    async def refuse(body: RefusalBody) -> dict[str, Any]:
        daily.network.refuse(body.number, body.status, body.reason)
        return {"number": body.number, "status": body.status, "reason": body.reason}

    @router.delete("/carrier/refuse/{number}", summary="Let calls to a number through again")
    async def restore(number: str) -> dict[str, Any]:
        daily.network.restore(number)
        return {"number": number}

    @router.post("/capture", summary="Begin to write SIP, RTP and RTCP of all calls to a file")
    async def capture(body: CaptureBody) -> dict[str, Any]:
        await daily.capture(body.path, append=body.append, title=body.title).start()
        return {"path": str(body.path)}

    @router.delete("/capture", summary="Finish the file")
    async def stop_capture() -> dict[str, Any]:
        under_way = daily.network.capturing
        if under_way is None:
            raise DailyError(409, "call-error", "no capture is under way; POST /_sim/capture begins one")
        await under_way.stop()
        return {"path": str(under_way.path), "packets": under_way.packets}

    _add_webhooks_and_clock(router, daily)


def _add_webhooks_and_clock(router: APIRouter, daily: FakeDaily) -> None:
    @router.get(
        "/webhooks/deliveries",
        summary="Every request to a webhook and what came of it, oldest first; `wait_ms` waits for the first such one",
    )
    async def deliveries(
        after: After = 0,
        webhook: Annotated[str | None, Query(description="Only to the webhook with this uuid")] = None,
        type: Annotated[str | None, Query(description="Only events of this type")] = None,  # noqa: A002 - its name
        wait_ms: WaitMs = 0,
    ) -> dict[str, Any]:
        if type is not None:
            check_names((type,), EVENT_TYPES)

        def found() -> list[dict[str, Any]] | None:
            return [
                delivery
                for delivery in daily.webhook_deliveries
                if delivery["seq"] > after
                and webhook in (None, delivery["webhook"])
                and type in (None, delivery["type"])
            ] or None

        return {"deliveries": await daily.timeline.until(found, within=wait_ms / 1000) or []}

    @router.get("/clock", summary="The time by which tokens, rooms, ejections and webhooks go")
    async def clock() -> dict[str, float]:
        return {"now": daily.site.clock(), "ahead_s": daily.site.clock.ahead}

    @router.post("/clock", summary="Move that time forward; what is due then happens at once")
    async def advance(body: ClockBody) -> dict[str, float]:
        return {"now": await daily.advance_clock(body.advance_s), "ahead_s": daily.site.clock.ahead}
