"""What parent and worker say to each other: commands down, notices up, one JSON line each.

Times are `time.monotonic()` seconds, which all processes of one machine share. Durations are in ms.
A `call` is the key that parent and worker use for one SIP dialog (`o1`, `o2`, … for calls that the parent
started, `i1`, `i2`, … for incoming ones); the Call-ID on the wire is `sip_call_id`.
Every command has an `id` and is answered by exactly one `Done` or `Refused` with that id.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

AudioCodec = Literal["OPUS", "G722", "PCMU", "PCMA", "GSM", "ILBC", "SPEEX"]
"""Encoding names of RFC 3551 as Daily spells them; the last three are for peers that Daily cannot talk to."""

VideoCodec = Literal["H264", "VP8"]
DigitMethod = Literal["telephone-event", "sip-info"]
Side = Literal["local", "remote", "worker"]
"""Who did it: this user agent, the SIP peer, or the worker process by dying."""

Headers = tuple[tuple[str, str], ...]
"""Header fields in wire order."""


class Message(BaseModel):
    """Immutable, and strict about unknown fields: both ends are this one package."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkerSettings(Message):
    """What a worker is told at birth. All of it stays for the worker's life."""

    label: str = "worker"
    """For process listings and log lines."""
    host: str = "127.0.0.1"
    proxy: str | None = None
    """`host:port` of the outbound proxy for calls dialled with `via_proxy`."""
    transaction_timeout_ms: int = 4000
    """How long a request may stay without any response before it counts as 408 (RFC 3261 timers B and F)."""
    audio_phase_ms: int | None = None
    """Where in each 20 ms of the machine's monotonic clock its calls' audio is handled; None: anywhere."""
    log_level: int = 1
    """PJSIP's: 1 errors, 4 every message."""


class RelayPorts(Message):
    """A relay that stands between a call and its peer. RTCP goes one port above RTP."""

    host: str
    outside: int
    """RTP port that the peer is told, in place of the call's own."""
    inside: int
    """RTP port that the call sends to, in place of the peer's."""


class VideoPort(Message):
    """Where a call wants its video. RTCP goes one port above RTP."""

    host: str
    rtp: int
    codecs: tuple[VideoCodec, ...]
    """In order of preference."""


# --- commands -----------------------------------------------------------------------------------------------


class Command(Message):
    """Base of all commands."""

    id: int


class Dial(Command):
    """Send an INVITE. `Done` says that it was sent; a `Dialling` notice came before it."""

    op: Literal["dial"] = "dial"
    call: str
    uri: str
    """To and Request-URI, `sip:` with an optional `;transport=tcp`."""
    via_proxy: bool = False
    codecs: tuple[AudioCodec, ...] = ("PCMU",)
    """The offer, in order of preference."""
    telephone_event: bool = True
    """Whether the offer has RFC 4733 telephone-event."""
    headers: Headers = ()
    caller: str | None = None
    """SIP URI for the From header; the worker's own when absent."""
    display_name: str | None = None
    relay: RelayPorts | None = None
    video: VideoPort | None = None
    """Offer video too."""


class Ring(Command):
    """Send a provisional response. With `early_media` it carries an SDP answer."""

    op: Literal["ring"] = "ring"
    call: str
    status: int = 180
    reason: str | None = None
    early_media: bool = False
    codecs: tuple[AudioCodec, ...] = ("PCMU",)
    telephone_event: bool = True
    relay: RelayPorts | None = None


class Answer(Command):
    """Accept an incoming call. The first of `codecs` that the offer has is the answer; none in common is a 488."""

    op: Literal["answer"] = "answer"
    call: str
    codecs: tuple[AudioCodec, ...] = ("PCMU",)
    telephone_event: bool = True
    headers: Headers = ()
    relay: RelayPorts | None = None
    video: VideoPort | None = None
    """Take video too, if it is offered in one of these codecs."""


class Reject(Command):
    """Refuse an incoming call with any final response."""

    op: Literal["reject"] = "reject"
    call: str
    status: int = 486
    reason: str | None = None
    headers: Headers = ()


class HangUp(Command):
    """End a call in whatever state: CANCEL, BYE, or a final response."""

    op: Literal["hang_up"] = "hang_up"
    call: str
    headers: Headers = ()


class Hold(Command):
    """Re-INVITE with sendonly."""

    op: Literal["hold"] = "hold"
    call: str


class Resume(Command):
    """Re-INVITE back to sendrecv."""

    op: Literal["resume"] = "resume"
    call: str


class Renegotiate(Command):
    """Re-INVITE that offers these codecs and no others; `Done` when the peer has taken one."""

    op: Literal["renegotiate"] = "renegotiate"
    call: str
    codecs: tuple[AudioCodec, ...]


