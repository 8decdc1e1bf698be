"""Meeting session data: a JSON object shared by the clients of a session and the REST API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import RequestModel, check_json

MAX_SESSION_DATA_CHARACTERS = 102_400
"""Maximum length of the session data in characters of compact JSON; the limit of daily-js."""


def _expressible_in_json(value: Any) -> Any:
    check_json(value)
    return value


Json = Annotated[JsonValue, AfterValidator(_expressible_in_json)]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_expressible_in_json)]


class SetSessionData(RequestModel):
    """The request to change the session data.

    `shallow-merge` keeps existing keys that are in neither `data` nor `keysToDelete`.
    """

    data: JsonObject = Field(default_factory=dict, examples=[{"hello": "world"}])
    merge_strategy: Literal["replace", "shallow-merge"] = "replace"
    keys_to_delete: tuple[str, ...] = ()


def merge_session_data(before: Mapping[str, Any], request: SetSessionData) -> dict[str, Any]:
    """Apply the request to the session data `before`; return the result.

    Raises InvalidRequest if the result is too long, and for `keysToDelete` without `shallow-merge`.
    """
    if request.keys_to_delete and request.merge_strategy == "replace":
        raise InvalidRequest("keysToDelete requires mergeStrategy shallow-merge; set it, or omit keysToDelete")
    data: dict[str, Any] = dict(request.data)
    if request.merge_strategy == "shallow-merge":
        kept = {key: value for key, value in before.items() if key not in request.keys_to_delete}
        data = {**kept, **data}
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    if size > MAX_SESSION_DATA_CHARACTERS:
        raise InvalidRequest(
            f"the session data would have {size} characters of JSON but may have at most {MAX_SESSION_DATA_CHARACTERS}"
            "; shorten data, or delete keys with mergeStrategy shallow-merge and keysToDelete"
        )
    return data
