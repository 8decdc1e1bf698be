"""The protocol between parent and worker: the parent sends commands, the worker sends notices, one JSON line each.

Times are seconds of `time.monotonic()`, a clock that all processes of one machine share. Durations are in ms.
A `call` is the key that parent and worker use for one SIP dialog: `o1`, `o2`, … for calls that the parent dialled,
`i1`, `i2`, … for incoming ones, `r1`, `r2`, … for calls that a peer asked for with a REFER. The Call-ID on the wire
is `sip_call_id`. Every command has an `id`, and gets exactly one `Done` or `Refused` with that id.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from simulator.sdp.description import Direction
from simulator.sip_timers import RFC_TIMERS, SipTimers
from simulator.video.negotiated import NegotiatedVideo, VideoPort

AudioCodec = Literal["OPUS", "G722", "PCMU", "PCMA", "GSM", "ILBC", "SPEEX"]
"""Encoding names of audio codecs as Daily spells them; Daily does not support the last three."""

MAX_CALLS = 4
"""Calls of one worker process at a time; this build of PJSIP has no room for more."""
PcmRate = Literal[8000, 16000, 48000]
"""Sampling rates of a PCM channel in Hz."""
LogLevel = Literal["debug", "info", "warning", "error"]
DigitMethod = Literal["telephone-event", "sip-info"]
Traced = Literal["none", "direct", "all"]
"""Which SIP messages a worker tells of: `direct` are those that neither come from its proxy nor go there."""
Side = Literal["local", "remote", "worker"]
"""Who caused something: this user agent, its SIP peer, or the worker process by exiting."""

Headers = tuple[tuple[str, str], ...]
"""Names and values of header fields, in the order of the message."""


class Message(BaseModel):
    """An immutable message. Unknown fields are an error, because parent and worker are of one version."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkerSettings(Message):
    """What a worker is started with. None of it changes later."""

    label: str = "worker"
    """Name of the process in `ps`, and the user part of the worker's own SIP URI."""
    host: str = "127.0.0.1"
    public_host: str | None = None
    """The name or address by which others reach `host`; None: `host` itself."""
    proxy: str | None = None
    """`host:port` of the outbound proxy of calls dialled with `via_proxy`."""
    allow_hosts: tuple[str, ...] = ()
    """Names and addresses outside this machine to which packets may be sent."""
    timers: SipTimers = RFC_TIMERS
    rtp_timeout_s: float | None = 60.0
    """How long an answered call goes on when its peer, which has sent RTP or RTCP, sends none; None: for ever."""
    audio_phase_ms: int | None = None
    """Phase of the worker's 20 ms audio clock: ms after each multiple of 20 ms of `time.monotonic()`. None: any."""
    traced: Traced = "direct"
    log_level: int = 1
    """PJSIP's log level: 1 errors, 2 warnings, 3 info, 4 every SIP message."""


class RelayPorts(Message):
    """The ports of an RTP relay between a call and its peer. RTCP uses the port after each."""

    host: str
    public_host: str
    """The host in the SDP that the peer gets."""
    outside: int
    """RTP port in the SDP that the peer gets, in place of the call's own."""
    inside: int
    """RTP port that the call sends to, in place of the peer's own."""


# --- commands -----------------------------------------------------------------------------------------------


class Command(Message):
    """Base of all commands."""

    id: int


class Dial(Command):
    """Send an INVITE. `Done` means that it was sent; a `Dialling` notice comes before that."""

    op: Literal["dial"] = "dial"
    call: str
    uri: str
    """SIP URI for To and Request-URI, optionally with `;transport=tcp`."""
    via_proxy: bool = False
    codecs: tuple[AudioCodec, ...] = ("PCMU",)
    """The codecs of the offer, in order of preference."""
    telephone_event: bool = True
    """Whether the offer has telephone-event (RFC 4733)."""
    offered_order: bool = False
    """Whether the order of the peer's offer decides which codec it is answered with (RFC 3264 §6.1)."""
    headers: Headers = ()
    caller: str | None = None
    """SIP URI for the From header; None for the worker's own."""
    display_name: str | None = None
    relay: RelayPorts | None = None
    video: VideoPort | None = None
    """Where to receive video; None offers none."""


