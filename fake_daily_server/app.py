"""The ASGI application: REST under /v1, the signalling at the room URLs, and what else the server mounts."""

from __future__ import annotations

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.routing import Route
from starlette.types import ASGIApp

from fake_daily_server.rest.dialin_configs import dialin_configs_router
from fake_daily_server.rest.dialout import dialout_router
from fake_daily_server.rest.domain import domain_router
from fake_daily_server.rest.logs import logs_router
from fake_daily_server.rest.meeting_tokens import meeting_tokens_router
from fake_daily_server.rest.meetings import meetings_router
from fake_daily_server.rest.middleware import API_PREFIX, ApiKeyMiddleware, ApiLogMiddleware
from fake_daily_server.rest.numbers import numbers_router
from fake_daily_server.rest.pinless_call_update import pinless_call_update_router
from fake_daily_server.rest.presence import presence_router
from fake_daily_server.rest.rate_limit import RateLimitMiddleware
from fake_daily_server.rest.response_models import ERROR_RESPONSES
from fake_daily_server.rest.room_session import room_session_router
from fake_daily_server.rest.rooms import rooms_router
from fake_daily_server.rest.transfers import transfers_router
from fake_daily_server.rest.webhooks import webhooks_router
from fake_daily_server.signalling.router import signalling_router
from fake_daily_server.site import Site
from fake_daily_server.web.call_machine import call_machine_router
from fake_daily_server.web.cors import AllowLoopbackPages
from fake_daily_server.web.error_answers import install_error_handlers

TAGS = [
    {"name": "domain", "description": "The domain of the API key."},
    {"name": "rooms", "description": "Rooms, and what goes on in them."},
    {"name": "dialOut", "description": "Calls from a live room to SIP URIs and phone numbers."},
    {"name": "transfers", "description": "Sending telephony legs elsewhere."},
    {"name": "dialin", "description": "Callers who are held until they are told a room."},
    {"name": "meeting-tokens", "description": "Who may join a room, and as whom."},
    {"name": "presence", "description": "Who is where now."},
    {"name": "phone-numbers", "description": "Numbers to buy, and those of the domain."},
    {"name": "domain-dialin-config", "description": "How the domain takes calls."},
    {"name": "meetings", "description": "Sessions that were and are."},
    {"name": "logs", "description": "Lines about sessions, and calls of the API."},
    {"name": "webhooks", "description": "Which servers are told of what happens."},
]


def create_app(site: Site, *, control: ASGIApp | None = None) -> FastAPI:
    """The application that serves `site`; `control` answers below /_sim.

    The room URLs come last, since they match every path of one segment. OpenAPI is at
    /v1/openapi.json; there are no documentation pages, since those load scripts from elsewhere.
    """
    app = FastAPI(
        title="Fake Daily",
        version="1",
        description=(
            "Daily's REST API on this machine. Answers may have more fields than are described here, as with the real "
            "service. Phones and everything else that Daily does not have is under /_sim, see /_sim/openapi.json."
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
    app.add_middleware(ApiKeyMiddleware, api_key=site.settings.api_key)
    app.add_middleware(ApiLogMiddleware, timeline=site.timeline, log=site.api_log, now=site.clock)
    app.add_middleware(AllowLoopbackPages)
    bearer = [Security(HTTPBearer(auto_error=False, description="The API key of the domain"))]
    for router in (
        domain_router(site.domain, site.timeline),
        presence_router(site.rooms),
        room_session_router(site.rooms),
        rooms_router(site.rooms),
        dialout_router(site.rooms),
        transfers_router(site.rooms),
        pinless_call_update_router(site.settings, lambda: site.telephony),
        meeting_tokens_router(site.settings, site.clock),
        numbers_router(site.domain),
        dialin_configs_router(site.domain, site.timeline),
        meetings_router(site.meetings, site.clock),
        logs_router(site.settings, site.meetings, site.api_log),
        webhooks_router(site.settings, site.webhooks),
    ):
        app.include_router(router, prefix=API_PREFIX, dependencies=bearer, responses=ERROR_RESPONSES)
    app.include_router(call_machine_router(), include_in_schema=False)
    if control is not None:
        app.router.routes.append(Route("/_sim/{path:path}", control, include_in_schema=False))
    app.include_router(signalling_router(site.rooms, site.client_sessions))
    return app
