"""Session descriptions in PJSIP's memory: reading them, making them, and replacing the answer that PJSIP prepared."""

from __future__ import annotations

import ctypes
from typing import Any

from simulator.useragent.worker.pjsip import LIBRARY, PjStr

_MAX_SDP_BYTES = 16_384


class _SdpSession(ctypes.Structure):
    """`pjmedia_sdp_session` with the array sizes of this build."""

    _fields_ = (
        ("origin", PjStr * 5),  # user; id and version; three more
        ("name", PjStr),
        ("conn", ctypes.c_void_p),
        ("bandw_count", ctypes.c_uint),
        ("bandw", ctypes.c_void_p * 4),
        ("start", ctypes.c_size_t),
        ("stop", ctypes.c_size_t),
        ("attr_count", ctypes.c_uint),
        ("attr", ctypes.c_void_p * 68),
        ("media_count", ctypes.c_uint),
        ("media", ctypes.c_void_p * 16),
    )


def sdp_text(session: Any) -> str:
    """Text of a `pj.SdpSession`, whose own `wholeSdp` is empty for 1,024 bytes and more.

    Only for one that PJSIP has filled in: the `remSdp` of an offer has an address that is not valid.
    """
    whole = str(session.wholeSdp)
    address = int(session.pjSdpSession or 0)
    if whole or not address:
        return whole
    buffer = ctypes.create_string_buffer(_MAX_SDP_BYTES)
    length = LIBRARY.pjmedia_sdp_print(address, buffer, len(buffer))
    return buffer.raw[: max(0, length)].decode("utf-8", "replace")


class PjSdp:
    """A session description parsed into PJSIP's memory, valid as long as this object lives and until `release`."""

    def __init__(self, sdp: str) -> None:
        self._text = ctypes.create_string_buffer(sdp.encode())
        self._pool = LIBRARY.pjsua_pool_create(b"sdp", 4096, 4096)
        parsed = ctypes.POINTER(_SdpSession)()
        status = LIBRARY.pjmedia_sdp_parse(self._pool, self._text, len(self._text) - 1, ctypes.byref(parsed))
        self.session: _SdpSession | None = parsed.contents if status == 0 else None
        """None when PJSIP cannot parse the text."""

    @property
    def address(self) -> int:
        """Address of the `pjmedia_sdp_session`; 0 when PJSIP could not parse the text."""
        return ctypes.addressof(self.session) if self.session is not None else 0

    def release(self) -> None:
        """Free the memory; PJSIP must not refer to it any more."""
        if self._pool:
            LIBRARY.pj_pool_release(self._pool)
            self._pool = None


class PreparedAnswer:
    """Replaces the answer that PJSIP prepared when an INVITE came in, and if given also the offer it answers.

    PJSIP fixes its answer before the application has chosen a codec, and refuses to take another one. So the pointers
    to its media sections are overwritten with those of another SDP. The negotiator is found in the invite session,
    right behind the dialog and two 4-byte fields; nothing is written when the structures do not look as expected.
    Keep this object as long as the call: the new sections are in its memory.
    """

    def __init__(self, dialog: int, answer: str, offer: str | None = None) -> None:
        negotiator = negotiator_of(dialog)
        self._replacements: list[PjSdp] = []
        self.in_place = bool(negotiator) and self._replace(LIBRARY.pjmedia_sdp_neg_get_neg_local, negotiator, answer)
        """Whether PJSIP has the new sections."""
        if offer is not None:
            self.in_place = self.in_place and self._replace(LIBRARY.pjmedia_sdp_neg_get_neg_remote, negotiator, offer)

    def release(self) -> None:
        """Free the memory; PJSIP has finished with the call."""
        for replacement in self._replacements:
            replacement.release()

    def _replace(self, get: Any, negotiator: int, sdp: str) -> bool:
        replacement = PjSdp(sdp)
        self._replacements.append(replacement)
        prepared = ctypes.POINTER(_SdpSession)()
        if replacement.session is None or get(negotiator, ctypes.byref(prepared)) != 0:
            return False
        old, count = prepared.contents, replacement.session.media_count
        if not 1 <= count <= len(old.media) or old.media_count != count or not old.media[count - 1]:
            return False
        for index in range(count):
            old.media[index] = replacement.session.media[index]
        return True


def negotiator_of(dialog: int) -> int:
    """Address of the `pjmedia_sdp_neg` of a dialog's invite session; 0 when it is not found."""
    session = LIBRARY.pjsip_dlg_get_inv_session(dialog) if dialog else None
    if not session:
        return 0
    words = (ctypes.c_size_t * 24).from_address(session)
    behind = next((i + 2 for i, word in enumerate(words[:-2]) if word == dialog), None)
    return words[behind] if behind is not None else 0