class Ring(Command):
    """Send a provisional response to an incoming call; with `early_media` it has an SDP answer."""

    op: Literal["ring"] = "ring"
    call: str
    status: int = 180
    reason: str | None = None
    early_media: bool = False
    codecs: tuple[AudioCodec, ...] = ("PCMU",)
    telephone_event: bool = True
    offered_order: bool = False
    """Whether the order of the peer's offer decides which of `codecs` is answered (RFC 3264 §6.1), not their own."""
    relay: RelayPorts | None = None


class Answer(Command):
    """Accept an incoming call with the first of `codecs` that was offered; without a common one it is answered 488."""

    op: Literal["answer"] = "answer"
    call: str
    codecs: tuple[AudioCodec, ...] = ("PCMU",)
    telephone_event: bool = True
    offered_order: bool = False
    """Whether the order of the peer's offer decides which of `codecs` is answered (RFC 3264 §6.1), not their own."""
    headers: Headers = ()
    relay: RelayPorts | None = None
    video: VideoPort | None = None
    """Where to receive video, if it was offered in one of these codecs; None refuses it."""


class Reject(Command):
    """Refuse an incoming call with a final response from 300 to 699."""

    op: Literal["reject"] = "reject"
    call: str
    status: int = 486
    reason: str | None = None
    headers: Headers = ()


class HangUp(Command):
    """End a call in any state: with CANCEL, BYE, or a final response."""

    op: Literal["hang_up"] = "hang_up"
    call: str
    headers: Headers = ()


class Hold(Command):
    """Put the peer on hold: a re-INVITE with sendonly. `Done` when the peer has accepted it."""

    op: Literal["hold"] = "hold"
    call: str


class Resume(Command):
    """Take the peer off hold: a re-INVITE with sendrecv. `Done` when the peer has accepted it."""

    op: Literal["resume"] = "resume"
    call: str


class Renegotiate(Command):
    """Send a re-INVITE that offers these codecs only. `Done` when the peer has accepted one."""

    op: Literal["renegotiate"] = "renegotiate"
    call: str
    codecs: tuple[AudioCodec, ...]


class SendDigit(Command):
    """Have PJSIP send a telephone-event; `Done` comes at once. Calls with a relay send theirs in the relay instead."""

    op: Literal["send_digit"] = "send_digit"
    call: str
    digit: str
    duration_ms: int


class SendInfo(Command):
    """Send a SIP INFO (RFC 6086) with any body. `Done` when the peer has accepted it."""

    op: Literal["send_info"] = "send_info"
    call: str
    content_type: str
    body: str


class Transfer(Command):
    """Send a REFER to `to`; header fields in the URI, such as Replaces, are for the INVITE that it leads to."""

    op: Literal["transfer"] = "transfer"
    call: str
    to: str


class FollowRefers(Command):
    """Answer REFERs (RFC 3515) with `status` from now on; until then it is 603.

    202 calls the Refer-To URI if it is on this machine, and answers 403 otherwise. The new call comes with a
    `Dialling` notice that has `referred_by`.
    """

    op: Literal["follow_refers"] = "follow_refers"
    status: int = 202


class UseCredentials(Command):
    """Answer the challenges (401, 407) to requests of this worker with a digest, until it is reset."""

    op: Literal["use_credentials"] = "use_credentials"
    username: str
    password: str = Field(repr=False)


class Play(Command):
    """Play a WAV file (16-bit PCM) into the call, in place of the one that is playing."""

    op: Literal["play"] = "play"
    call: str
    path: str
    loop: bool = False


class StopPlaying(Command):
    """Stop the file that `Play` started."""

    op: Literal["stop_playing"] = "stop_playing"
    call: str


class Record(Command):
    """Record what the call receives to a WAV file (16 kHz, 16-bit mono)."""

    op: Literal["record"] = "record"
    call: str
    path: str


class StopRecording(Command):
    """Stop recording. `Done` when the file is complete on disk."""

    op: Literal["stop_recording"] = "stop_recording"
    call: str


