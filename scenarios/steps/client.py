"""`client`: a request of a client, and Daily's response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field

from fake_daily_server.signalling import messages
from fake_daily_server.values import telephony_requests
from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.daily_options import DailyOptions, options_model, with_known_types
from scenarios.language.field_types import ExpectedFields, Saves, Text
from scenarios.scenario_setup import DEFAULT_CLIENT
from scenarios.steps.base import Step
from simulator.differences import shown

if TYPE_CHECKING:
    StartDialOutOptions: TypeAlias = DailyOptions
    StopDialOutOptions: TypeAlias = DailyOptions
    SendDtmfOptions: TypeAlias = DailyOptions
    TransferOptions: TypeAlias = DailyOptions
    ReferOptions: TypeAlias = DailyOptions
    UpdateOptions: TypeAlias = DailyOptions
else:
    StartDialOutOptions = options_model(telephony_requests.StartDialOut, check_values=True)
    StopDialOutOptions = options_model(telephony_requests.StopDialOut, check_values=True)
    SendDtmfOptions = options_model(telephony_requests.SendDtmf, check_values=True)
    TransferOptions = options_model(telephony_requests.SipCallTransfer, check_values=True)
    ReferOptions = options_model(telephony_requests.SipRefer, check_values=True)
    UpdateOptions = options_model(messages.UpdateParticipant, check_values=True)


class ClientStep(Step):
    """Base of the steps in which a client makes a request."""

    by: str = DEFAULT_CLIENT
    """The client that makes the request, one of `clients`; by default the scenario's `client`."""

    def _text(self, verb: str, options: Any = None) -> str:
        client = "" if self.by == DEFAULT_CLIENT else f"{self.by}: "
        return f"{client}{verb} {shown(options)}" if options else f"{client}{verb}"


class StartDialOut(ClientStep):
    """Dial a phone number or a SIP URI from the room."""

    client: Literal["startDialOut"]
    with_: StartDialOutOptions = Field(alias="with")
    save: Saves | None = None
    """`{name: sessionId}` saves the session id of the new call for later steps."""

    async def run(self, context: ScenarioContext) -> None:
        """Dial; return once Daily has responded with the session id of the call."""
        options = context.variables.resolve(self.with_.as_json())
        session_id = await context.client(self.by).handle.start_dialout(options)
        context.newest_session = session_id
        context.variables.save(self.save, {"sessionId": session_id})

    def __str__(self) -> str:
        options = self.with_.as_json()
        return self._text(self.client, options.get("phoneNumber") or options.get("sipUri"))


class StopDialOut(ClientStep):
    """End a dial-out."""

    client: Literal["stopDialOut"]
    with_: StopDialOutOptions = Field(default=StopDialOutOptions(), alias="with")

    async def run(self, context: ScenarioContext) -> None:
        """Make the request; return once Daily has accepted it."""
        options = context.session_options(self.with_.as_json())
        await context.client(self.by).handle.stop_dialout(options["sessionId"])

    def __str__(self) -> str:
        return self._text(self.client)


class SendDtmf(ClientStep):
    """Send digits into a call."""

    client: Literal["sendDTMF"]
    with_: SendDtmfOptions = Field(alias="with")

    async def run(self, context: ScenarioContext) -> None:
        """Make the request; return once Daily has accepted the digits."""
        await context.client(self.by).handle.send_dtmf(context.session_options(self.with_.as_json()))

    def __str__(self) -> str:
        return self._text(self.client, self.with_.as_json())


class SipCallTransfer(ClientStep):
    """Transfer a call to another room, a SIP URI or a phone number."""

    client: Literal["sipCallTransfer"]
    with_: TransferOptions = Field(alias="with")

    async def run(self, context: ScenarioContext) -> None:
        """Transfer the call; return once it has left the room."""
        await context.client(self.by).handle.sip_call_transfer(context.session_options(self.with_.as_json()))

    def __str__(self) -> str:
        return self._text(self.client, self.with_.as_json().get("toEndPoint"))


class SipRefer(ClientStep):
    """Ask the far end of a call, by REFER, to call a SIP URI itself."""

    client: Literal["sipRefer"]
    with_: ReferOptions = Field(alias="with")

    async def run(self, context: ScenarioContext) -> None:
        """Make the request; return once the far end has accepted the REFER."""
        await context.client(self.by).handle.sip_refer(context.session_options(self.with_.as_json()))

    def __str__(self) -> str:
        return self._text(self.client, self.with_.as_json().get("toEndPoint"))


class UpdateParticipant(ClientStep):
    """Mute a participant or a call, take it off mute, change its permissions, or eject it."""

    client: Literal["updateParticipant"]
    with_: UpdateOptions = Field(alias="with")

    async def run(self, context: ScenarioContext) -> None:
        """Make the request; return once Daily has accepted it."""
        await context.client(self.by).handle.request(self.client, context.session_options(self.with_.as_json()))

    def __str__(self) -> str:
        return self._text(self.client, self.with_.as_json())


class Join(ClientStep):
    """Have the client join its room, for the first time or again."""

    client: Literal["join"]
    room: Text | None = None
    """The name of another room, such as one that Daily has made for a call; the client stays with it."""

    async def run(self, context: ScenarioContext) -> None:
        """Have the client join; return once it has joined."""
        room = None if self.room is None else context.room_named(context.variables.resolve(self.room))
        await context.client(self.by).join(room)

    def __str__(self) -> str:
        return self._text(self.client)


class Leave(ClientStep):
    """Have the client leave its room."""

    client: Literal["leave"]

    async def run(self, context: ScenarioContext) -> None:
        """Have the client leave; return once it has left."""
        await context.client(self.by).handle.leave()

    def __str__(self) -> str:
        return self._text(self.client)


AcceptedRequest = Annotated[
    StartDialOut | StopDialOut | SendDtmf | SipCallTransfer | SipRefer | UpdateParticipant | Join | Leave,
    Field(discriminator="client"),
]
"""A request that Daily must accept."""


_REQUEST_MODELS: dict[str, type[BaseModel]] = {
    "startDialOut": telephony_requests.StartDialOut,
    "stopDialOut": telephony_requests.StopDialOut,
    "sendDTMF": telephony_requests.SendDtmf,
    "sipCallTransfer": telephony_requests.SipCallTransfer,
    "sipRefer": telephony_requests.SipRefer,
    "updateParticipant": messages.UpdateParticipant,
}


class RefusedRequest(ClientStep):
    """A request that Daily must refuse. Its options are not checked in advance, so that invalid ones can be sent."""

    client: Literal[
        "startDialOut", "stopDialOut", "sendDTMF", "sipCallTransfer", "sipRefer", "updateParticipant", "join"
    ]
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    fails: ExpectedFields = Field(min_length=1)
    """Expected fields of the refusal: `status`, `error`, `info`."""

    async def run(self, context: ScenarioContext) -> None:
        """Make the request and compare the refusal with `fails`."""
        model = _REQUEST_MODELS.get(self.client)
        options = context.variables.resolve(with_known_types(model, self.with_) if model else self.with_)
        if self.client not in ("startDialOut", "join"):
            options = context.session_options(options)
        expected = context.variables.resolve_expected(self.fails)
        await context.client(self.by).expect_refusal(self.client, options, expected)

    def __str__(self) -> str:
        return self._text(self.client, self.with_)
