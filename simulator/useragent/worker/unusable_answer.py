"""A 200 whose SDP cannot be used as the answer to our offer.

PJSIP sends the BYE of such a call before the ACK of its 200, and sometimes a second one. When it sees no SDP at all in
the 200, it acknowledges it and sends one BYE (RFC 3261 §13.2.2.4).
"""

from __future__ import annotations

import ctypes

from simulator.useragent.worker.pjsip import LIBRARY
from simulator.useragent.worker.pjsip_sdp import negotiator_of
from simulator.useragent.worker.rx_data import memory_pool, remove_body, rx_data, sdp_info

_LOCAL_OFFER = 1
"""PJMEDIA_SDP_NEG_STATE_LOCAL_OFFER."""


def hide_unusable_answer(dialog: int, rdata: int) -> bool:
    """Hide the body of a received 200 from PJSIP when it cannot be the answer to the offer of `dialog`.

    True when it was hidden; false also for a 200 without a body, and when the answer came with an earlier response.
    """
    negotiator = negotiator_of(dialog)
    if not negotiator or not rx_data(rdata).message.contents.body:
        return False
    if LIBRARY.pjmedia_sdp_neg_get_state(ctypes.c_void_p(negotiator)) != _LOCAL_OFFER or _can_answer(negotiator, rdata):
        return False
    remove_body(rdata)
    return True


def _can_answer(negotiator: int, rdata: int) -> bool:
    """Let a negotiator of our own try the answer on a copy of the offer."""
    info = sdp_info(rdata)
    offer = ctypes.c_void_p()
    if info.error or not info.sdp or LIBRARY.pjmedia_sdp_neg_get_neg_local(negotiator, ctypes.byref(offer)) != 0:
        return False
    pointer = ctypes.c_void_p
    LIBRARY.pjmedia_sdp_neg_create_w_local_offer.argtypes = (pointer, pointer, pointer)
    LIBRARY.pjmedia_sdp_neg_set_remote_answer.argtypes = (pointer, pointer, pointer)
    LIBRARY.pjmedia_sdp_neg_negotiate.argtypes = (pointer, pointer, ctypes.c_int)
    trial = pointer()
    with memory_pool() as pool:
        failed = (
            LIBRARY.pjmedia_sdp_neg_create_w_local_offer(pool, offer, ctypes.byref(trial))
            or LIBRARY.pjmedia_sdp_neg_set_remote_answer(pool, trial, info.sdp)
            or LIBRARY.pjmedia_sdp_neg_negotiate(pool, trial, 0)
        )
    return not failed