class OpenPcm(Command):
    """Open the call's PCM channel; one file descriptor comes with `Done`.

    It is a datagram socket: each datagram is one 20 ms frame of 16-bit mono PCM at `rate` Hz, both ways.
    """

    op: Literal["open_pcm"] = "open_pcm"
    call: str
    rate: PcmRate = 16000


class GetStatistics(Command):
    """Ask for the RTP counters of a call, which come in `Done.statistics`."""

    op: Literal["get_statistics"] = "get_statistics"
    call: str


class LearnName(Command):
    """Keep the addresses of a name in `allow_hosts`, which a worker never looks up itself."""

    op: Literal["learn_name"] = "learn_name"
    name: str
    addresses: tuple[str, ...]


class Trace(Command):
    """Send a `SipTraced` notice for these SIP messages. `Done` comes after those for what was traced before."""

    op: Literal["trace"] = "trace"
    traced: Traced


class Ping(Command):
    """Answer `Done`, after the `Ended` of each call that has ended; it also shows that the worker runs."""

    op: Literal["ping"] = "ping"


class Quit(Command):
    """Hang up all calls and exit. `Done` comes just before the exit."""

    op: Literal["quit"] = "quit"


class Reset(Command):
    """Hang up all calls and return to the state after the start, for the next lease."""

    op: Literal["reset"] = "reset"


AnyCommand = Annotated[
    Dial
    | Ring
    | Answer
    | Reject
    | HangUp
    | Hold
    | Resume
    | Renegotiate
    | SendDigit
    | SendInfo
    | Transfer
    | FollowRefers
    | UseCredentials
    | Play
    | StopPlaying
    | Record
    | StopRecording
    | OpenPcm
    | GetStatistics
    | LearnName
    | Trace
    | Ping
    | Quit
    | Reset,
    Field(discriminator="op"),
]

# --- notices ------------------------------------------------------------------------------------------------


class Notice(Message):
    """Base of all notices; `at` is the time at which the worker saw the cause."""

    at: float


class Statistics(Message):
    """RTP and RTCP counters of one call, since its media started."""

    sent_packets: int
    received_packets: int
    lost_packets: int
    """Packets that did not arrive here."""
    discarded_packets: int
    """Packets that came too late or too early for the jitter buffer."""
    jitter_ms: float
    remote_lost_packets: int
    """Packets that did not arrive at the peer, by its RTCP reports."""
    round_trip_ms: float


class Ready(Notice):
    """The worker listens. Its first notice."""

    kind: Literal["ready"] = "ready"
    pid: int
    host: str
    port: int
    """SIP port for both UDP and TCP."""
    codecs: frozenset[AudioCodec]
    """The codecs that this build of PJSIP has."""


class Done(Notice):
    """The command `id` was carried out."""

    kind: Literal["done"] = "done"
    id: int
    statistics: Statistics | None = None
    descriptors: int = 0
    """Number of file descriptors that are sent with this line."""


class Refused(Notice):
    """The command `id` could not be carried out; `error` names the value and what is allowed.

    With `call_ended` because its call has ended: `status` and `reason` say how. Without it, they are those of the
    SIP response that refused the request, or 0 and empty.
    """

    kind: Literal["refused"] = "refused"
    id: int
    error: str
    call_ended: bool = False
    status: int = 0
    reason: str = ""


class CallNotice(Notice):
    """Base of the notices about one call; `call` is its key."""

    call: str


class Dialling(CallNotice):
    """An INVITE was sent. The first notice of an outgoing call."""

    kind: Literal["dialling"] = "dialling"
    sip_call_id: str
    local_uri: str
    remote_uri: str
    referred_by: str | None = None
    """Key of the call whose peer asked for this one with a REFER; None for a call that the parent dialled."""