class SendDigits(Command):
    """Send DTMF digits one after the other. `Done` comes at once; `DigitsSent` when the last one is over."""

    op: Literal["send_digits"] = "send_digits"
    call: str
    digits: str
    """0-9 A-D * #, and `,` for a pause of 1 s."""
    method: DigitMethod = "telephone-event"
    duration_ms: int = 100
    gap_ms: int = 100
    info_type: Literal["application/dtmf-relay", "application/dtmf"] = "application/dtmf-relay"


class SendInfo(Command):
    """Send a SIP INFO (RFC 6086) with any body."""

    op: Literal["send_info"] = "send_info"
    call: str
    content_type: str
    body: str


class Transfer(Command):
    """Send a REFER; with `replaces` (another call of this worker) an attended one."""

    op: Literal["transfer"] = "transfer"
    call: str
    to: str
    replaces: str | None = None


class FollowRefers(Command):
    """From now on answer REFERs (RFC 3515) with `status`: 202 calls whom they name, if on this machine, others refuse.

    603 until then. The new call comes with a `Dialling` notice that has `referred_by`.
    """

    op: Literal["follow_refers"] = "follow_refers"
    status: int = 202


class Play(Command):
    """Play a WAV file (16-bit PCM) into the call."""

    op: Literal["play"] = "play"
    call: str
    path: str
    loop: bool = False


class StopPlaying(Command):
    """Stop what `Play` started."""

    op: Literal["stop_playing"] = "stop_playing"
    call: str


class Record(Command):
    """Record what the call hears to a WAV file."""

    op: Literal["record"] = "record"
    call: str
    path: str


class StopRecording(Command):
    """Finish the file that `Record` started; `Done` means that it is complete on disk."""

    op: Literal["stop_recording"] = "stop_recording"
    call: str


class OpenPcm(Command):
    """Open the call's PCM channel; `Done` carries one file descriptor.

    It is a datagram socket: each datagram is one 20 ms frame of 16-bit mono PCM at `rate` Hz, both ways.
    """

    op: Literal["open_pcm"] = "open_pcm"
    call: str
    rate: Literal[8000, 16000, 48000] = 16000


class GetStatistics(Command):
    """Ask for the RTP counters of a call; they come in `Done.statistics`."""

    op: Literal["get_statistics"] = "get_statistics"
    call: str


class Trace(Command):
    """From now on, or no longer, give notice of every SIP message; `Done` comes after the last one of before."""

    op: Literal["trace"] = "trace"
    on: bool


class Quit(Command):
    """Hang up everything and end the process."""

    op: Literal["quit"] = "quit"


class Reset(Command):
    """Hang up everything and be as new, for the next lease."""

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
    | SendDigits
    | SendInfo
    | Transfer
    | FollowRefers
    | Play
    | StopPlaying
    | Record
    | StopRecording
    | OpenPcm
    | GetStatistics
    | Trace
    | Quit
    | Reset,
    Field(discriminator="op"),
]

# --- notices ------------------------------------------------------------------------------------------------


class Notice(Message):
    """Base of all notices; `at` is when the worker saw the cause."""

    at: float


class Statistics(Message):
    """RTP and RTCP counters of one call at one moment."""

    sent_packets: int
    received_packets: int
    lost_packets: int
    """As seen by our receiver."""
    discarded_packets: int
    jitter_ms: float
    remote_lost_packets: int
    """As the peer's RTCP reports say."""
    round_trip_ms: float


class Ready(Notice):
    """First notice of a worker."""

    kind: Literal["ready"] = "ready"
    pid: int
    host: str
    port: int
    """UDP and TCP."""
    codecs: frozenset[AudioCodec]
    """What this build of PJSIP speaks."""


class Done(Notice):
    """A command was carried out."""

    kind: Literal["done"] = "done"
    id: int
    statistics: Statistics | None = None
    descriptors: int = 0
    """How many file descriptors travel with this line."""


class Refused(Notice):
    """A command could not be carried out; `error` names the value and what is allowed.

    With `call_ended` the reason is that the call is over, and `status` and `reason` say how it ended.
    """

    kind: Literal["refused"] = "refused"
    id: int
    error: str
    call_ended: bool = False
    status: int = 0
    reason: str = ""


class CallNotice(Notice):
    """Base of the notices about one call."""

    call: str


class Dialling(CallNotice):
    """The INVITE is on its way."""

    kind: Literal["dialling"] = "dialling"
    sip_call_id: str
    local_uri: str
    remote_uri: str
    referred_by: str | None = None
    """The call whose peer asked for this one with a REFER; None for calls that the parent asked for."""


class Incoming(CallNotice):
    """An INVITE came in. Nothing but 100 Trying was answered yet."""

    kind: Literal["incoming"] = "incoming"
    sip_call_id: str
    request_uri: str
    from_uri: str
    """Without display name and parameters of the header."""
    from_name: str
    to_uri: str
    headers: Headers
    """All header fields of the INVITE."""
    sdp: str | None
    """The offer."""
    codecs: tuple[str, ...]
    """Encoding names in the offer, upper case, in its order, telephone-event left out."""
    telephone_event: bool
    source: str
    """`host:port` that the INVITE came from."""


