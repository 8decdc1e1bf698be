"""The response bodies of the REST API, for its OpenAPI document.

The models describe responses but do not filter them: as with the real service, clients must expect further fields. Each
model has an example in the form of Daily's reference.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

ID = "d61cd7b2-a273-42b4-89bd-be763fd562c1"
OTHER_ID = "16e9701a-93e0-4933-83c9-223e7c40d552"
NUMBER = "+14155550100"


class Body(BaseModel):
    """A JSON object that may have further fields."""

    model_config = ConfigDict(extra="allow", frozen=True)


class CamelBody(Body):
    """A JSON object whose field names are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)


class ErrorBody(Body):
    """The body of every error response: `error` is a stable code; `info` is human-readable and may change."""

    error: str = Field(examples=["invalid-request-error"])
    info: str = Field(examples=["properties.exp: 'soon' is not usable; allowed: a whole number"])


class RoomObject(Body):
    """A room. `config` has the properties that differ from their defaults, and read-only fields."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["w2pp2cf4kltgFACPKXmX"])
    api_created: bool = Field(examples=[True])
    privacy: Literal["public", "private"] = Field(examples=["public"])
    url: str = Field(examples=["http://127.0.0.1:7880/w2pp2cf4kltgFACPKXmX"])
    created_at: str = Field(examples=["2019-01-26T09:01:22.000Z"])
    config: dict[str, Any] = Field(
        examples=[{"sip": {"sip_mode": "dial-in"}, "sip_uri": {"endpoint": "sip:hello.0@127.0.0.1:5060"}}]
    )


class RoomListBody(Body):
    """A page of rooms, newest first."""

    total_count: int = Field(examples=[1])
    data: list[RoomObject]


class DeletedRoom(Body):
    """The room that was deleted."""

    deleted: Literal[True]
    name: str = Field(examples=["hello"])


class Present(CamelBody):
    """A participant that is in a room now. `userId` is null if neither the token nor the client gave one."""

    room: str = Field(examples=["hello"])
    id: str = Field(examples=[ID], description="Session id of the participant.")
    user_id: str | None = Field(examples=["pbZ+ismP7dk="])
    user_name: str | None = Field(examples=["Moishe"])
    mtg_session_id: str = Field(examples=[OTHER_ID])
    join_time: str = Field(examples=["2023-01-01T20:53:19.000Z"])
    duration: int = Field(examples=[2312], description="Seconds.")


class RoomPresence(Body):
    """The participants of a room."""

    total_count: int = Field(examples=[1])
    data: list[Present]


class Ejected(CamelBody):
    """The session ids of the participants that were ejected."""

    ejected_ids: list[str] = Field(examples=[[ID]])


class SessionData(Body):
    """The meeting session data."""

    data: Any = Field(examples=[{"hello": "world"}])


class Sent(Body):
    """The answer after the message or the session data was sent to the clients of the room."""

    sent: Literal["true"] | bool = Field(examples=[True])


class StatusSent(Body):
    """The answer after the change was sent to the clients of the room."""

    status: Literal["sent"]


class StatusOk(Body):
    """The answer after the request was carried out."""

    status: Literal["ok"]


class Ok(CamelBody):
    """The answer after a telephony verb was accepted; events report its outcome."""

    ok: Literal["true"] | bool = Field(examples=[True])


class OkSession(Ok):
    """The answer after a dial-out was started; events report its outcome."""

    session_id: str = Field(examples=[ID])


class Token(Body):
    """A signed meeting token."""

    token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyIjoiaGVsbG8ifQ.c2lnbmF0dXJl"])


class TokenContents(Body):
    """The properties that were set in a meeting token, under the names that the REST API uses."""

    room_name: str | None = Field(default=None, examples=["hello"])
    is_owner: bool | None = Field(default=None, examples=[True])
    user_name: str | None = Field(default=None, examples=["Moishe"])
    user_id: str | None = Field(default=None, examples=["pbZ+ismP7dk="])
    nbf: int | None = None
    exp: int | None = Field(default=None, examples=[1548708453])


class DomainObject(Body):
    """The domain. `config` has the properties that were set, `pinless_dialin` and `pin_dialin` included."""

    domain_name: str = Field(examples=["sandbox"])
    domain_id: str = Field(examples=[ID])
    config: dict[str, Any] = Field(
        examples=[
            {
                "pinless_dialin": [
                    {
                        "sip_uri": "static--0cb313e1@127.0.0.1:5060",
                        "phone_number": NUMBER,
                        "room_creation_api": "http://127.0.0.1:8000/daily",
                        "hmac": "9jyatvPWQfBymCGDOYPYKF/TRZXR+08Gj4bvPF78pH0=",
                    }
                ]
            }
        ]
    )


class AvailableNumber(CamelBody):
    """A number that can be bought, in both spellings of the field that Daily's pages show."""

    number: str = Field(examples=["+13055550161"])
    phone_number: str = Field(examples=["+13055550161"])
    region: str = Field(examples=["FL"])


