"""`/domain-dialin-config`: dial-in configurations (https://docs.daily.co/reference/rest-api/dial-in)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import DialinList, DialinObject, StatusOk, responds_with
from fake_daily_server.rest.room_creation_probe import probe_room_creation_apis
from fake_daily_server.values.dialin_config import DialinConfig, DialinFields, NewDialin
from fake_daily_server.values.paging import Paging
from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.timeline import Timeline


class DialinQuery(Paging):
    """The filters of the list. `phone_numbers` is a comma-separated list of parts of numbers."""

    phone_number: str | None = None
    phone_numbers: str | None = None
    sip_username: str | None = None
    name_prefix: str | None = None
    type: Literal["pinless_dialin", "pin_dialin"] | None = None

    def matches(self, config: DialinConfig) -> bool:
        """Whether the configuration matches all filters."""
        parts = [part.strip() for part in (self.phone_numbers or "").split(",") if part.strip()]
        return (
            self.phone_number in (None, config.phone_number)
            and self.sip_username in (None, config.sip_user)
            and self.name_prefix in (None, config.fields.name_prefix)
            and self.type in (None, config.type)
            and (not parts or any(part in (config.phone_number or "") for part in parts))
        )


def dialin_configs_router(domain: DomainStore, timeline: Timeline, outgoing: OutgoingHttp) -> APIRouter:
    """Routes to list, create, get, change and delete dial-in configurations."""
    router = api_router("domain-dialin-config", prefix="/domain-dialin-config")

    def response(config: DialinConfig) -> JSONResponse:
        return JSONResponse(config.as_dict(domain.sip_address))

    @router.get(
        "",
        summary="List dial-in configurations, newest first",
        responses=responds_with(DialinList, "A page of configurations"),
    )
    async def list_configs(query: Annotated[DialinQuery, Query()]) -> JSONResponse:
        wanted = [config for config in reversed(domain.dialin_configs.all) if query.matches(config)]
        page = query.page_of(wanted, lambda config: config.id)
        return JSONResponse(
            {"total_count": len(wanted), "data": [config.as_dict(domain.sip_address) for config in page]}
        )

    @router.post(
        "",
        summary="Create a dial-in configuration",
        description="Its `room_creation_api` receives a test request, whose outcome does not matter.",
        responses=responds_with(DialinObject, "The configuration"),
    )
    async def create(body: NewDialin) -> JSONResponse:
        config = domain.dialin_configs.create(body.type, body)
        await probe_room_creation_apis(domain.settings, timeline, outgoing, [config])
        return response(config)

    @router.get(
        "/{id}", summary="Get a dial-in configuration", responses=responds_with(DialinObject, "The configuration")
    )
    async def get(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        return response(domain.dialin_configs.get(id))

    @router.put(
        "/{id}",
        summary="Change a dial-in configuration",
        description="Only the given fields change. The type cannot: delete the configuration and create another one.",
        responses=responds_with(DialinObject, "The configuration"),
    )
    async def change(id: str, body: DialinFields) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        config = domain.dialin_configs.update(id, body)
        if "room_creation_api" in body.model_fields_set:
            await probe_room_creation_apis(domain.settings, timeline, outgoing, [config])
        return response(config)

    @router.delete(
        "/{id}",
        summary="Delete a dial-in configuration",
        responses=responds_with(StatusOk, "The configuration is deleted"),
    )
    async def delete(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        domain.dialin_configs.delete(id)
        return JSONResponse({"status": "ok"})

    return router
