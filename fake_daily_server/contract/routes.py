"""Which route of the contract a REST call belongs to."""

from __future__ import annotations

import re
from functools import cache

from fake_daily_server.contract.files import contract_schema


def route_of(method: str, path: str) -> str | None:
    """The route of the contract that a REST call belongs to, such as `GET /v1/rooms/{room}`; None for any other."""
    return next((route for route, pattern in _routes() if pattern.fullmatch(f"{method} {path}")), None)


@cache
def _routes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """All routes with their patterns; those without a parameter come first."""
    routes = sorted(contract_schema("rest")["x-routes"], key=lambda route: route.count("{"))
    return tuple((route, re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(route)))) for route in routes)
