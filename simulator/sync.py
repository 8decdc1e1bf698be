"""Handles for plain tests: the same verbs, blocking. Written by simulator/sync_forms.py; do not edit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from simulator.audio.party import AnyParty
from simulator.audio.quality import Quality
from simulator.behaviour import CallPlan, PhoneSpec
from simulator.capture import Capture
from simulator.dtmf import DigitMethod
from simulator.front_door import Group
from simulator.network import Dialable, Network
from simulator.owner_loop import OwnerLoop
from simulator.phone import Phone
from simulator.phone_call import HeardDigit, PhoneCall, PressMethod
from simulator.relay import Direction, Faults, RelayPath, Tap
from simulator.useragent import messages
from simulator.useragent.messages import AudioCodec, VideoCodec
from simulator.video.seen import VideoSeen


class SyncPhoneCall:
    """A call of a `Phone`, in either direction. Every verb can be awaited from any loop."""

    def __init__(self, handle: PhoneCall) -> None:
        self.handle = handle
        """The async form."""
        self._owner_loop: OwnerLoop = handle.owner_loop

    def __repr__(self) -> str:
        return repr(self.handle)

    @property
    def phone(self) -> str:
        return self.handle.phone

    @property
    def plan(self) -> CallPlan | None:
        """How the phone was told to take it; None for calls that it dialled."""
        return self.handle.plan

    @property
    def heard(self) -> list[HeardDigit]:
        """Every key that the other side pressed, oldest first."""
        return self.handle.heard

    @property
    def infos(self) -> list[messages.InfoReceived]:
        """SIP INFO bodies that were no digits."""
        return self.handle.infos

    @property
    def headers(self) -> dict[str, str]:
        """Header fields received: of the INVITE for an incoming call, of the answer for a dialled one."""
        return self.handle.headers

    @property
    def remote(self) -> str:
        """The other side's SIP URI."""
        return self.handle.remote

    @property
    def remote_name(self) -> str:
        """The other side's display name."""
        return self.handle.remote_name

    @property
    def held_by(self) -> messages.Side | None:
        return self.handle.held_by

    @property
    def sip_call_id(self) -> str:
        """The Call-ID on the wire."""
        return self.handle.sip_call_id

    @property
    def incoming(self) -> bool:
        """Whether the phone was called, not calling."""
        return self.handle.incoming

    @property
    def state(self) -> str:
        """`dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`."""
        return self.handle.state

    @property
    def media(self) -> messages.Media | None:
        """What was negotiated: codec, clock rate, payload types, telephone-event or not."""
        return self.handle.media

    @property
    def ended(self) -> messages.Ended | None:
        """How it ended: SIP status, reason, and by whom; None while it has not."""
        return self.handle.ended

    @property
    def digits(self) -> str:
        """All keys heard so far, as one text."""
        return self.handle.digits

    @property
    def video_seen(self) -> VideoSeen | None:
        """What the phone sees: how many pictures, how large, and which test cards; None when there is no video."""
        return self.handle.video_seen

    @property
    def tap(self) -> RelayPath | None:
        """What the relay knows of the call's packets; None without a relay, or before it is dialled or answered."""
        return self.handle.tap

    @property
    def packets_heard(self) -> Tap | None:
        """Every packet that the other side sends, as far as it is kept."""
        return self.handle.packets_heard

    @property
    def packets_said(self) -> Tap | None:
        """Every packet that the phone sends, as far as it is kept."""
        return self.handle.packets_said

    @property
    def codec_on_the_wire(self) -> str | None:
        """What the newest packets of voice are, "PCMU", or "PCMU, PCMA" when the phone hears another than it sends.

        None without a relay, and as long as a side is silent.
        """
        return self.handle.codec_on_the_wire

    @property
    def explanation(self) -> str | None:
        """Why the call is not where one might expect it, when the phone itself is the reason."""
        return self.handle.explanation

    def answer(self) -> None:
        """Pick up, with the phone's codecs."""
        self._owner_loop.call(self.handle.answer())

    def ring(self, *, early_media: bool = False) -> None:
        """Say 180 Ringing, or 183 Session Progress with media."""
        self._owner_loop.call(self.handle.ring(early_media=early_media))

    def reject(self, status: int = 486, reason: str | None = None) -> None:
        """Refuse an incoming call with any final SIP status."""
        self._owner_loop.call(self.handle.reject(status, reason))

    def hang_up(self) -> None:
        """End the call in whatever state it is; nothing happens when it is over already."""
        self._owner_loop.call(self.handle.hang_up())

    def hold(self) -> None:
        """Put the other side on hold."""
        self._owner_loop.call(self.handle.hold())

    def resume(self) -> None:
        """Take the other side off hold."""
        self._owner_loop.call(self.handle.resume())

    def change_codec(self, codecs: Sequence[AudioCodec]) -> None:
        """Offer these codecs for the rest of the call (re-INVITE); returns when the other side has taken one.

        CallRefused (488) when it takes none: the call goes on as before.
        """
        self._owner_loop.call(self.handle.change_codec(codecs))

    def press(self, digits: str, *, method: PressMethod = "auto", duration_ms: int = 100, gap_ms: int = 100) -> None:
        """Press keys (0-9 A-D * #, `,` pauses 1 s) and return when the last one is released.

        `auto` takes telephone-event when it was negotiated, else SIP INFO; `in-band` are tones in the sound.
        """
        self._owner_loop.call(self.handle.press(digits, method=method, duration_ms=duration_ms, gap_ms=gap_ms))

    def send_info(self, content_type: str, body: str) -> None:
        """Send a SIP INFO with any body."""
        self._owner_loop.call(self.handle.send_info(content_type, body))

    def transfer(self, to: str) -> None:
        """Send the other side elsewhere with a REFER."""
        self._owner_loop.call(self.handle.transfer(to))

    def play(self, path: str | Path, *, loop: bool = False) -> None:
        """Play a WAV file (16-bit PCM) to the other side."""
        self._owner_loop.call(self.handle.play(path, loop=loop))

    def record(self, path: str | Path) -> None:
        """Record what the other side says to a WAV file, until `stop_recording` or the end."""
        self._owner_loop.call(self.handle.record(path))

    def stop_recording(self) -> None:
        """Finish the recording; the file is complete afterwards."""
        self._owner_loop.call(self.handle.stop_recording())

    def statistics(self) -> messages.Statistics:
        """RTP counters of this moment."""
        return self._owner_loop.call(self.handle.statistics())

    def say(self, what: str | float, *, dbfs: float = -20) -> None:
        """Talk: a stand-in for a text, as long as saying it takes, or so many seconds of babble."""
        self._owner_loop.call(self.handle.say(what, dbfs=dbfs))

    def hum(self, hz: float, *, seconds: float | None = None, dbfs: float = -20) -> None:
        """A tone, for so many seconds or until something else is said."""
        self._owner_loop.call(self.handle.hum(hz, seconds=seconds, dbfs=dbfs))

    def hush(self) -> None:
        """Stop what `say`, `hum` and in-band keys began, and forget what waits."""
        self._owner_loop.call(self.handle.hush())

    def finish_talking(self, *, within: float = 30) -> None:
        """Return when all was said."""
        self._owner_loop.call(self.handle.finish_talking(within=within))

    def listen(self) -> None:
        """Begin to keep what is heard; every other verb of sound does so by itself."""
        self._owner_loop.call(self.handle.listen())

    def expect_tone(self, hz: float, *, within: float = 5) -> None:
        """A tone is heard for 0.3 s, from now on, alone or among others."""
        self._owner_loop.call(self.handle.expect_tone(hz, within=within))

    def expect_tones(self, frequencies: Collection[float], *, within: float = 5) -> None:
        """Exactly these tones are heard at once for 0.3 s, from now on: none of them is missing, none is more."""
        self._owner_loop.call(self.handle.expect_tones(frequencies, within=within))

    def expect_silence(self, seconds: float = 1, *, within: float | None = None, below_dbfs: float = -50) -> None:
        """For so many seconds on end nothing is heard; they begin within 3 s when `within` is left out."""
        self._owner_loop.call(self.handle.expect_silence(seconds, within=within, below_dbfs=below_dbfs))

    def expect_speech(self, *, within: float = 5) -> None:
        """Somebody is heard to talk, from now on."""
        self._owner_loop.call(self.handle.expect_speech(within=within))

    def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None:
        """The next keys heard as tones are these; what was heard since the first verb of sound counts."""
        self._owner_loop.call(self.handle.expect_in_band_digits(digits, within=within))

    def expect_latency(self, to: AnyParty, *, at_most_ms: float | None = None, within: float = 5) -> float:
        """Milliseconds from this mouth to the ear of `to`, another call or a client, by chirps; at most so many."""
        return self._owner_loop.call(self.handle.expect_latency(to, at_most_ms=at_most_ms, within=within))

    def quality(self, *, delay_ms: float | None = None) -> Quality:
        """What listeners would say of what this call receives (E-model): `mos` 1 to 4.41, from its RTP counters."""
        return self._owner_loop.call(self.handle.quality(delay_ms=delay_ms))

    def expect_video(self, *, codec: VideoCodec | None = None, pictures: int = 5, within: float = 5) -> VideoSeen:
        """So many pictures come from now on, in `codec` when given. Returns all that was seen."""
        return self._owner_loop.call(self.handle.expect_video(codec=codec, pictures=pictures, within=within))

    def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Make the line bad from now on: what it does to the packets of one direction, or of both."""
        self._owner_loop.call(self.handle.impair(faults, direction=direction, seed=seed))

    def recover(self) -> None:
        """Make the line good again."""
        self._owner_loop.call(self.handle.recover())

    def wait_answered(self, *, within: float = 5) -> messages.Media:
        """The negotiated media once the call is answered and media is up."""
        return self._owner_loop.call(self.handle.wait_answered(within=within))

    def wait_for_digits(self, digits: str, *, method: DigitMethod | None = None, within: float = 5) -> None:
        """The next keys heard are `digits`, by `method` when given. What was matched is not looked at again."""
        self._owner_loop.call(self.handle.wait_for_digits(digits, method=method, within=within))

    def wait_for_end(self, *, within: float = 5) -> messages.Ended:
        """How the call ended, once it has."""
        return self._owner_loop.call(self.handle.wait_for_end(within=within))


class SyncPhone:
    """Made by `Network.phone`. Every verb can be awaited from any loop."""

    def __init__(self, handle: Phone) -> None:
        self.handle = handle
        """The async form."""
        self._owner_loop: OwnerLoop = handle.owner_loop

    def __repr__(self) -> str:
        return repr(self.handle)

    @property
    def spec(self) -> PhoneSpec:
        return self.handle.spec

    @property
    def id(self) -> str:
        return self.handle.id

    @property
    def name(self) -> str:
        return self.handle.name

    @property
    def number(self) -> str | None:
        return self.handle.number

    @property
    def uri(self) -> str:
        """What leads to it; any SIP peer of this machine can dial it through the network's address."""
        return self.handle.uri

    @property
    def calls(self) -> list[SyncPhoneCall]:
        """All its calls, oldest first."""
        return [SyncPhoneCall(each) for each in self.handle.calls]

    def dial(
        self, to: str, *, headers: Mapping[str, str] | None = None, display_name: str | None = None
    ) -> SyncPhoneCall:
        """Call a number or a SIP URI; returns once the INVITE is out. `wait_answered` tells what became of it.

        Raises HostNotAllowed for a host outside this machine that was not allowed by name.
        """
        return SyncPhoneCall(self._owner_loop.call(self.handle.dial(to, headers=headers, display_name=display_name)))

    def wait_for_call(self, *, within: float = 5) -> SyncPhoneCall:
        """The next incoming call that was not waited for yet."""
        return SyncPhoneCall(self._owner_loop.call(self.handle.wait_for_call(within=within)))

    def wait_plugged_in(self, *, within: float = 5) -> None:
        """Return once the phone has a worker, which it lacks for a moment after its worker has died."""
        self._owner_loop.call(self.handle.wait_plugged_in(within=within))

    def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Make the phone's line bad: for the calls that are up, and for those to come."""
        self._owner_loop.call(self.handle.impair(faults, direction=direction, seed=seed))

    def recover(self) -> None:
        """Make the phone's line good again."""
        self._owner_loop.call(self.handle.recover())

    def close(self) -> None:
        """Hang up everything and leave the network; the number is nobody's afterwards."""
        self._owner_loop.call(self.handle.close())

    @property
    def worker_pid(self) -> int | None:
        """Process id of its user agent."""
        return self.handle.worker_pid