class AvailableNumbers(Body):
    """The numbers that match the search."""

    total_count: int = Field(examples=[1])
    data: list[AvailableNumber]


class BoughtNumber(Body):
    """The number that was bought."""

    id: str = Field(examples=[ID])
    number: str = Field(examples=["+13055550161"])


class PurchasedNumber(Body):
    """A number that the domain has purchased."""

    id: str = Field(examples=[ID])
    number: str = Field(examples=[NUMBER])
    name: str | None = Field(examples=[None])
    type: Literal["purchased_phone_number"]
    status: Literal["verified"]
    verified: Literal[True]
    created_date: str = Field(examples=["Mon, 19 Aug 2024 18:50:34 +0000"])


class PurchasedNumbers(Body):
    """A page of the numbers that the domain has purchased, newest first."""

    total_count: int = Field(examples=[1])
    data: list[PurchasedNumber]


class ReleasedNumber(StatusOk):
    """The number that was released."""

    deleted: Literal[True]
    id: str = Field(examples=[ID])


class DialinObject(Body):
    """A dial-in configuration."""

    id: str = Field(examples=["0cb313e1-211f-4be0-833d-8c7305b19902"])
    type: Literal["pinless_dialin", "pin_dialin"]
    config: dict[str, Any] = Field(
        examples=[
            {
                "phone_number": NUMBER,
                "name_prefix": "my-identifier-prefix",
                "hmac": "9jyatvPWQfBymCGDOYPYKF/TRZXR+08Gj4bvPF78pH0=",
                "room_creation_api": "http://127.0.0.1:8000/daily",
                "sip_uri": "my-identifier-prefix--0cb313e1@127.0.0.1:5060",
            }
        ]
    )


class DialinList(Body):
    """A page of dial-in configurations, newest first."""

    total_count: int = Field(examples=[1])
    data: list[DialinObject]


class MeetingParticipant(Body):
    """A participant of a meeting; `join_time` is in unix seconds, `duration` in seconds."""

    user_id: str | None = Field(examples=["4q47OTmqa/w="])
    participant_id: str = Field(examples=[ID])
    user_name: str | None = Field(examples=["Lindsey"])
    join_time: int = Field(examples=[1672786813])
    duration: int = Field(examples=[150])


class MeetingParticipants(Body):
    """The participants of a meeting, latest join first."""

    data: list[MeetingParticipant]


class MeetingObject(Body):
    """A session of a room; `start_time` is in unix seconds, `duration` in seconds."""

    id: str = Field(examples=[ID])
    room: str = Field(examples=["hello"])
    start_time: int = Field(examples=[1672606399])
    duration: int = Field(examples=[2055])
    ongoing: bool = Field(examples=[False])
    max_participants: int = Field(examples=[4])
    participants: list[MeetingParticipant] | None = None


class MeetingList(Body):
    """A page of meetings, newest first."""

    total_count: int = Field(examples=[1])
    data: list[MeetingObject]


class LogLineBody(CamelBody):
    """A line of the log of a session. `level` is 0 for ERROR, 1 for INFO, 2 for DEBUG."""

    time: str = Field(examples=["2026-03-23T16:32:55.473Z"])
    client_time: str = Field(examples=["2026-03-23T16:32:55.324Z"])
    message: str = Field(examples=["joined session"])
    mtg_session_id: str = Field(examples=[OTHER_ID])
    user_session_id: str = Field(examples=[ID])
    peer_id: str | None = None
    domain_name: str = Field(examples=["sandbox"])
    level: int = Field(examples=[1])
    code: int | None = None


class Logs(Body):
    """`logs` is absent if includeLogs is false; `metrics` is present if includeMetrics is true, but empty."""

    logs: list[LogLineBody] | None = None
    metrics: list[Any] | None = None


class ApiLogEntry(CamelBody):
    """A call of the REST API, or a request to a webhook. `request` and `response` are the bodies as text."""

    id: str = Field(examples=[ID])
    user_id: str = Field(examples=[OTHER_ID])
    domain_id: str = Field(examples=[OTHER_ID])
    source: Literal["api", "webhook"] = Field(examples=["api"])
    ip: str = Field(examples=["127.0.0.1"])
    method: str = Field(examples=["GET"])
    url: str = Field(examples=["/v1/rooms"])
    status: int = Field(examples=[200])
    created_at: str = Field(examples=["2024-03-15T18:42:00.000Z"])
    request: str | None = None
    response: str | None = Field(examples=['{"total_count":0,"data":[]}'])


Responses = dict[int | str, dict[str, Any]]

ERROR_RESPONSES = {
    "400": "A value cannot be used, or the request cannot be carried out now",
    "401": "The API key is wrong",
    "404": "The resource does not exist, or nobody has joined the room",
    "4XX": "Any other error of the request; 429 when rate limits are on",
    "5XX": "The server failed",
}
"""The responses other than 200, the same for all routes, with their descriptions. Their body is an ErrorBody."""


def responds_with(model: Any, description: str) -> Responses:
    """The `responses` of a route: with status 200, a body of this model."""
    return {200: {"model": model, "description": description}}
