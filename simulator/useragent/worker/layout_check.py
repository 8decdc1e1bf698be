"""Compares PJSIP's structures with `layout`, before anything of this worker uses them.

The worker sends a message to itself, about which everything is known beforehand: the URI it goes to, the addresses
that it is given, where it comes from, its header fields and its body. A media transport gets known addresses. Pointers
are followed only when all else of a structure is right: a wrong one would end the process.
"""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from simulator.useragent.worker.layout.addresses import SOCKET_ADDRESS_BYTES, SocketAddress
from simulator.useragent.worker.layout.media import UDP_MEDIA, AttachParameters, UdpMediaTransport
from simulator.useragent.worker.layout.messages import (
    NOT_RESOLVED,
    OPTIONS,
    REQUEST,
    RESOLVE,
    RESPONSE,
    UDP,
    CseqHeader,
    ExternalResolver,
    Message,
    RxData,
    SendState,
    ServerAddress,
    ServerAddresses,
    Transport,
    TxData,
)
from simulator.useragent.worker.layout.mismatch import LayoutMismatch
from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.pjsip import (
    LIBRARY,
    configuration,
    memory_pool,
    register_module,
    set_transaction_timers,
    unregister_module,
)
from simulator.useragent.worker.pjsip_sdp import SdpSession
from simulator.useragent.worker.rx_data import find_header, replace_body, sdp_info

