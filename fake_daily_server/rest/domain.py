"""`/`, the domain (https://docs.daily.co/reference/rest-api/your-domain)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import DomainObject, responds_with
from fake_daily_server.rest.room_creation_probe import probe_room_creation_apis
from fake_daily_server.values.dialin_config import DialinFields, DialinType
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.room_properties import OpenModel, SessionsPerRoom
from fake_daily_server.values.validation import RequestModel, unknown_name
from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.timeline import Timeline

DOCUMENTED_PROPERTIES = (
    *("pinless_dialin", "pin_dialin", "hide_daily_branding", "redirect_on_meeting_exit", "hipaa", "lang", "geo"),
    "max_sip_pstn_sessions_per_room",
    *("meeting_join_hook", "permissions", "recordings_bucket", "recordings_template", "transcription_bucket"),
    *("enable_transcription_storage", "enforce_unique_user_ids", "enable_terse_logging", "rtmp_geo", "sfu_switchover"),
    *("disable_rtmp_geo_fallback", "enable_mesh_sfu", "enable_adaptive_simulcast", "enable_opus_fec"),
    *("enable_multiparty_adaptive_simulcast", "batch_processor_bucket", "intercom_auto_record"),
    *("enable_advanced_chat", "enable_people_ui", "enable_pip_ui", "enable_emoji_reactions", "enable_hand_raising"),
    *("enable_prejoin_ui", "enable_breakout_rooms", "enable_live_captions_ui", "enable_network_ui"),
    *("enable_noise_cancellation_ui", "enable_video_processing_ui"),
)
"""Domain properties that Daily documents. Those not about dial-in are stored and returned without effect."""


class DomainProperties(OpenModel):
    """The properties to change; null resets a property. An array replaces the old one: missing entries are deleted."""

    model_config = ConfigDict(frozen=True, extra="allow")

    pinless_dialin: Annotated[tuple[DialinFields, ...], Field(max_length=100)] | None = None
    pin_dialin: Annotated[tuple[DialinFields, ...], Field(max_length=100)] | None = None
    max_sip_pstn_sessions_per_room: SessionsPerRoom | None = None
    """The session limit of rooms that name none themselves."""


class UpdateDomain(RequestModel):
    """The request to change the domain's properties."""

    properties: DomainProperties = Field(
        examples=[
            {
                "pinless_dialin": [
                    {"phone_number": "+14155550100", "room_creation_api": "http://127.0.0.1:8000/daily"},
                    {"room_creation_api": "http://127.0.0.1:8000/daily", "name_prefix": "sip-interconnect"},
                ]
            }
        ]
    )


def domain_router(domain: DomainStore, timeline: Timeline, outgoing: OutgoingHttp) -> APIRouter:
    """Routes to get and to change the domain."""
    router = api_router("domain")

    @router.get("/", summary="The domain of the API key", responses=responds_with(DomainObject, "The domain"))
    @router.get("", include_in_schema=False)
    async def get() -> JSONResponse:
        return JSONResponse(domain.as_dict())

    @router.post(
        "/",
        summary="Change the domain's properties",
        description="Each `room_creation_api` receives a test request, whose outcome does not matter.",
        responses=responds_with(DomainObject, "The domain"),
    )
    @router.post("", include_in_schema=False)
    async def change(body: UpdateDomain) -> JSONResponse:
        wanted = body.properties
        others = {
            name: value
            for name, value in wanted.model_dump(mode="json", exclude_unset=True).items()
            if name not in ("pinless_dialin", "pin_dialin")
        }
        if domain.settings.unknown_properties == "refuse":
            _check_known(others)
        arrays: dict[DialinType, tuple[DialinFields, ...]] = {}
        if "pinless_dialin" in wanted.model_fields_set:
            arrays["pinless_dialin"] = wanted.pinless_dialin or ()
        if "pin_dialin" in wanted.model_fields_set:
            arrays["pin_dialin"] = wanted.pin_dialin or ()
        configs = domain.dialin_configs.replace_types(arrays)
        domain.set_properties(others)
        await probe_room_creation_apis(domain.settings, timeline, outgoing, configs)
        return JSONResponse(domain.as_dict())

    return router


def _check_known(properties: dict[str, Any]) -> None:
    for given in properties:
        if given not in DOCUMENTED_PROPERTIES:
            raise InvalidRequest(unknown_name("property", given, DOCUMENTED_PROPERTIES))