class Ringing(CallNotice):
    """A provisional response without SDP came in (outgoing calls)."""

    kind: Literal["ringing"] = "ringing"
    status: int
    reason: str
    headers: Headers = ()


class EarlyMedia(CallNotice):
    """A provisional response with SDP came in, and the media of it is up (outgoing calls)."""

    kind: Literal["early_media"] = "early_media"
    status: int
    reason: str
    headers: Headers = ()


class Answered(CallNotice):
    """The dialog is confirmed: 200 and ACK have passed."""

    kind: Literal["answered"] = "answered"
    status: int = 200
    reason: str = "OK"
    headers: Headers = ()
    """Of the 200 for outgoing calls."""


class Media(CallNotice):
    """Media is up or has changed. Always after the `EarlyMedia` or `Answered` that brought it."""

    kind: Literal["media"] = "media"
    codec: str
    """Encoding name, upper case."""
    clock_rate: int
    """Of RTP timestamps, Hz (8000 for G722, RFC 3551 §4.5.2)."""
    payload_type: int
    telephone_event: int | None
    """Negotiated payload type of RFC 4733 events, or None."""
    direction: Literal["sendrecv", "sendonly", "recvonly", "inactive"]
    local_rtp: str
    """`host:port`"""
    remote_rtp: str


class VideoMedia(CallNotice):
    """Video was negotiated, or goes elsewhere than before. Always after `Media`."""

    kind: Literal["video_media"] = "video_media"
    codec: VideoCodec
    payload_type: int
    direction: Literal["sendrecv", "sendonly", "recvonly", "inactive"]
    """As the peer says."""
    remote_host: str
    remote_rtp: int
    remote_rtcp: int


class OriginalSdp(CallNotice):
    """A session description of a relayed call, as its maker made it: its addresses are the real ones."""

    kind: Literal["original_sdp"] = "original_sdp"
    by: Literal["local", "remote"]
    sdp: str


class DigitStart(CallNotice):
    """A digit begins (telephone-event only; a SIP INFO has no beginning)."""

    kind: Literal["digit_start"] = "digit_start"
    digit: str
    method: DigitMethod


class DigitEnd(CallNotice):
    """A digit is over; one per key press, whatever the method."""

    kind: Literal["digit_end"] = "digit_end"
    digit: str
    method: DigitMethod
    duration_ms: int


class DigitsSent(CallNotice):
    """All digits of a `SendDigits` are out; `id` is that command's."""

    kind: Literal["digits_sent"] = "digits_sent"
    id: int


class DigitsFailed(CallNotice):
    """The rest of a `SendDigits` cannot be sent; `id` is that command's."""

    kind: Literal["digits_failed"] = "digits_failed"
    id: int
    error: str


class InfoReceived(CallNotice):
    """A SIP INFO that is not DTMF."""

    kind: Literal["info"] = "info"
    content_type: str
    body: str


class Held(CallNotice):
    """The call is on hold; `by` says whose re-INVITE did it."""

    kind: Literal["held"] = "held"
    by: Side


class Resumed(CallNotice):
    """The call is off hold."""

    kind: Literal["resumed"] = "resumed"
    by: Side


class TransferRequested(CallNotice):
    """The peer sent a REFER, and the worker answered it with `status`."""

    kind: Literal["transfer_requested"] = "transfer_requested"
    to: str
    status: int = 603


class TransferProgress(CallNotice):
    """News of a transfer that we asked for: the REFER's own response, then each NOTIFY."""

    kind: Literal["transfer_progress"] = "transfer_progress"
    status: int
    reason: str
    final: bool


class Ended(CallNotice):
    """The last notice of a call."""

    kind: Literal["ended"] = "ended"
    status: int
    """Final SIP status of the INVITE, or 200 after a BYE."""
    reason: str
    by: Side
    headers: Headers = ()
    """Of the final response or the BYE, when the peer sent it."""


class Crashed(Notice):
    """The worker process died; made by the parent. Each call of it gets an `Ended` by `worker` first."""

    kind: Literal["crashed"] = "crashed"
    pid: int
    how: str


class SipTraced(Notice):
    """A SIP message that was sent or received; `at` is when."""

    kind: Literal["sip_traced"] = "sip_traced"
    sent: bool
    transport: Literal["UDP", "TCP"]
    peer: str
    """`host:port`"""
    text: str
    """The bytes, each as the character with its number."""
    missing_bytes: int
    """Bytes at the end that are missing."""


class LogLine(Notice):
    """Something worth keeping that belongs to no call."""

    kind: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"]
    text: str


AnyCallNotice = (
    Dialling
    | Incoming
    | Ringing
    | EarlyMedia
    | Answered
    | Media
    | VideoMedia
    | OriginalSdp
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
    Ready | Done | Refused | AnyCallNotice | Crashed | SipTraced | LogLine, Field(discriminator="kind")
]

COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)
NOTICES: TypeAdapter[AnyNotice] = TypeAdapter(AnyNotice)
