"""How every router of the REST API is made, and how the document of all their routes is completed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Security
from fastapi.security import HTTPBearer

from fake_daily_server.rest.middleware import API_PREFIX
from fake_daily_server.rest.response_models import ERROR_RESPONSES, ErrorBody

_BEARER = Security(HTTPBearer(auto_error=False, description="The API key of the domain"))
_FASTAPI_MODELS = ("HTTPValidationError", "ValidationError")


def api_router(tag: str, *, prefix: str = "") -> APIRouter:
    """A router for routes below /v1 and `prefix`, with the tag of one section of the API.

    The application takes its routes as they are: `include_router` would build each of them a second time, at every
    start.
    """
    return APIRouter(prefix=API_PREFIX + prefix, tags=[tag], dependencies=[_BEARER], strict_content_type=False)


def with_error_responses(document: dict[str, Any]) -> dict[str, Any]:
    """Add the error responses, which all routes share, to an OpenAPI document, in place of FastAPI's own 422.

    Declared at each route, they would cost 40 ms at every start.
    """
    schemas = document["components"]["schemas"]
    for model in _FASTAPI_MODELS:
        schemas.pop(model, None)
    schemas["ErrorBody"] = ErrorBody.model_json_schema()
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            for status, description in ERROR_RESPONSES.items():
                operation["responses"][status] = {"description": description, "content": content}
    return document
