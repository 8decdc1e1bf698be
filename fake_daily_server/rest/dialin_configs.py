"""`/domain-dialin-config`: how the domain takes calls (https://docs.daily.co/reference/rest-api/dial-in)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.rest.answers import DialinList, DialinObject, StatusOk, says
from fake_daily_server.rest.probe import probe
from fake_daily_server.values.dialin_config import DialinConfig, DialinFields, NewDialin
from fake_daily_server.values.paging import Paging, page
from simulator.timeline import Timeline


class DialinQuery(Paging):
    """Which configurations; `phone_numbers` are parts of numbers, separated by commas."""

    phone_number: str | None = None
    phone_numbers: str | None = None
    sip_username: str | None = None
    name_prefix: str | None = None
    type: Literal["pinless_dialin", "pin_dialin"] | None = None

    def fits(self, config: DialinConfig) -> bool:
        """Whether it is asked for."""
        parts = [part.strip() for part in (self.phone_numbers or "").split(",") if part.strip()]
        return (
            self.phone_number in (None, config.phone_number)
            and self.sip_username in (None, config.sip_user)
            and self.name_prefix in (None, config.fields.name_prefix)
            and self.type in (None, config.type)
            and (not parts or any(part in (config.phone_number or "") for part in parts))
        )


def dialin_configs_router(domain: DomainStore, timeline: Timeline) -> APIRouter:
    """List, create, get, change, delete."""
    router = APIRouter(prefix="/domain-dialin-config", tags=["domain-dialin-config"])

    def shown(config: DialinConfig) -> JSONResponse:
        return JSONResponse(config.as_dict(domain.sip_address))

    @router.get(
        "",
        summary="List dial-in configurations, newest first",
        responses=says(DialinList, "A page of them"),
        response_model=None,
    )
    async def list_configs(query: Annotated[DialinQuery, Query()]) -> JSONResponse:
        wanted = [config for config in reversed(domain.dialin_configs.all) if query.fits(config)]
        some = page(
            wanted,
            lambda config: config.id,
            query.limit,
            starting_after=query.starting_after,
            ending_before=query.ending_before,
        )
        return JSONResponse(
            {"total_count": len(wanted), "data": [config.as_dict(domain.sip_address) for config in some]}
        )

    @router.post(
        "",
        summary="Create a dial-in configuration",
        description="Its `room_creation_api` gets a trial request; whatever comes of it, the configuration stands.",
        responses=says(DialinObject, "The configuration"),
        response_model=None,
    )
    async def create(body: NewDialin) -> JSONResponse:
        config = domain.dialin_configs.create(body.type, body)
        await probe(domain.settings, timeline, [config])
        return shown(config)

    @router.get(
        "/{id}",
        summary="Get a dial-in configuration",
        responses=says(DialinObject, "The configuration"),
        response_model=None,
    )
    async def get(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        return shown(domain.dialin_configs.get(id))

    @router.put(
        "/{id}",
        summary="Change a dial-in configuration",
        description="Only the fields that are given change. The type cannot: delete it and create another one.",
        responses=says(DialinObject, "The configuration"),
        response_model=None,
    )
    async def change(id: str, body: DialinFields) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        config = domain.dialin_configs.update(id, body)
        if "room_creation_api" in body.model_fields_set:
            await probe(domain.settings, timeline, [config])
        return shown(config)

    @router.delete(
        "/{id}",
        summary="Delete a dial-in configuration",
        responses=says(StatusOk, "Calls are not taken that way any more"),
        response_model=None,
    )
    async def delete(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        domain.dialin_configs.delete(id)
        return JSONResponse({"status": "ok"})

    return router
