"""PJSIP's strings, `pj_str_t`."""

from __future__ import annotations

import ctypes


class PjStr(ctypes.Structure):
    """`pj_str_t`: a pointer and a length; no zero byte follows the text."""

    _fields_ = (("ptr", ctypes.c_char_p), ("slen", ctypes.c_ssize_t))

    @classmethod
    def of(cls, text: str | bytes) -> PjStr:
        """The structure for a text, which it keeps in memory."""
        data = text.encode() if isinstance(text, str) else text
        return cls(data, len(data))

    def __bytes__(self) -> bytes:
        address = ctypes.c_void_p.from_buffer(self).value  # reading `ptr` would look for a zero byte
        return ctypes.string_at(address, self.slen) if address and self.slen > 0 else b""

    def __str__(self) -> str:
        return bytes(self).decode("latin-1")
