"""Faults on requests of Daily's REST API by name: a status, a delay, a body that is no JSON, a connection reset."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulator.fault_count import FaultList
from simulator.validation_errors import KnownFieldsModel

RestFaultName = Literal["rest-status", "rest-delay", "rest-garbage", "rest-reset"]
NO_EFFECT = ("rest-garbage", "rest-reset")
"""The faults that keep a request from its effect although the response, if any, is no error."""


class RestFault(KnownFieldsModel):
    """A fault on REST requests, such as `{fault: rest-status, path: /v1/rooms, status: 429}`."""

    fault: RestFaultName
    """What becomes of the request: it is answered with an error, late, with HTML in place of JSON, or not at all."""
    path: Annotated[str, Field(pattern=r"^/v1(/|$)")] = "/v1"
    """The beginning of the paths that it takes; `*` stands for one part, `$` for the end: `/v1/rooms/*/dialOut`."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    """The method of the requests that it takes; by default any."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first such request that it takes, counted from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many requests it takes, from that one on."""
    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The share of these that it takes at random, by `seed`."""
    seed: int | str = 0
    """The seed of all random decisions."""
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    """With `rest-status`: the status, such as 429 or 500. The request has no effect."""
    delay_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """With `rest-delay`: how long the request waits before it is carried out, in ms."""

    @model_validator(mode="after")
    def _check_companions(self) -> RestFault:
        if (self.fault == "rest-status") != (self.status is not None):
            raise ValueError("`rest-status` requires a `status`; other faults do not have it")
        if (self.fault == "rest-delay") != (self.delay_ms is not None):
            raise ValueError("`rest-delay` requires `delay_ms`; other faults do not have it")
        return self


class RestFaults(FaultList[RestFault]):
    """The faults that are set, and how many requests each has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.reset_connection: Callable[[tuple[str, int]], None] = lambda peer: None
        """Resets the TCP connection of a client, by its address and port."""

    def take(self, method: str, path: str) -> tuple[RestFault, int] | None:
        """Count a request; return the fault that takes it, the oldest first, and the request's number; or None."""
        taken: tuple[RestFault, int] | None = None
        for fault, count in self._faults:
            if not _begins_with(path, fault.path) or fault.method not in (None, method):
                continue
            number = count.take()
            if taken is None and number is not None:
                taken = fault, number
        return taken


def _begins_with(path: str, beginning: str) -> bool:
    """Whether a path begins so; `*` in `beginning` stands for one part, `$` for the end of the path."""
    wanted = "[^/]+".join(map(re.escape, beginning.removesuffix("$").split("*")))
    return re.match(wanted + "$" * beginning.endswith("$"), path) is not None
