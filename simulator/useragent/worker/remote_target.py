"""Contact and Record-Route, by which a peer names the target of all later requests (RFC 3261 §12.1, §12.2).

PJSIP takes URIs of any scheme from them, and aborts when it has to send a request there.
"""

from __future__ import annotations

from simulator.sip_bytes import Address, Message, split_list

_NAMES = (b"contact", b"record-route")
_SETTING_A_TARGET = (b"INVITE", b"UPDATE", b"REFER", b"SUBSCRIBE")
"""The methods from whose requests and responses PJSIP takes a target."""


def unusable_target_fields(message: Message) -> tuple[bytes, ...]:
    """The names of those fields of a request, or of a provisional or 2xx response, that have a URI other than sip(s).

    Empty for messages that set no target. A redirection (3xx) may name any URI, since it is not followed.
    """
    method = (message.value(b"cseq") or b"").rpartition(b" ")[2]
    if method not in _SETTING_A_TARGET or (message.is_response and message.start[8:9] not in (b"1", b"2")):
        return ()
    return tuple(name for name in _NAMES if not all(map(_is_sip, message.values(name))))


def shown_name(name: bytes) -> str:
    """The name of such a field as it is usually written."""
    return name.decode().title()


def _is_sip(values: bytes) -> bool:
    addresses = [Address.parse(value) for value in split_list(values)]
    return all(address is not None and address.uri.lower().startswith((b"sip:", b"sips:")) for address in addresses)
