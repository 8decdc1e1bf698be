"""The error of a worker whose PJSIP has structures other than those described in `layout`."""

from __future__ import annotations


class LayoutMismatch(RuntimeError):
    """PJSIP has other structures than those described here; `what` names the first of them."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"this build of PJSIP cannot be used, because its {what} is not as expected: a worker would read and write "
            f"other memory, and nothing would keep packets on this machine; install pjsua2-python as requirements.lock "
            f"has it"
        )