class Incoming(CallNotice):
    """An INVITE was received, and answered with 100 Trying only. The first notice of an incoming call."""

    kind: Literal["incoming"] = "incoming"
    sip_call_id: str
    request_uri: str
    from_uri: str
    """The URI of From, without display name and header parameters."""
    from_name: str
    to_uri: str
    headers: Headers
    """All header fields of the INVITE, with long names."""
    sdp: str | None
    """The offer; None when the INVITE has none."""
    codecs: tuple[str, ...]
    """Encoding names of the offer in upper case, in its order, without telephone-event."""
    telephone_event: bool
    refusal: str = ""
    """Why the offer cannot be accepted with any codec; empty when it can."""
    source: str
    """`host:port` from which the INVITE was received."""


class Trying(CallNotice):
    """100 Trying was received (outgoing calls)."""

    kind: Literal["trying"] = "trying"
    headers: Headers


class TargetChanged(CallNotice):
    """The peer has another Contact from now on (RFC 3261 §12.2.2)."""

    kind: Literal["target_changed"] = "target_changed"
    uri: str


class Ringing(CallNotice):
    """A provisional response without SDP was received (outgoing calls)."""

    kind: Literal["ringing"] = "ringing"
    status: int
    reason: str
    headers: Headers = ()


class EarlyMedia(CallNotice):
    """A provisional response with SDP was received, and its media is up (outgoing calls)."""

    kind: Literal["early_media"] = "early_media"
    status: int
    reason: str
    headers: Headers = ()


class Answered(CallNotice):
    """The dialog is confirmed (RFC 3261 §12): the INVITE was answered with 200, and that was acknowledged."""

    kind: Literal["answered"] = "answered"
    status: int = 200
    reason: str = "OK"
    headers: Headers = ()
    """Header fields of the 200 for outgoing calls, of the ACK for incoming ones."""


class Media(CallNotice):
    """Audio was negotiated or renegotiated. Comes after the `EarlyMedia` or `Answered` that brought it."""

    kind: Literal["media"] = "media"
    codec: str
    """Encoding name, upper case."""
    clock_rate: int
    """Clock rate of the RTP timestamps in Hz (8000 for G722, RFC 3551 §4.5.2)."""
    payload_type: int
    telephone_event: int | None
    """Negotiated payload type of telephone-events (RFC 4733), or None."""
    answered: tuple[str, ...] = ()
    """The codecs that the peer's answer lists, in its order; empty when this side has answered."""
    listed_events: str = ""
    """The events that the peer receives, such as `0-15` (RFC 4733 §2.4.1); empty without telephone-event."""
    direction: Direction
    local_rtp: str
    """`host:port`"""
    remote_rtp: str


class VideoMedia(CallNotice, NegotiatedVideo):
    """Video was negotiated or renegotiated. Comes after `Media`."""

    kind: Literal["video_media"] = "video_media"


class MediaAgreed(CallNotice):
    """An exchange of offer and answer is complete (RFC 3264), in a call through a relay.

    Both descriptions have that side's own addresses, not the relay's.
    """

    kind: Literal["media_agreed"] = "media_agreed"
    local: str
    remote: str
    section: int
    """Index of the audio section in both."""


class DigitStart(CallNotice):
    """A received digit has started. Only for telephone-event: a SIP INFO has a whole digit."""

    kind: Literal["digit_start"] = "digit_start"
    digit: str
    method: DigitMethod


class DigitEnd(CallNotice):
    """A received digit has ended. One for each digit, whatever the method."""

    kind: Literal["digit_end"] = "digit_end"
    digit: str
    method: DigitMethod
    duration_ms: int
    stated_ms: int | None = None
    """The duration in the body of a SIP INFO, where it is outside the limits and `duration_ms` is the limit."""


class DigitsSent(CallNotice):
    """All digits of a `Call.send_digits` were sent. Made by the parent."""

    kind: Literal["digits_sent"] = "digits_sent"
    digits: str
    method: DigitMethod


class DigitsFailed(CallNotice):
    """These last digits of a `Call.send_digits` could not be sent. Made by the parent."""

    kind: Literal["digits_failed"] = "digits_failed"
    digits: str
    method: DigitMethod
    error: str