KNOWN_VERSIONS = ("2.15.1",)
"""Versions of PJSIP whose structures are those of `layout`."""
_AFTER_TRANSPORTS = 9
_POLLS = 50
_AUDIO = 1
_CSEQ = 7
_BODY = "body"
_SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
_RESPONSE = (
    "SIP/2.0 481 Gone\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\n"
    "To: <sip:a@127.0.0.1>;tag=b\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t)


def check_layout(host: str, port: int, poll: Callable[[], None]) -> None:
    """Check the version, the configuration and the structures of SIP messages. Raises LayoutMismatch.

    `port` is the UDP port of this worker; `poll` lets PJSIP read what has arrived there. The timers of PJSIP are other
    ones afterwards.
    """
    LIBRARY.pj_get_version.restype = ctypes.c_char_p
    version = LIBRARY.pj_get_version().decode()
    if version not in KNOWN_VERSIONS:
        raise LayoutMismatch(f"version {version} (known: {', '.join(KNOWN_VERSIONS)})")
    set_transaction_timers(32_001, t4_ms=5_001)
    timers = configuration()
    _require("pjsip_cfg_t", (timers.t1, timers.t2, timers.t4, timers.td), (500, 4000, 5_001, 32_001))
    _check_response()
    check = _SentToItself(host, port)
    try:
        check.send()
        for _ in range(_POLLS):
            if "pjsip_rx_data" in check.seen:
                break
            poll()
    finally:
        check.close()
    for structure in ("pjsip_host_info", "pjsip_tx_data", "pjsip_rx_data"):
        wrong = check.seen.get(structure, "it was not seen")
        if wrong:
            raise LayoutMismatch(f"{structure} ({wrong})")


def check_media_layout(host: str, ports: Iterable[int]) -> ctypes.c_void_p:
    """Check PJMEDIA's structures of UDP transports, on one of `ports` for a moment. Raises LayoutMismatch.

    Returns the address of the table of functions that all of them have.
    """
    address = _open_transport(host, ports)
    transport = UdpMediaTransport.from_address(address)
    operations = transport.operations.contents
    try:
        _check_transport(address, transport)
    finally:
        operations.destroy(address)
    return ctypes.c_void_p(ctypes.addressof(operations))


def _check_response() -> None:
    parse = LIBRARY.pjsip_parse_msg
    parse.restype = ctypes.c_void_p
    parse.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    text = ctypes.create_string_buffer(_RESPONSE.encode())
    with memory_pool() as pool:
        parsed = parse(pool, text, len(_RESPONSE), None)
        if not parsed:
            raise LayoutMismatch("pjsip_parse_msg (it does not parse a response)")
        message = Message.from_address(parsed)
        _require("pjsip_msg", (message.type, message.start.code_or_method), (RESPONSE, 481))


class _SentToItself:
    """One message, and what was found in the structures that lead it. `seen` has "" for a structure that is right."""

    def __init__(self, host: str, port: int) -> None:
        self.seen: dict[str, str] = {}
        self._host = host
        self._port = port
        self._call_id = f"layout-{uuid4().hex}"
        self._tx_data = 0
        self._endpoint = LIBRARY.pjsua_get_pjsip_endpt()
        self._resolver = ExternalResolver(RESOLVE(self._resolve))
        LIBRARY.pjsip_endpt_set_ext_resolver.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        LIBRARY.pjsip_endpt_set_ext_resolver(self._endpoint, ctypes.byref(self._resolver))
        self._module = register_module(
            b"mod-layout-check", _AFTER_TRANSPORTS, on_request=self._received, on_tx_request=self._sending
        )

    def close(self) -> None:
        unregister_module(self._module)
        LIBRARY.pjsip_endpt_set_ext_resolver(self._endpoint, None)

    def send(self) -> None:
        LIBRARY.pjsip_get_options_method.restype = ctypes.c_void_p
        text = ctypes.POINTER(PjStr)
        LIBRARY.pjsip_endpt_create_request.argtypes = (
            ctypes.c_void_p, ctypes.c_void_p, *(text,) * 5, ctypes.c_int, text, ctypes.c_void_p,
        )  # fmt: skip
        LIBRARY.pjsip_endpt_send_request_stateless.argtypes = (ctypes.c_void_p,) * 4
        uri, call_id, body = PjStr.of(f"sip:layout@{self._host}:{self._port}"), PjStr.of(self._call_id), PjStr.of(_BODY)
        made = ctypes.c_void_p()
        status = LIBRARY.pjsip_endpt_create_request(
            self._endpoint, LIBRARY.pjsip_get_options_method(), uri, uri, uri, None, call_id, _CSEQ, body,
            ctypes.byref(made),
        )  # fmt: skip
        if status != 0 or made.value is None:
            raise LayoutMismatch(f"pjsip_endpt_create_request (it returned the PJSIP status {status})")
        self._tx_data = made.value
        LIBRARY.pjsip_endpt_send_request_stateless(self._endpoint, self._tx_data, None, None)

    def _resolve(self, resolver: int, pool: int, target: Any, token: int, resolved: Any) -> None:
        info = target.contents
        found = (info.flag, info.type, info.host.slen, info.port, SendState.from_address(token).tx_data)
        wrong = _difference(found, (0, 0, len(self._host), self._port, self._tx_data))
        wrong = wrong or _difference((str(info.host),), (self._host,))
        self.seen["pjsip_host_info"] = wrong
        address = SocketAddress.of(self._host, self._port)
        entry = ServerAddress(UDP, 0, 0, address, SOCKET_ADDRESS_BYTES)
        answer = ServerAddresses(1, (ServerAddress * 16)(entry))
        resolved(NOT_RESOLVED if wrong else 0, token, None if wrong else ctypes.addressof(answer))

    def _sending(self, tx_data: int) -> int:
        if tx_data != self._tx_data:
            return 0
        sent = TxData.from_address(tx_data)
        to = sent.destinations.entries[0]
        found = (
            sent.destination_name.slen, sent.destinations.count, to.type, to.address.host, to.address.port_number,
            to.length, sent.current_destination, sent.address.host, sent.address.port_number, sent.address_length,
            sent.host.decode("latin-1"), sent.port,
        )  # fmt: skip
        host, port, length = self._host, self._port, SOCKET_ADDRESS_BYTES
        expected = (len(host), 1, UDP, host, port, length, 0, host, port, length, host, port)
        wrong = _difference(found, expected) or _difference((str(sent.destination_name),), (host,))
        self.seen["pjsip_tx_data"] = wrong
        return NOT_RESOLVED if wrong else 0

    def _received(self, rx_data: int) -> int:
        received = RxData.from_address(rx_data)
        if self._call_id.encode() not in bytes(received.packet):
            return 0
        self.seen["pjsip_rx_data"] = (
            self._wrong_source(received, rx_data)
            or _wrong_message(received)
            or _wrong_transport(received.transport.contents)
            or _wrong_sdp(rx_data)
        )
        return 1

    def _wrong_source(self, received: RxData, rx_data: int) -> str:
        found = (
            received.address.host, received.address.port_number, received.address_length,
            received.host.decode("latin-1"), received.port, received.text_length,
        )  # fmt: skip
        host, port = self._host, self._port
        wrong = _difference(found, (host, port, SOCKET_ADDRESS_BYTES, host, port, received.length))
        if not wrong and received.text != rx_data + RxData.packet.offset:
            wrong = "the text of the message is not in its packet"
        return wrong


def _wrong_transport(transport: Transport) -> str:
    """Compare the key of the UDP transport, which has no peer but the family of its addresses."""
    remote = transport.remote
    return _difference((transport.type, remote.family, remote.port), (UDP, socket.AF_INET, 0))


def _wrong_message(received: RxData) -> str:
    if not received.message:
        return "the message is not where it is expected"
    message = received.message.contents
    wrong = _difference((message.type, message.start.code_or_method), (REQUEST, OPTIONS))
    if wrong:
        return wrong
    known = {"Call-ID": received.call_id, "From": received.from_, "To": received.to, "Via": received.via,
             "CSeq": received.cseq}  # fmt: skip
    address = ctypes.addressof(message)
    wrong = _difference(tuple(known.values()), tuple(find_header(address, name.encode()) for name in known))
    if wrong or not message.body:
        return wrong or "the body is not where it is expected"
    cseq = CseqHeader.from_address(received.cseq)
    wrong = _difference((cseq.number, cseq.method.id, cseq.method.name.slen), (_CSEQ, OPTIONS, len("OPTIONS")))
    if wrong:
        return f"pjsip_cseq_hdr: {wrong}"
    body = message.body.contents
    wrong = _difference((body.type.slen, body.subtype.slen, body.length), (4, 5, len(_BODY)))
    return wrong or _difference((ctypes.string_at(body.data, body.length),), (_BODY.encode(),))


def _wrong_sdp(rx_data: int) -> str:
    """Compare what PJSIP parses of a session description that has replaced the body."""
    replace_body(rx_data, _SDP, was_sdp=True)
    info = sdp_info(rx_data)
    wrong = _difference((info.error, bool(info.sdp), info.body.slen), (0, True, len(_SDP)))
    if wrong:
        return wrong
    session = SdpSession.from_address(info.sdp)
    return _difference((session.attr_count, session.media_count, bool(session.media[0])), (0, 1, True))


def _open_transport(host: str, ports: Iterable[int]) -> int:
    LIBRARY.pjsua_get_pjmedia_endpt.restype = ctypes.c_void_p
    create = LIBRARY.pjmedia_transport_udp_create3
    create.argtypes = (
        ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(PjStr), ctypes.c_int, ctypes.c_uint,
        ctypes.c_void_p,
    )  # fmt: skip
    made, tried = ctypes.c_void_p(), tuple(ports)
    for port in tried:
        endpoint = LIBRARY.pjsua_get_pjmedia_endpt()
        if create(endpoint, 2, b"layout%p", PjStr.of(host), port, 0, ctypes.byref(made)) == 0 and made.value:
            return made.value
    raise OSError(
        f"no pair of UDP ports from {tried[0]} to {tried[-1] + 1} of {host} is free; "
        f"end the programs that use them, and check that {host} is an address of this machine"
    )


def _check_transport(address: int, transport: UdpMediaTransport) -> None:
    """Attach a stream that does not exist, and look for its addresses in the transport."""
    if transport.type != UDP_MEDIA or transport.options != 0 or not transport.name.startswith(b"layout"):
        found_in_header = (transport.type, transport.options, transport.name)
        raise LayoutMismatch(f"pjmedia_transport (found type, options and name {found_in_header})")
    rtp, rtcp = SocketAddress.of("127.0.0.1", 4660), SocketAddress.of("127.0.0.2", 22136)
    ignore = _CALLBACK(lambda user, packet, size: None)
    callback = ctypes.cast(ignore, ctypes.c_void_p).value or 0
    wanted = AttachParameters(
        media_type=_AUDIO, rtp=rtp, rtcp=rtcp, address_length=SOCKET_ADDRESS_BYTES, user_data=address,
        callbacks=(ctypes.c_void_p * 3)(callback, callback, None),
    )  # fmt: skip
    status = transport.operations.contents.attach(address, ctypes.byref(wanted))
    if status != 0:
        raise LayoutMismatch(f"pjmedia_transport_op (its attach function returned the PJSIP status {status})")
    found = [(to.family, to.host, to.port_number) for to in (transport.rtp, transport.rtcp)]
    if found != [(2, "127.0.0.1", 4660), (2, "127.0.0.2", 22136)] or transport.attached_user_data != address:
        raise LayoutMismatch(f"pjmedia_transport_attach_param (found {found})")


def _require(structure: str, found: tuple[Any, ...], expected: tuple[Any, ...]) -> None:
    wrong = _difference(found, expected)
    if wrong:
        raise LayoutMismatch(f"{structure} ({wrong})")


def _difference(found: tuple[Any, ...], expected: tuple[Any, ...]) -> str:
    return "" if found == expected else f"found {found}, expected {expected}"
