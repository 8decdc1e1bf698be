"""Parses the text frames of a client: first the JSON, then the request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from fake_daily_server.signalling import messages as m
from fake_daily_server.values.errors import BadJson, InvalidRequest
from fake_daily_server.values.json_depth import MAX_DEPTH, is_nested_too_deeply
from fake_daily_server.values.validation import check_json, explain, unknown_name


def parse_frame(text: str) -> dict[str, Any]:
    """Return the JSON object in a text message. Raises BadJson, or InvalidRequest for JSON that is not an object."""
    if is_nested_too_deeply(text):
        raise BadJson(f"the JSON in this frame is nested deeper than {MAX_DEPTH} levels")
    try:
        frame = json.loads(text)
        check_json(frame)
    except ValueError as wrong:
        raise BadJson(f"the frame is not JSON: {wrong}") from None
    if not isinstance(frame, dict):
        raise InvalidRequest(f"the frame is {text[:80]} but should be a JSON object with id, method and params")
    return frame


def request_id_in(frame: Mapping[str, Any]) -> int | str | None:
    """Return the id of the request, for its answer; None if it is missing or of an invalid type."""
    given = frame.get("id")
    return given if isinstance(given, int | str) and not isinstance(given, bool) else None


def parse_request(frame: Mapping[str, Any]) -> m.Request:
    """Return the request in a frame. Raises InvalidRequest, which suggests the nearest known method or parameter."""
    if "method" not in frame:
        raise InvalidRequest(f"method is required; it is one of {', '.join(m.METHODS)}")
    method = frame["method"]
    if method not in m.METHODS:
        raise InvalidRequest(unknown_name("method", str(method), m.METHODS))
    try:
        return m.REQUESTS.validate_python(frame)
    except ValidationError as wrong:
        errors = [{**error, "loc": error["loc"][1:]} for error in wrong.errors()]
        raise InvalidRequest(f"{method}: {explain(errors)}") from None
