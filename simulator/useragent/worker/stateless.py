"""Responses that a worker gives without a transaction, to requests that PJSIP would answer wrongly or not at all."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.pjsip import LIBRARY, memory_pool

Headers = Iterable[tuple[str, str]]


def respond_stateless(rdata: int, status: int, reason: str | None = None, headers: Headers = ()) -> None:
    """Answer a received request, never an ACK: that trips an assertion of PJSIP's and aborts the process.

    Not for a request that has a transaction already.
    """
    respond, create = LIBRARY.pjsip_endpt_respond_stateless, LIBRARY.pjsip_generic_string_hdr_create
    respond.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int) + (ctypes.c_void_p,) * 3
    create.argtypes = (ctypes.c_void_p,) * 3
    create.restype = ctypes.c_void_p
    LIBRARY.pj_list_insert_before.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    LIBRARY.pj_list_insert_before.restype = None
    list_head = (ctypes.c_void_p * 2)()
    head = list_head[0] = list_head[1] = ctypes.addressof(list_head)  # an empty list refers to itself
    with memory_pool() as pool:
        for name, value in headers:
            header = create(pool, ctypes.byref(PjStr.of(name)), ctypes.byref(PjStr.of(value)))
            LIBRARY.pj_list_insert_before(head, header)
        text = ctypes.byref(PjStr.of(reason)) if reason is not None else None
        respond(LIBRARY.pjsua_get_pjsip_endpt(), rdata, status, text, head, None)
