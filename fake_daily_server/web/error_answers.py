"""Errors as HTTP responses: every error body of the server is `{error, info}`."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from fake_daily_server.values.errors import BadJson, DailyError, InvalidRequest, NotFound, ServerFault
from fake_daily_server.values.validation import explain


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with the body `{error, info}`: refusals, unknown paths, wrong methods, crashes."""
    app.add_exception_handler(DailyError, _refusal)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _crash)


async def _refusal(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, DailyError)  # noqa: S101 - registered for this class only
    return answer(exc)


async def _http_exception(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)  # noqa: S101 - registered for this class only
    path, method = request.url.path, request.method
    if exc.status_code == 404:
        described = "/_sim/openapi.json" if path.startswith("/_sim/") else "/v1/openapi.json"
        return answer(NotFound(f"{method} {path} is not a resource of this server; {described} lists all"))
    if exc.status_code == 405:
        allowed = ", ".join(_methods(request)) or "another one"
        refusal = InvalidRequest(f"{path} does not allow the method {method}; allowed: {allowed}", status=405)
        return answer(refusal, headers={"Allow": allowed})
    if exc.status_code == 400 and isinstance(exc.__cause__, RecursionError | ValueError):
        return answer(BadJson(f"the body of {method} {path} cannot be parsed as JSON: {exc.__cause__}"))
    return answer(InvalidRequest(f"{method} {path}: {exc.detail}", status=exc.status_code))


_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


def _methods(request: Request) -> list[str]:
    """All methods of the path; the router's own `Allow` header lists those of one route only."""
    routes = request.app.routes

    def known(method: str) -> bool:
        return any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)

    return [method for method in _METHODS if known(method)]


async def _validation_error(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)  # noqa: S101 - registered for this class only
    errors = exc.errors()
    if errors and errors[0]["type"] == "json_invalid":
        position = errors[0]["loc"][-1]
        reason = errors[0].get("ctx", {}).get("error", "")
        return answer(BadJson(f"the body is not JSON: {reason} at character {position}"))
    return answer(InvalidRequest(explain(errors)))


async def _crash(request: Request, exc: Exception) -> JSONResponse:
    return answer(ServerFault(f"{request.method} {request.url.path} failed here: {type(exc).__name__}: {exc}"))


def answer(error: DailyError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The HTTP response that reports an error."""
    return JSONResponse(
        {name: _encodable(value) for name, value in error.as_body().items()},
        status_code=error.status,
        headers=dict(headers or {}),
    )


def _encodable(value: object) -> object:
    """Escape lone surrogates in a text, since UTF-8 cannot encode them. They come from quoted parts of a request."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
