"""Torture messages of the kind of RFC 4475, and what the front door does with each.

`answer` is the status of its own response, SILENCE for none, or FORWARDED if a worker gets the message. The messages
are from a peer at 127.0.0.1:5980 to a front door at 127.0.0.1:5060; `moved` replaces these addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from tests.unit.front_door.proxy_bench import SDP, request

SILENCE = 0
FORWARDED = 1

PEER_ADDRESS = b"127.0.0.1:5980"
DOOR_ADDRESS = b"127.0.0.1:5060"


@dataclass(frozen=True)
class Torture:
    name: str
    answer: int
    data: bytes

    def moved(self, peer: str, door: str) -> Torture:
        data = self.data.replace(PEER_ADDRESS, peer.encode()).replace(DOOR_ADDRESS, door.encode())
        return replace(self, data=data)


def _raw(text: str, body: bytes = b"") -> bytes:
    return text.strip("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def _edit(old: bytes, new: bytes, method: str = "INVITE") -> bytes:
    """A request with a Call-ID and branch of its own and one change."""
    number = next(_NUMBERS)
    via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-torture-{number}"
    data = request(method, call_id=f"torture-{number}", via=via)
    assert old in data, old
    return data.replace(old, new, 1)


def _request(call_id: str, **facts: Any) -> bytes:
    via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-torture-{next(_NUMBERS)}"
    return request(via=via, call_id=call_id, **facts)


_LONG = "x" * 300
_NUMBERS = count(1)
_URI = b"sip:+12065550142@127.0.0.1:5060 "

_TORTUOUS = (
    _raw(
        f"""
