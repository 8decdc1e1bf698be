"""What a row of the page opens to: the whole message or record, and what does or expects it, to be copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fake_daily_server.recordings.record_request import Request
from fake_daily_server.recordings.record_step import as_python, as_yaml, name_of
from fake_daily_server.report.step import DAILY, Step


def row_detail(step: Step, does: Mapping[str, Any] | None, request: Request | None, url: str, api_key: str) -> str:
    """The HTML of an opened row. `does` is the step of a scenario for it, `request` repeats it; None without one."""
    ends = f"{step.source} → {step.target}" if step.target else step.source
    sdp = (
        f'<details class="sdp" open><summary>session description</summary><pre tabindex="0">{escape(step.sdp)}</pre>'
        "</details>"
        if step.sdp
        else ""
    )
    buttons = "".join(
        f'<button type="button" data-copy="{escape(text)}">{label}</button> '
        for label, text in _copies(does, request, url, api_key)
    )
    return (
        f'<p>{escape(ends)}: {escape(step.label)}</p><p class="copies">{buttons}</p>'
        f'<pre tabindex="0">{escape(step.detail())}</pre>{sdp}'
    )


def _copies(
    does: Mapping[str, Any] | None, request: Request | None, url: str, api_key: str
) -> Iterator[tuple[str, str]]:
    if request is not None:
        yield "copy as curl", request.curl(url, api_key)
    if does is not None:
        yield "copy as scenario step", as_yaml(does)
        yield "copy as pytest", as_python(does)


def step_of_message(step: Step) -> Mapping[str, Any] | None:
    """What a phone does to send a SIP message, or expects to receive it; None for one that no step is about."""
    name = step.label.partition(" · ")[0]
    if step.source != DAILY:
        phone = name_of(step.source)
        if name == "INVITE":
            return {"phone": phone, "dial": "$room.sip_uri" if step.target == DAILY else str(step.target)}
        does = {"180 Ringing": "ring", "200 OK": "answer", "BYE": "hangup"}.get(name)
        if does is None and name[:1] in "456" and "(" not in name:
            return {"phone": phone, "do": "reject", "status": int(name[:3])}
        return None if does is None else {"phone": phone, "do": does}
    phone = name_of(step.target)
    expected = {"INVITE": "call", "180 Ringing": "ringing", "200 OK": "answered", "BYE": "ended"}.get(name)
    if expected is None and name[:1] in "456" and "(" not in name:
        return {"phone": phone, "expect": "ended", "status": int(name[:3])}
    return None if expected is None else {"phone": phone, "expect": expected}
