"""PJMEDIA's media transports and the parameters of streams (`pjmedia/transport.h`, `transport_udp.c`)."""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.layout.addresses import SocketAddress


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
