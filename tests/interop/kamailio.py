"""Debian's Kamailio as a proxy that record-routes, with a registrar, in front of the network's SIP address."""

from __future__ import annotations

import asyncio
import re
from uuid import uuid4

from tests.interop.program import Program, Programs, free_ports

MOVED_TO = "sip:elsewhere@127.0.0.1:9"
"""The Contact of the 302 to whoever calls the user `moved`."""
PASSWORD = "correct-horse-1"
"""The password of the users of the registrar whose names begin with `REGISTERED` and `SECRET`."""
SECRET = "secret-"
"""After `REGISTERED`, the beginning of the names that need the password."""
REGISTERED = "registered-"
"""Users whose names begin so are those of the registrar. All other requests go to the network's SIP address."""

_CONFIG = """\
#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=1
disable_tcp=no
enable_sctp=no
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=off
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"

modparam("rr", "enable_full_lr", 1)
modparam("registrar", "gruu_enabled", 0)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ xlog("L_WARN", "routed $rm\\n"); t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        xlog("L_WARN", "unrouted $rm\\n");
        sl_send_reply("404", "No Route");
        exit;
    }}
    if (is_method("ACK")) exit;
    if (is_method("REGISTER")) {{
        if ($tU =~ "^{registered}{secret}") {{
            if (!pv_www_authenticate("$td", "{password}", "0")) {{ www_challenge("$td", "1"); exit; }}
        }}
        save("location");
        exit;
    }}
    if (is_method("INVITE") && $fU =~ "^{registered}{secret}") {{
        if (!pv_proxy_authenticate("$fd", "{password}", "0")) {{ proxy_challenge("$fd", "1"); exit; }}
        consume_credentials();
    }}
    record_route();
    loose_route();
    t_check_trans();
    if ($rU == "moved") {{
        append_to_reply("Contact: <{moved_to}>\\r\\n");
        send_reply("302", "Moved Temporarily");
        exit;
    }}
    if ($rU =~ "^{registered}") {{
        if (!lookup("location")) {{ send_reply("404", "Not Registered"); exit; }}
    }} else if (uri == myself) {{
        $du = "sip:{network};transport=" + $pr;
    }}
    t_relay();
}}
"""


class Kamailio:
    """A running Kamailio, which writes itself into the route of every call."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port
        self._start = 0

    @classmethod
    async def start(cls, programs: Programs, network: str) -> Kamailio:
        """Start it in front of `network` (`host:port`), and return when it takes requests over UDP and TCP."""
        port = free_ports()
        config = _CONFIG.format(
            port=port, network=network, moved_to=MOVED_TO, registered=REGISTERED, secret=SECRET, password=PASSWORD
        )
        # -DD: one process group in the foreground; -E: log to standard error; -Y: its control sockets.
        options = ("-DD", "-E", "-f", "config", "-Y", ".", "-m", "64", "-M", "8")
        program = await programs.start("kamailio", "kamailio", *options, files={"config": config})
        for tcp in (False, True):
            await program.wait_until_listening(port, tcp=tcp)
        return cls(program, port)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for UDP and TCP."""
        return "127.0.0.1", self.port

    @property
    def routed(self) -> list[str]:
        """The methods of the requests within dialogs that it has forwarded by their Route since `begin`."""
        return self._logged("routed")

    @property
    def unrouted(self) -> list[str]:
        """The methods of the requests within dialogs that had no Route, which it has refused since `begin`."""
        return self._logged("unrouted")

    def _logged(self, what: str) -> list[str]:
        return re.findall(rf"\b{what} (\w+)", self.program.read()[self._start :])

    def begin(self) -> None:
        """Forget earlier requests."""
        self._start = len(self.program.read())

    def uri(self, user: str, transport: str = "udp") -> str:
        """The URI of a user of the registrar, or of the network behind it."""
        return f"sip:{user}@127.0.0.1:{self.port};transport={transport}"

    async def register(self, name: str, contact: str) -> str:
        """Register the URI `contact` for a user of this name. Returns the user part of the user's URI."""
        user = f"{REGISTERED}{name}"
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Response(answered), local_addr=("127.0.0.1", 0)
        )
        host, port = transport.get_extra_info("sockname")
        who = f"<sip:{user}@127.0.0.1:{self.port}>"
        transport.sendto(
            f"REGISTER sip:127.0.0.1:{self.port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{uuid4().hex}\r\n"
            f"Max-Forwards: 70\r\nFrom: {who};tag=1\r\nTo: {who}\r\nCall-ID: {uuid4().hex}\r\nCSeq: 1 REGISTER\r\n"
            f"Contact: <{contact}>;expires=60\r\nContent-Length: 0\r\n\r\n".encode(),
            self.address,
        )
        try:
            response = await asyncio.wait_for(answered, 5)
        finally:
            transport.close()
        assert response.startswith(b"SIP/2.0 200"), response.decode()
        return user


class _Response(asyncio.DatagramProtocol):
    """Waits for one datagram."""

    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._answered.done():
            self._answered.set_result(data)
