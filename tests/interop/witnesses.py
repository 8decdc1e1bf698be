"""SIPp, baresip, baresip-python and linphone with the same verbs, so that one test can have the same call with each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, Protocol

from tests.interop import baresip, baresip_python, sipp
from tests.interop.baresip import Baresip
from tests.interop.baresip_python import Peer, StackCall
from tests.interop.linphone import Linphone
from tests.interop.program import Programs
from tests.interop.sipp import Sipp

Name = Literal["sipp", "baresip", "baresip-python", "linphone"]
Transport = Literal["udp", "tcp"]


class Witness(Protocol):
    """A foreign user agent, which answers at once and sends `5` whenever it is told to send a digit."""

    async def uri(self) -> str:
        """Where it can be called."""
        ...

    async def dial(self, uri: str) -> None:
        """Call a SIP URI, and wait for the answer."""
        ...

    async def hold(self) -> None: ...

    async def resume(self) -> None: ...

    async def send_5(self) -> None: ...

    async def wait_for_digits(self, digits: str) -> None:
        """Wait until exactly these digits have been received."""
        ...

    async def hang_up(self) -> None: ...

    async def wait_ended(self) -> None:
        """Wait until it knows that the call has ended."""
        ...


class _Sipp:
    """SIPp, whose scenario as caller holds, resumes, sends the digit and hangs up by itself.

    As callee it echoes the digit that it receives. It has no detector of digits.
    """

    def __init__(self, programs: Programs, transport: Transport) -> None:
        self._programs, self._transport = programs, transport
        self._sipp: Sipp

    async def uri(self) -> str:
        self._sipp = await sipp.listen(self._programs, "uas_echoes_digits", transport=self._transport, echo=True)
        return f"sip:sipp@127.0.0.1:{self._sipp.port};transport={self._transport}"

    async def dial(self, uri: str) -> None:
        self._sipp = await sipp.call(self._programs, uri.partition(";")[0], "uac_routed", transport=self._transport)

    async def hold(self) -> None:
        pass

    async def resume(self) -> None:
        pass

    async def send_5(self) -> None:
        pass

    async def wait_for_digits(self, digits: str) -> None:
        pass

    async def hang_up(self) -> None:
        await self._sipp.wait_for_success()

    async def wait_ended(self) -> None:
        await self._sipp.wait_for_success()


class _Baresip:
    def __init__(self, peer: Baresip, transport: Transport) -> None:
        self._peer, self._transport = peer, transport

    async def uri(self) -> str:
        return f"sip:bare@127.0.0.1:{self._peer.port};transport={self._transport}"

    async def dial(self, uri: str) -> None:
        await self._peer.dial(uri)
        await self._peer.wait_for_event("CALL_ESTABLISHED")

    async def hold(self) -> None:
        await self._peer.hold()

    async def resume(self) -> None:
        await self._peer.resume()

    async def send_5(self) -> None:
        await self._peer.send_digits("5")

    async def wait_for_digits(self, digits: str) -> None:
        await self._peer.wait_for_digits(digits)

    async def hang_up(self) -> None:
        await self._peer.hang_up()

    async def wait_ended(self) -> None:
        await self._peer.wait_for_event("CALL_CLOSED")


class _BaresipPython:
    def __init__(self, peer: Peer, transport: Transport) -> None:
        self._peer, self._transport = peer, transport

    async def _call(self) -> StackCall:
        return self._peer.calls[0] if self._peer.calls else await self._peer.wait_for_call()

    async def uri(self) -> str:
        return f"{self._peer.uri};transport={self._transport}"

    async def dial(self, uri: str) -> None:
        await self._peer.dial(uri)

    async def hold(self) -> None:
        await (await self._call()).hold()

    async def resume(self) -> None:
        await (await self._call()).resume()

    async def send_5(self) -> None:
        await (await self._call()).send_digits("5")

    async def wait_for_digits(self, digits: str) -> None:
        await (await self._call()).wait_for_digits(digits)

    async def hang_up(self) -> None:
        await (await self._call()).hang_up()

    async def wait_ended(self) -> None:
        await (await self._call()).wait_ended()


class _Linphone:
    def __init__(self, peer: Linphone, transport: Transport) -> None:
        self._peer, self._transport = peer, transport

    async def uri(self) -> str:
        return f"{self._peer.uri};transport={self._transport}"

    async def dial(self, uri: str) -> None:
        await self._peer.dial(uri)

    async def hold(self) -> None:
        await self._peer.hold()

    async def resume(self) -> None:
        await self._peer.resume()

    async def send_5(self) -> None:
        await self._peer.send_digit("5")

    async def wait_for_digits(self, digits: str) -> None:
        await self._peer.wait_for_digits(digits)

    async def hang_up(self) -> None:
        await self._peer.hang_up()

    async def wait_ended(self) -> None:
        await self._peer.wait_ended()


@asynccontextmanager
async def running(name: Name, programs: Programs, linphone: Linphone, transport: Transport) -> AsyncIterator[Witness]:
    """A witness that calls, and is called, over `transport`. `linphone` runs already."""
    if name == "linphone":
        yield _Linphone(linphone, transport)
    elif name == "sipp":
        yield _Sipp(programs, transport)
    elif name == "baresip":
        async with baresip.running(programs, transport=transport) as peer:
            yield _Baresip(peer, transport)
    else:
        async with baresip_python.running(transport=transport) as stack:
            yield _BaresipPython(stack, transport)
