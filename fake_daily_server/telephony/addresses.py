"""SIP addresses as Daily's API spells them: dial targets with their X- headers, and callers' names.

Sources: startDialOut's `sipUri` (query parameters become X- headers of the INVITE), RFC 3261 §19.1 and §25,
and the `x-daily_display_name` parameter of dial-in.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes

from simulator.errors import ConfigurationError

Headers = tuple[tuple[str, str], ...]
_Refuse = Callable[[str], ConfigurationError]

LONGEST_URI = 1024
"""Characters; an INVITE has to fit into one UDP datagram of PJSIP's, 4,000 bytes."""

_UNSAFE = re.compile(r'[^\x21-\x7e]|["<>\\^`{|}]')
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,;?/%]+(:[A-Za-z0-9\-_.!~*'()&=+$,%]*)?")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_PARAMETER = re.compile(r"[A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+(=[A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+)?")
_HEADER_NAME = re.compile(r"[Xx]-[A-Za-z0-9\-.!*_+`'~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DISPLAY_NAME = "x-daily_display_name"


@dataclass(frozen=True, slots=True)
class SipTarget:
    """A dialled SIP URI taken apart: `uri` goes on the wire, `headers` into the INVITE."""

    uri: str
    """Without the header part."""
    user: str
    """Unescaped user part without a password; empty when the URI has none."""
    host: str
    port: int | None
    headers: Headers = ()

    @property
    def default_display_name(self) -> str:
        """What a participant is called when nobody named it: the user part, else the host."""
        return self.user or self.host


def parse_sip_uri(text: str, *, field: str = "sipUri") -> SipTarget:
    """Read `sip:user@host:port;parameters?X-a=1&X-b=2`. Header names begin with X-, values are URL-decoded.

    Raises ConfigurationError naming `field` for anything else, CR and LF in a decoded value included.
    """

    def refuse(allowed: str) -> ConfigurationError:
        return ConfigurationError(field, text, allowed)

    if not text.startswith("sip:"):
        raise refuse("a URI that begins with sip:")
    if len(text) > LONGEST_URI:
        raise refuse(f"at most {LONGEST_URI} characters")
    if _UNSAFE.search(text) or _BAD_ESCAPE.search(text):
        raise refuse("printable ASCII without spaces, quotes or angle brackets; all else as %XX")
    userinfo, at, rest = text.removeprefix("sip:").rpartition("@")
    if at and not _USER.fullmatch(userinfo):
        raise refuse("a user part of letters, digits and -_.!~*'()&=+$,;?/ before the only @")
    address, query_mark, query = rest.partition("?")
    hostport, *parameters = address.split(";")
    host, port = _host_and_port(hostport, refuse)
    if not all(_PARAMETER.fullmatch(parameter) for parameter in parameters):
        raise refuse("parameters of the form ;name or ;name=value")
    user = _decoded(userinfo.partition(":")[0])
    if user is None:
        raise refuse("a user part without control characters, UTF-8 where escaped")
    headers = tuple(_query_headers(query, refuse)) if query_mark else ()
    return SipTarget(f"sip:{userinfo}{at}{address}", user, host, port, headers)


def x_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The X- headers among `headers`, names as received; values of a repeated name are joined by a comma."""
    found: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for name, value in headers:
        if name.lower().startswith("x-"):
            key = spelling.setdefault(name.lower(), name)
            found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def caller_display_name(
    *,
    request_uri: str,
    to_uri: str = "",
    headers: Headers = (),
    room_name: str | None = None,
    from_name: str = "",
    from_uri: str = "",
) -> str:
    """What a dial-in participant is called.

    `x-daily_display_name` of the Request-URI or the To URI (URL-encoded, as a header part or as a parameter)
    rules, or the header field that a caller makes of it (RFC 3261 §19.1.5); then `room_name`, the room's
    `sip.display_name`; then the caller's own name, or user part.
    """
    for uri in (request_uri, to_uri):
        for part in re.split(r"[?&;]", uri):
            name, _, value = part.strip("<> ").partition("=")
            if name.lower() == _DISPLAY_NAME:
                wanted = _CONTROL.sub("", unquote(value)).strip()
                if wanted:
                    return wanted
    for name, value in headers:
        if name.lower() == _DISPLAY_NAME and value.strip():
            return unquote(value).strip()
    if room_name:
        return room_name
    if from_name.strip():
        return from_name.strip()
    user = re.match(r"<?sips?:(?:([^@:;?>]+)(?::[^@]*)?@)?([^;?>]*)", from_uri)
    return unquote(user[1] or user[2]) if user else from_uri


def _decoded(text: str) -> str | None:
    """Percent-decoded text, or None when it is no UTF-8 or has control characters."""
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(decoded) else decoded


def _query_headers(query: str, refuse: _Refuse) -> Iterator[tuple[str, str]]:
    for pair in query.split("&"):
        name, equals, escaped = pair.partition("=")
        if not equals or not _HEADER_NAME.fullmatch(name):
            raise refuse("headers of the form ?X-name=value&X-other=value, names beginning with X-")
        value = _decoded(escaped)
        if value is None:
            raise refuse(f"a value of {name} without control characters such as CR and LF, UTF-8 where escaped")
        yield name, value


def _host_and_port(hostport: str, refuse: _Refuse) -> tuple[str, int | None]:
    host, colon, port = hostport.rpartition(":") if re.search(r":\d*$", hostport) else (hostport, "", "")
    if not _is_host(host):
        raise refuse("a host name, an IPv4 address, or an IPv6 address in brackets")
    if not colon:
        return host, None
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise refuse("a port from 1 to 65535")
    return host, int(port)


def _is_host(host: str) -> bool:
    """RFC 3261's hostname, IPv4address or IPv6reference."""
    try:
        if host.startswith("[") and host.endswith("]"):
            ipaddress.IPv6Address(host[1:-1])
            return True
        if host.replace(".", "").isdecimal():
            ipaddress.IPv4Address(host)
            return True
    except ValueError:
        return False
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(len(label) <= 63 and _LABEL.fullmatch(label) for label in labels)
