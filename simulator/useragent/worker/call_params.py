"""PJSUA2's parameters of a request or response on a call."""

from __future__ import annotations

from typing import Any

from simulator.useragent.messages import Headers
from simulator.useragent.worker.pjsip import pj


def call_params(status: int = 0, reason: str | None = None, headers: Headers = ()) -> Any:
    """Make a `pj.CallOpParam` with one audio stream and no video; `status` 0 leaves the choice to PJSIP.

    PJSIP aborts the process when it is asked for video.
    """
    prm = pj.CallOpParam(True)
    prm.opt.audioCount = 1
    prm.opt.videoCount = 0
    if status:
        prm.statusCode = status
    if reason is not None:
        prm.reason = reason
    for name, value in headers:
        header = pj.SipHeader()
        header.hName = name
        header.hValue = value
        prm.txOption.headers.append(header)
    return prm
