"""The ASGI application: REST under /v1, signalling at the room URLs, the call machine, and `/_sim`."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from fake_daily_server.rest.api_router import with_error_responses
from fake_daily_server.rest.dialin_configs import dialin_configs_router
from fake_daily_server.rest.dialout import dialout_router
from fake_daily_server.rest.domain import domain_router
from fake_daily_server.rest.fault_middleware import RestFaultMiddleware
from fake_daily_server.rest.logs import logs_router
from fake_daily_server.rest.meeting_tokens import meeting_tokens_router
from fake_daily_server.rest.meetings import meetings_router
from fake_daily_server.rest.middleware import API_PREFIX, ApiKeyMiddleware, ApiLogMiddleware
from fake_daily_server.rest.numbers import numbers_router
from fake_daily_server.rest.pinless_call_update import pinless_call_update_router
from fake_daily_server.rest.presence import presence_router
from fake_daily_server.rest.rate_limit import RateLimitMiddleware
from fake_daily_server.rest.room_session import room_session_router
from fake_daily_server.rest.rooms import rooms_router
from fake_daily_server.rest.sip_clients import sip_clients_router
from fake_daily_server.rest.sip_trunks import sip_trunks_router
from fake_daily_server.rest.transfers import transfers_router
from fake_daily_server.rest.webhooks import webhooks_router
from fake_daily_server.settings import Settings
from fake_daily_server.signalling.router import signalling_router
from fake_daily_server.site import CONTROL_PREFIX, Site
from fake_daily_server.web.call_machine import call_machine_router
from fake_daily_server.web.cors import AllowPages
from fake_daily_server.web.error_answers import install_error_handlers
from fake_daily_server.web.host_names import RefuseOtherHosts
from fake_daily_server.web.page_access import ExchangeToken
from fake_daily_server.web.request_bodies import LimitBodies
from fake_daily_server.web.start_page import start_page_router

TAGS = [
    {"name": "domain", "description": "The domain of the API key."},
    {"name": "rooms", "description": "Rooms, and actions in live rooms."},
    {"name": "dialOut", "description": "Calls from a live room to SIP URIs and phone numbers."},
    {"name": "transfers", "description": "Transfers of telephony legs."},
    {"name": "dialin", "description": "Held callers, and the rooms that they are sent to."},
    {"name": "meeting-tokens", "description": "Tokens with which clients join rooms."},
    {"name": "presence", "description": "The present participants of rooms."},
    {"name": "phone-numbers", "description": "Available phone numbers, and those that the domain has purchased."},
    {"name": "domain-dialin-config", "description": "How calls to the domain are handled."},
    {"name": "sip-clients", "description": "Names and passwords with which user agents register."},
    {"name": "sip-trunk", "description": "Hosts that carriers send calls to."},
    {"name": "meetings", "description": "Past and present sessions."},
    {"name": "logs", "description": "Logs of sessions, and of API requests."},
    {"name": "webhooks", "description": "Subscriptions of customers' servers to events."},
]

DESCRIBED = {
    "/docs": ("Daily's REST API, here", f"{API_PREFIX}/openapi.json"),
    "/docs/control": ("The control API of the fake Daily", "/_sim/openapi.json"),
}
"""Pages with Swagger UI: their titles, and the documents that they show."""


def create_app(site: Site, *, control: ASGIApp | None = None) -> FastAPI:
    """Build the ASGI application that serves `site`, and `control` (the control API) under /_sim.

    Room URLs are routed last, since they match every path with one segment. /v1/openapi.json describes the REST API;
    FastAPI's documentation pages are off, since they load scripts from other hosts; those of `start_page` do not.
    """
    app = FastAPI(
        title="Fake Daily",
        version="1",
        description=(
            "Daily's REST API on this machine. Answers may have more fields than described here, as with the real "
            "service. Phones, and everything else that Daily does not have, are under /_sim; see /_sim/openapi.json."
        ),
        openapi_tags=TAGS,
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        strict_content_type=False,
    )
    install_error_handlers(app)
    if site.settings.rate_limits:
        app.add_middleware(RateLimitMiddleware, now=site.clock)
    app.add_middleware(RestFaultMiddleware, faults=site.rest_faults, timeline=site.timeline)
    app.add_middleware(LimitBodies)
    app.add_middleware(ApiKeyMiddleware, api_key=site.settings.api_key, page=site.page_access)
    app.add_middleware(ExchangeToken, access=site.page_access)
    app.add_middleware(ApiLogMiddleware, timeline=site.timeline, log=site.api_log, now=site.clock)
    app.add_middleware(AllowPages, origins=site.settings.allow_origins, file_pages=site.settings.allow_file_pages)
    app.add_middleware(RefuseOtherHosts, names=_host_names(site.settings))
    pages = start_page_router(lambda: _facts(site), DESCRIBED, site.page_access.page_at_root)
    for router in (*_api_routers(site), call_machine_router(), pages):
        app.router.routes += router.routes
    if control is not None:
        app.router.routes.append(Route(f"{CONTROL_PREFIX}/{{path:path}}", control, include_in_schema=False))
    app.router.routes += signalling_router(site.rooms, site.client_sessions, site.event_faults).routes
    app.openapi = cache(lambda: with_error_responses(FastAPI.openapi(app)))  # type: ignore[method-assign]
    return app


def _facts(site: Site) -> dict[str, str]:
    """What the page at `/` says about this server."""
    return {
        "domain": site.settings.domain,
        "url": site.base_url,
        "api_url": f"{site.base_url}{API_PREFIX}",
        "sip": f"sip:{site.sip_address}",
    }


def _host_names(settings: Settings) -> tuple[str, ...]:
    """The names by which the server may be addressed, beside `localhost`."""
    return settings.host_names if settings.public_address is None else (*settings.host_names, settings.public_address)


def _api_routers(site: Site) -> tuple[APIRouter, ...]:
    return (
        domain_router(site.domain, site.timeline, site.outgoing),
        presence_router(site.rooms),
        room_session_router(site.rooms),
        rooms_router(site.rooms),
        dialout_router(site.rooms),
        transfers_router(site.rooms),
        pinless_call_update_router(site.settings, lambda: site.telephony),
        meeting_tokens_router(site.settings, site.clock),
        numbers_router(site.domain),
        sip_clients_router(site.domain),
        sip_trunks_router(site.domain, site.timeline, site.outgoing),
        dialin_configs_router(site.domain, site.timeline, site.outgoing),
        meetings_router(site.meetings, site.clock),
        logs_router(site.settings, site.meetings, site.api_log),
        webhooks_router(site.settings, site.webhooks),
    )
