"""PJSIP's offer/answer state of one call, `pjmedia_sdp_neg` (RFC 3264)."""

from __future__ import annotations

import ctypes
from typing import Any

from simulator.useragent.worker.pjsip import LIBRARY
from simulator.useragent.worker.pjsip_sdp import PjSdp, SdpSession, printed

_LOCAL_OFFER, _REMOTE_OFFER = 1, 2
"""Values of `pjmedia_sdp_neg_state`."""


class Negotiator:
    """The negotiator at an address; it lives as long as the call's dialog."""

    def __init__(self, address: int) -> None:
        self._address = address

    @classmethod
    def of(cls, dialog: int) -> Negotiator | None:
        """The negotiator of a dialog's invite session; None before there is one.

        It is found right behind the dialog and two 4-byte fields.
        """
        session = LIBRARY.pjsip_dlg_get_inv_session(dialog) if dialog else None
        if not session:
            return None
        words = (ctypes.c_size_t * 24).from_address(session)
        behind = next((i + 2 for i, word in enumerate(words[:-2]) if word == dialog), None)
        return cls(words[behind]) if behind is not None and words[behind] else None

    @property
    def awaits_answer(self) -> bool:
        """Whether our offer has no answer yet."""
        return self._state == _LOCAL_OFFER

    @property
    def has_offer(self) -> bool:
        """Whether the peer's offer waits for our answer."""
        return self._state == _REMOTE_OFFER

    @property
    def awaited_offer(self) -> str:
        """Our offer that has no answer yet, also when PJSIP has made it by itself; empty without one."""
        if not self.awaits_answer:
            return ""
        offer = ctypes.c_void_p()
        LIBRARY.pjmedia_sdp_neg_get_neg_local(self._address, ctypes.byref(offer))
        return printed(offer.value or 0)

    def agreed(self) -> tuple[str, str]:
        """Our description and the peer's of the latest complete exchange. Without one PJSIP aborts the process."""
        local, remote = ctypes.c_void_p(), ctypes.c_void_p()
        LIBRARY.pjmedia_sdp_neg_get_active_local(self._address, ctypes.byref(local))
        LIBRARY.pjmedia_sdp_neg_get_active_remote(self._address, ctypes.byref(remote))
        return printed(local.value or 0), printed(remote.value or 0)

    def answer_all_formats(self) -> None:
        """Let answers have all formats in common: PJSIP takes a telephone-event below 96 for a second codec."""
        LIBRARY.pjmedia_sdp_neg_set_answer_multiple_codecs(self._address, 1)

    def replace(self, answer: str, offer: str) -> Replacement:
        """Replace the answer that PJSIP has prepared, and the offer that it answers."""
        return Replacement(self._address, answer, offer)

    @property
    def _state(self) -> int:
        return int(LIBRARY.pjmedia_sdp_neg_get_state(self._address))


class Replacement:
    """Media sections and `b=` lines that take the place of those in PJSIP's negotiator.

    PJSIP fixes its answer before the application has chosen a codec, and refuses to take another one. So the pointers
    to its sections and bandwidths are overwritten with those of another SDP. Keep this object as long as the call: the
    new ones are in its memory.
    """

    def __init__(self, negotiator: int, answer: str, offer: str) -> None:
        self._kept: list[PjSdp] = []
        self.in_place = self._replace(LIBRARY.pjmedia_sdp_neg_get_neg_local, negotiator, answer) and self._replace(
            LIBRARY.pjmedia_sdp_neg_get_neg_remote, negotiator, offer
        )
        """Whether PJSIP has the new sections."""

    def release(self) -> None:
        """Free the memory; PJSIP has finished with the call."""
        for kept in self._kept:
            kept.release()

    def _replace(self, get: Any, negotiator: int, sdp: str) -> bool:
        new = PjSdp(sdp)
        self._kept.append(new)
        prepared = ctypes.POINTER(SdpSession)()
        if new.session is None or get(negotiator, ctypes.byref(prepared)) != 0:
            return False
        old, count = prepared.contents, new.session.media_count
        if not 1 <= count <= len(old.media) or old.media_count != count or not old.media[count - 1]:
            return False
        for index in range(count):
            old.media[index] = new.session.media[index]
        old.bandw_count, old.bandw = new.session.bandw_count, new.session.bandw
        return True
