"""`/`, the domain (https://docs.daily.co/reference/rest-api/your-domain)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from fake_daily_server.settings import Settings


def domain_router(settings: Settings) -> APIRouter:
    """Get the domain."""
    router = APIRouter(tags=["domain"])

    @router.get("/", summary="The domain of the API key")
    @router.get("", include_in_schema=False)
    async def domain() -> dict[str, Any]:
        return {"domain_name": settings.domain, "domain_id": settings.domain_id, "config": {}}

    return router
