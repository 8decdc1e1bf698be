"""Keeps the C library of a worker from asking name servers, whatever PJSIP gives it to look up."""

from __future__ import annotations

import ctypes


def use_hosts_file_only() -> None:
    """Answer look-ups of this process from /etc/hosts only. With glibc; other C libraries have no such function.

    PJSIP looks up the machine's own name when it starts, and the host of a session description (`c=`, `a=rtcp:`).
    """
    configure = getattr(ctypes.CDLL(None), "__nss_configure_lookup", None)
    if configure is not None:
        configure(b"hosts", b"files")
