"""PJSIP's structures that tell where a message or a stream goes, as this build has them.

They are compared with known values when a worker starts, which refuses to run when one of them is not as expected.
"""

from __future__ import annotations

import ctypes
import socket


class LayoutMismatch(RuntimeError):
    """PJSIP has other structures than the ones here; `what` names the first of them."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"this build of PJSIP cannot be used, because its {what} is not as expected: nothing would keep packets on "
            f"this machine; install pjsua2-python as requirements.lock has it"
        )


UDP, TCP, TLS = 1, 2, 3
"""`pjsip_transport_type_e`."""
RELIABLE, SECURE = 1, 2
"""Bits of `pjsip_transport_flags_e`."""
NOT_RESOLVED = 70018
"""PJ_ERESOLVE: a transaction that fails with it ends with 502."""
_NAME_BYTES = 46  # PJ_INET6_ADDRSTRLEN


class SocketAddress(ctypes.Structure):
    """`pj_sockaddr`, used for IPv4 only; `port` is in network byte order."""

    _fields_ = (
        ("family", ctypes.c_uint16),
        ("port", ctypes.c_uint16),
        ("address", ctypes.c_uint8 * 4),
        ("_rest", ctypes.c_uint32 * 5),
    )

    @classmethod
    def of(cls, host: str, port: int) -> SocketAddress:
        """The structure for a literal IPv4 address."""
        packed = (ctypes.c_uint8 * 4)(*socket.inet_aton(host))
        return cls(socket.AF_INET, socket.htons(port), packed)

    @property
    def host(self) -> str:
        """The IPv4 address; the text `family N` for another address family."""
        return socket.inet_ntoa(bytes(self.address)) if self.family == socket.AF_INET else f"family {self.family}"

    @property
    def port_number(self) -> int:
        """The port in host byte order."""
        return socket.ntohs(self.port)


class Text(ctypes.Structure):
    """`pj_str_t`, which is not terminated by a zero."""

    _fields_ = (("address", ctypes.c_void_p), ("length", ctypes.c_ssize_t))

    def __str__(self) -> str:
        if not self.address or self.length <= 0:
            return ""
        return ctypes.string_at(self.address, self.length).decode("latin-1")


SOCKET_ADDRESS_BYTES = 16
"""Length of an IPv4 `sockaddr_in`."""


class HostInfo(ctypes.Structure):
    """`pjsip_host_info`: where a message is to be sent, not resolved yet."""

    _fields_ = (("flag", ctypes.c_uint), ("type", ctypes.c_int), ("host", Text), ("port", ctypes.c_int))


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
        ("destination_name", Text),
        ("destinations", ServerAddresses),
        ("current_destination", ctypes.c_uint),
        ("transport", ctypes.c_void_p),
        ("address", SocketAddress),
        ("address_length", ctypes.c_int),
        ("host", ctypes.c_char * _NAME_BYTES),
        ("port", ctypes.c_int),
    )


class Transport(ctypes.Structure):
    """The beginning of `pjsip_transport`, up to its type."""

    _fields_ = (
        ("name", ctypes.c_char * 32),
        ("pool", ctypes.c_void_p),
        ("references", ctypes.c_void_p),
        ("locks", ctypes.c_void_p * 2),
        ("states", ctypes.c_int * 3),
        ("type", ctypes.c_long),
    )


class RxData(ctypes.Structure):
    """The beginning of `pjsip_rx_data`, up to the text of the message."""

    _fields_ = (
        ("pool", ctypes.c_void_p),
        ("transport", ctypes.POINTER(Transport)),
        ("transport_data", ctypes.c_void_p),
        ("op_key", ctypes.c_void_p * 35),
        ("timestamp", ctypes.c_long * 2),
        ("packet", ctypes.c_char * 4000),
        ("zero", ctypes.c_uint32),
        ("length", ctypes.c_ssize_t),
        ("address", SocketAddress),
        ("address_length", ctypes.c_int),
        ("host", ctypes.c_char * _NAME_BYTES),
        ("port", ctypes.c_int),
        ("text", ctypes.c_void_p),
        ("text_length", ctypes.c_int),
    )


RESOLVED = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
"""`pjsip_resolver_callback`: status, token, addresses."""
RESOLVE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(HostInfo), ctypes.c_void_p, RESOLVED)
"""`pjsip_ext_resolver.resolve`: resolver, pool, target, token, callback."""


class ExternalResolver(ctypes.Structure):
    """`pjsip_ext_resolver`."""

    _fields_ = (("resolve", RESOLVE),)


class AttachParameters(ctypes.Structure):
    """The beginning of `pjmedia_transport_attach_param`."""

    _fields_ = (
        ("stream", ctypes.c_void_p),
        ("media_type", ctypes.c_int),
        ("rtp", SocketAddress),
        ("rtcp", SocketAddress),
        ("address_length", ctypes.c_uint),
        ("user_data", ctypes.c_void_p),
        ("callbacks", ctypes.c_void_p * 3),
    )


ATTACH = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
"""`pjmedia_transport_op.attach2`: transport, parameters."""
SEND = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
SEND_TO = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_size_t
)
DESTROY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class MediaTransportOperations(ctypes.Structure):
    """`pjmedia_transport_op`."""

    _fields_ = (
        ("_information", ctypes.c_void_p * 3),
        ("send_rtp", SEND),
        ("send_rtcp", SEND),
        ("send_rtcp_to", SEND_TO),
        ("_session", ctypes.c_void_p * 5),
        ("destroy", DESTROY),
        ("attach", ATTACH),
    )


class UdpMediaTransport(ctypes.Structure):
    """The beginning of PJMEDIA's `transport_udp`, up to the addresses that it sends to."""

    _fields_ = (
        ("name", ctypes.c_char * 32),
        ("type", ctypes.c_int),
        ("operations", ctypes.POINTER(MediaTransportOperations)),
        ("user_data", ctypes.c_void_p),
        ("group_lock", ctypes.c_void_p),
        ("pool", ctypes.c_void_p),
        ("options", ctypes.c_uint),
        ("media_options", ctypes.c_uint),
        ("attached_user_data", ctypes.c_void_p),
        ("started", ctypes.c_int),
        ("rtp", SocketAddress),
        ("rtcp", SocketAddress),
    )


UDP_MEDIA = 0
"""PJMEDIA_TRANSPORT_TYPE_UDP."""
FIXED_REMOTE_ADDRESS = 1
"""PJMEDIA_UDP_NO_SRC_ADDR_CHECKING: the stream stays with its address, whoever else sends to its port."""
