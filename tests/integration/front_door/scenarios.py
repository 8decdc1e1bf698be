"""SIPp scenarios beside the stock ones."""

from __future__ import annotations

from pathlib import Path

_HEAD = (
    '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="{name}">\n'
)

_INVITE = """
<send retrans="500"><![CDATA[

INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
"""

_ACK = """
<send><![CDATA[

ACK {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
"""

_OK = """
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""


def talks_until_bye(folder: Path) -> str:
    """Write a scenario of a caller that is answered and waits for the BYE. Returns the path of the file."""
    ack = _ACK.format(uri="sip:[service]@[remote_ip]:[remote_port]")
    return _write(folder, "talks", _INVITE + '<recv response="200"/>' + ack + '<recv request="BYE"/>' + _OK)


def rings_until(folder: Path, status: int) -> str:
    """Write a scenario of a caller that gets 180 and then `status`. Returns the path of the file."""
    ack = _ACK.format(uri="sip:[service]@[remote_ip]:[remote_port]").replace("branch=[branch]", "branch=[branch-3]")
    return _write(folder, "rings", _INVITE + f'<recv response="{status}"/>' + ack)


def _write(folder: Path, name: str, steps: str) -> str:
    path = folder / f"{name}.xml"
    path.write_text(_HEAD.format(name=name) + steps + "</scenario>\n")
    return str(path)
