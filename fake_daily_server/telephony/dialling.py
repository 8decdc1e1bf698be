"""Dialling out: the calls of startDialOut, and those to the targets of sipCallTransfer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.causes import dialout_failed
from fake_daily_server.telephony.codec_choice import CodecChoice, with_fallbacks
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.events import DialOutEvents
from fake_daily_server.telephony.facts import CallProgressed
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.legs import Legs
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.dialout import DialOutMachine, DialOutPlan, DialOutRules
from fake_daily_server.telephony.session_limit import SessionLimits
from fake_daily_server.telephony.target_leg import TargetLeg
from fake_daily_server.telephony.video_leg import dialout_video
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import SipEndpoint, new_uuid
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Permissions
from fake_daily_server.values.telephony_requests import SipCallTransfer, StartDialOut
from fake_daily_server.values.telephony_types import Provider
from simulator.errors import ConfigurationError, HostNotAllowed, SimulatorError
from simulator.gateway import Gateway
from simulator.timeline import Timeline
from simulator.useragent.messages import AudioCodec
from simulator.video.preferences import VideoPreferences

SendInvite = Callable[[], Awaitable[None]]
"""Sends a prepared INVITE. Raises SimulatorError if it cannot be sent."""


@dataclass(frozen=True, slots=True)
class DialRequest:
    """Whom to call and how: the common form of startDialOut and sipCallTransfer."""

    target: str
    """A phone number in E.164, or a SIP URI."""
    is_phone: bool
    user_name: str
    caller_id: str | None
    """The `callerId` of the request; only for calls to a phone number."""
    extension: str | None
    wait_before_extension_s: float
    codecs: Sequence[AudioCodec] = ()
    """The audio codecs named in the request, in order of preference; may be empty."""
    video: VideoPreferences | None = None
    """The video that is offered; None offers none."""
    user_id: str | None = None
    provider: Provider | None = None
    sip_headers: Mapping[str, str] = field(default_factory=dict)
    """Additional header fields of the INVITE."""

    @classmethod
    def of_dialout(cls, request: StartDialOut) -> DialRequest:
        """The DialRequest of a startDialOut request."""
        return cls(
            target=request.target,
            is_phone=request.is_phone,
            user_name=request.name,
            caller_id=request.caller_id,
            extension=request.extension,
            wait_before_extension_s=request.wait_before_extension_dial_sec,
            codecs=request.audio_codecs,
            video=dialout_video(request),
            user_id=request.user_id,
            provider=request.provider,
            sip_headers=dict(request.sip_headers),
        )

    @classmethod
    def of_transfer(cls, request: SipCallTransfer) -> DialRequest:
        """The DialRequest for the target of a sipCallTransfer request."""
        return cls(
            target=request.target,
            is_phone=request.is_phone,
            user_name=request.target,
            caller_id=request.caller_id,
            extension=request.extension,
            wait_before_extension_s=request.wait_before_extension_dial_sec,
        )


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call that has passed all checks and can be dialled: its machine and the contents of its INVITE."""

    machine: DialOutMachine
    target: str
    caller_uri: str
    codecs: tuple[AudioCodec, ...]
    sip_headers: Mapping[str, str]


