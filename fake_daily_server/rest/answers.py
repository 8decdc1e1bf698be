"""The bodies that the REST API answers with, for its OpenAPI document.

They are descriptions, and nothing is filtered through them: a client must expect more fields than are named here,
as with the real service. Each has an example in the form of Daily's reference.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

ID = "d61cd7b2-a273-42b4-89bd-be763fd562c1"
OTHER_ID = "16e9701a-93e0-4933-83c9-223e7c40d552"
NUMBER = "+14155550100"


class Body(BaseModel):
    """A JSON object with at least these fields."""

    model_config = ConfigDict(extra="allow", frozen=True)


class CamelBody(Body):
    """The same, in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)


class ErrorBody(Body):
    """Every refusal: `error` is stable and for machines, `info` is for people and may change."""

    error: str = Field(examples=["invalid-request-error"])
    info: str = Field(examples=["properties.exp was 'soon' but should be a valid integer"])


class RoomObject(Body):
    """A room. `config` has the properties that differ from their defaults, and read-only ones."""

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
    """A room that is gone."""

    deleted: Literal[True]
    name: str = Field(examples=["hello"])


class Present(CamelBody):
    """Somebody who is in a room now. `userId` is null when neither a token nor the client gave one."""

    room: str = Field(examples=["hello"])
    id: str = Field(examples=[ID], description="Session id of the participant.")
    user_id: str | None = Field(examples=["pbZ+ismP7dk="])
    user_name: str | None = Field(examples=["Moishe"])
    mtg_session_id: str = Field(examples=[OTHER_ID])
    join_time: str = Field(examples=["2023-01-01T20:53:19.000Z"])
    duration: int = Field(examples=[2312], description="Seconds.")


class RoomPresence(Body):
    """Who is in a room."""

    total_count: int = Field(examples=[1])
    data: list[Present]


class Ejected(CamelBody):
    """Session ids of those who were thrown out."""

    ejected_ids: list[str] = Field(examples=[[ID]])


class SessionData(Body):
    """What the clients of a session share."""

    data: Any = Field(examples=[{"hello": "world"}])


class Sent(Body):
    """It was sent to the room."""

    sent: Literal["true"] | bool = Field(examples=[True])


class StatusSent(Body):
    """It was sent to the room."""

    status: Literal["sent"]


class StatusOk(Body):
    """It is done."""

    status: Literal["ok"]


class Ok(CamelBody):
    """A telephony verb was taken on; what becomes of it is told by events."""

    ok: Literal["true"] | bool = Field(examples=["true"])


class OkSession(Ok):
    """A call was begun."""

    session_id: str = Field(examples=[ID])


class Token(Body):
    """A signed meeting token."""

    token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyIjoiaGVsbG8ifQ.c2lnbmF0dXJl"])


class TokenContents(Body):
    """What a meeting token says, in the long names of its properties. Only what was set is there."""

    room_name: str | None = Field(default=None, examples=["hello"])
    is_owner: bool | None = Field(default=None, examples=[True])
    user_name: str | None = Field(default=None, examples=["Moishe"])
    user_id: str | None = Field(default=None, examples=["pbZ+ismP7dk="])
    nbf: int | None = None
    exp: int | None = Field(default=None, examples=[1548708453])


class DomainObject(Body):
    """The domain. `config` has what was set for it, `pinless_dialin` and `pin_dialin` included."""

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
    """A number that can be bought; both spellings of the key are in use in Daily's pages."""

    number: str = Field(examples=["+13055550161"])
    phone_number: str = Field(examples=["+13055550161"])
    region: str = Field(examples=["FL"])


class AvailableNumbers(Body):
    """Numbers that can be bought."""

    total_count: int = Field(examples=[1])
    data: list[AvailableNumber]


class BoughtNumber(Body):
    """A number that is the domain's from now on."""

    id: str = Field(examples=[ID])
    number: str = Field(examples=["+13055550161"])


class PurchasedNumber(Body):
    """A number of the domain."""

    id: str = Field(examples=[ID])
    number: str = Field(examples=[NUMBER])
    name: str | None = Field(examples=[None])
    type: Literal["purchased_phone_number"]
    status: Literal["verified"]
    verified: Literal[True]
    created_date: str = Field(examples=["Mon, 19 Aug 2024 18:50:34 +0000"])


class PurchasedNumbers(Body):
    """The numbers of the domain."""

    total_count: int = Field(examples=[1])
    data: list[PurchasedNumber]


class ReleasedNumber(StatusOk):
    """A number that is the domain's no more."""

    deleted: Literal[True]
    id: str = Field(examples=[ID])


class DialinObject(Body):
    """One way in which the domain takes calls."""

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
    """One participant of a meeting; times in unix seconds and seconds."""

    user_id: str | None = Field(examples=["4q47OTmqa/w="])
    participant_id: str = Field(examples=[ID])
    user_name: str | None = Field(examples=["Lindsey"])
    join_time: int = Field(examples=[1672786813])
    duration: int = Field(examples=[150])


class MeetingParticipants(Body):
    """Who was in a meeting, latest first."""

    data: list[MeetingParticipant]


class MeetingObject(Body):
    """One session of a room; times in unix seconds and seconds."""

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
    """One line of a session's log. `level` is 0 for ERROR, 1 for INFO, 2 for DEBUG."""

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
    """`logs` unless includeLogs is false, `metrics` where includeMetrics is true; the fake has no metrics."""

    logs: list[LogLineBody] | None = None
    metrics: list[Any] | None = None


class ApiLogEntry(CamelBody):
    """One call of the REST API or of a webhook; `request` and `response` are the bodies as text."""

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

REFUSALS: Responses = {
    400: {"model": ErrorBody, "description": "A value that cannot be used, or something that cannot be done now"},
    401: {"model": ErrorBody, "description": "The API key is wrong"},
    404: {"model": ErrorBody, "description": "No such resource, or nothing live in it"},
    "4XX": {"model": ErrorBody, "description": "Any other refusal; 429 where rate limits are on"},
    "5XX": {"model": ErrorBody, "description": "Not the caller's fault"},
}
"""What every route may answer besides 200."""


def says(body: Any, description: str) -> Responses:
    """The `responses` of a route that answers 200 with `body`."""
    return {200: {"model": body, "description": description}}