class InfoReceived(CallNotice):
    """A SIP INFO was received that is not a DTMF digit; one that should be, by its Content-Type, was answered 400."""

    kind: Literal["info"] = "info"
    content_type: str
    body: str
    status: int = 200
    """How it was answered."""


class Held(CallNotice):
    """`by` has put the call on hold with a re-INVITE (RFC 3264 §8.4)."""

    kind: Literal["held"] = "held"
    by: Side


class Resumed(CallNotice):
    """The call is no longer on hold; `by` is the side that had put it on hold."""

    kind: Literal["resumed"] = "resumed"
    by: Side


class TransferRequested(CallNotice):
    """A REFER to `to` was received, and answered with `status`."""

    kind: Literal["transfer_requested"] = "transfer_requested"
    to: str
    status: int = 603


class TransferProgress(CallNotice):
    """Progress of a transfer that we asked for: the response to our REFER, then the sipfrag of each NOTIFY.

    `final` when no more will come.
    """

    kind: Literal["transfer_progress"] = "transfer_progress"
    status: int
    """0 when the subscription has ended without one."""
    reason: str
    final: bool
    expires_s: int | None = None
    """How long the subscription lasts, when the NOTIFY says so."""


class HeldSlots(Notice):
    """How many call slots PJSIP holds for calls whose `Ended` was sent, because their BYEs were not answered yet.

    Comes before the `Ended` that leaves a slot held, and when slots become free.
    """

    kind: Literal["held_slots"] = "held_slots"
    count: int


class Ended(CallNotice):
    """The call has ended. Its last notice."""

    kind: Literal["ended"] = "ended"
    status: int
    """Final status of the INVITE, or 200 after a BYE."""
    reason: str
    by: Side
    headers: Headers = ()
    """Header fields of the final response or BYE that ended the call, when the peer sent it."""


class DestinationRefused(Notice):
    """The worker did not send to a host, because packets may not go there.

    With `sent_to` the message was sent there instead: to where the messages of its call come from.
    """

    kind: Literal["destination_refused"] = "destination_refused"
    exit: Literal["worker", "worker media"]
    host: str
    port: int | None
    because: str
    sip_call_id: str | None = None
    sent_to: str | None = None


class MessageRefused(Notice):
    """The worker answered a request with an error, because its form is invalid, or ignored an unusable message."""

    kind: Literal["message_refused"] = "message_refused"
    status: int | None
    """None: it was not answered."""
    why: str
    """The reason phrase, or why the message was ignored."""
    peer: tuple[str, int]
    """Host and port that the message came from."""
    transport: Literal["UDP", "TCP"]
    text: str
    """The message decoded as Latin-1, so that each byte is one character."""


class Crashed(Notice):
    """The worker process exited unexpectedly. Made by the parent, after an `Ended` by "worker" for each call."""

    kind: Literal["crashed"] = "crashed"
    pid: int
    how: str
    """Exit status or signal."""


class SipTraced(Notice):
    """A SIP message was sent or received at `at`."""

    kind: Literal["sip_traced"] = "sip_traced"
    sent: bool
    transport: Literal["UDP", "TCP"]
    peer: str
    """`host:port`"""
    text: str
    """The message decoded as Latin-1, so that each byte is one character."""


class LogLine(Notice):
    """The worker has logged `text`, with this level."""

    kind: Literal["log"] = "log"
    level: LogLevel
    text: str


AnyCallNotice = (
    Dialling
    | Incoming
    | Trying
    | TargetChanged
    | Ringing
    | EarlyMedia
    | Answered
    | Media
    | VideoMedia
    | MediaAgreed
    | DigitStart
    | DigitEnd
    | DigitsSent
    | DigitsFailed
    | InfoReceived
    | Held
    | Resumed
    | TransferRequested
    | TransferProgress
    | Ended
)
AnyNotice = Annotated[
    Ready
    | Done
    | Refused
    | AnyCallNotice
    | DestinationRefused
    | MessageRefused
    | HeldSlots
    | Crashed
    | SipTraced
    | LogLine,
    Field(discriminator="kind"),
]

COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)
NOTICES: TypeAdapter[AnyNotice] = TypeAdapter(AnyNotice)