class Dialler:
    """Dials phone numbers and SIP URIs out of rooms, through the gateway."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        gateway: Gateway,
        domain: DomainStore,
        legs: Legs,
        limits: SessionLimits,
        codecs: CodecChoice,
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._gateway = gateway
        self._domain = domain
        self._legs = legs
        self._limits = limits
        self._codecs = codecs
        self._commands = CommandRunner(timeline)
        self._starts_to_fail = 0
        """How many of the next dial-outs fail before they have a session."""
        self._cause_of_failure = ""

    def fail_starts(self, cause: str, count: int) -> None:
        """Let the next `count` dial-outs be accepted and fail before they have a session; 0 takes that back."""
        self._starts_to_fail, self._cause_of_failure = count, cause

    async def dial_out(self, room: Room, request: StartDialOut) -> str:
        """Start a dial-out and return its session id without waiting for the INVITE; events report its progress.

        Raises NotFound if nobody is in the room, InvalidRequest if the room or the domain may not dial the target.
        """
        self._check_room(room)
        self._handle_inapplicable(room, "startDialOut", request)
        rules = DialOutRules(self._settings.ring_timeout, self._settings.dialed_participant_joins)
        if not request.is_phone:
            self._check_usable(request.target)
        dialled = DialRequest.of_dialout(request)
        prepared = self._prepare(room, dialled, rules)
        if self._starts_to_fail > 0:
            self._starts_to_fail -= 1
            self._commands.start(self._fail_start(room, prepared.machine, self._cause_of_failure))
            return prepared.machine.events.session_id
        leg = self._legs.add(room, prepared.machine, permissions=_permissions(request))
        leg.video = dialled.video
        self._commands.start(self._dial(leg, prepared))
        return leg.session_id

    def prepare_target(self, room: Room, request: SipCallTransfer) -> tuple[TargetLeg, SendInvite]:
        """Prepare the call to the target of a transfer out of `room`; returns its leg, and a function that dials it.

        Raises InvalidRequest if the target cannot be reached or the domain may not dial it.
        """
        self.check_reachable(request.to_end_point)
        self._handle_inapplicable(room, "sipCallTransfer", request)
        rules = DialOutRules(self._settings.ring_timeout, join_after="never")
        prepared = self._prepare(room, DialRequest.of_transfer(request), rules)
        leg = TargetLeg(
            room,
            prepared.machine,
            settings=self._settings,
            timeline=self._timeline,
            released=lambda _: None,
        )

        async def send_invite() -> None:
            await self._send_invite(leg, prepared)

        return leg, send_invite

    def check_reachable(self, target: str) -> None:
        """Raise InvalidRequest if no INVITE can be sent to the number or SIP URI `target`."""
        try:
            self._gateway.check_reachable(target)
        except SimulatorError as refusal:
            raise InvalidRequest(str(refusal)) from refusal

    def _check_usable(self, uri: str) -> None:
        """Raise InvalidRequest for a SIP URI that no INVITE can have. Another host is an event of the dial-out."""
        try:
            self._gateway.check_reachable(uri)
        except ConfigurationError as wrong:
            raise InvalidRequest(f"sipUri: {wrong}") from wrong
        except HostNotAllowed:
            pass

    def _check_room(self, room: Room) -> None:
        if not room.properties.enable_dialout:
            raise InvalidRequest(
                f"NOT_ALLOWED: dial-out is not enabled for room {room.name!r}; set its property enable_dialout to true"
            )
        if room.session is None:
            raise NotFound(f"room {room.name!r} has no meeting in progress; join it before dialling out")
        dialled = self._legs.dialled_from(room)
        if dialled and not self._settings.concurrent_dialouts:
            raise InvalidRequest(
                f"DIALOUT_IN_PROGRESS: session {dialled[0].session_id} of room {room.name!r} is in progress; "
                "wait for its end, stop it, or set concurrent_dialouts to true"
            )
        now, limit = self._legs.in_use(room), self._limits.of(room)
        if not limit.allows_call_without_endpoint(now):
            raise InvalidRequest(
                f"max_sip_pstn_sessions_per_room is {limit.most} and room {room.name!r} uses {limit.usage(now)}; "
                "end a session, or raise this limit of the room, the domain or the settings"
            )
        if self._gateway.full:
            raise InvalidRequest("TEMPORARILY_NOT_AVAILABLE: no SIP worker is free; try again shortly")

    def _handle_inapplicable(self, room: Room, verb: str, request: StartDialOut | SipCallTransfer) -> None:
        """Record the options that do not apply to the kind of target; raise InvalidRequest if they are refused."""
        for option, reason in request.inapplicable.items():
            if self._settings.inapplicable_options == "refused":
                raise InvalidRequest(f"{option} {reason}, and the call is to {request.target}")
            self._timeline.append("note", room=room.name, method=verb, ignored=option, because=f"{option} {reason}")

    def _prepare(self, room: Room, request: DialRequest, rules: DialOutRules) -> PreparedCall:
        if request.is_phone:
            self._domain.check_may_dial(request.target)
        caller = self._domain.numbers.caller_number(request.caller_id) if request.is_phone else None
        address = self._gateway.address
        caller_uri = f"sip:{caller}@{address}" if caller else SipEndpoint(room.name, 0).at(address)
        preferred = self._codecs.for_dialout(request.codecs, is_phone=request.is_phone)
        events = DialOutEvents(
            session_id=new_uuid(),
            destination=request.target,
            origin=caller or caller_uri,
            caller_id=caller,
            user_id=request.user_id,
            provider=request.provider or self._settings.provider,
        )
        plan = DialOutPlan(
            user_name=request.user_name,
            participant_type="pstn-dial-out" if request.is_phone else "sip-dial-out",
            preferred_codec=preferred[0],
            preferred_video_codec=request.video.codecs[0] if request.video else None,
            extension=request.extension,
            wait_before_extension_s=request.wait_before_extension_s,
        )
        machine = DialOutMachine(events, plan, rules)
        return PreparedCall(machine, request.target, caller_uri, with_fallbacks(preferred), request.sip_headers)

    @staticmethod
    async def _fail_start(room: Room, machine: DialOutMachine, cause: str) -> None:
        """Report a dial-out that failed before it had a session. Webhooks have the id that the request was given."""
        error = machine.events.error(dialout_failed(cause), None)
        room.publish(error.model_copy(update={"session_id": None}).payload())
        room.announce(CallProgressed(error, machine.plan.user_name))

    async def _dial(self, leg: Leg, prepared: PreparedCall) -> None:
        try:
            await self._send_invite(leg, prepared)
        except SimulatorError as failure:
            leg.feed(inputs.DialFailed(str(failure)))

    async def _send_invite(self, leg: Leg, prepared: PreparedCall) -> None:
        await self._gateway.dial(
            prepared.target,
            codecs=prepared.codecs,
            headers=prepared.sip_headers,
            caller=prepared.caller_uri,
            display_name=None,
            on_notice=leg.followed_call.notice,
            video=leg.video,
        )


def _permissions(request: StartDialOut) -> Permissions:
    """The dialled participant's permissions: the defaults, overridden by `permissions.canReceive` of the request."""
    requested = request.permissions
    if requested is None or requested.can_receive is None:
        return DEFAULT_PERMISSIONS
    return Permissions(canReceive=requested.can_receive.complete()).over(DEFAULT_PERMISSIONS)
