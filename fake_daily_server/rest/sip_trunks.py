"""`/sip-trunk`: hosts that carriers send calls to (as in daily-ruby, made from Daily's OpenAPI)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import StatusOk, responds_with
from fake_daily_server.rest.sip_trunk_models import SipTrunkList, SipTrunkObject
from fake_daily_server.telephony.trunks.customer_posts import CustomerPosts
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.paging import Limit, Paging
from fake_daily_server.values.sip_trunk import NewSipTrunk, SipTrunk, SipTrunkChanges
from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.timeline import Timeline


class SipTrunkQuery(Paging):
    """A page of the list, and its filters: parts of the name and of the description, and `enabled`."""

    limit: Limit = 20
    trunk_name: str | None = None
    description: str | None = None
    enabled: bool | None = None

    def matches(self, trunk: SipTrunk) -> bool:
        """Whether the trunk matches all filters."""
        return (
            (self.trunk_name or "") in trunk.name
            and (self.description or "") in (trunk.description or "")
            and self.enabled in (None, trunk.enabled)
        )


def sip_trunks_router(domain: DomainStore, timeline: Timeline, outgoing: OutgoingHttp) -> APIRouter:
    """Routes to create, list, get, change and delete SIP trunks."""
    router = api_router("sip-trunk", prefix="/sip-trunk")
    trunks = domain.sip_trunks

    def shown(trunk: SipTrunk) -> dict[str, object]:
        return trunk.as_dict(trunks.hosts.sip_uri(trunk.name))

    async def test_server(trunk: SipTrunk) -> None:
        posts = CustomerPosts(timeline, outgoing, limit_s=domain.settings.trunk_notification_limit, now=domain.now)
        try:
            failure = await posts.test(trunk)
        finally:
            await posts.close()
        if failure is not None:
            raise InvalidRequest(
                f"notification.webhook_url {trunk.webhook_url} has to accept the request sip_trunk.test: {failure}"
            )

    @router.post(
        "",
        summary="Create a SIP trunk",
        description="`notification.webhook_url` gets a test request first, and has to answer it with 2xx.",
        responses=responds_with(SipTrunkObject, "The trunk"),
    )
    async def create(body: NewSipTrunk) -> JSONResponse:
        trunk = trunks.made(body)
        await test_server(trunk)
        trunks.put(trunk)
        return JSONResponse(shown(trunk))

    @router.get("", summary="List SIP trunks, newest first", responses=responds_with(SipTrunkList, "A page of trunks"))
    async def list_trunks(query: Annotated[SipTrunkQuery, Query()]) -> JSONResponse:
        wanted = [trunk for trunk in reversed(trunks.all) if query.matches(trunk)]
        page = query.page_of(wanted, lambda trunk: trunk.id)
        return JSONResponse({"total_count": len(wanted), "data": [shown(trunk) for trunk in page]})

    @router.get("/{id}", summary="Get a SIP trunk", responses=responds_with(SipTrunkObject, "The trunk"))
    async def get(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        return JSONResponse(shown(trunks.get(id)))

    @router.put(
        "/{id}",
        summary="Change a SIP trunk",
        description=(
            "Only the given fields change, also of `notification` and `trunk_config`. With `notification`, its server "
            "gets a test request first; `hmac: null` makes another secret, `credential: null` removes the credential."
        ),
        responses=responds_with(SipTrunkObject, "The trunk"),
    )
    async def change(id: str, body: SipTrunkChanges) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        trunk = trunks.changed(id, body)
        if body.notification is not None:
            await test_server(trunk)
            trunk = trunks.changed(id, body.with_secret(trunk.hmac))  # another request may have changed it meanwhile
        trunks.put(trunk)
        return JSONResponse(shown(trunk))

    @router.delete(
        "/{id}",
        summary="Delete a SIP trunk",
        description="Its host is unknown from now on; calls in progress go on.",
        responses=responds_with(StatusOk, "The trunk is deleted"),
    )
    async def delete(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        trunks.delete(id)
        return JSONResponse({"status": "ok"})

    return router
