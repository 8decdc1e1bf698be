"""`client`: what a participant of the room asks of Daily, and what it gets back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field

from fake_daily_server.values import telephony_requests
from scenarios.as_written import Written, as_written, typed_where_known
from scenarios.steps.base import Step
from scenarios.values import shown
from scenarios.words import Fields, Saves

if TYPE_CHECKING:
    from scenarios.stage import Stage

if TYPE_CHECKING:
    DialOutOptions: TypeAlias = Written
    SessionOptions: TypeAlias = Written
    DigitOptions: TypeAlias = Written
    TransferOptions: TypeAlias = Written
    ReferOptions: TypeAlias = Written
else:
    DialOutOptions = as_written(telephony_requests.StartDialOut, checked=True)
    SessionOptions = as_written(telephony_requests.StopDialOut, checked=True)
    DigitOptions = as_written(telephony_requests.SendDtmf, checked=True)
    TransferOptions = as_written(telephony_requests.SipCallTransfer, checked=True)
    ReferOptions = as_written(telephony_requests.SipRefer, checked=True)

DEFAULT_CLIENT = "client"
"""The name of the client that every scenario has."""


class ClientStep(Step):
    """A step of one client."""

    by: str = DEFAULT_CLIENT
    """Which one of `clients`; the scenario's own client when left out."""

    def _said(self, verb: str, settings: Any = None) -> str:
        who = "" if self.by == DEFAULT_CLIENT else f"{self.by}: "
        return f"{who}{verb} {shown(settings)}" if settings else f"{who}{verb}"


class StartDialOut(ClientStep):
    """Dial a phone number or a SIP URI out of the room."""

    client: Literal["startDialOut"]
    with_: DialOutOptions = Field(alias="with")
    save: Saves | None = None
    """`{name: sessionId}` keeps the new session for later steps."""

    async def run(self, stage: Stage) -> None:
        """Ask for the call; done when Daily has given it a session id."""
        settings = stage.value(self.with_.as_json())
        session_id = await stage.seat(self.by).client.start_dialout(settings)
        stage.newest_session = session_id
        stage.save(self.save, {"sessionId": session_id})

    def __str__(self) -> str:
        options = self.with_.as_json()
        return self._said(self.client, options.get("phoneNumber") or options.get("sipUri"))


class StopDialOut(ClientStep):
    """End a call that was dialled out."""

    client: Literal["stopDialOut"]
    with_: SessionOptions = Field(default=SessionOptions(), alias="with")

    async def run(self, stage: Stage) -> None:
        """Ask for the end."""
        settings = stage.with_session(self.with_.as_json())
        await stage.seat(self.by).client.stop_dialout(settings["sessionId"])

    def __str__(self) -> str:
        return self._said(self.client)


class SendDigits(ClientStep):
    """Send digits into a call."""

    client: Literal["sendDTMF"]
    with_: DigitOptions = Field(alias="with")

    async def run(self, stage: Stage) -> None:
        """Ask for the digits; done when Daily has accepted them."""
        await stage.seat(self.by).client.send_dtmf(stage.with_session(self.with_.as_json()))

    def __str__(self) -> str:
        return self._said(self.client, self.with_.as_json())


class SipCallTransfer(ClientStep):
    """Send a call to another room, a SIP URI or a number."""

    client: Literal["sipCallTransfer"]
    with_: TransferOptions = Field(alias="with")

    async def run(self, stage: Stage) -> None:
        """Ask for it; done when the call has left the room."""
        await stage.seat(self.by).client.sip_call_transfer(stage.with_session(self.with_.as_json()))

    def __str__(self) -> str:
        return self._said(self.client, self.with_.as_json().get("toEndPoint"))


class SipRefer(ClientStep):
    """Ask the far end of a call to call a SIP URI by itself."""

    client: Literal["sipRefer"]
    with_: ReferOptions = Field(alias="with")

    async def run(self, stage: Stage) -> None:
        """Ask for it; done when the far end has agreed."""
        await stage.seat(self.by).client.sip_refer(stage.with_session(self.with_.as_json()))

    def __str__(self) -> str:
        return self._said(self.client, self.with_.as_json().get("toEndPoint"))


class Join(ClientStep):
    """Join the room (again)."""

    client: Literal["join"]

    async def run(self, stage: Stage) -> None:
        """Done when the client is in."""
        await stage.seat(self.by).join()

    def __str__(self) -> str:
        return self._said(self.client)


class Leave(ClientStep):
    """Leave the room."""

    client: Literal["leave"]

    async def run(self, stage: Stage) -> None:
        """Done when the client is out."""
        await stage.seat(self.by).leave()

    def __str__(self) -> str:
        return self._said(self.client)


Asked = Annotated[
    StartDialOut | StopDialOut | SendDigits | SipCallTransfer | SipRefer | Join | Leave,
    Field(discriminator="client"),
]
"""A request that goes through."""


_MODELS: dict[str, type[BaseModel]] = {
    "startDialOut": telephony_requests.StartDialOut,
    "stopDialOut": telephony_requests.StopDialOut,
    "sendDTMF": telephony_requests.SendDtmf,
    "sipCallTransfer": telephony_requests.SipCallTransfer,
    "sipRefer": telephony_requests.SipRefer,
}


class Refused(ClientStep):
    """A request that Daily refuses. What it carries is not checked beforehand, so that wrong things can be tried."""

    client: Literal["startDialOut", "stopDialOut", "sendDTMF", "sipCallTransfer", "sipRefer", "join"]
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    fails: Fields = Field(min_length=1)
    """The refusal: any of `status`, `error` and `info`."""

    async def run(self, stage: Stage) -> None:
        """Ask, and compare the refusal."""
        model = _MODELS.get(self.client)
        settings = stage.value(typed_where_known(model, self.with_) if model else self.with_)
        if self.client in ("stopDialOut", "sendDTMF", "sipCallTransfer", "sipRefer"):
            settings = stage.with_session(settings)
        await stage.seat(self.by).refused(self.client, settings, stage.wanted(self.fails))

    def __str__(self) -> str:
        return self._said(self.client, self.with_)
