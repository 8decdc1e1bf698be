"""What can be done with a call of a phone on the page now, by its state."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from fake_daily_server.media.phone_talks import PhoneTalks
from fake_daily_server.sandbox.forms import Field, form
from fake_daily_server.sandbox.rooms_panel import TARGETS
from simulator.dtmf_senders import BAD_SENDERS
from simulator.phone_call import PhoneCall

KEYS = "123456789*0#"


def call_actions(identity: str, path: str, call: PhoneCall, others: Iterable[PhoneCall], talks: PhoneTalks) -> str:
    """The forms for a call. `identity` begins their ids; `path` is that of the phone's routes.

    `others` are the phone's other calls, whose peers the call's peer can be connected to.
    """
    which = Field("sip_call_id", "", call.sip_call_id, fixed=True)
    prefix = f"{identity}-{call.sip_call_id}"

    def verb(name: str, button: str, *fields: Field, suffix: str = "") -> str:
        return form(f"{prefix}-{name}{suffix}", f"POST {path}/{name}", button, which, *fields)

    if call.state != "answered":
        hang_up = verb("hangup", "hang up")
        if not call.incoming:
            return hang_up
        return (
            verb("answer", "answer")
            + verb("ring", "ring (180)")
            + verb("reject", "decline", Field("status", "status", "603", "number"))
        )
    keys = "".join(verb("press", key, Field("tones", "", key, fixed=True), suffix=key) for key in KEYS)
    return (
        verb("hangup", "hang up")
        + _talk(prefix, path, call, which, talks)
        + verb("hold", "hold")
        + verb("resume", "resume")
        + f'<div class="keys" role="group" aria-label="keys">{keys}</div>'
        + verb(
            "press",
            "press",
            Field("tones", "digits", "12#"),
            Field("method", "as", "auto", choices=("auto", "telephone-event", "sip-info", "in-band")),
            Field("duration_ms", "ms each", "100", "number"),
            suffix="-digits",
        )
        + verb(
            "press-like",
            "press like",
            Field("sender", "bad sender", "no-marker", choices=tuple(BAD_SENDERS)),
            Field("stream", "in", "same", choices=("same", "own")),
        )
        + verb("hum", "tone", Field("hz", "Hz", "440", "number"), Field("seconds", "s", "2", "number"))
        + verb("say", "speak", Field("what", "text", "Hello, who is there?"))
        + verb("play", "play", Field("path", "WAV file of the server's machine"))
        + verb("stop-playing", "stop playing")
        + verb("transfer", "transfer", Field("to", "to", suggestions=TARGETS))
        + "".join(
            verb(
                "attended-transfer",
                f"transfer to the call with {other.remote_name or other.remote}",
                Field("to_call", "", other.sip_call_id, fixed=True),
                suffix=f"-{other.sip_call_id}",
            )
            for other in others
            if other.state == "answered"
        )
    )


def _talk(prefix: str, path: str, call: PhoneCall, which: Field, talks: PhoneTalks) -> str:
    """The button that connects the microphone, or what can be done with the microphone that is connected."""
    talk = talks.of(call)
    if talk is None:
        return (
            f'<button type="button" title="POST {escape(path)}/talk" data-talk="{escape(path)}" '
            f'data-call="{escape(call.sip_call_id)}" data-phone="{escape(call.phone)}">talk</button>'
        )
    mute = form(
        f"{prefix}-mute",
        f"POST {path}/mute",
        "unmute" if talk.muted else "mute",
        which,
        Field("muted", "", "" if talk.muted else "true", "boolean", fixed=True),
    )
    return (
        f'<span class="talk" data-talked="{escape(call.sip_call_id)}">microphone '
        f"{'muted' if talk.muted else 'connected'} {mute} "
        + form(f"{prefix}-stop-talking", f"POST {path}/stop-talking", "stop talking", which)
        + "</span>"
    )
