"""The ASGI application: REST under /v1, the signalling at the room URLs, and what else the server mounts."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI, Security
from fastapi.security import HTTPBearer

from fake_daily_server.rest.dialout import dialout_router
from fake_daily_server.rest.domain import domain_router
from fake_daily_server.rest.errors import install_error_handlers
from fake_daily_server.rest.layers import API, RecordCalls, RequireApiKey
from fake_daily_server.rest.meeting_tokens import meeting_tokens_router
from fake_daily_server.rest.rooms import rooms_router
from fake_daily_server.rooms import RoomStore
from fake_daily_server.signalling import signalling_router


def create_app(store: RoomStore, *, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The application over a store of rooms.

    `routers` come before the room URLs, which match every path of one segment. OpenAPI is at
    /v1/openapi.json; there are no documentation pages, since those load scripts from elsewhere.
    """
    app = FastAPI(
        title="Fake Daily",
        description="Daily's REST API and a control API, on this machine.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        strict_content_type=False,
    )
    install_error_handlers(app)
    app.add_middleware(RequireApiKey, api_key=store.settings.api_key)
    app.add_middleware(RecordCalls, timeline=store.timeline)
    bearer = [Security(HTTPBearer(auto_error=False, description="The API key of the domain"))]
    for router in (
        domain_router(store.settings),
        rooms_router(store),
        dialout_router(store),
        meeting_tokens_router(store),
    ):
        app.include_router(router, prefix=API, dependencies=bearer)
    for router in routers:
        app.include_router(router)
    app.include_router(signalling_router(store))
    return app
