"""The control API `/_sim`, as an ASGI application inside that of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from fake_daily_server.web.error_answers import install_error_handlers

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


class ControlApp:
    """Serves the control API. Its routes are built at the first request, since they would delay each start by 0.3 s."""

    def __init__(self, daily: FakeDaily) -> None:
        self._daily = daily
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = self._build()
        await self._app(scope, receive, send)

    def _build(self) -> FastAPI:
        from fake_daily_server.control.router import control_router  # noqa: PLC0415  # its models are slow to build

        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, strict_content_type=False)
        install_error_handlers(app)
        app.router.routes += control_router(self._daily).routes
        return app
