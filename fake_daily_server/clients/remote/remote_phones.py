"""The telephone network of a running server: its phones and their calls, with the methods of those in this process."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from fake_daily_server.clients.remote.server_http import ServerHttp
from simulator.network import Network
from simulator.owner_loop import OwnerLoop
from simulator.phone_call import PhoneCall
from simulator.phone_spec import PhoneSpec
from simulator.registering.phone_registrations import revealed
from simulator.relay import Direction, Faults
from simulator.validation_errors import as_configuration_error

ROUTES = {"hang_up": "hangup"}
"""Routes of methods whose name is another one; otherwise it is the method's, with hyphens."""
FIELDS = {"press": {"digits": "tones"}, "expect_tones": {"frequencies": "hz"}}
"""Fields of request bodies whose name is not the argument's."""
VERBS = (
    *("answer", "ring", "reject", "hang_up", "hold", "resume", "change_codec", "send_info", "transfer", "press"),
    *("record", "stop_recording", "wait_for_digits", "say", "hum", "play", "hush", "finish_talking", "listen"),
    *("expect_tone", "expect_tones", "expect_silence", "expect_speech", "expect_in_band_digits", "expect_persona"),
)
"""Methods of `PhoneCall` that the control API has and that return nothing."""


def _body(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a method as the fields of its request."""
    body = {FIELDS.get(name, {}).get(field, field): value for field, value in arguments.items()}
    if (within := body.pop("within", None)) is not None:
        body["within_ms"] = round(within * 1000)
    return {field: str(value) if field == "path" else _json(value) for field, value in body.items()}


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def _unavailable(what: str, name: str) -> AttributeError:
    return AttributeError(f"{what} of a server that runs elsewhere has no {name!r}; without --daily-server it may have")


class RemoteCall:
    """A call of a phone at the server, with the methods of `PhoneCall` that the control API has."""

    def __init__(self, http: ServerHttp, phone_id: str, phone: str, view: dict[str, Any]) -> None:
        self._http = http
        self._path = f"/_sim/phones/{phone_id}"
        self.phone = phone
        self.sip_call_id: str = view["sip_call_id"]
        self.incoming: bool = view["incoming"]
        self.remote: str = view["remote"]
        self.remote_name: str = view["remote_name"]

    @property
    def owner_loop(self) -> OwnerLoop:
        """The owner loop of the HTTP client that sends the requests to the server."""
        return self._http.owner_loop

    def _view(self) -> dict[str, Any]:
        calls = self._http.now("GET", self._path)["calls"]
        found: dict[str, Any] = next(call for call in calls if call["sip_call_id"] == self.sip_call_id)
        return found

    @property
    def state(self) -> str:
        """dialling, incoming, ringing, early, answered or ended."""
        return str(self._view()["state"])

    @property
    def digits(self) -> str:
        """All digits received so far."""
        return str(self._view()["digits"])

    @property
    def heard(self) -> list[SimpleNamespace]:
        """The digits received so far, each with `digit`, `method` and `duration_ms`."""
        return [SimpleNamespace(**digit) for digit in self._view()["heard"]]

    @property
    def headers(self) -> dict[str, str]:
        """Header fields of the INVITE of an incoming call, or of the 2xx response to an outgoing one."""
        return dict(self._view()["headers"])

    @property
    def branch(self) -> str | None:
        """The branch that the peer has chosen last in a menu of the phone's persona; None before."""
        branch: str | None = self._view()["branch"]
        return branch

    @property
    def persona_place(self) -> str | None:
        """Where the phone's persona stands: `in menu 'main', had heard 2, expected 1 or 3`; None without one."""
        place: str | None = self._view()["persona_place"]
        return place

    @property
    def ended(self) -> SimpleNamespace | None:
        """`status`, `reason` and `by` of the end; None before it."""
        ended = self._view()["ended"]
        return SimpleNamespace(**ended) if ended else None

    async def wait_answered(self, *, within: float = 5) -> SimpleNamespace:
        """Wait until the call is answered; return `codec` and `telephone_event`. Raises ExpectationFailed."""
        view = await self.do("wait_answered", within=within)
        return SimpleNamespace(codec=view["codec"], telephone_event=view["telephone_event"])

    async def wait_for_end(self, *, within: float = 5) -> SimpleNamespace:
        """Wait until the call has ended; return `status`, `reason` and `by`. Raises ExpectationFailed."""
        return SimpleNamespace(**(await self.do("wait_for_end", within=within))["ended"])

    async def expect_words(self, words: str, *, within: float = 10) -> str:
        """Wait until the phone hears these words, a text or `/pattern/i`; return all that it has heard.

        Raises ExpectationFailed, and ConfigurationError if the server has no setting `transcriber`.
        """
        return str((await self.do("expect_words", words=words, within=within))["words"])

    async def statistics(self) -> SimpleNamespace:
        """The current RTP counters of the call."""
        return SimpleNamespace(**(await self.do("statistics"))["statistics"])

    async def do(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Carry out a method of `PhoneCall` at the server; return the view of the call."""
        route = ROUTES.get(name, name.replace("_", "-"))
        body = {"sip_call_id": self.sip_call_id, **_body(name, arguments)}
        answer: dict[str, Any] = await self._http.request("POST", f"{self._path}/{route}", json=body)
        return answer

    def __getattr__(self, name: str) -> Any:
        raise _unavailable("a call", name)


def _verb(name: str) -> Callable[..., Coroutine[Any, Any, None]]:
    """A method with the signature and the docstring of the one of `PhoneCall`, carried out at the server."""
    signature = inspect.signature(getattr(PhoneCall, name))

    @functools.wraps(getattr(PhoneCall, name))
    async def carry_out(self: RemoteCall, *arguments: Any, **named: Any) -> None:
        given = signature.bind(self, *arguments, **named).arguments
        await self.do(name, **{field: value for field, value in given.items() if field != "self"})

    return carry_out


for _name in VERBS:
    setattr(RemoteCall, _name, _verb(_name))


class RemotePhone:
    """A phone at the server, with the methods of `Phone`."""

    def __init__(self, http: ServerHttp, view: dict[str, Any]) -> None:
        self._http = http
        self.id: str = view["id"]
        self.name: str = view["name"]
        self.number: str | None = view["number"]
        self.uri: str = view["uri"]
        self._path = f"/_sim/phones/{self.id}"

    @property
    def owner_loop(self) -> OwnerLoop:
        """The owner loop of the HTTP client that sends the requests to the server."""
        return self._http.owner_loop

    @property
    def calls(self) -> list[RemoteCall]:
        """All calls of the phone, oldest first."""
        return [self._call(view) for view in self._http.now("GET", self._path)["calls"]]

    def _call(self, view: dict[str, Any]) -> RemoteCall:
        return RemoteCall(self._http, self.id, self.name, view)

    async def dial(
        self, to: str, *, headers: dict[str, str] | None = None, display_name: str | None = None
    ) -> RemoteCall:
        """Call a number or a SIP URI; returns when the INVITE was sent."""
        body = {"to": to, "headers": headers or {}, "display_name": display_name}
        return self._call(await self._http.request("POST", f"{self._path}/dial", json=body))

    async def wait_for_call(self, *, within: float = 5) -> RemoteCall:
        """Wait for the next incoming call, each of which is returned once. Raises ExpectationFailed."""
        body = {"within_ms": round(within * 1000)}
        return self._call(await self._http.request("POST", f"{self._path}/wait-for-call", json=body))

    async def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Impair the RTP of the phone's present and future calls."""
        body = {**faults.model_dump(exclude_defaults=True), "direction": direction, "seed": seed}
        await self._http.request("POST", f"{self._path}/impair", json=body)

    async def recover(self) -> None:
        """End all impairments of the RTP of the phone's calls."""
        await self._http.request("POST", f"{self._path}/recover")

    async def close(self) -> None:
        """Hang up its calls, and remove the phone from the network."""
        await self._http.request("DELETE", self._path)

    def __getattr__(self, name: str) -> Any:
        raise _unavailable("a phone", name)


class RemoteNetwork:
    """The telephone network of the server, with those methods of `Network` that the control API has."""

    def __init__(self, http: ServerHttp, address: str) -> None:
        self._http = http
        self.address = address

    @property
    def owner_loop(self) -> OwnerLoop:
        """The owner loop of the HTTP client that sends the requests to the server."""
        return self._http.owner_loop

    @property
    def phones(self) -> list[RemotePhone]:
        """All phones, oldest first."""
        return [RemotePhone(self._http, view) for view in self._http.now("GET", "/_sim/phones")["phones"]]

    async def phone(self, number: str | None = None, **spec: Any) -> RemotePhone:
        """Add a phone, with the arguments of `Network.phone`. Raises ConfigurationError."""
        given = dict(inspect.signature(Network.phone).bind(self, number, **spec).arguments)
        given.pop("self")
        try:
            wanted = PhoneSpec.model_validate({name: value for name, value in given.items() if value is not None})
        except ValidationError as wrong:
            raise as_configuration_error(wrong) from None
        body = wanted.model_dump(mode="json", exclude_unset=True, exclude={"registration"})
        if wanted.registration is not None:
            body["register"] = revealed(wanted.registration)
        return RemotePhone(self._http, await self._http.request("POST", "/_sim/phones", json=body))

    def refuse(self, number: str, status: int = 503, reason: str = "Service Unavailable") -> None:
        """Let the carrier refuse calls to a number."""
        body = {"number": number, "status": status, "reason": reason}
        self._http.now("POST", "/_sim/carrier/refuse", json=body)

    def restore(self, number: str) -> None:
        """Let the carrier connect calls to a number again."""
        self._http.now("DELETE", f"/_sim/carrier/refuse/{quote(number)}")

    def __getattr__(self, name: str) -> Any:
        raise _unavailable("the network", name)