class SyncNetwork:
    """Phones, their numbers, and the one SIP address that leads to all of them."""

    def __init__(self, handle: Network) -> None:
        self.handle = handle
        """The async form."""
        self._owner_loop: OwnerLoop = handle.owner_loop

    def __repr__(self) -> str:
        return repr(self.handle)

    @property
    def trunk(self) -> Group | None:
        """Takes the calls to the network's own address that are for no phone."""
        return self.handle.trunk

    @property
    def trunk_numbers(self) -> Callable[[str], bool]:
        """Which E.164 numbers, if no phone has them, are the trunk's too."""
        return self.handle.trunk_numbers

    @property
    def phones(self) -> list[SyncPhone]:
        return [SyncPhone(each) for each in self.handle.phones]

    @property
    def address(self) -> str:
        """`host:port` where the network takes SIP, UDP and TCP alike."""
        return self.handle.address

    def capture(self, path: str | Path, *, append: bool = False, title: str = "") -> Capture:
        """Write what is on the wire to a pcapng file: `async with network.capture("call.pcapng"):`, or plain `with`.

        With `append` it becomes another section of a file that there is; `title` is the section's comment.
        """
        return self.handle.capture(path, append=append, title=title)

    def phone(
        self,
        number: str | None = None,
        *,
        uri: str | None = None,
        name: str | None = None,
        codecs: Sequence[AudioCodec] = ("PCMU", "PCMA"),
        telephone_event: bool = True,
        video: Sequence[VideoCodec] = (),
        refers: Literal["refuse", "follow", "cannot"] = "refuse",
        lines: int = 4,
        calls: Sequence[CallPlan | str | dict[str, Any]] | str = (),
    ) -> SyncPhone:
        """A new phone. `calls` says how its incoming calls are taken, in turn; see `CallPlan`."""
        return SyncPhone(
            self._owner_loop.call(
                self.handle.phone(
                    number,
                    uri=uri,
                    name=name,
                    codecs=codecs,
                    telephone_event=telephone_event,
                    video=video,
                    refers=refers,
                    lines=lines,
                    calls=calls,
                )
            )
        )

    def install(self, spec: PhoneSpec) -> SyncPhone:
        """A new phone by its specification; a number or URI that is taken is a ConfigurationError."""
        return SyncPhone(self._owner_loop.call(self.handle.install(spec)))

    def reset(self) -> None:
        """No phones, no outages; numbers are free again."""
        self._owner_loop.call(self.handle.reset())

    def refuse(self, number: str, status: int = 503, reason: str = "Service Unavailable") -> None:
        """From now on calls to `number` get this final response from the network, whoever has it."""
        self.handle.refuse(number, status, reason)

    def restore(self, number: str) -> None:
        """Calls to `number` go through again."""
        self.handle.restore(number)

    def explanation(self) -> str | None:
        """What the phones whose calls are not answered, or have failed, were told to do; None when there is none."""
        return self.handle.explanation()

    def impair(self, number: str, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Make the line of the phone with this number bad, for calls that are up and to come; see `Phone.impair`."""
        self._owner_loop.call(self.handle.impair(number, faults, direction=direction, seed=seed))

    def recover(self, number: str) -> None:
        """Make the line of the phone with this number good again."""
        self._owner_loop.call(self.handle.recover(number))

    def resolve(self, target: str) -> Dialable:
        """Where to send an INVITE for a number or SIP URI; raises HostNotAllowed before any packet is sent."""
        return self.handle.resolve(target)
