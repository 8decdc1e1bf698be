"""The rules that daily-js checks before it sends a request, as the models of REST and signalling check them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from fake_daily_server.values.participants import Permissions
from fake_daily_server.values.telephony_requests import SendDtmf, SipCallTransfer, SipRefer, StartDialOut

PHONE = {"phoneNumber": "+12065550142"}
SIP = {"sipUri": "sip:bob@example.com"}
VIDEO = {**SIP, "video": True}
KEYS = {"sessionId": "s", "tones": "1"}
TRANSFER = {"sessionId": "s", "toEndPoint": "+12065550142"}
REFER = {"sessionId": "s", "toEndPoint": "sip:bob@example.com"}
ALL = {"video": True, "audio": True, "screenVideo": True, "screenAudio": True}
ALL_SIX = {**ALL, "customVideo": {"*": True}, "customAudio": {"*": False}}


@pytest.mark.parametrize(
    ("model", "request_body"),
    [
        (StartDialOut, PHONE),
        (StartDialOut, SIP),
        (StartDialOut, {**PHONE, "displayName": "n" * 199, "userId": "u" * 36}),
        (StartDialOut, {**PHONE, "extension": "1" * 20, "waitBeforeExtensionDialSec": 60}),
        (StartDialOut, {**PHONE, "extension": "1", "waitBeforeExtensionDialSec": 0.25}),
        (StartDialOut, {**PHONE, "callerId": "+14155550100"}),
        (StartDialOut, {**VIDEO, "videoSettings": {"width": 1280, "height": 720, "fps": 30, "videoBitrate": 1000}}),
        (StartDialOut, {**SIP, "codecs": {"audio": ["OPUS", "PCMU", "PCMA", "G722"], "video": ["H264", "VP8"]}}),
        (StartDialOut, {**PHONE, "codecs": {"audio": ["PCMA"], "video": ["AV1"]}}),
        (StartDialOut, {**PHONE, "codecs": {"video": []}}),
        (StartDialOut, {**SIP, "provider": "signalwire"}),
        (StartDialOut, {**SIP, "permissions": {"canReceive": {"base": {"audio": False}}}}),
        (StartDialOut, {**SIP, "permissions": {"canReceive": {"byUserId": {"u": True}, "byParticipantId": {"p": {}}}}}),
        (SendDtmf, {**KEYS, "tones": "0123456789ABCD*#0123"}),
        (SendDtmf, {**KEYS, "method": "telephone-event", "digitDurationMs": 50}),
        (SendDtmf, {**KEYS, "method": "sip-info", "digitDurationMs": 2000}),
        (SipCallTransfer, {**TRANSFER, "callerId": "+14155550100", "extension": "1", "waitBeforeExtensionDialSec": 0}),
        (SipCallTransfer, {**TRANSFER, "toEndPoint": "sip:demo.0@127.0.0.1:5060"}),
        (SipCallTransfer, {**TRANSFER, "toEndPoint": "SIP:a?b@example.com?X-a=1"}),
        (SipRefer, REFER),
        (SipRefer, {**REFER, "toEndPoint": "sIP:bob@example.com?X-a=+1"}),
        (Permissions, {"canReceive": {"base": ALL_SIX}}),
        (Permissions, {"canReceive": {"base": True, "byParticipantId": {"p": {"audio": False}}}}),
        (Permissions, {"canSend": ["video", "audio", "screenVideo", "screenAudio", "customVideo", "customAudio"]}),
        (Permissions, {"canAdmin": ["participants", "streaming", "transcription"]}),
    ],
)
def test_valid_requests_are_accepted(model: type[BaseModel], request_body: dict[str, Any]) -> None:
    assert model.model_validate(request_body)


@pytest.mark.parametrize(
    ("model", "request_body"),
    [
        pytest.param(StartDialOut, {}, id="no target"),
        pytest.param(StartDialOut, {**PHONE, **SIP}, id="two targets"),
        pytest.param(StartDialOut, {"sipUri": "bob@example.com"}, id="sipUri without sip:"),
        pytest.param(StartDialOut, {"sipUri": "sip:bob@example.com:0"}, id="sipUri with port 0"),
        pytest.param(StartDialOut, {"sipUri": "sip:bob@example.com:99999"}, id="sipUri with port 99999"),
        pytest.param(StartDialOut, {"sipUri": "sips:bob@example.com"}, id="sipUri with sips:"),
        pytest.param(StartDialOut, {"sipUri": 7}, id="sipUri no string"),
        pytest.param(StartDialOut, {"phoneNumber": "12065550142"}, id="phoneNumber without plus"),
        pytest.param(StartDialOut, {"phoneNumber": "+1 206 555"}, id="phoneNumber with blanks"),
        pytest.param(StartDialOut, {**SIP, "video": "yes"}, id="video no boolean"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": 3}, id="videoSettings no object"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": {"width": 1281}}, id="width"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": {"height": 721}}, id="height"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": {"fps": 31}}, id="fps"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": {"videoBitrate": 1001}}, id="videoBitrate"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": {"width": 0}}, id="width not positive"),
        pytest.param(StartDialOut, {**VIDEO, "videoSettings": {"fps": 1.5}}, id="fps no integer"),
        pytest.param(StartDialOut, {**SIP, "codecs": {"audio": []}}, id="no audio codecs"),
        pytest.param(StartDialOut, {**SIP, "codecs": {"audio": ["GSM"]}}, id="audio codec"),
        pytest.param(StartDialOut, {**SIP, "codecs": {"video": []}}, id="no video codecs"),
        pytest.param(StartDialOut, {**SIP, "codecs": {"video": ["AV1"]}}, id="video codec"),
        pytest.param(StartDialOut, {**PHONE, "codecs": {"vidoe": []}}, id="unknown kind of codecs"),
        pytest.param(StartDialOut, {**PHONE, "callerId": 5}, id="callerId no string"),
        pytest.param(StartDialOut, {**PHONE, "displayName": "n" * 200}, id="displayName of 200"),
        pytest.param(StartDialOut, {**PHONE, "userId": "u" * 37}, id="userId of 37"),
        pytest.param(StartDialOut, {**PHONE, "extension": "1" * 21}, id="extension of 21"),
        pytest.param(StartDialOut, {**PHONE, "extension": ""}, id="extension of nothing"),
        pytest.param(
            StartDialOut, {**PHONE, "extension": "1", "waitBeforeExtensionDialSec": 61}, id="wait of 61 seconds"
        ),
        *(
            pytest.param(
                StartDialOut, {**PHONE, "extension": "1", "waitBeforeExtensionDialSec": wait}, id=f"wait of {wait!r}"
            )
            for wait in (-1, 60.5, "4", True, float("nan"))
        ),
        pytest.param(StartDialOut, {**SIP, "permissions": {"canReceive": {"bass": True}}}, id="canReceive key"),
        pytest.param(StartDialOut, {**SIP, "permissions": {"canSend": True}}, id="canSend of a dial-out"),
        pytest.param(StartDialOut, {**SIP, "provider": "acme"}, id="provider"),
        pytest.param(StartDialOut, {**PHONE, **SIP, "video": "yes"}, id="two targets, with an option of one"),
        pytest.param(StartDialOut, {**SIP, "caller": "+14155550100"}, id="unknown option"),
        pytest.param(SendDtmf, {**KEYS, "sessionId": ""}, id="sessionId of keys empty"),
        pytest.param(SendDtmf, {**KEYS, "tones": ""}, id="no tones"),
        pytest.param(SendDtmf, {**KEYS, "tones": "1" * 21}, id="21 tones"),
        pytest.param(SendDtmf, {**KEYS, "tones": "a"}, id="lower case tone"),
        pytest.param(SendDtmf, {**KEYS, "tones": "E"}, id="tone beyond D"),
        pytest.param(SendDtmf, {**KEYS, "method": "in-band"}, id="method of keys"),
        pytest.param(SendDtmf, {**KEYS, "digitDurationMs": 49}, id="key of 49 ms"),
        pytest.param(SendDtmf, {**KEYS, "digitDurationMs": 2001}, id="key of 2001 ms"),
        pytest.param(SendDtmf, {**KEYS, "digitDurationMs": 99.5}, id="key of 99.5 ms"),
        pytest.param(SipCallTransfer, {"toEndPoint": "+12065550142"}, id="transfer without sessionId"),
        pytest.param(SipCallTransfer, {"sessionId": "s"}, id="transfer without target"),
        pytest.param(SipCallTransfer, {**TRANSFER, "toEndPoint": "12065550142"}, id="target of transfer"),
        pytest.param(SipCallTransfer, {**TRANSFER, "extension": "1" * 21}, id="extension of transfer"),
        pytest.param(SipRefer, {**REFER, "toEndPoint": "sip:bob@example.com:0"}, id="REFER to port 0"),
        pytest.param(SipRefer, {**REFER, "toEndPoint": "+12065550142"}, id="REFER to a number"),
        pytest.param(SipRefer, {**REFER, "callerId": "+14155550100"}, id="callerId of REFER"),
        pytest.param(Permissions, {"canReceive": {"base": ALL}}, id="base without custom tracks"),
        pytest.param(
            Permissions, {"canReceive": {"base": {**ALL_SIX, "customAudio": {}}}}, id="custom tracks without *"
        ),
        pytest.param(Permissions, {"canReceive": {"everybody": True}}, id="unknown key of canReceive"),
        pytest.param(Permissions, {"canSend": ["smell"]}, id="canSend kind"),
        pytest.param(Permissions, {"canAdmin": ["everything"]}, id="canAdmin kind"),
    ],
)
def test_invalid_requests_are_refused(model: type[BaseModel], request_body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(request_body)


def test_requests_have_the_documented_defaults() -> None:
    keys = SendDtmf.model_validate(KEYS)
    assert (keys.method, keys.digit_duration_ms) == ("auto", 500)
    dial_out = StartDialOut.model_validate({**VIDEO, "videoSettings": {}})
    assert dial_out.video_settings is not None
    assert dial_out.video_settings.model_dump() == {"width": 1280, "height": 720, "fps": 15, "video_bitrate": 900}
    assert dial_out.wait_before_extension_dial_sec == 0