INVITE sip:vivekg@127.0.0.1:5060;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : {len(SDP)}
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    127.0.0.1:5980;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33
"""
    )
    + SDP
)

TORTURE = [
    # strange but valid, so a worker gets them
    Torture("a plain INVITE", FORWARDED, _request(call_id="plain")),
    Torture(
        "escapes, nulls as %00 and a semicolon in the user part",
        FORWARDED,
        _edit(b"sip:+12065550142@", b"sip:sips%3Auser%40example.com;x=%00y;z@"),
    ),
    Torture(
        "a method name with every token character in an unknown dialog",
        481,
        request("!interesting-Method0123456789_*+`.%indeed'~", to_tag="none", body=b""),
    ),
    Torture("a long header value", FORWARDED, _edit(b"Contact:", b"X-Long: " + _LONG.encode() + b"\r\nContact:")),
    Torture("invalid UTF-8 in a header", FORWARDED, _edit(b"Contact:", b"Subject: \xff\xfe\xe9\r\nContact:")),
    Torture("an unquoted display name with a comma", FORWARDED, _edit(b"From: <", b"From: Bell, Alexander <")),
    Torture("an unknown transport in the Via", FORWARDED, _edit(b"SIP/2.0/UDP", b"SIP/2.0/UNKNOWN")),
    Torture("no Content-Length", FORWARDED, _edit(b"Content-Length: %d\r\n" % len(SDP), b"")),
    Torture("stray bytes after the body", FORWARDED, _request(call_id="stray") + b"\r\nINVITE junk"),
    Torture("blank lines before the start line", FORWARDED, b"\r\n\r\n" + _request(call_id="blank")),
    Torture("no Max-Forwards", FORWARDED, _request(call_id="no-hops", max_forwards=None)),
    Torture("a body of another type", FORWARDED, _request(call_id="type", headers=("Content-Type: text/none",))),
    Torture("the unusual syntax of RFC 4475 §3.1.1.1, with an unknown To tag", 481, _TORTUOUS),
    # 400
    Torture("no colon in a header line", 400, _edit(b"Contact: ", b"Contact ")),
    Torture("a header name with a space", 400, _edit(b"Contact: ", b"Con tact: ")),
    Torture("NUL in a header", 400, _edit(b"Contact: <", b"Contact: \x00<")),
    Torture("a bare line feed in a header", 400, _edit(b"Contact:", b"Subject: x\nVia: smuggled\r\nContact:")),
    Torture("no blank line", 400, request("OPTIONS").removesuffix(b"\r\n\r\n")),
    Torture("Content-Length too large", 400, _edit(b"Content-Length: ", b"Content-Length: 9")),
    Torture("Content-Length negative", 400, _edit(b"Content-Length: ", b"Content-Length: -")),
    Torture("Content-Length not a number", 400, _edit(b"Content-Length: ", b"Content-Length: x")),
    Torture("two Content-Lengths", 400, _edit(b"Contact:", b"l: 3\r\nContact:")),
    Torture("two Call-IDs", 400, _edit(b"Contact:", b"i: other\r\nContact:")),
    Torture("two To headers", 400, _edit(b"Contact:", b"t: <sip:other@127.0.0.1>\r\nContact:")),
    Torture("two From headers", 400, _edit(b"Contact:", b"f: <sip:other@127.0.0.1>;tag=1\r\nContact:")),
    Torture("no CSeq", 400, _edit(b"CSeq:", b"X-CSeq:")),
    Torture("no Call-ID", 400, _edit(b"Call-ID:", b"X-Call-ID:")),
    Torture("a CSeq of 2^31", 400, _edit(b"CSeq: 1 ", b"CSeq: 2147483648 ")),
    Torture("a CSeq of another method", 400, _edit(b"CSeq: 1 INVITE", b"CSeq: 1 OPTIONS")),
    Torture("a CSeq without a number", 400, _edit(b"CSeq: 1 ", b"CSeq: one ")),
    Torture("an overlarge Max-Forwards", 400, _edit(b"Max-Forwards: 70", b"Max-Forwards: 300")),
    Torture("Max-Forwards twice", 400, _edit(b"Contact:", b"Max-Forwards: 70\r\nContact:")),
    Torture("two spaces in the start line", 400, _edit(b"INVITE sip", b"INVITE  sip")),
    Torture("a space after the start line", 400, _edit(b" SIP/2.0\r\n", b" SIP/2.0 \r\n")),
    Torture("spaces within the Request-URI", 400, _edit(b"5060 SIP", b"5060; lr SIP")),
    Torture("the Request-URI in angle brackets", 400, _edit(_URI, b"<sip:u@127.0.0.1> ")),
    Torture("a Request-URI without a host", 400, _edit(_URI, b"sip:user@ ")),
    Torture("an unclosed quote in To", 400, _edit(b"To: <", b'To: "Mr. J. <')),
    Torture("a From without an address", 400, _edit(b"From: <sip:peer@127.0.0.1:5980>", b"From: ")),
    Torture("101 header lines", 400, _edit(b"Contact:", b"X-Many: 1\r\n" * 101 + b"Contact:")),
    Torture("an invalid second Via", 400, _edit(b"From:", b"Via: garbage\r\nFrom:")),
    # other final responses
    Torture("an unknown version", 505, _edit(b" SIP/2.0\r\n", b" SIP/7.0\r\n")),
    Torture("an unknown scheme", 416, _edit(b"INVITE sip:", b"INVITE nobodyKnowsThis:")),
    Torture("a tel: Request-URI", 416, _edit(b"INVITE sip:+12065550142@127.0.0.1:5060", b"INVITE tel:+12065550142")),
    Torture("Proxy-Require", 420, _edit(b"Contact:", b"Proxy-Require: nothingSupportsThis\r\nContact:")),
    Torture("no hops left", 483, _edit(b"Max-Forwards: 70", b"Max-Forwards: 0")),
    Torture(
        "the front door's own Via",
        482,
        _edit(b"From:", b"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-front-door-00\r\nFrom:"),
    ),
    Torture("more than 3,600 bytes", 513, _edit(b"Contact:", b"X-Large: " + b"x" * 3600 + b"\r\nContact:")),
    Torture("REGISTER", 405, request("REGISTER", call_id="register")),
    Torture("an unknown method", 405, request("NEWMETHOD", call_id="new")),
    Torture("OPTIONS", 200, request("OPTIONS", call_id="options")),
    Torture("CANCEL for an unknown call", 481, request("CANCEL", call_id="cancel")),
    Torture("BYE for an unknown call", 481, request("BYE", call_id="bye", to_tag="x")),
    # no response
    Torture("no Via", SILENCE, _edit(b"Via:", b"X-Via:")),
    Torture("a Via without a host", SILENCE, _edit(b"127.0.0.1:5980;branch", b";branch")),
    Torture("a Via with an invalid port", SILENCE, _edit(b"127.0.0.1:5980;branch", b"127.0.0.1:99999;branch")),
    Torture("a Via with another protocol version", 505, _edit(b"Via: SIP/2.0/UDP", b"Via: SIP/3.0/UDP")),
    Torture("an ACK for an unknown call", SILENCE, request("ACK", to_tag="x", call_id="ack")),
    Torture("a malformed ACK", SILENCE, _edit(b"Contact: ", b"Contact ", "ACK")),
    Torture("ACK only in the CSeq", SILENCE, _edit(b"CSeq: 1 INVITE", b"CSeq: 1 ACK")),
    Torture("a response to no request", SILENCE, request().replace(request().split(b"\r\n")[0], b"SIP/2.0 200 OK")),
    Torture("a response with an invalid status", SILENCE, b"SIP/2.0 4294967301 better not\r\n\r\n"),
    Torture("HTTP", SILENCE, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    Torture("noise", SILENCE, bytes(range(256)) * 4),
    Torture("blank lines only", SILENCE, b"\r\n\r\n"),
]
