"""PJSIP's structures of SIP messages, received and sent, and of where they go (`sip_transport.h`, `sip_msg.h`)."""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.layout.addresses import SocketAddress
from simulator.useragent.worker.layout.text import PjStr

UDP, TCP, TLS = 1, 2, 3
"""`pjsip_transport_type_e`."""
RELIABLE, SECURE = 1, 2
"""Bits of `pjsip_transport_flags_e`."""
NOT_RESOLVED = 70018
"""PJ_ERESOLVE: a transaction that fails with it ends with 502."""
_NAME_BYTES = 46  # PJ_INET6_ADDRSTRLEN
_PACKET_BYTES = 4_000  # PJSIP_MAX_PKT_LEN


class HostInfo(ctypes.Structure):
    """`pjsip_host_info`: where a message is to be sent, not resolved yet."""

    _fields_ = (("flag", ctypes.c_uint), ("type", ctypes.c_int), ("host", PjStr), ("port", ctypes.c_int))


class ServerAddress(ctypes.Structure):
    """`pjsip_server_address_record`."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("priority", ctypes.c_uint),
        ("weight", ctypes.c_uint),
        ("address", SocketAddress),
        ("length", ctypes.c_int),
    )


class ServerAddresses(ctypes.Structure):
    """`pjsip_server_addresses` with the array size of this build."""

    _fields_ = (("count", ctypes.c_uint), ("entries", ServerAddress * 16))


class SendState(ctypes.Structure):
    """The beginning of `pjsip_send_state`, which PJSIP passes through its resolver."""

    _fields_ = (("token", ctypes.c_void_p), ("endpoint", ctypes.c_void_p), ("tx_data", ctypes.c_void_p))


class TxData(ctypes.Structure):
    """The beginning of `pjsip_tx_data`, up to its transport information."""

    _fields_ = (
        ("list", ctypes.c_void_p * 2),
        ("pool", ctypes.c_void_p),
        ("name", ctypes.c_char * 32),
        ("info", ctypes.c_void_p),
        ("rx_timestamp", ctypes.c_long * 2),
        ("manager", ctypes.c_void_p),
        ("op_key", ctypes.c_void_p * 37),
        ("lock", ctypes.c_void_p),
        ("message", ctypes.c_void_p),
        ("saved_strict_route", ctypes.c_void_p),
        ("buffer", ctypes.c_void_p * 3),
        ("references", ctypes.c_void_p),
        ("is_pending", ctypes.c_int),
        ("token", ctypes.c_void_p),
        ("callback", ctypes.c_void_p),
        ("destination_name", PjStr),
        ("destinations", ServerAddresses),
        ("current_destination", ctypes.c_uint),
        ("transport", ctypes.c_void_p),
        ("address", SocketAddress),
        ("address_length", ctypes.c_int),
        ("host", ctypes.c_char * _NAME_BYTES),
        ("port", ctypes.c_int),
    )


class Transport(ctypes.Structure):
    """The beginning of `pjsip_transport`, up to its key: the type and, of a connection, the peer."""

    _fields_ = (
        ("name", ctypes.c_char * 32),
        ("pool", ctypes.c_void_p),
        ("references", ctypes.c_void_p),
        ("locks", ctypes.c_void_p * 2),
        ("states", ctypes.c_int * 3),
        ("type", ctypes.c_long),
        ("remote", SocketAddress),
    )


class MessageBody(ctypes.Structure):
    """The beginning of `pjsip_msg_body`, up to its data."""

    _fields_ = (
        ("type", PjStr),
        ("subtype", PjStr),
        ("parameters", ctypes.c_void_p * 6),
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_uint),
    )


class StartLine(ctypes.Structure):
    """The first line of a `pjsip_msg`: a status line begins with its code, a request line with the id of its method."""

    _fields_ = (("code_or_method", ctypes.c_int), ("_rest", ctypes.c_void_p * 3))


class Message(ctypes.Structure):
    """`pjsip_msg`; `type` is REQUEST or RESPONSE."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("start", StartLine),
        ("headers", ctypes.c_void_p * 8),
        ("body", ctypes.POINTER(MessageBody)),
    )


REQUEST, RESPONSE = 0, 1
"""`pjsip_msg_type_e`."""
ACK, OPTIONS, OTHER = 2, 5, 6
"""`pjsip_method_e`; OTHER is any method that PJSIP has no number for."""


class Method(ctypes.Structure):
    """`pjsip_method`."""

    _fields_ = (("id", ctypes.c_int), ("name", PjStr))


class CseqHeader(ctypes.Structure):
    """`pjsip_cseq_hdr`."""

    _fields_ = (("header", ctypes.c_void_p * 8), ("number", ctypes.c_int32), ("method", Method))


class RxData(ctypes.Structure):
    """The beginning of `pjsip_rx_data`, up to the header fields that PJSIP has found."""

    _fields_ = (
        ("pool", ctypes.c_void_p),
        ("transport", ctypes.POINTER(Transport)),
        ("transport_data", ctypes.c_void_p),
        ("op_key", ctypes.c_void_p * 35),
        ("timestamp", ctypes.c_long * 2),
        ("packet", ctypes.c_char * _PACKET_BYTES),
        ("zero", ctypes.c_uint32),
        ("length", ctypes.c_ssize_t),
        ("address", SocketAddress),
        ("address_length", ctypes.c_int),
        ("host", ctypes.c_char * _NAME_BYTES),
        ("port", ctypes.c_int),
        ("text", ctypes.c_void_p),
        ("text_length", ctypes.c_int),
        ("message", ctypes.POINTER(Message)),
        ("description", ctypes.c_void_p),
        ("call_id", ctypes.c_void_p),
        ("from_", ctypes.c_void_p),
        ("to", ctypes.c_void_p),
        ("via", ctypes.c_void_p),
        ("cseq", ctypes.c_void_p),
    )


class SdpInfo(ctypes.Structure):
    """`pjsip_rdata_sdp_info`: what PJSIP has parsed of a received body, once, and uses from then on."""

    _fields_ = (("body", PjStr), ("error", ctypes.c_int), ("sdp", ctypes.c_void_p))


class DroppedData(ctypes.Structure):
    """`pjsip_tp_dropped_data`. PJSIP reads again what follows the first `length` bytes, after a syntax error only."""

    _fields_ = (
        ("transport", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("status", ctypes.c_int),
    )


class Configuration(ctypes.Structure):
    """The beginning of `pjsip_cfg_t`, up to the timers (RFC 3261 §17) in ms."""

    _fields_ = (
        ("endpoint", ctypes.c_int * 12),
        ("keep_inv_after_tsx_timeout", ctypes.c_int),
        ("max_transactions", ctypes.c_uint),
        ("t1", ctypes.c_uint),
        ("t2", ctypes.c_uint),
        ("t4", ctypes.c_uint),
        ("td", ctypes.c_uint),
    )


RESOLVED = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
"""`pjsip_resolver_callback`: status, token, addresses."""
RESOLVE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(HostInfo), ctypes.c_void_p, RESOLVED)
"""`pjsip_ext_resolver.resolve`: resolver, pool, target, token, callback."""


class ExternalResolver(ctypes.Structure):
    """`pjsip_ext_resolver`."""

    _fields_ = (("resolve", RESOLVE),)
